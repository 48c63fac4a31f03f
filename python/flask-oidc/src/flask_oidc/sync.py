"""Views that are coroutines, under decorators that are not."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import flask

View = Callable[..., Any]


def ready(view: View) -> View:
    """The view as a function that can simply be called. To look at each call would cost each call."""
    if not inspect.iscoroutinefunction(view):
        return view

    def run(*args: Any, **kwargs: Any) -> Any:
        return flask.current_app.ensure_sync(view)(*args, **kwargs)

    return run

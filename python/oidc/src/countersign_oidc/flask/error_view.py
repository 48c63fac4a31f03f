"""Answers of the engine as Flask's, and the application's own page for those that tell of an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import current_app
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from countersign_oidc._native import Reply

ErrorView = Callable[["Problem"], Any]


@dataclass(frozen=True)
class Problem:
    """What went wrong, for a person to read. Escape it like any text from outside."""

    #: The provider's ``error`` if it said one, else our stable code.
    error: str
    #: The provider's ``error_description`` if it gave one, else what our code means.
    error_description: str
    #: The stable code, such as ``login.expired``.
    code: str
    meaning: str
    #: The cause that was found, if one was.
    reason: str | None
    #: ``person``, ``provider``, ``network``, ``setup`` or ``bug``.
    fault: str
    #: The status that the answer has unless the view chooses another.
    status: int
    #: An address that starts the login again and keeps where the person wanted to go.
    try_again: str


def answer(reply: Reply, view: ErrorView | None) -> Response:
    """The reply as it is, or the application's own page in its place; cookies are set either way."""
    if view is None or reply.error is None:
        response = Response(reply.body, status=reply.status)
        response.headers = Headers(reply.headers)
        return response
    problem = Problem(**reply.error)
    own = current_app.make_response(current_app.ensure_sync(view)(problem))
    if own.status_code == 200:
        own.status_code = problem.status
    for name, value in reply.headers:
        if name == "set-cookie":
            own.headers.add(name, value)
        elif name in KEPT:
            own.headers[name] = value
    return own


#: Beside cookies, what holds for any answer in this place.
KEPT = frozenset({"cache-control", "vary", "retry-after", "allow"})

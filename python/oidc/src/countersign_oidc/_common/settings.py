"""Reading ``app.config``: one place for what counts as set, as true, as a number."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from countersign_oidc.errors import SetupError

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})


def first(config: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    """The value of the first of these settings that is there and not None."""
    for name in names:
        value = config.get(name)
        if value is not None:
            return value
    return default


def flag(config: Mapping[str, Any], *names: str, default: bool) -> bool:
    """A yes or no. Text counts as people write it in environment variables: ``"false"`` is no."""
    value = first(config, *names)
    if value is None:
        return default
    if isinstance(value, str):
        if value.strip().lower() in _YES:
            return True
        if value.strip().lower() in _NO:
            return False
        raise SetupError(f"{' or '.join(names)} must be true or false, not {value!r}")
    return bool(value)


def seconds(config: Mapping[str, Any], *names: str, default: float) -> float:
    """A number of seconds, never negative; text that holds a number will do."""
    value = first(config, *names)
    if value is None:
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if isinstance(value, bool) or not 0 <= number < float("inf"):
        raise SetupError(f"{' or '.join(names)} must be a number of seconds from 0 up, not {value!r}")
    return number


def words(config: Mapping[str, Any], *names: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Words: of a list as they are, of a text between its blanks."""
    value = first(config, *names)
    if value is None:
        return default
    if isinstance(value, str):
        return tuple(value.split())
    try:
        return tuple(str(word) for word in value)
    except TypeError:
        raise SetupError(f"{' or '.join(names)} must be a list of words, not {value!r}") from None


def switch(config: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of a few words; an environment variable of the same name goes before the setting."""
    value = os.environ.get(name) or first(config, name, default=default)
    if value not in allowed:
        expected = " or ".join(repr(word) for word in allowed)
        raise SetupError(f"{name} must be {expected}, not {value!r}")
    return str(value)

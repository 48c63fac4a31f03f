"""What the calls of this package raise."""

from __future__ import annotations


class PyoidcError(Exception):
    """The base of all of them. ``code`` is the stable code of countersign, where there is one."""

    code: str | None = None


class GrantError(PyoidcError):
    """There is no token for this state: no token request came before, or it failed."""

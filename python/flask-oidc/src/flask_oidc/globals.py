"""What ``flask.g`` has for each view: made when somebody asks for it, so that nobody else pays for it."""

from __future__ import annotations

from typing import Any

import flask
from flask.ctx import _AppCtxGlobals

from flask_oidc import tokens
from flask_oidc.bound import KEY

#: Of one request, and so forgotten when the next one begins in the same application context.
NAMES = frozenset({"_oidc_auth", "oidc_user", "oidc_id_token"})


def with_names(base: type[_AppCtxGlobals]) -> type[_AppCtxGlobals]:
    """The application's class for ``g``, with these names.

    ``g._oidc_auth`` is the client, ``g.oidc_user`` the person, and ``g.oidc_id_token`` the claims of the ID
    token, None for an anonymous visitor (no proxy would do: applications compare it with None).
    """
    if issubclass(base, _Names):
        return base
    return type("OidcGlobals", (_Names, base), {})


class _Names(_AppCtxGlobals):
    def __getattr__(self, name: str) -> Any:
        if name not in NAMES:
            return super().__getattr__(name)
        if name == "oidc_id_token":
            return _claims()
        made = _made(name)
        if made is None:
            raise AttributeError(name)
        setattr(self, name, made)
        return made

    def get(self, name: str, default: Any = None) -> Any:
        return getattr(self, name, default) if name in NAMES else super().get(name, default)

    def __contains__(self, name: object) -> bool:
        if name in NAMES:
            return hasattr(self, str(name))
        return _AppCtxGlobals.__contains__(self, str(name))


def _made(name: str) -> Any:
    here = flask.current_app.extensions[KEY]
    if name == "_oidc_auth":
        return here.client
    return here.user_class(here.extension) if here.user_class else None


def _claims() -> dict[str, Any] | None:
    """Asked of the session each time: it may have changed since."""
    if not flask.has_request_context():
        return None
    claims = (tokens.stored() or {}).get("userinfo")
    return dict(claims) if isinstance(claims, dict) else None

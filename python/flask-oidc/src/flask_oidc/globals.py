"""``g.oidc_id_token``: always there, as in 1.x, and read from the session when somebody asks."""

from __future__ import annotations

from typing import Any

import flask
from flask.ctx import _AppCtxGlobals

from flask_oidc import tokens

NAME = "oidc_id_token"


def with_id_token(base: type[_AppCtxGlobals]) -> type[_AppCtxGlobals]:
    """The application's class for ``g``, with the claims of the ID token; None for an anonymous visitor.

    No proxy would do: applications compare it with None.
    """
    if issubclass(base, _IdToken):
        return base
    return type("OidcGlobals", (_IdToken, base), {})


class _IdToken(_AppCtxGlobals):
    def __getattr__(self, name: str) -> Any:
        if name == NAME and flask.has_request_context():
            claims = (tokens.stored() or {}).get("userinfo")
            return dict(claims) if isinstance(claims, dict) else None
        return super().__getattr__(name)

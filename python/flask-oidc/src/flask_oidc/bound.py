"""What belongs to one application: the extension object, its settings, its engine, its client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import flask

if TYPE_CHECKING:
    from flask_oidc.client import OidcClient
    from flask_oidc.engine import Engine
    from flask_oidc.extension import OpenIDConnect
    from flask_oidc.tokens import Token

KEY = "flask_oidc"


@dataclass
class Bound:
    """In ``app.extensions``: one extension object may serve several applications."""

    app: flask.Flask
    extension: OpenIDConnect
    engine: Engine
    client: OidcClient
    user_class: Any

    @property
    def enabled(self) -> bool:
        """Whether anybody is really asked to log in."""
        return bool(self.app.config["OIDC_ENABLED"])

    def testing_token(self, access_token: str) -> Token:
        """While ``OIDC_ENABLED`` is False: any token is the testing person's, if there is one."""
        profile = self.app.config["OIDC_TESTING_PROFILE"]
        if not profile:
            return {"active": False}
        scope = self.app.config["OIDC_SCOPES"]
        return {**profile, "active": True, "scope": scope, "access_token": access_token}


def bound() -> Bound:
    """Of the application at hand."""
    try:
        app = flask.current_app._get_current_object()  # type: ignore[attr-defined]
        return cast("Bound", app.extensions[KEY])
    except KeyError:
        raise RuntimeError(
            "OpenIDConnect(app) or init_app(app) has not been called for this application"
        ) from None

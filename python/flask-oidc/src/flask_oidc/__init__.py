"""OpenID Connect for Flask: the names of Flask-OIDC, over the engine of countersign.

::

    oidc = OpenIDConnect(app)


    @app.route("/private")
    @oidc.require_login
    def private(): ...


    @app.route("/api")
    @oidc.accept_token(scopes=["profile"])
    def api(): ...

Applications of both generations run: those written for 2.x, and those for 1.x with their older call forms.
"""

from __future__ import annotations

from countersign_oidc._common.conflict import refuse_original

refuse_original("flask_oidc", "Flask-OIDC")

from flask_oidc import signals  # noqa: E402
from flask_oidc.bearer.current import current_token  # noqa: E402
from flask_oidc.bearer.protector import ResourceProtector  # noqa: E402
from flask_oidc.bearer.validator import IntrospectTokenValidator  # noqa: E402
from flask_oidc.credentials import MemoryCredentials  # noqa: E402
from flask_oidc.extension import OpenIDConnect  # noqa: E402
from flask_oidc.views import auth_routes, legacy_oidc_callback  # noqa: E402

__all__ = [
    "IntrospectTokenValidator",
    "MemoryCredentials",
    "OpenIDConnect",
    "ResourceProtector",
    "auth_routes",
    "current_token",
    "legacy_oidc_callback",
    "signals",
]

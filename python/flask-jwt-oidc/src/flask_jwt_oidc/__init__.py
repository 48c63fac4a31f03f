"""Bearer tokens for Flask APIs: the import name and the calls of flask-jwt-oidc, over countersign.

jwt = JwtManager(app)

@app.route("/api/secure")
@jwt.requires_auth
def secure(): ...
"""

from __future__ import annotations

from countersign_oidc._common.conflict import refuse_original

refuse_original("flask_jwt_oidc", "flask-jwt-oidc")

from flask_jwt_oidc.exceptions import AuthError  # noqa: E402
from flask_jwt_oidc.jwt_manager import JwtManager  # noqa: E402

__all__ = ["AuthError", "JwtManager"]

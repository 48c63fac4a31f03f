"""An API behind flask_jwt_oidc."""

from flask import Flask, g
from flask_jwt_oidc import JwtManager

from applications import settings


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_OIDC_WELL_KNOWN_CONFIG"] = f"{settings.ISSUER}/.well-known/openid-configuration"
    app.config["JWT_OIDC_AUDIENCE"] = settings.CLIENT_ID
    jwt = JwtManager(app)

    @app.get("/protected")
    @jwt.requires_auth
    def protected():
        return {"sub": g.jwt_oidc_token_info["sub"]}

    return settings.ready(app, "/protected", {"Authorization": f"Bearer {settings.WARM}"})

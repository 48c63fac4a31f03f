"""A site behind flask_oidc."""

from flask import Flask, session
from flask_oidc import OpenIDConnect

from applications import settings


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="0123456789abcdef0123456789abcdef",
        OIDC_CLIENT_SECRETS={
            "web": {
                "issuer": settings.ISSUER,
                "client_id": settings.CLIENT_ID,
                "client_secret": settings.CLIENT_SECRET,
            }
        },
    )
    settings.keep_sessions_in_redis(app)
    oidc = OpenIDConnect(app)

    @app.get("/")
    def home():
        return {"logged_in": oidc.user_loggedin}

    @app.get("/protected")
    @oidc.require_login
    def protected():
        return {"sub": session["oidc_auth_profile"]["sub"]}

    return settings.ready(app, "/login")

"""A site behind flask_pyoidc."""

from flask import Flask, session
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration

from applications import settings


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="0123456789abcdef0123456789abcdef",
        OIDC_REDIRECT_URI="http://127.0.0.1/redirect_uri",
    )
    settings.keep_sessions_in_redis(app)
    client = ClientMetadata(settings.CLIENT_ID, settings.CLIENT_SECRET)
    auth = OIDCAuthentication(
        {"op": ProviderConfiguration(issuer=settings.ISSUER, client_metadata=client)}, app
    )

    @app.get("/")
    def home():
        return {"logged_in": "id_token" in session}

    @app.get("/protected")
    @auth.oidc_auth("op")
    def protected():
        return {"sub": session["id_token"]["sub"]}

    @app.get("/logout")
    @auth.oidc_logout
    def logout():
        return {"logged_in": False}

    return settings.ready(app, "/protected")

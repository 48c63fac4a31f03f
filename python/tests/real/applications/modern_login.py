"""A site and an API behind countersign_oidc.flask."""

from countersign_oidc.flask import Countersign
from flask import Flask

from applications import settings


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "0123456789abcdef0123456789abcdef"
    auth = Countersign(
        app,
        issuer=settings.ISSUER,
        client_id=settings.CLIENT_ID,
        client_secret=settings.CLIENT_SECRET,
        base_url="http://127.0.0.1",
        audience=settings.CLIENT_ID,
        shared_folder=settings.SHARED,
    )

    @app.get("/")
    def home():
        return {"logged_in": auth.user is not None}

    @app.get("/protected")
    @auth.login_required
    def protected():
        return {"sub": auth.user.subject}

    @app.get("/api")
    @auth.token_required
    def api():
        return {"sub": auth.token.subject}

    return settings.ready(app, "/protected")

"""OpenID Connect for Flask: logins of people, access tokens of programs.

::

    from flask import Flask
    from countersign_oidc.flask import Countersign

    app = Flask(__name__)
    app.secret_key = "…"  # at least 32 bytes
    auth = Countersign(
        app,
        issuer="https://op.example",
        client_id="notes",
        client_secret="…",
        base_url="https://notes.example",
        audience="https://notes.example/api",
    )


    @app.get("/")
    @auth.login_required
    def home() -> dict[str, str]:
        return {"hello": auth.user.name}


    @app.get("/api/notes")
    @auth.token_required(scopes=["notes:read"])
    def notes() -> list[str]:
        return ["…"]

Everything that decides is compiled; this package carries names, settings and views.
"""

from countersign_oidc.flask.countersign import Countersign
from countersign_oidc.flask.error_view import Problem
from countersign_oidc.flask.user import User

__all__ = ["Countersign", "Problem", "User"]

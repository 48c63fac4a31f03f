"""An application with the modern face, and a browser."""

from __future__ import annotations

import time
from typing import Any

from countersign_oidc.flask import Countersign
from flask import Flask, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.provider import FakeProvider

HOST = "notes.example"
BASE = f"https://{HOST}"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
SECRET = "a secret of the tests, 32 bytes or more"


class Browser:
    """A person's browser at the application: its cookies, and the headers that browsers send."""

    def __init__(self, app: Flask, provider: FakeProvider) -> None:
        self.client: FlaskClient = app.test_client()
        self.provider = provider

    def go(self, path: str, **headers: str) -> TestResponse:
        """Types an address or follows a link."""
        sent = {"Accept": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.get(path.removeprefix(BASE), base_url=BASE, headers=sent)

    def fetch(self, path: str) -> TestResponse:
        """A script of a page asks."""
        sent = {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
        return self.client.get(path, base_url=BASE, headers=sent)

    def log_in(self, path: str = "/me") -> TestResponse:
        """From a protected page over the provider back to it."""
        sent = self.go(path)
        assert sent.status_code == 303, sent.text
        back = self.go(self.provider.authorize(sent.headers["Location"]))
        assert back.status_code == 303, back.text
        return self.go(back.headers["Location"])

    def cookie(self, name: str) -> str:
        """The value of a cookie that the browser keeps."""
        if hasattr(self.client, "get_cookie"):
            return self.client.get_cookie(name, domain=HOST).value
        # Werkzeug 2.2
        return next(cookie.value for cookie in self.client.cookie_jar if cookie.name == name)

    def take(self, name: str, value: str) -> None:
        """Has the browser keep a cookie, as if somebody had put it there."""
        if hasattr(self.client, "get_cookie"):
            self.client.set_cookie(name, value, domain=HOST, secure=True)
        else:
            self.client.set_cookie(HOST, name, value, secure=True)

    def who(self) -> str | None:
        """Who the application takes this for."""
        return self.fetch("/who").json["sub"]


def logout_claims(provider: FakeProvider, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {
        "iss": provider.issuer,
        "aud": provider.client_id,
        "sub": "alice",
        "sid": "session-1",
        "iat": now,
        "exp": now + 120,
        "jti": "jti-1",
        "events": {EVENT: {}},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def told(app: Flask, token: str) -> TestResponse:
    return app.test_client().post("/auth/backchannel-logout", base_url=BASE, data={"logout_token": token})


def routes(app: Flask, auth: Countersign) -> None:
    @app.get("/")
    def public() -> str:
        return "for everybody"

    @app.get("/who")
    def who() -> Any:
        user = auth.user
        return jsonify(sub=user.subject if user else None)

    @app.get("/me")
    @app.get("/me/<path:rest>")
    @auth.login_required
    def me(rest: str = "") -> Any:
        user = auth.user
        assert user is not None
        return jsonify(sub=user.subject, name=user.name, email=user.email, roles=sorted(user.roles))

    @app.get("/editors")
    @auth.login_required(roles=["editor"])
    def editors() -> str:
        return "editors only"

    @app.get("/staff")
    @auth.login_required(any_role=["editor", "author"])
    def staff() -> str:
        return "staff only"

    @app.get("/api/notes")
    @auth.token_required(scopes=["notes:read"])
    def notes() -> Any:
        token = auth.token
        assert token is not None
        return jsonify(sub=token.subject)

    @app.get("/api/editor")
    @auth.token_required(roles=["editor"])
    def api_editor() -> str:
        return "editor"

    @app.get("/api/open")
    @auth.token_required(optional=True)
    def api_open() -> Any:
        return jsonify(sub=auth.token.subject if auth.token else None)

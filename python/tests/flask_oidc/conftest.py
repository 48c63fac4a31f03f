from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import responses
from flask import Flask, g, session
from flask.testing import FlaskClient
from flask_oidc import OpenIDConnect
from support.provider import FakeProvider

Sent = Any


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        fake.register(mock)
        yield fake


@pytest.fixture
def config(provider: FakeProvider) -> dict[str, Any]:
    return {
        "SECRET_KEY": "a secret of tests",
        "TESTING": True,
        "OIDC_CLIENT_SECRETS": {
            "web": {
                "client_id": provider.client_id,
                "client_secret": provider.client_secret,
                "issuer": provider.issuer,
                "auth_uri": provider.metadata["authorization_endpoint"],
                "token_uri": provider.metadata["token_endpoint"],
                "userinfo_uri": provider.metadata["userinfo_endpoint"],
                "redirect_uris": ["https://app.example.com/authorize"],
            }
        },
    }


@pytest.fixture
def make(config: dict[str, Any]) -> Callable[..., Flask]:
    """An application with a page, a private page and an API."""

    def application(*, prefix: str | None = None, oidc: OpenIDConnect | None = None, **more: Any) -> Flask:
        app = Flask("application")
        app.config.update({**config, **more})
        if oidc is None:
            oidc = OpenIDConnect(app, prefix=prefix)
        else:
            oidc.init_app(app, prefix=prefix)
        app.extensions["tested"] = oidc

        @app.route("/")
        def index() -> str:
            return "public"

        @app.route("/who")
        def who() -> str:
            return g.oidc_user.unique_id if oidc.user_loggedin else "nobody"

        @app.route("/private")
        @oidc.require_login
        def private() -> str:
            return f"private of {session['oidc_auth_profile']['sub']}"

        @app.route("/api")
        @oidc.accept_token()
        def api() -> str:
            return json.dumps(dict(g.authlib_server_oauth2_token))

        return app

    return application


@pytest.fixture
def app(make: Callable[..., Flask]) -> Flask:
    return make()


@pytest.fixture
def oidc(app: Flask) -> OpenIDConnect:
    found: OpenIDConnect = app.extensions["tested"]
    return found


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sent_away() -> Callable[..., str]:
    """Follow the browser from a page to the provider: the address there."""

    def follow(browser: FlaskClient, page: str = "/private") -> str:
        answer = browser.get(page)
        while answer.status_code == 302 and answer.location.startswith(("/", "http://localhost")):
            answer = browser.get(answer.location)
        assert answer.status_code == 302, answer.text
        return str(answer.location)

    return follow


@pytest.fixture
def log_in(provider: FakeProvider, sent_away: Callable[..., str]) -> Callable[..., Sent]:
    """A whole login: the answer to the callback."""

    def login(browser: FlaskClient, page: str = "/private") -> Sent:
        return browser.get(provider.authorize(sent_away(browser, page)))

    return login


@pytest.fixture
def stored() -> Callable[[FlaskClient], dict[str, Any]]:
    def read(browser: FlaskClient) -> dict[str, Any]:
        with browser.session_transaction() as kept:
            return dict(kept)

    return read

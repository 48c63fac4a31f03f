from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest
import responses
from flask.testing import FlaskClient
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration
from support.provider import FakeProvider
from werkzeug.test import TestResponse

REDIRECT_URI = "http://localhost/redirect_uri"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        fake.register(mock)
        yield fake


class World:
    """An application of the newest generation with one view of each kind."""

    def __init__(self, provider: FakeProvider) -> None:
        self.provider = provider
        self.app = flask.Flask("application")
        self.app.config.update(SECRET_KEY="a secret of tests", OIDC_REDIRECT_URI=REDIRECT_URI)
        self.options: dict[str, Any] = {}
        self.client_options: dict[str, Any] = {}
        self._auth: OIDCAuthentication | None = None

    @property
    def auth(self) -> OIDCAuthentication:
        if self._auth is None:
            metadata = ClientMetadata(
                self.provider.client_id, self.provider.client_secret, **self.client_options
            )
            configuration = ProviderConfiguration(
                **{"issuer": self.provider.issuer, "client_metadata": metadata, **self.options}
            )
            self._auth = auth = OIDCAuthentication({"default": configuration}, self.app)
            self.app.add_url_rule("/", "index", auth.oidc_auth("default")(self._index))
            self.app.add_url_rule("/logout", "logout", auth.oidc_logout(self._logged_out))
            self.app.add_url_rule("/api", "api", auth.token_auth("default", ["read"])(self._api))
            self.app.add_url_rule("/both", "both", auth.access_control("default")(self._index))
        return self._auth

    @staticmethod
    def _index() -> str:
        return f"hello {(flask.session.get('userinfo') or {}).get('name')}"

    @staticmethod
    def _logged_out() -> str:
        return "logged out"

    def _api(self) -> flask.Response:
        return flask.jsonify(dict(self.auth.current_token_identity))

    @property
    def show_errors(self) -> None:
        @self.auth.error_view
        def error(error: str | None = None, error_description: str | None = None) -> flask.Response:
            return flask.jsonify(error=error, message=error_description)

    def browser(self) -> FlaskClient:
        assert self.auth
        return self.app.test_client()

    def begin(self, browser: FlaskClient, path: str = "/", **kwargs: Any) -> str:
        sent = browser.get(path, **kwargs)
        assert sent.status_code == 302, sent.text
        location: str = sent.headers["Location"]
        assert location.startswith(self.provider.metadata["authorization_endpoint"]), location
        return location

    def log_in(self, browser: FlaskClient, path: str = "/", **claims: Any) -> TestResponse:
        return browser.get(self.provider.authorize(self.begin(browser, path), claims=claims))


@pytest.fixture
def world(provider: FakeProvider) -> World:
    return World(provider)


def cookie_of(browser: FlaskClient) -> str:
    """The value of the session's cookie; older Werkzeugs tell it only of a request."""
    sent: str = browser.get("/static/nothing").request.environ["HTTP_COOKIE"]
    return sent.partition("=")[2]


def with_cookie(world: World, value: str, path: str = "/") -> TestResponse:
    """An answer to this cookie, in whatever browser."""
    return world.app.test_client(use_cookies=False).get(path, headers={"Cookie": f"session={value}"})


def stored(browser: FlaskClient) -> dict[str, Any]:
    with browser.session_transaction() as session:
        return dict(session)


@pytest.fixture(name="stored")
def _stored() -> Any:
    return stored


@pytest.fixture(name="cookie_of")
def _cookie_of() -> Any:
    return cookie_of


@pytest.fixture(name="with_cookie")
def _with_cookie(world: World) -> Any:
    return lambda value, path="/": with_cookie(world, value, path)

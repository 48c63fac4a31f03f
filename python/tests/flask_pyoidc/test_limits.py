"""What the facade, bearer tokens and remembered cookies must not do."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import flask
import pytest
from countersign_oidc.errors import SetupError
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.auth_response_handler import AuthResponseUnexpectedStateError
from flask_pyoidc.provider_configuration import (
    ClientMetadata,
    ClientRegistrationInfo,
    ProviderConfiguration,
)
from flask_pyoidc.pyoidc_facade import PyoidcFacade

STATE, NONCE = "a-state-of-some-length", "a-nonce-of-some-length"


def facade_of(provider):
    client = ClientMetadata(provider.client_id, provider.client_secret)
    configuration = ProviderConfiguration(issuer=provider.issuer, client_metadata=client)
    return PyoidcFacade(configuration, "http://localhost/redirect_uri")


def code_of(provider, facade, request):
    back = provider.authorize(facade.login_url(request))
    return dict(parse_qsl(urlsplit(back).query))["code"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_login_of_the_facade_serves_once(provider):
    facade = facade_of(provider)
    request = facade.authentication_request(STATE, NONCE, {})
    first = facade.exchange_authorization_code(code_of(provider, facade, request), STATE)
    assert first["id_token"]["sub"] == "alice"

    with pytest.raises(AuthResponseUnexpectedStateError):
        facade.exchange_authorization_code(code_of(provider, facade, request), STATE)


def test_a_login_that_one_facade_expects_is_none_of_another(provider):
    expecting, another = facade_of(provider), facade_of(provider)
    request = expecting.authentication_request(STATE, NONCE, {})
    code = code_of(provider, expecting, request)
    expecting.expect(request, {"code": code, "state": STATE})

    with pytest.raises(AuthResponseUnexpectedStateError):
        another.exchange_authorization_code(code, STATE)
    assert provider.requests_to("token") == []


def test_further_arguments_of_the_token_request_are_named_and_not_dropped(provider):
    facade = facade_of(provider)
    facade.authentication_request(STATE, NONCE, {})

    with pytest.raises(SetupError, match="resource"):
        facade.exchange_authorization_code("code", STATE, {"resource": "https://api.example.com"})


def test_a_refresh_token_of_somebody_else_is_not_taken_for_that_of_the_visitor(world, stored):
    browser, another = world.browser(), world.browser()
    bobs: list[str] = []
    world.app.add_url_rule(
        "/bobs", "bobs", lambda: flask.jsonify(world.auth.clients["default"].refresh_token(bobs[0]))
    )
    world.log_in(browser)
    world.provider.subject = world.provider.user_info["sub"] = "bob"
    world.log_in(another)
    bobs.append(stored(another)["refresh_token"])

    assert browser.get("/bobs").json["access_token"] in world.provider.tokens


def test_the_settings_count_outside_of_requests_too(world):
    world.app.config["OIDC_CLOCK_SKEW"] = 7
    assert world.auth.clients["default"]._client._clock_skew() == 7


def test_a_missing_setting_of_the_first_generation_stops_no_public_page(provider, caplog):
    auth = OIDCAuthentication(
        issuer=provider.issuer, client_registration_info={"client_id": "c", "client_secret": "s"}
    )
    app = flask.Flask("first")
    app.add_url_rule("/", "index", lambda: "public")
    app.add_url_rule("/private", "private", auth.oidc_auth(lambda: "private"))

    assert app.test_client().get("/").text == "public"
    assert app.test_client().get("/private").status_code == 500
    assert "SERVER_NAME" in caplog.text


def test_a_response_that_the_application_reads_otherwise_counts_as_it_was_read(world, monkeypatch):
    real = PyoidcFacade.parse_authentication_response

    def without_prefix(self, parameters):
        response = real(self, parameters)
        response["code"] = response["code"].removeprefix("gateway-")
        return response

    monkeypatch.setattr(PyoidcFacade, "parse_authentication_response", without_prefix)
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser)).replace("code=", "code=gateway-")

    assert browser.get(back).status_code == 302
    assert browser.get("/").text == "hello Alice"


def test_a_client_that_is_not_registered_yet_is_before_it_asks_about_tokens(provider):
    app = flask.Flask("api")
    app.config.update(SECRET_KEY="s", OIDC_REDIRECT_URI="http://localhost/redirect_uri")
    configuration = ProviderConfiguration(
        issuer=provider.issuer, client_registration_info=ClientRegistrationInfo(client_name="api")
    )
    auth = OIDCAuthentication({"default": configuration}, app)
    app.add_url_rule("/api", "api", auth.token_auth("default")(lambda: "in"))
    token = provider.opaque_token()

    assert app.test_client().get("/api", headers=bearer(token)).text == "in"
    assert len(provider.requests_to("registration")) == 1


def test_a_text_is_one_scope_and_no_letters(world):
    view = world.auth.token_auth("default", "read")(lambda: "in")
    world.app.add_url_rule("/one", "one", view)

    def status(scope):
        headers = bearer(world.provider.opaque_token(scope=scope))
        return world.browser().get("/one", headers=headers).status_code

    assert status("read") == 200
    assert status("r e a d") == 403


def test_a_jwt_that_the_provider_took_back_is_refused(world):
    token = world.provider.mint_access_token(scope="read")

    assert world.browser().get("/api", headers=bearer(token)).status_code == 403
    assert len(world.provider.requests_to("introspection")) == 1


def test_cookies_of_a_secret_that_was_taken_away_count_no_more(world):
    browser = world.browser()
    world.log_in(browser)
    old = world.app.secret_key
    world.app.secret_key = "another secret of tests"
    world.app.config["SECRET_KEY_FALLBACKS"] = [old]
    # Views that keep the cookie as it is.
    world.app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    if "SECRET_KEY_FALLBACKS" in world.app.default_config:  # from Flask 3.1 on
        assert browser.get("/").text == "hello Alice"

    world.app.config["SECRET_KEY_FALLBACKS"] = []

    assert browser.get("/").status_code == 302


def test_cookies_of_the_secret_before_count_no_more(world):
    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/").text == "hello Alice"

    world.app.secret_key = "another secret of tests"

    assert browser.get("/").status_code == 302

"""Applications that were written for 1.x: the application comes first, and oidc_auth is bare."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import flask
import pytest
from flask import Flask, jsonify
from flask_pyoidc.flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration

CLIENT = {"client_id": "client1", "client_secret": "secret1-secret1-secret1-secret1-secret1"}
SENTENCE = "Something went wrong with the authentication, please try to login again."


def application(**config):
    app = Flask("application")
    app.config.update({"SERVER_NAME": "localhost", "SECRET_KEY": "a secret of tests", **config})
    return app


def add_views(app, auth):
    @app.route("/")
    @auth.oidc_auth
    def index():
        return jsonify(
            id_token=flask.session["id_token"],
            access_token=flask.session["access_token"],
            userinfo=flask.session["userinfo"],
        )

    @app.route("/logout")
    @auth.oidc_logout
    def logout():
        return "You've been successfully logged out!"


@pytest.fixture
def app(provider):
    app = application()
    add_views(app, OIDCAuthentication(app, dict(CLIENT), provider.issuer))
    return app


def log_in(provider, browser, path="/"):
    return browser.get(provider.authorize(browser.get(path).headers["Location"]))


def test_the_positional_form_logs_in(provider, app):
    browser = app.test_client()
    done = log_in(provider, browser, "/?a=b")
    assert done.status_code == 302
    shown = browser.get("/").json
    assert shown["userinfo"]["name"] == "Alice"
    assert shown["id_token"]["sub"] == "alice"


def test_the_redirect_uri_is_made_from_the_server_name(provider):
    app = application(SERVER_NAME="app.example.com", PREFERRED_URL_SCHEME="https")
    add_views(app, OIDCAuthentication(app, client_registration_info=CLIENT, issuer=provider.issuer))
    location = app.test_client().get("/", base_url="https://app.example.com").headers["Location"]
    asked = parse_qs(urlsplit(location).query)
    assert asked["redirect_uri"] == ["https://app.example.com/redirect_uri"]


def test_without_server_name_the_setting_is_named(provider):
    with pytest.raises(ValueError, match="SERVER_NAME"):
        OIDCAuthentication(application(SERVER_NAME=None), CLIENT, provider.issuer)


def test_the_session_keys_of_1_x_are_there_during_a_login(provider, app, stored):
    browser = app.test_client()
    asked = parse_qs(urlsplit(browser.get("/?a=b").headers["Location"]).query)
    session = stored(browser)
    assert [session["state"]] == asked["state"]
    assert [session["nonce"]] == asked["nonce"]
    assert session["destination"] == "http://localhost/?a=b"


def test_the_session_keys_of_1_x_are_there_after_a_login(provider, app, stored):
    browser = app.test_client()
    log_in(provider, browser)
    session = stored(browser)
    assert {"access_token", "id_token", "id_token_jwt", "userinfo", "last_authenticated"} <= set(session)
    assert not {"state", "nonce", "destination"} & set(session)


def test_user_info_is_asked_by_post(provider, app):
    log_in(provider, app.test_client())
    assert provider.requests_to("userinfo")[0].method == "POST"


def test_user_info_can_be_switched_off(provider, stored):
    app = application()
    auth = OIDCAuthentication(app, CLIENT, provider.issuer, None, None)
    app.add_url_rule("/", "index", auth.oidc_auth(lambda: "hello"))
    browser = app.test_client()
    log_in(provider, browser)
    assert browser.get("/").text == "hello"
    assert provider.requests_to("userinfo") == []


def test_static_metadata_and_extra_request_args(provider):
    app = application()
    auth = OIDCAuthentication(
        app,
        client_registration_info=CLIENT,
        provider_configuration_info=provider.metadata,
        extra_request_args={"scope": ["openid", "email"]},
    )
    add_views(app, auth)
    browser = app.test_client()
    location = browser.get("/").headers["Location"]
    assert parse_qs(urlsplit(location).query)["scope"] == ["openid email"]
    assert provider.requests == []
    browser.get(provider.authorize(location))
    assert browser.get("/").status_code == 200


def test_a_client_without_an_id_registers_itself_at_first_use(provider):
    app = application()
    add_views(app, OIDCAuthentication(app, {"client_name": "mine"}, provider.issuer))
    assert provider.requests == []
    browser = app.test_client()
    log_in(provider, browser)
    assert browser.get("/").status_code == 200
    registered = provider.requests_to("registration")
    assert len(registered) == 1
    assert registered[0].json["redirect_uris"] == ["http://localhost/redirect_uri"]
    assert registered[0].json["post_logout_redirect_uris"] == ["http://localhost/logout"]
    assert registered[0].json["client_name"] == "mine"


def test_session_refresh_is_set_in_the_registration_info(provider):
    app = application()
    info = {**CLIENT, "session_refresh_interval_seconds": 900}
    add_views(app, OIDCAuthentication(app, client_registration_info=info, issuer=provider.issuer))
    browser = app.test_client()
    log_in(provider, browser)
    with browser.session_transaction() as session:
        session["last_session_refresh"] = 1
    assert parse_qs(urlsplit(browser.get("/").headers["Location"]).query)["prompt"] == ["none"]


def test_a_logout_empties_the_session(provider, app, stored):
    browser = app.test_client()
    log_in(provider, browser)
    with browser.session_transaction() as session:
        session["basket"] = [1]
    assert browser.get("/logout").status_code == 303
    assert set(stored(browser)) == {"end_session_state"}


def test_a_logout_comes_back_to_the_first_registered_address(provider):
    app = application()
    info = {**CLIENT, "post_logout_redirect_uris": ["http://localhost/bye", "http://localhost/logout"]}
    add_views(app, OIDCAuthentication(app, info, provider.issuer))
    browser = app.test_client()
    log_in(provider, browser)
    asked = parse_qs(urlsplit(browser.get("/logout").headers["Location"]).query)
    assert asked["post_logout_redirect_uri"] == ["http://localhost/bye"]


def test_the_error_view_is_called(provider):
    app = application()
    auth = OIDCAuthentication(app, CLIENT, provider.issuer)
    add_views(app, auth)

    @auth.error_view
    def error(error=None, error_description=None):
        return jsonify({"error": error, "message": error_description})

    browser = app.test_client()
    refused = browser.get(provider.deny(browser.get("/").headers["Location"], "access_denied"))
    assert refused.json == {"error": "access_denied", "message": None}


@pytest.mark.parametrize(
    "change", [{"state": "another-state-of-some-length"}, {"state": None}, {"code": None}]
)
def test_a_wrong_callback_is_no_500(provider, app, change):
    browser = app.test_client()
    refused = browser.get(provider.authorize(browser.get("/").headers["Location"], **change))
    assert (refused.status_code, refused.text) == (200, SENTENCE)


def test_the_attributes_of_1_x_are_there(provider):
    app = application()
    auth = OIDCAuthentication(app, CLIENT, provider.issuer, extra_request_args={"scope": "openid"})
    add_views(app, auth)
    assert auth.app is app
    assert auth.client_registration_info == CLIENT
    assert auth.userinfo_endpoint_method == "POST"
    assert auth.extra_request_args == {"scope": "openid"}
    assert auth.logout_view == "logout"
    assert auth.client.is_registered()


@pytest.mark.parametrize("name", ["PERMANENT_SESSION", "SESSION_PERMANENT"])
@pytest.mark.parametrize("permanent", [True, False])
def test_both_names_of_the_permanent_session_are_read(provider, stored, name, permanent):
    app = application(**{name: permanent})
    add_views(app, OIDCAuthentication(app, CLIENT, provider.issuer))
    browser = app.test_client()
    log_in(provider, browser)
    assert bool(stored(browser).get("_permanent")) is permanent


def test_the_values_are_in_g_as_in_0_x(provider):
    app = application()
    auth = OIDCAuthentication(app, CLIENT, provider.issuer)

    @app.route("/")
    @auth.oidc_auth
    def index():
        return jsonify(flask.g.id_token["sub"], flask.g.userinfo["name"], len(flask.g.access_token))

    browser = app.test_client()
    log_in(provider, browser)
    assert browser.get("/").json[:2] == ["alice", "Alice"]


def test_an_extension_of_later_versions_leaves_these_names_to_the_application(provider):
    class Mine(OIDCAuthentication):
        def __init__(self, configurations, app=None):
            self.app = app
            super().__init__(configurations)

    configuration = ProviderConfiguration(issuer=provider.issuer, client_metadata=ClientMetadata("client1"))
    mine = Mine({"default": configuration})
    assert mine.app is None
    assert not hasattr(mine, "client_registration_info")

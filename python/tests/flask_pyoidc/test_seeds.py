"""The examples of the users' documents, as they are written there."""

from __future__ import annotations

import flask
import pytest
from flask import Flask, jsonify
from flask_pyoidc.flask_pyoidc import OIDCAuthentication

CONFIG = {"SERVER_NAME": "localhost", "SECRET_KEY": "a secret of tests"}


def dynamic_provider():
    return OIDCAuthentication(issuer="https://op.example.com")


def static_provider():
    provider_config = {
        "issuer": "https://op.example.com",
        "authorization_endpoint": "https://op.example.com/authorize",
        "token_endpoint": "https://op.example.com/token",
        "userinfo_endpoint": "https://op.example.com/userinfo",
    }
    return OIDCAuthentication(provider_configuration_info=provider_config)


def static_client():
    client_info = {
        "client_id": "cl41ekfb9j",
        "client_secret": "m1C659wLipXfUUR50jlZ",
    }
    return OIDCAuthentication(client_registration_info=client_info)


def session_refresh():
    client_info = {
        "client_id": "cl41ekfb9j",
        "client_secret": "m1C659wLipXfUUR50jlZ",
        "session_refresh_interval_seconds": 900,
    }
    return OIDCAuthentication(client_registration_info=client_info)


def protected(auth):
    app = Flask(__name__)

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

    @auth.error_view
    def error(error=None, error_description=None):
        return jsonify({"error": error, "message": error_description})

    app.config.update(CONFIG)
    return app


def log_in(provider, browser):
    return browser.get(provider.authorize(browser.get("/").headers["Location"]))


def test_a_dynamic_provider_with_a_client_that_registers_itself(provider):
    browser = protected(dynamic_provider()).test_client()
    assert log_in(provider, browser).status_code == 302
    assert browser.get("/").json["userinfo"]["name"] == "Alice"
    assert browser.get("/logout").status_code == 303
    assert browser.get("/").status_code == 302


def test_a_static_provider_without_a_way_to_register_says_what_is_missing(provider, caplog):
    assert protected(static_provider()).test_client().get("/").status_code == 500
    assert "registration_endpoint" in caplog.text


def test_a_static_provider_and_a_static_client_log_in(provider):
    provider.client_id, provider.client_secret = "cl41ekfb9j", "m1C659wLipXfUUR50jlZ"
    auth = OIDCAuthentication(
        provider_configuration_info={
            "issuer": "https://op.example.com",
            "authorization_endpoint": "https://op.example.com/authorize",
            "token_endpoint": "https://op.example.com/token",
            "userinfo_endpoint": "https://op.example.com/userinfo",
        },
        client_registration_info={"client_id": "cl41ekfb9j", "client_secret": "m1C659wLipXfUUR50jlZ"},
    )
    browser = protected(auth).test_client()
    assert log_in(provider, browser).status_code == 302
    assert browser.get("/").json["id_token"]["sub"] == "alice"


@pytest.mark.parametrize("snippet", [static_client, session_refresh])
def test_a_client_without_a_provider_says_what_is_missing(provider, snippet, caplog):
    browser = protected(snippet()).test_client()
    assert browser.get("/").status_code == 500
    assert "provider_configuration_info" in caplog.text


def test_the_redirect_uri_is_there_before_any_view_was_asked(provider):
    """Another process may have begun the login."""
    auth = dynamic_provider()
    browser = protected(auth).test_client()
    assert browser.get("/redirect_uri?code=x&state=y").json["error"] == "unsolicited_response"


def test_an_application_is_taken_even_after_its_first_request(provider):
    auth = dynamic_provider()
    app = Flask(__name__)
    app.config.update(CONFIG)
    app.add_url_rule("/public", "public", lambda: "public")
    browser = app.test_client()
    assert browser.get("/public").text == "public"

    # A decorator that hides what it wraps.
    guarded = auth.oidc_auth(lambda: "hello")
    app.view_functions["late"] = lambda: guarded()
    app.url_map.add(app.url_rule_class("/late", endpoint="late"))

    sent = browser.get("/late")
    assert browser.get(provider.authorize(sent.headers["Location"])).status_code == 302
    assert browser.get("/late").text == "hello"


def test_each_extension_takes_its_own_application(provider):
    first, second = dynamic_provider(), dynamic_provider()
    one, two = protected(first), protected(second)
    two.test_client().get("/")
    one.test_client().get("/")
    assert (first.app, second.app) == (one, two)


def test_an_application_that_is_not_guarded_is_not_taken(provider):
    auth = dynamic_provider()
    other = Flask("other")
    other.add_url_rule("/", "index", lambda: "other")
    assert other.test_client().get("/").text == "other"
    assert auth.app is None

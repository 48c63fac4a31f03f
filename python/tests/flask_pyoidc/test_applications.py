"""Factories, blueprints, several providers, and applications below a path."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
import responses
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import (
    ClientMetadata,
    ClientRegistrationInfo,
    ProviderConfiguration,
)
from flask_pyoidc.redirect_uri_config import RedirectUriConfig
from support.provider import FakeProvider


def configuration(provider, **options):
    client = ClientMetadata(provider.client_id, provider.client_secret)
    return ProviderConfiguration(issuer=provider.issuer, client_metadata=client, **options)


def application(**config):
    app = flask.Flask("application")
    app.config.update(
        {
            "SECRET_KEY": "a secret of tests",
            "OIDC_REDIRECT_URI": "http://localhost/redirect_uri",
            **config,
        }
    )
    return app


def redirect_uri(location):
    return parse_qs(urlsplit(location).query)["redirect_uri"][0]


def test_views_can_be_decorated_before_the_application_is_known(provider):
    auth = OIDCAuthentication({"default": configuration(provider)})
    assert auth.clients is None
    blueprint = flask.Blueprint("pages", "pages", url_prefix="/pages")

    @blueprint.route("/one")
    @auth.oidc_auth("default")
    def one():
        return "one"

    app = application()
    app.register_blueprint(blueprint)
    auth.init_app(app)
    browser = app.test_client()
    done = browser.get(provider.authorize(browser.get("/pages/one").headers["Location"]))
    assert done.headers["Location"].rstrip("?") == "/pages/one"
    assert browser.get("/pages/one").text == "one"


def test_an_extension_without_application_says_so(provider):
    auth = OIDCAuthentication({"default": configuration(provider)})
    app = application(TESTING=True)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    with pytest.raises(ValueError, match="init_app"):
        app.test_client().get("/")


def test_one_extension_serves_a_second_application(provider):
    auth = OIDCAuthentication({"default": configuration(provider)})
    for address in ("http://localhost/first", "http://localhost/second"):
        app = application(OIDC_REDIRECT_URI=address)
        app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
        auth.init_app(app)
        browser = app.test_client()
        location = browser.get("/").headers["Location"]
        assert redirect_uri(location) == address
        assert browser.get(provider.authorize(location)).status_code == 302


def test_the_redirect_uri_may_have_any_path(provider):
    app = application(OIDC_REDIRECT_URI="http://localhost/some/where")
    auth = OIDCAuthentication({"default": configuration(provider)}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    assert "some/where" in app.view_functions
    browser = app.test_client()
    browser.get(provider.authorize(browser.get("/").headers["Location"]))
    assert browser.get("/").text == "hello"


def test_an_explicit_redirect_uri_config_goes_before_the_settings(provider):
    app = application()
    explicit = RedirectUriConfig("http://localhost/explicit", "explicit")
    auth = OIDCAuthentication({"default": configuration(provider)}, app, explicit)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    assert auth._redirect_uri_config is explicit
    assert redirect_uri(app.test_client().get("/").headers["Location"]) == "http://localhost/explicit"


def test_server_name_is_enough_for_applications_of_2_x(provider):
    app = application(OIDC_REDIRECT_URI=None, SERVER_NAME="localhost")
    with pytest.deprecated_call():
        auth = OIDCAuthentication({"default": configuration(provider)}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    location = app.test_client().get("/").headers["Location"]
    assert redirect_uri(location) == "http://localhost/redirect_uri"
    with app.test_request_context():
        assert flask.url_for(auth.REDIRECT_URI_ENDPOINT) == "/redirect_uri"


def test_an_application_without_a_redirect_uri_does_not_start(provider):
    with pytest.raises(ValueError, match="OIDC_REDIRECT_URI"):
        OIDCAuthentication({"default": configuration(provider)}, application(OIDC_REDIRECT_URI=None))


def test_a_login_below_a_path_ends_below_it(provider):
    """The server takes the path off before Flask sees it (SCRIPT_NAME)."""
    app = application(OIDC_REDIRECT_URI="http://localhost/sub/redirect_uri", APPLICATION_ROOT="/sub")
    auth = OIDCAuthentication({"default": configuration(provider)}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    browser = app.test_client()
    location = browser.get("/", base_url="http://localhost/sub").headers["Location"]
    done = browser.get(provider.authorize(location), base_url="http://localhost/sub")
    assert done.headers["Location"].rstrip("?") == "/sub/"
    assert browser.get("/", base_url="http://localhost/sub").text == "hello"


def test_two_providers_are_told_apart(provider):
    other = FakeProvider("https://other.example.com", client_id="client2", subject="bob")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        other.register(mock)
        app = application()
        auth = OIDCAuthentication({"one": configuration(provider), "two": configuration(other)}, app)
        for name in ("one", "two"):
            view = auth.oidc_auth(name)(lambda: flask.session["id_token"]["sub"])
            app.add_url_rule(f"/{name}", name, view)
        browser = app.test_client()

        browser.get(provider.authorize(browser.get("/one").headers["Location"]))
        assert browser.get("/one").text == "alice"
        # Whoever is logged in at one provider is nobody at the other.
        sent = browser.get("/two").headers["Location"]
        assert sent.startswith("https://other.example.com/")
        browser.get(other.authorize(sent))
        assert browser.get("/two").text == "bob"
        assert browser.get("/one").status_code == 302


def test_two_tabs_with_two_providers_each_go_to_their_own(provider):
    other = FakeProvider("https://other.example.com", client_id="client2", subject="bob")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        other.register(mock)
        app = application()
        auth = OIDCAuthentication({"one": configuration(provider), "two": configuration(other)}, app)
        for name in ("one", "two"):
            app.add_url_rule(f"/{name}", name, auth.oidc_auth(name)(lambda: flask.session["id_token"]["sub"]))
        browser = app.test_client()
        one, two = browser.get("/one").headers["Location"], browser.get("/two").headers["Location"]
        browser.get(provider.authorize(one))
        assert browser.get("/one").text == "alice"
        assert browser.get(other.authorize(two)).headers["Location"].rstrip("?") == "/two"


def test_a_callback_of_one_provider_with_the_state_of_the_other_is_refused(provider):
    other = FakeProvider("https://other.example.com", client_id="client2", subject="bob")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        other.register(mock)
        app = application()
        auth = OIDCAuthentication({"one": configuration(provider), "two": configuration(other)}, app)
        for name in ("one", "two"):
            app.add_url_rule(f"/{name}", name, auth.oidc_auth(name)(lambda: "in"))
        browser = app.test_client()
        one, two = browser.get("/one").headers["Location"], browser.get("/two").headers["Location"]
        state = parse_qs(urlsplit(two).query)["state"][0]
        browser.get(provider.authorize(one, state=state))
        assert browser.get("/one").status_code == 302
        assert browser.get("/two").status_code == 302


def test_a_public_view_is_left_alone(provider):
    app = application()
    OIDCAuthentication({"default": configuration(provider)}, app)

    @app.get("/public")
    def public():
        return "public"

    answer = app.test_client().get("/public")
    assert (answer.text, "Set-Cookie" in answer.headers, "Vary" in answer.headers) == ("public", False, False)
    assert app.before_request_funcs == {}
    assert app.after_request_funcs == {}


def test_a_cookie_that_browsers_drop_is_explained_in_the_log(provider, caplog):
    provider.user_info["groups"] = [f"group-{number * 7919}" for number in range(600)]
    app = application(SESSION_COOKIE_NAME="large")
    auth = OIDCAuthentication({"default": configuration(provider)}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    browser = app.test_client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        browser.get(provider.authorize(browser.get("/").headers["Location"]))
    assert "Flask-Session" in caplog.text
    assert "group-7919" not in caplog.text


@pytest.mark.parametrize("issuer", ["http://op.internal:8080", "http://127.0.0.1:8080"])
def test_plain_http_is_used_where_it_was_written(issuer):
    plain = FakeProvider(issuer)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        plain.register(mock)
        app = application(OIDC_REDIRECT_URI="http://app.internal/redirect_uri")
        auth = OIDCAuthentication({"default": configuration(plain)}, app)
        app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
        browser = app.test_client()
        here = {"base_url": "http://app.internal"}
        browser.get(plain.authorize(browser.get("/", **here).headers["Location"]), **here)
        assert browser.get("/", **here).text == "hello"


def test_an_https_issuer_never_leads_to_plain_http(provider):
    provider.metadata["token_endpoint"] = "http://op.example.com/token"
    app = application()
    auth = OIDCAuthentication({"default": configuration(provider)}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    assert app.test_client().get("/").status_code in (500, 503)


def test_many_first_requests_at_once_ask_the_provider_once(provider):
    app = application()
    auth = OIDCAuthentication({"default": configuration(provider)}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    ready = threading.Barrier(8)

    def visit(_):
        ready.wait(10)
        return app.test_client().get("/").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(visit, range(8))) == {302}
    assert len(provider.requests_to("discovery")) == 1


def test_many_first_requests_at_once_register_once(provider):
    app = application()
    registering = ProviderConfiguration(
        issuer=provider.issuer, client_registration_info=ClientRegistrationInfo(client_name="mine")
    )
    auth = OIDCAuthentication({"default": registering}, app)
    app.add_url_rule("/", "index", auth.oidc_auth("default")(lambda: "hello"))
    ready = threading.Barrier(8)

    def visit(_):
        ready.wait(10)
        return app.test_client().get("/").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(visit, range(8))) == {302}
    assert len(provider.requests_to("registration")) == 1

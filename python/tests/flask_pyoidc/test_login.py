from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import flask
import pytest
from flask_pyoidc.user_session import UserSession

SENTENCE = "Something went wrong with the authentication, please try to login again."


def test_a_visitor_is_sent_to_the_provider_with_exactly_these_parameters(world):
    asked = parse_qs(urlsplit(world.begin(world.browser())).query)

    assert {name: asked[name] for name in asked if name not in ("state", "nonce")} == {
        "client_id": ["client1"],
        "response_type": ["code"],
        "scope": ["openid"],
        "redirect_uri": ["http://localhost/redirect_uri"],
    }
    assert asked["state"] != asked["nonce"]


def test_a_login_ends_where_it_began(world):
    browser = world.browser()

    done = world.log_in(browser, "/?a=b")

    assert (done.status_code, done.headers["Location"]) == (302, "/?a=b")
    assert browser.get("/").text == "hello Alice"


def test_a_login_stores_the_catalogued_session_keys(world, stored):
    browser = world.browser()
    now = int(time.time())

    world.log_in(browser)

    session = stored(browser)
    token = session.pop("id_token")
    assert token["sub"] == "alice"
    assert token["aud"] == ["client1"]
    assert session.pop("id_token_jwt").count(".") == 2
    assert session.pop("access_token") in world.provider.tokens
    assert session.pop("refresh_token") in world.provider.refresh_tokens
    assert now + 3600 <= session.pop("access_token_expires_at") <= now + 3610
    assert now <= session.pop("last_authenticated") <= now + 10
    assert now <= session.pop("last_session_refresh") <= now + 10
    assert session == {
        "_permanent": True,
        "current_provider": "default",
        "userinfo": {"sub": "alice", "name": "Alice", "email": "alice@example.com"},
    }


def test_auth_time_says_when_the_person_logged_in(world, stored):
    browser = world.browser()
    world.log_in(browser, auth_time=1_700_000_000)
    assert stored(browser)["last_authenticated"] == 1_700_000_000


def test_a_login_under_way_is_readable_json(world, stored):
    browser = world.browser()
    location = world.begin(browser, "/?x=1")

    session = stored(browser)

    assert json.loads(session["auth_request"]) == dict(parse_qsl(urlsplit(location).query))
    assert session["destination"] == "/?x=1"
    assert session["fragment_encoded_response"] is False


def test_a_login_asks_the_provider_in_the_usual_order(world):
    world.log_in(world.browser())

    assert [request.endpoint for request in world.provider.requests] == [
        "discovery",
        "token",
        "jwks",
        "userinfo",
    ]
    token = world.provider.requests_to("token")[0]
    assert token.basic == ("client1", world.provider.client_secret)
    assert token.form["grant_type"] == "authorization_code"
    assert "client_secret" not in token.form


def test_the_token_endpoint_can_be_asked_by_post(world):
    world.client_options["token_endpoint_auth_method"] = "client_secret_post"
    browser = world.browser()
    world.log_in(browser)
    token = world.provider.requests_to("token")[0]
    assert token.basic is None
    assert token.form["client_secret"] == world.provider.client_secret
    assert browser.get("/").status_code == 200


def test_pkce_is_used_where_the_provider_announces_it(world):
    world.provider.metadata["code_challenge_methods_supported"] = ["S256"]
    browser = world.browser()
    location = world.begin(browser)
    assert parse_qs(urlsplit(location).query)["code_challenge_method"] == ["S256"]
    browser.get(world.provider.authorize(location))
    assert browser.get("/").status_code == 200


def test_auth_request_params_are_sent(world):
    claims = {"userinfo": {"email": {"essential": True}}}
    world.options["auth_request_params"] = {
        "scope": ["openid", "email"],
        "prompt": "select_account",
        "max_age": 300,
        "claims": claims,
        "kc_idp_hint": "hint",
    }
    browser = world.browser()
    asked = dict(parse_qsl(urlsplit(world.begin(browser)).query))
    assert (asked["scope"], asked["prompt"], asked["max_age"]) == ("openid email", "select_account", "300")
    assert json.loads(asked["claims"]) == claims
    assert asked["kc_idp_hint"] == "hint"
    world.log_in(browser, auth_time=int(time.time()))
    assert browser.get("/").status_code == 200


def test_a_login_that_is_older_than_max_age_is_refused(world):
    world.options["auth_request_params"] = {"max_age": 300}
    browser = world.browser()
    assert world.log_in(browser, auth_time=int(time.time()) - 400).text == SENTENCE
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("response_type", ["id_token", "code id_token", ["id_token", "token"]])
def test_the_implicit_and_hybrid_flows_are_refused_with_the_setting_named(world, response_type):
    world.options["auth_request_params"] = {"response_type": response_type}
    world.app.testing = True
    with pytest.raises(ValueError, match="auth_request_params"):
        world.browser().get("/")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_user_info_is_asked_by_the_method_that_is_set(world, method):
    world.options["userinfo_http_method"] = method
    world.log_in(world.browser())
    assert [request.method for request in world.provider.requests_to("userinfo")] == [method]


def test_user_info_is_not_asked_without_a_method(world, stored):
    world.options["userinfo_http_method"] = None
    browser = world.browser()
    world.log_in(browser)
    assert world.provider.requests_to("userinfo") == []
    assert "userinfo" not in stored(browser)
    assert browser.get("/").status_code == 200


def test_user_info_is_not_asked_where_the_provider_has_none(world, stored):
    del world.provider.metadata["userinfo_endpoint"]
    browser = world.browser()
    world.log_in(browser)
    assert "userinfo" not in stored(browser)
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    ("setting", "permanent"),
    [
        ({}, True),
        ({"OIDC_SESSION_PERMANENT": False}, False),
        ({"PERMANENT_SESSION": False}, False),
        ({"SESSION_PERMANENT": False}, False),
        ({"OIDC_SESSION_PERMANENT": "false"}, False),
    ],
)
def test_the_session_is_permanent_unless_set_otherwise(world, stored, setting, permanent):
    world.app.config.update(setting)
    browser = world.browser()
    world.log_in(browser)
    assert bool(stored(browser).get("_permanent")) is permanent


def test_expires_in_may_be_text(world, stored):
    world.provider.token_response["expires_in"] = "60"
    browser = world.browser()
    world.log_in(browser)
    assert stored(browser)["access_token_expires_at"] <= time.time() + 61


def test_metadata_may_lack_what_is_not_used(world):
    for name in ("response_types_supported", "subject_types_supported", "scopes_supported"):
        del world.provider.metadata[name]
    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/").status_code == 200


def test_an_issuer_may_be_set_with_a_slash_too_many(world):
    world.options["issuer"] = "https://op.example.com/"
    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/").status_code == 200


def test_the_callback_may_be_a_form(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser, "/?x"))
    done = browser.post("/redirect_uri", data=dict(parse_qsl(urlsplit(back).query)))
    assert (done.status_code, done.headers["Location"]) == (302, "/?x")


def test_a_new_login_of_somebody_else_leaves_nothing_of_the_first(world, stored):
    world.options["session_refresh_interval_seconds"] = 1
    browser = world.browser()
    world.log_in(browser)
    with browser.session_transaction() as session:
        session["last_session_refresh"] = 0
    world.provider.subject = world.provider.user_info["sub"] = "bob"
    world.provider.token_response["refresh_token"] = None
    world.log_in(browser)
    session = stored(browser)
    assert session["id_token"]["sub"] == "bob"
    assert "refresh_token" not in session


def test_another_key_of_the_session_survives_a_login(world, stored):
    browser = world.browser()
    with browser.session_transaction() as session:
        session["basket"] = [1, 2]
    world.log_in(browser)
    assert stored(browser)["basket"] == [1, 2]


def test_the_views_arguments_and_name_stay(world):
    @world.auth.oidc_auth("default")
    def page(number: int) -> str:
        """A page."""
        return str(number)

    assert (page.__name__, page.__doc__) == ("page", "A page.")
    world.app.add_url_rule("/page/<int:number>", view_func=page)
    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/page/7").text == "7"


def test_user_session_in_a_view_shows_the_user(world):
    @world.app.get("/me")
    def me() -> dict[str, Any]:
        session = UserSession(flask.session)
        return {"provider": session.current_provider, "sub": (session.id_token or {})["sub"]}

    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/me").json == {"provider": "default", "sub": "alice"}


def test_an_unknown_provider_is_refused_when_a_view_is_decorated(world):
    for decorator in (world.auth.oidc_auth, world.auth.token_auth, world.auth.access_control):
        with pytest.raises(ValueError, match="nobody"):
            decorator("nobody")

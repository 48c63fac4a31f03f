"""``g.oidc_user``, ``g._oidc_auth`` and the tokens at hand."""

from __future__ import annotations

import sys
import types

import pytest
import responses
from flask import g, jsonify
from flask_oidc.model import User

MEMBERS = ["logged_in", "access_token", "refresh_token", "profile", "name", "email", "groups", "unique_id"]


def view_of_user(app):
    @app.route("/user")
    def user():
        return {name: getattr(g.oidc_user, name) for name in MEMBERS}


def test_an_anonymous_visitor_has_a_user_object(app, browser):
    view_of_user(app)
    assert browser.get("/user").json == {
        "logged_in": False,
        "access_token": None,
        "refresh_token": None,
        "profile": {},
        "name": None,
        "email": None,
        "groups": [],
        "unique_id": None,
    }


def test_a_person_who_is_logged_in_is_described(app, browser, provider, log_in, stored):
    provider.user_info.update(nickname="ali", groups=["staff"])
    view_of_user(app)
    log_in(browser)
    token = stored(browser)["oidc_auth_token"]
    assert browser.get("/user").json == {
        "logged_in": True,
        "access_token": token["access_token"],
        "refresh_token": token["refresh_token"],
        "profile": provider.user_info,
        "name": "ali",
        "email": "alice@example.com",
        "groups": ["staff"],
        "unique_id": "alice",
    }


def test_the_profile_needs_the_user_info(make):
    app = make(OIDC_USER_INFO_ENABLED=False)
    with app.test_request_context():
        user = User(app.extensions["tested"])
        for name in ("profile", "name", "email", "groups", "unique_id"):
            with pytest.raises(RuntimeError, match="OIDC_USER_INFO_ENABLED"):
                getattr(user, name)
        assert user.logged_in is False


def test_a_class_of_ones_own_gets_the_extension(make, monkeypatch):
    module = types.ModuleType("own_model")

    class Own(User):
        def __init__(self, ext):
            super().__init__(ext)
            self.ext = ext

    module.Own = Own
    monkeypatch.setitem(sys.modules, "own_model", module)
    app = make(OIDC_USER_CLASS="own_model.Own")

    @app.route("/own")
    def own():
        return jsonify(g.oidc_user.ext is app.extensions["tested"], type(g.oidc_user).__name__)

    assert app.test_client().get("/own").json == [True, "Own"]


def test_no_class_means_no_user_object(make):
    app = make(OIDC_USER_CLASS=None)
    app.route("/there", endpoint="there")(lambda: str(hasattr(g, "oidc_user")))
    assert app.test_client().get("/there").text == "False"


def test_a_class_that_is_not_there_is_said_at_start(make):
    with pytest.raises(ImportError, match="nowhere"):
        make(OIDC_USER_CLASS="nowhere.User")


def test_nothing_of_the_person_before_is_in_a_refused_profile(app, browser, provider, log_in, stored):
    log_in(browser)
    provider.subject, provider.user_info["sub"] = "bob", "mallory"
    assert log_in(browser, "/login").status_code == 401
    assert stored(browser)["oidc_auth_profile"]["sub"] == "alice" or "oidc_auth_profile" not in stored(
        browser
    )


# g._oidc_auth.


def test_the_client_does_the_steps_of_a_login(app, browser, provider, stored):
    @app.route("/own/login")
    def login():
        return g._oidc_auth.authorize_redirect(
            "http://localhost/own/callback", prompt="login", login_hint="a"
        )

    @app.route("/own/callback")
    def callback():
        token = g._oidc_auth.authorize_access_token()
        info = g._oidc_auth.userinfo(token=token)
        return jsonify(token["userinfo"].sub, info.email, info.nickname)

    url = browser.get("/own/login").location
    assert "prompt=login" in url
    assert "login_hint=a" in url
    assert browser.get(provider.authorize(url)).json == ["alice", "alice@example.com", None]
    assert "oidc_auth_token" not in stored(browser)


def test_the_client_refuses_what_the_engine_refuses(app, browser, provider):
    from countersign_oidc.errors import Error

    @app.route("/own/login")
    def login():
        return g._oidc_auth.authorize_redirect("http://localhost/own/callback")

    @app.route("/own/callback")
    def callback():
        try:
            g._oidc_auth.authorize_access_token()
        except Error as error:
            return error.fault, 418
        return "logged in"

    url = browser.get("/own/login").location
    assert browser.get("/own/callback?code=c&state=another").status_code == 418
    assert browser.get(provider.authorize(url, state="another")).status_code == 418
    provider.id_token_claims["aud"] = "another"
    assert browser.get(provider.authorize(url)).status_code == 418


def test_the_client_knows_the_metadata(app, oidc, provider):
    with app.test_request_context():
        assert oidc.oauth.oidc.load_server_metadata()["issuer"] == provider.issuer
        assert oidc.oauth.create_client("oidc") is oidc.oauth.oidc


def test_the_client_brings_the_token_to_an_api(app, browser, log_in, stored):
    @app.route("/call")
    def call():
        return g._oidc_auth.get("https://api.example.com/things", params={"a": "b"}).json()

    @app.route("/call/other")
    def other():
        return g._oidc_auth.post("https://api.example.com/things", token="other", json={"a": 1}).json()

    log_in(browser)
    with responses.RequestsMock() as mock:
        mock.add("GET", "https://api.example.com/things", json={"got": 1})
        mock.add("POST", "https://api.example.com/things", json={"got": 2})
        assert browser.get("/call").json == {"got": 1}
        assert browser.get("/call/other").json == {"got": 2}
        first, second = (call.request for call in mock.calls)
    access_token = stored(browser)["oidc_auth_token"]["access_token"]
    assert first.headers["Authorization"] == f"Bearer {access_token}"
    assert first.url.endswith("?a=b")
    assert second.headers["Authorization"] == "Bearer other"


def test_relative_addresses_belong_to_the_base(make):
    app = make(OIDC_API_BASE_URL="https://api.example.com/v1/")
    app.route("/call", endpoint="call")(lambda: g._oidc_auth.get("things", token={"access_token": "t"}).text)
    with responses.RequestsMock() as mock:
        mock.add("GET", "https://api.example.com/v1/things", body="here")
        assert app.test_client().get("/call").text == "here"


def test_without_a_token_nothing_is_sent(make):
    app = make(TESTING=False)
    app.route("/call", endpoint="call")(lambda: g._oidc_auth.get("https://api.example.com/").text)
    with responses.RequestsMock() as mock:
        assert app.test_client().get("/call").status_code == 500
        assert len(mock.calls) == 0

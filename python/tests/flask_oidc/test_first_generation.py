"""Code for 1.x: what it calls is there, and what failed open on 2.x is shut (section 2.2.3)."""

from __future__ import annotations

import json

import pytest
from flask import g, jsonify
from flask_oidc import MemoryCredentials, OpenIDConnect


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def api(app, oidc):
    def view():
        return jsonify(getattr(g, "oidc_token_info", None))

    def add(path, *arguments, **keywords):
        named = type(view)(view.__code__, globals(), path.strip("/"))
        app.route(path, methods=["GET", "POST"])(oidc.accept_token(*arguments, **keywords)(named))

    add("/positional", True, ["admin", "openid"])
    add("/keywords", require_token=True, scopes_required=["admin", "openid"])
    add("/only-required", True)
    add("/text", True, "admin openid")
    add("/not-rendered", True, ["admin"], False)
    add("/open", False)
    add("/open-scopes", scopes_required=["admin"])
    add("/bare")
    return app.test_client()


@pytest.mark.parametrize(
    "path", ["/positional", "/keywords", "/only-required", "/text", "/not-rendered", "/bare"]
)
def test_an_anonymous_request_is_refused(api, path):
    assert api.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/positional", "/keywords", "/text"])
def test_all_scopes_are_required(api, provider, path):
    good = provider.opaque_token(scope="openid admin x")
    assert api.get(path, headers=bearer(good)).json["sub"] == "alice"
    bad = provider.opaque_token(scope="admin")
    answer = api.get(path, headers=bearer(bad))
    assert answer.status_code == 401
    assert answer.json == {
        "error": "invalid_token",
        "error_description": "Token does not have required scopes",
    }
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_bad_token_is_refused_with_a_reason(api):
    answer = api.get("/only-required", headers=bearer("bad"))
    assert answer.status_code == 401
    assert answer.mimetype == "application/json"
    assert answer.json["error_description"] == "Token required but invalid"


def test_an_error_can_be_left_to_another_framework(api):
    assert api.get("/not-rendered", headers=bearer("bad")).json["error"] == "invalid_token"


def test_a_view_that_requires_no_token_is_open_but_not_to_a_bad_one(api, provider):
    assert api.get("/open").json is None
    assert api.get("/open", headers=bearer(provider.opaque_token())).json["sub"] == "alice"
    assert api.get("/open", headers=bearer("bad")).status_code == 401
    assert api.get("/open-scopes").status_code == 200
    assert api.get("/open-scopes", headers=bearer(provider.opaque_token(scope="x"))).status_code == 401


def test_a_token_may_come_in_the_form_or_the_query(api, provider):
    token = provider.opaque_token()
    assert api.get("/only-required?access_token=" + token).json["sub"] == "alice"
    assert api.post("/only-required", data={"access_token": token}).json["sub"] == "alice"


def test_a_token_that_comes_twice_is_refused(api, provider):
    token = provider.opaque_token()
    answer = api.get("/only-required?access_token=" + token, headers=bearer(token))
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_request"


def test_the_form_of_2_x_takes_the_header_alone(api, provider):
    assert api.get("/bare?access_token=" + provider.opaque_token()).status_code == 401


def test_arguments_of_both_generations_are_not_mixed(oidc):
    with pytest.raises(TypeError, match="mixes"):
        oidc.accept_token(["a"], require_token=True)
    with pytest.raises(TypeError, match="twice"):
        oidc.accept_token(True, require_token=True)
    with pytest.raises(TypeError, match="unknown"):
        oidc.accept_token(True, groups=["a"])


def test_a_provider_that_is_down_is_a_503(api, provider):
    provider.unreachable.add("introspection")
    answer = api.get("/only-required", headers=bearer("t"))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_validate_token_patched_on_the_object_decides(api, oidc, monkeypatch):
    asked = []

    def validate(token, scopes_required=None):
        asked.append((token, scopes_required))
        return True

    monkeypatch.setattr(oidc, "validate_token", validate)
    assert api.get("/positional", headers=bearer("t")).status_code == 200
    assert asked == [("t", ["admin", "openid"])]
    monkeypatch.setattr(oidc, "validate_token", lambda *_: "no")
    assert api.get("/positional", headers=bearer("t")).json["error_description"] == "no"


def test_validate_token_says_true_or_a_false_reason(app, oidc, provider):
    with app.test_request_context():
        assert oidc.validate_token(provider.opaque_token(scope="a b"), ["a"]) is True
        assert g.oidc_token_info["scope"] == "a b"
        for refused in (
            oidc.validate_token(provider.opaque_token(scope="a"), ["a", "b"]),
            oidc.validate_token("bad"),
            oidc.validate_token(None),
        ):
            assert not refused
            assert isinstance(refused, str)
            assert str(refused).startswith("Token")


def test_the_token_info_is_there_in_the_form_of_2_x_as_well(app, oidc, provider):
    @app.route("/info")
    @oidc.accept_token(["openid"])
    def info():
        return g.oidc_token_info["sub"]

    assert app.test_client().get("/info", headers=bearer(provider.opaque_token())).text == "alice"


# The login.


def test_check_is_require_login(app, oidc, browser, log_in):
    @app.route("/checked")
    @oidc.check
    def checked():
        return "in"

    assert browser.get("/checked").location.startswith("/login?next=")
    log_in(browser)
    assert browser.get("/checked").text == "in"


def test_authenticate_or_redirect_guards_all_pages(app, oidc, browser, log_in):
    app.before_request(oidc.authenticate_or_redirect)
    assert browser.get("/").location.startswith("/login?next=")
    log_in(browser, "/")
    assert browser.get("/").text == "public"


def test_a_custom_callback_gets_the_custom_state(app, oidc, browser, provider, stored):
    @app.route("/start")
    def start():
        return oidc.redirect_to_auth_server(None, {"cart": [1, 2]})

    @oidc.custom_callback
    def arrived(customstate):
        return {"got": customstate, "who": oidc.user_getfield("sub")}

    url = browser.get("/start").location
    assert "cart" not in url
    with pytest.warns(DeprecationWarning, match="user_getfield|user_getinfo"):
        answer = browser.get(provider.authorize(url))
    assert answer.json == {"got": {"cart": [1, 2]}, "who": "alice"}


def test_a_login_without_custom_state_returns_as_ever(oidc, browser, log_in):
    oidc.custom_callback(lambda state: "never called")
    assert log_in(browser).location == "http://localhost/private"


def test_a_custom_callback_is_not_reached_by_a_bad_login(oidc, browser, app, provider):
    called = []
    oidc.custom_callback(called.append)
    app.route("/start", endpoint="start")(lambda: oidc.redirect_to_auth_server(None, "state"))
    provider.id_token_claims["nonce"] = "another"
    assert browser.get(provider.authorize(browser.get("/start").location)).status_code == 401
    assert called == []


def test_custom_state_without_a_view_is_ignored_with_a_warning(app, oidc):
    with app.test_request_context("/here"), pytest.warns(DeprecationWarning, match="customstate"):
        answer = oidc.redirect_to_auth_server("/foo?x=1", "state")
    assert answer.location == "/login?next=%2Ffoo%3Fx%3D1"


# What is known about the person.


@pytest.mark.filterwarnings("ignore:The user_get:DeprecationWarning")
def test_user_getinfo_gives_the_fields_asked_for(app, oidc, browser, provider, log_in):
    provider.id_token_claims["email"] = "of-the-id-token@example.com"

    @app.route("/info")
    def info():
        return jsonify(oidc.user_getinfo(["email", "name", "missing"]), oidc.user_getfield("missing"))

    assert browser.get("/info").status_code == 401
    log_in(browser)
    assert browser.get("/info").json == [{"email": "of-the-id-token@example.com", "name": "Alice"}, None]


@pytest.mark.filterwarnings("ignore:The user_get:DeprecationWarning")
def test_user_getinfo_of_a_token_asks_the_provider(app, oidc, provider):
    with app.test_request_context():
        token = provider.opaque_token()
        assert oidc.user_getfield("email", token) == "alice@example.com"
        assert oidc.user_getinfo(["sub"], access_token=token) == {"sub": "alice"}


@pytest.mark.filterwarnings("ignore:The user_get:DeprecationWarning")
def test_user_getinfo_needs_the_user_info(make):
    app = make(OIDC_USER_INFO_ENABLED=False)
    with app.test_request_context(), pytest.raises(RuntimeError, match="OIDC_USER_INFO_ENABLED"):
        app.extensions["tested"].user_getfield("email")


def test_the_deprecated_ways_say_so(app, oidc, provider):
    with app.test_request_context(), pytest.warns(DeprecationWarning, match="user_getinfo"):
        oidc.user_getinfo(["sub"], provider.opaque_token())


@pytest.mark.filterwarnings("ignore:Use :DeprecationWarning")
def test_the_cookie_of_the_id_token_is_read_and_taken_away_but_not_made(app, oidc, browser, log_in):
    @app.route("/cookie")
    def cookie():
        return jsonify((oidc.get_cookie_id_token() or {}).get("sub"))

    @app.route("/cookie/none")
    def none():
        oidc.set_cookie_id_token(None)
        return "gone"

    assert browser.get("/cookie").json is None
    log_in(browser)
    assert browser.get("/cookie").json == "alice"
    browser.get("/cookie/none")
    assert browser.get("/who").text == "nobody"
    with app.test_request_context(), pytest.raises(ValueError, match="None only"):
        oidc.set_cookie_id_token({"sub": "mallory"})


# credentials_store.


def test_the_credentials_store_shows_the_person_at_the_browser_only(app, oidc, browser, log_in, stored):
    @app.route("/stored/<subject>")
    def of(subject):
        if subject not in oidc.credentials_store:
            return "none"
        return oidc.credentials_store[subject]

    log_in(browser)
    shown = json.loads(browser.get("/stored/alice").text)
    token = stored(browser)["oidc_auth_token"]
    assert shown["access_token"] == token["access_token"]
    assert shown["refresh_token"] == token["refresh_token"]
    assert shown["id_token"]["sub"] == "alice"
    assert shown["id_token_jwt"] == token["id_token"]
    assert shown["token_expiry"].endswith("Z")
    assert not shown["client_secret"]
    assert browser.get("/stored/bob").text == "none"
    assert app.test_client().get("/stored/alice").text == "none"


def test_a_store_of_the_application_gets_everybody(make, log_in, provider):
    store = MemoryCredentials()
    browser = make(oidc=OpenIDConnect(credentials_store=store)).test_client()
    log_in(browser)
    assert json.loads(store["alice"])["access_token"] in provider.tokens


def test_a_store_can_be_a_setting(make, log_in):
    store = {}
    log_in(make(OIDC_CREDENTIALS_STORE=store).test_client())
    assert store.keys() == {"alice"}


@pytest.mark.parametrize("name", ["http", "time", "urandom"])
def test_arguments_without_effect_are_named(name):
    with pytest.warns(DeprecationWarning, match=name):
        OpenIDConnect(**{name: object()})

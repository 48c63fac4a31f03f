"""A token that ends: refreshed where that is possible, and else the end of the login."""

from __future__ import annotations

import time

import pytest
from flask import g, session
from flask_oidc import OpenIDConnect
from support.tokens import rsa_key


@pytest.fixture
def expire(log_in):
    """A logged-in browser whose token ended ``ago`` seconds ago."""

    def login_and_expire(browser, ago=10, **changes):
        log_in(browser)
        with browser.session_transaction() as kept:
            token = {**kept["oidc_auth_token"], "expires_at": int(time.time()) - ago, **changes}
            kept["oidc_auth_token"] = {name: value for name, value in token.items() if value is not None}

    return login_and_expire


def test_a_token_that_is_over_is_refreshed(browser, provider, expire, stored):
    expire(browser)
    before = stored(browser)["oidc_auth_token"]
    assert browser.get("/private").text == "private of alice"
    after = stored(browser)["oidc_auth_token"]
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert after["expires_at"] > time.time() + 3000
    assert after["userinfo"]["sub"] == "alice"
    form = provider.requests_to("token")[-1].form
    assert form["grant_type"] == "refresh_token"
    assert form["refresh_token"] == before["refresh_token"]
    assert form["client_id"] == provider.client_id


def test_a_token_is_refreshed_a_minute_before_its_end(browser, provider, expire):
    expire(browser, ago=-50)
    browser.get("/private")
    assert len(provider.requests_to("token")) == 2


def test_a_token_that_is_good_is_left_alone(browser, provider, expire):
    expire(browser, ago=-90)
    browser.get("/private")
    assert len(provider.requests_to("token")) == 1


def test_a_refused_refresh_ends_the_login(browser, provider, expire, stored):
    expire(browser)
    provider.answers["token"] = (400, {"error": "invalid_grant"})
    answer = browser.get("/private")
    assert (answer.status_code, answer.location) == (302, "/logout?reason=expired")
    assert browser.get(answer.location).location == "http://localhost/"
    assert stored(browser)["_flashes"] == [("message", "Your session expired, please reconnect.")]


def test_a_token_without_refresh_ends_the_login_at_its_end(browser, provider, expire):
    expire(browser, refresh_token=None)
    assert browser.get("/private").location == "/logout?reason=expired"


def test_a_token_without_refresh_serves_to_its_end(browser, expire):
    expire(browser, ago=-30, refresh_token=None)
    assert browser.get("/private").text == "private of alice"


@pytest.mark.parametrize("how", ["sub", "stranger", "iss"])
def test_a_refreshed_id_token_of_somebody_else_ends_the_login(browser, provider, expire, how):
    expire(browser)
    if how == "stranger":
        provider.id_token_key = rsa_key("stranger")
    else:
        provider.id_token_claims[how] = "https://evil.example.com"
    assert browser.get("/private").location == "/logout?reason=expired"


def test_an_expired_login_is_noticed_where_only_the_session_is_read(app, browser, provider, expire):
    @app.route("/own-check")
    def own_check():
        return "in" if "oidc_auth_profile" in session else "out"

    expire(browser)
    provider.answers["token"] = (400, {"error": "invalid_grant"})
    assert browser.get("/own-check").status_code == 302


@pytest.mark.parametrize(
    "token", ["junk", ["junk"], {"access_token": "a", "expires_at": "soon"}, {"expires_at": 1}]
)
def test_a_malformed_token_ends_the_login(browser, token):
    with browser.session_transaction() as kept:
        kept["oidc_auth_token"] = token
    answer = browser.get("/private")
    assert answer.status_code == 302
    assert browser.get("/who").text != "alice"


def test_a_provider_that_is_down_is_a_503_and_the_login_survives(browser, provider, expire):
    expire(browser)
    provider.unreachable.add("token")
    answer = browser.get("/private")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    provider.unreachable.clear()
    assert browser.get("/private").text == "private of alice"


def test_a_token_that_still_serves_gets_by_while_the_provider_is_down(browser, provider, expire):
    expire(browser, ago=-30)
    provider.unreachable.add("token")
    assert browser.get("/private").text == "private of alice"


def test_files_need_no_refresh(browser, provider, expire, app, tmp_path):
    app.static_folder = str(tmp_path)
    (tmp_path / "style.css").write_text("body {}")
    expire(browser)
    assert browser.get("/static/style.css").status_code == 200
    assert len(provider.requests_to("token")) == 1


def test_next_is_lost_with_an_expired_login_unless_asked_for(make, provider, expire):
    provider.answers["token"] = (400, {"error": "invalid_grant"})
    for keeps, expected in ((False, "/logout?reason=expired"), (True, "/logout?reason=expired&next=%2Fwho")):
        del provider.answers["token"]
        browser = make(OIDC_PRESERVE_NEXT_ON_ERROR=keeps).test_client()
        expire(browser)
        provider.answers["token"] = (400, {"error": "invalid_grant"})
        assert browser.get("/private?next=/who").location == expected


def test_a_kept_next_is_at_this_host(make, provider, expire):
    browser = make(OIDC_PRESERVE_NEXT_ON_ERROR=True).test_client()
    expire(browser)
    provider.answers["token"] = (400, {"error": "invalid_grant"})
    assert browser.get("/private?next=https://evil.example.com/").location == "/logout?reason=expired"


# Sessions that somebody else wrote.


def old_token(provider, **changes):
    """As the original kept it."""
    token = {
        "access_token": "old-access-token",
        "expires_at": int(time.time()) + 3000,
        "expires_in": 3600,
        "id_token": provider.mint_id_token(),
        "refresh_token": "old-refresh-token",
        "token_type": "Bearer",
        "userinfo": {"iss": provider.issuer, "sub": "alice", "aud": provider.client_id},
    }
    provider.refresh_tokens["old-refresh-token"] = {}
    return {**token, **changes}


def test_a_login_by_the_original_survives(browser, provider):
    with browser.session_transaction() as kept:
        kept["oidc_auth_token"] = old_token(provider)
        kept["oidc_auth_profile"] = {"sub": "alice", "email": "alice@example.com"}
    assert browser.get("/private").text == "private of alice"
    assert browser.get("/who").text == "alice"
    assert provider.requests == []


def test_a_login_by_the_original_is_refreshed(browser, provider, stored):
    with browser.session_transaction() as kept:
        kept["oidc_auth_token"] = old_token(provider, expires_at=int(time.time()) - 10)
        kept["oidc_auth_profile"] = {"sub": "alice"}
    assert browser.get("/private").text == "private of alice"
    assert stored(browser)["oidc_auth_token"]["access_token"] in provider.tokens


def test_a_login_without_an_id_token_is_refreshed(browser, provider, stored):
    token = old_token(provider, expires_at=int(time.time()) - 10)
    del token["userinfo"], token["id_token"]
    with browser.session_transaction() as kept:
        kept["oidc_auth_token"] = token
    assert browser.get("/").status_code == 200
    after = stored(browser)["oidc_auth_token"]
    assert after["access_token"] in provider.tokens
    assert after["expires_at"] > time.time()


def test_a_token_without_an_end_stays(browser, provider):
    token = old_token(provider)
    del token["expires_at"]
    with browser.session_transaction() as kept:
        kept["oidc_auth_token"] = token
        kept["oidc_auth_profile"] = {"sub": "alice"}
    assert browser.get("/private").text == "private of alice"
    assert provider.requests == []


# What an application puts in place of the checks.


def test_a_check_patched_on_the_object_is_asked_at_each_request(oidc, browser, monkeypatch):
    asked = []
    monkeypatch.setattr(oidc, "check_token_expiry", lambda: asked.append(1))
    browser.get("/")
    browser.get("/private")
    assert asked == [1, 1]


def test_a_check_patched_on_the_class_is_asked_at_each_request(browser, monkeypatch):
    monkeypatch.setattr(OpenIDConnect, "check_token_expiry", lambda self: ("locked out", 403))
    assert browser.get("/").status_code == 403


def test_a_check_of_a_subclass_is_asked_at_each_request(make, log_in):
    class Stricter(OpenIDConnect):
        def check_token_expiry(self):
            return "locked out", 403

    browser = make(oidc=Stricter()).test_client()
    assert browser.get("/").status_code == 403


def test_a_patched_check_can_leave_an_expired_token_alone(oidc, browser, provider, expire, monkeypatch):
    expire(browser)
    monkeypatch.setattr(oidc, "check_token_expiry", lambda: None)
    assert browser.get("/private").text == "private of alice"
    assert len(provider.requests_to("token")) == 1


def test_a_replaced_ensure_active_token_is_asked_for_good_tokens_too(make, log_in):
    seen = []

    class Own(OpenIDConnect):
        def ensure_active_token(self, token):
            seen.append(token["access_token"])

    browser = make(oidc=Own()).test_client()
    log_in(browser)
    browser.get("/private")
    assert len(seen) == 1


def test_a_refresh_is_told_to_update_token(make, expire):
    seen = []

    class Own(OpenIDConnect):
        def _update_token(self, name, token, refresh_token=None, access_token=None):
            seen.append((name, token["access_token"]))
            super()._update_token(name, token, refresh_token, access_token)

    browser = make(oidc=Own()).test_client()
    expire(browser)
    browser.get("/private")
    assert [name for name, _ in seen] == ["oidc"]


# What it costs.


def test_a_public_page_of_a_logged_in_visitor_does_not_depend_on_the_session(browser, log_in):
    log_in(browser)
    assert "Vary" not in browser.get("/").headers
    assert browser.get("/private").headers["Vary"] == "Cookie"


def test_a_live_login_needs_no_engine(app, browser, log_in, monkeypatch):
    log_in(browser)
    monkeypatch.setattr(app.extensions["flask_oidc"], "engine", None)
    monkeypatch.setattr(app.extensions["flask_oidc"].client, "_engine", None)
    assert browser.get("/private").text == "private of alice"


def test_the_clock_is_looked_up_at_each_call(browser, provider, log_in, monkeypatch):
    log_in(browser)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3570)
    browser.get("/private")
    assert len(provider.requests_to("token")) == 2


def test_the_id_token_is_at_hand_for_each_view(app, browser, log_in):
    @app.route("/id-token")
    def id_token():
        return {"there": g.oidc_id_token is not None, "sub": (g.oidc_id_token or {}).get("sub")}

    assert browser.get("/id-token").json == {"there": False, "sub": None}
    log_in(browser)
    answer = browser.get("/id-token")
    assert answer.json == {"there": True, "sub": "alice"}
    assert answer.headers["Vary"] == "Cookie"

"""What is promised of attempts, ends of tokens and settings beside the common way."""

from __future__ import annotations

import time

import pytest
import requests
from countersign_oidc.errors import SetupError
from flask import g, session
from flask_oidc import attempts, tokens

LATE = "_state_oidc_a-state-of-some-length"


def attempt(provider, **changes):
    """An attempt as applications' tests write it, and the callback that belongs to it."""
    asked = "?redirect_uri=http%3A%2F%2Flocalhost%2Fauthorize&nonce=n0"
    url = provider.metadata["authorization_endpoint"] + asked
    data = {"redirect_uri": "http://localhost/authorize", "nonce": "n0", "url": url}
    return {"data": data, "exp": time.time() + 3600, **changes}, provider.authorize(url, state=LATE[12:])


def test_an_attempt_knows_when_it_was_begun(provider):
    began = time.time() - 3000
    session = {LATE: attempt(provider, exp=began + 3600)[0]}

    kept = attempts.take(session, LATE[12:])

    assert kept is not None
    assert kept[1] == pytest.approx(began)


def test_an_attempt_written_with_a_late_end_finishes_a_login(browser, provider):
    entry, back = attempt(provider, exp=time.time() + 7 * 86400)
    with browser.session_transaction() as session:
        session[LATE] = entry

    assert browser.get(back).status_code == 302
    assert browser.get("/private").text == "private of alice"


@pytest.mark.parametrize("data", [{}, {"url": 7}, {"nonce": ["n0"]}, {"redirect_uri": None, "nonce": "n0"}])
def test_an_attempt_that_can_not_be_read_is_a_401(browser, provider, data):
    entry, back = attempt(provider, data=data)
    with browser.session_transaction() as session:
        session[LATE] = entry

    assert browser.get(back).status_code == 401
    assert browser.get("/private").status_code == 302


def test_a_request_to_an_api_does_not_wait_for_ever(app, oidc, monkeypatch):
    seen = []
    monkeypatch.setattr(requests, "request", lambda *given, **named: seen.append(named["timeout"]))

    with app.test_request_context():
        oidc.oauth.oidc.get("https://api.example.com/", token="t")
        oidc.oauth.oidc.get("https://api.example.com/", token="t", timeout=3)

    assert seen == [30, 3]


def test_a_reason_that_nobody_knows_is_an_ordinary_logout(browser, log_in, stored):
    log_in(browser)
    browser.get("/logout?reason=hacked")

    assert stored(browser)["_flashes"] == [("message", "You were successfully logged out.")]


def test_a_resource_server_does_not_look_at_logins(make):
    browser = make(OIDC_RESOURCE_SERVER_ONLY=True).test_client()
    with browser.session_transaction() as session:
        session["oidc_auth_token"] = {"access_token": "x", "expires_at": 1}

    assert browser.get("/").text == "public"


def test_a_login_with_custom_state_returns_to_no_other_host(app, oidc, browser, stored):
    oidc.custom_callback(lambda state: state)
    app.add_url_rule(
        "/custom", "custom", lambda: oidc.redirect_to_auth_server("https://evil.example.com/", {"a": 1})
    )
    browser.get("/custom")

    assert stored(browser)["next"] == "http://localhost/"
    assert "evil" not in str(stored(browser))


@pytest.mark.parametrize("garbage", ["a token", 7, ["a"]])
def test_a_stored_token_that_is_no_mapping_ends_the_login(browser, garbage):
    with browser.session_transaction() as session:
        session["oidc_auth_token"] = garbage

    assert browser.get("/").location == "/logout?reason=expired"


def test_a_jwt_that_the_provider_took_back_is_refused_where_no_audience_is_set(browser, provider):
    answer = browser.get("/api", headers={"Authorization": f"Bearer {provider.mint_access_token()}"})

    assert answer.status_code == 401


def test_an_introspected_token_is_for_the_audience_of_the_settings(make, provider):
    browser = make(OIDC_ACCESS_TOKEN_AUDIENCE="our-api", OIDC_RESOURCE_CHECK_AUD=True).test_client()

    def status(audience):
        token = provider.opaque_token(aud=audience)
        return browser.get("/api", headers={"Authorization": f"Bearer {token}"}).status_code

    assert status("our-api") == 200
    assert status("another-api") == 401


def test_a_refresh_token_that_is_not_exchanged_stays(browser, provider, log_in, stored):
    log_in(browser)
    with browser.session_transaction() as session:
        session["oidc_auth_token"] = {**session["oidc_auth_token"], "expires_at": 1}
    before = stored(browser)["oidc_auth_token"]
    provider.token_response["refresh_token"] = None

    browser.get("/private")

    after = stored(browser)["oidc_auth_token"]
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] == before["refresh_token"]


def test_a_renewed_token_does_not_keep_the_end_of_the_one_before():
    before = {"access_token": "a", "refresh_token": "r", "expires_at": 1}

    assert tokens.renewed(before, {"access_token": "b"}) == {"access_token": "b", "refresh_token": "r"}
    assert tokens.renewed(before, {"access_token": "b", "expires_at": 9})["expires_at"] == 9


@pytest.mark.parametrize("answer", [(500, {"error": "server_error"}), (200, b"<html>"), (200, {})])
def test_a_useless_introspection_answer_is_a_503_for_the_older_form(app, oidc, provider, answer):
    app.add_url_rule("/older", "older", oidc.accept_token(True, ["openid"])(lambda: "in"))
    token = provider.opaque_token()
    provider.answers["introspection"] = answer

    down = app.test_client().get("/older", headers={"Authorization": f"Bearer {token}"})

    assert (down.status_code, "Retry-After" in down.headers) == (503, True)


def test_a_request_without_a_token_says_what_is_missing(app, oidc):
    with app.test_request_context(), pytest.raises(SetupError, match="no access token"):
        oidc.oauth.oidc.get("https://api.example.com/")


def test_claims_that_a_view_changes_stay_as_they_are_in_the_session(app, browser, log_in, stored):
    def change():
        g.oidc_id_token["sub"] = "mallory"
        session.modified = True
        return "changed"

    app.add_url_rule("/change", "change", change)
    log_in(browser)
    browser.get("/change")

    assert stored(browser)["oidc_auth_token"]["userinfo"]["sub"] == "alice"


def test_outside_of_requests_nobody_is_logged_in(app):
    with app.app_context():
        assert g.oidc_id_token is None


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"OIDC_SCOPES": "openidconnect email"}, "openid"),
        (
            {
                "OIDC_ACCESS_TOKEN_URL": "https://op.example.com/a",
                "OIDC_REFRESH_TOKEN_URL": "https://op.example.com/b",
            },
            "OIDC_REFRESH_TOKEN_URL",
        ),
    ],
)
def test_a_setting_that_can_not_be_is_named_at_the_start(make, settings, named):
    with pytest.raises(ValueError, match=named):
        make(**settings)


def test_plain_http_is_taken_only_where_the_issuer_is_written_with_it(app):
    assert app.extensions["flask_oidc"].engine.settings.allow_http is False

"""Logout: at this application, at once."""

from __future__ import annotations

import pytest


def flashes(session):
    return [text for _, text in session.get("_flashes", [])]


def test_logout_forgets_the_person(browser, log_in, stored):
    log_in(browser)
    answer = browser.get("/logout")
    assert (answer.status_code, answer.location) == (302, "http://localhost/")
    assert flashes(stored(browser)) == ["You were successfully logged out."]
    assert stored(browser).keys() == {"_flashes"}
    assert browser.get("/private").location.startswith("/login")


def test_logout_goes_where_it_is_told_within_the_host(browser, log_in):
    log_in(browser)
    assert browser.get("/logout?next=/who").location == "/who"
    assert browser.get("/logout?next=http://localhost/who").location == "http://localhost/who"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example.com/", "//evil.example.com", "/%5Cevil.example.com"]
)
def test_logout_goes_to_no_other_host(browser, elsewhere):
    assert browser.get("/logout?next=" + elsewhere).location == "http://localhost/"


def test_an_expired_login_is_told_so(browser, log_in, stored):
    log_in(browser)
    browser.get("/logout?reason=expired")
    assert flashes(stored(browser)) == ["Your session expired, please reconnect."]


def test_calling_logout_acts_at_once(app, oidc, browser, log_in, stored):
    @app.route("/bye")
    def bye():
        with pytest.warns(DeprecationWarning, match="logout method is deprecated"):
            oidc.logout()
        return f"logged in: {oidc.user_loggedin}"

    log_in(browser)
    assert browser.get("/bye").text == "logged in: False"
    assert "oidc_auth_token" not in stored(browser)
    assert browser.get("/who").text == "nobody"


def test_calling_logout_gives_the_way_on(app, oidc, browser, log_in, stored):
    @app.route("/bye")
    def bye():
        with pytest.warns(DeprecationWarning, match="logout"):
            return oidc.logout("/who")

    @app.route("/bye/bad")
    def bad():
        with pytest.warns(DeprecationWarning, match="logout"):
            return oidc.logout("https://evil.example.com/")

    log_in(browser)
    answer = browser.get("/bye")
    assert (answer.status_code, answer.location) == (302, "/who")
    assert flashes(stored(browser)) == ["You were successfully logged out."]
    assert browser.get("/bye/bad").location == "http://localhost/"


def test_logout_works_while_the_provider_is_down(browser, provider, log_in, stored):
    log_in(browser)
    with browser.session_transaction() as session:
        session["oidc_auth_token"] = {**session["oidc_auth_token"], "expires_at": 1}
    provider.unreachable.add("*")
    assert browser.get("/logout").status_code == 302
    assert "oidc_auth_token" not in stored(browser)

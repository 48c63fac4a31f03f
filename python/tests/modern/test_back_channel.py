from __future__ import annotations

from flask import Flask
from support.modern import BASE, Browser, logout_claims, told
from support.provider import FakeProvider
from support.tokens import rsa_key, signed, unsigned


def logged_in(browser: Browser, provider: FakeProvider) -> None:
    provider.id_token_claims["sid"] = "session-1"
    browser.log_in()
    assert browser.who() == "alice"


def test_a_session_that_the_provider_ends_is_over_here(
    app: Flask, browser: Browser, provider: FakeProvider
) -> None:
    logged_in(browser, provider)
    answer = told(app, signed(logout_claims(provider), provider.key, {"typ": "logout+jwt"}))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.who() is None
    assert browser.fetch("/me").json["reason"] == "session_ended"


def test_only_the_session_that_is_named_ends(app: Flask, browser: Browser, provider: FakeProvider) -> None:
    logged_in(browser, provider)
    answer = told(app, signed(logout_claims(provider, sid="session-2"), provider.key))
    assert answer.status_code == 200
    assert browser.who() == "alice"


def test_a_logout_token_counts_once(app: Flask, browser: Browser, provider: FakeProvider) -> None:
    token = signed(logout_claims(provider, sid=None), provider.key)
    assert told(app, token).status_code == 200
    browser.log_in()
    again = told(app, token)
    assert (again.status_code, again.json["code"]) == (400, "logout_token.replay")
    assert browser.who() == "alice"


def test_what_is_no_logout_token_ends_nothing(app: Flask, browser: Browser, provider: FakeProvider) -> None:
    logged_in(browser, provider)
    id_token = provider.mint_id_token(nonce="n")
    for token in (
        unsigned(logout_claims(provider)),
        signed(logout_claims(provider), rsa_key("stranger")),
        signed(logout_claims(provider, nonce="n"), provider.key),
        signed(logout_claims(provider, events=None), provider.key),
        signed(logout_claims(provider, aud="another"), provider.key),
        signed(logout_claims(provider, iss="https://evil.example"), provider.key),
        signed(logout_claims(provider, exp=1), provider.key),
        signed(logout_claims(provider, jti=None), provider.key),
        signed(logout_claims(provider, sub=None, sid=None), provider.key),
        signed(logout_claims(provider), provider.key, {"typ": "at+jwt"}),
        id_token,
        "",
    ):
        answer = told(app, token)
        assert answer.status_code == 400, token
        assert answer.json["error"] == "invalid_request"
    assert app.test_client().get("/auth/backchannel-logout", base_url=BASE).status_code == 405
    assert browser.who() == "alice"


def test_a_registered_application_asks_to_be_told(provider: FakeProvider) -> None:
    app = Flask("notes")
    app.secret_key = "a secret of the tests, 32 bytes or more"
    from countersign_oidc.flask import Countersign

    Countersign(app, issuer=provider.issuer, base_url=BASE, transport=provider.transport, client_name="Notes")
    answer = app.test_client().get("/auth/login", base_url=BASE, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    asked = provider.requests_to("registration")[0].json
    assert asked["backchannel_logout_uri"] == f"{BASE}/auth/backchannel-logout"
    assert asked["post_logout_redirect_uris"] == [f"{BASE}/auth/logged-out"]
    assert asked["client_name"] == "Notes"

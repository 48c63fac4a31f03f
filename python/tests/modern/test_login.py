from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from countersign_oidc.flask import Countersign
from flask import Flask
from support.modern import BASE, Browser
from support.provider import FakeProvider
from support.tokens import rsa_key


def test_a_person_is_sent_to_the_provider_and_comes_back(browser: Browser, provider: FakeProvider) -> None:
    sent = browser.go("/me?page=2")
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{BASE}/auth/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    back = browser.go(provider.authorize(sent.headers["Location"]))
    assert back.headers["Location"] == "/me?page=2"
    page = browser.go("/me?page=2")
    assert page.json == {"sub": "alice", "name": "Alice", "email": "alice@example.com", "roles": []}
    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" in page.headers["Vary"]
    assert browser.who() == "alice"


def test_the_session_cookie_is_for_this_host_alone_and_shows_nothing(
    browser: Browser, provider: FakeProvider
) -> None:
    sent = browser.go("/me")
    back = browser.go(provider.authorize(sent.headers["Location"]))
    cookies = back.headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-countersign_session"))
    assert all(word in session for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "alice" not in session


def test_a_script_gets_401_and_an_address_to_log_in(browser: Browser) -> None:
    answer = browser.fetch("/me")
    assert answer.status_code == 401
    assert answer.json["error"] == "session.required"
    assert answer.json["login"].startswith(f"{BASE}/auth/login")


def test_a_public_view_reads_nothing_until_something_asks(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.log_in()
    asked = []
    monkeypatch.setattr("countersign_oidc.flask.people.user", lambda *_: asked.append(1))
    page = browser.go("/")
    assert (page.text, asked) == ("for everybody", [])
    assert "Vary" not in page.headers
    browser.fetch("/who")
    assert asked == [1]


def test_nobody_is_logged_in_without_a_session(browser: Browser) -> None:
    assert browser.who() is None


def test_a_tampered_session_cookie_is_nobody(browser: Browser) -> None:
    browser.log_in()
    name = "__Host-countersign_session"
    value = browser.cookie(name)
    for changed in (value[:-2], value[:-1] + ("A" if value[-1] != "A" else "B"), "", "x" * 200):
        browser.take(name, changed)
        assert browser.who() is None


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (lambda p: p.id_token_header.update(alg="none"), 502),
        (lambda p: p.id_token_header.update(alg="HS256"), 502),
        (lambda p: p.id_token_claims.update(aud="somebody-else"), 502),
        (lambda p: p.id_token_claims.update(nonce="another"), 502),
        (lambda p: p.id_token_claims.update(iss="https://evil.example"), 502),
        (lambda p: p.id_token_claims.update(exp=1), 502),
        (lambda p: setattr(p, "id_token_key", rsa_key("stranger")), 502),
        (lambda p: p.user_info.update(sub="mallory"), 502),
        (lambda p: p.answers.update(token=(500, b"oops")), 503),
    ],
)
def test_a_bad_answer_opens_no_session_and_is_no_500(
    browser: Browser, provider: FakeProvider, broken: Callable[[FakeProvider], object], status: int
) -> None:
    broken(provider)
    sent = browser.go("/me")
    back = browser.go(provider.authorize(sent.headers["Location"]))
    assert back.status_code == status, back.text
    assert browser.who() is None


def test_an_answer_to_another_login_opens_no_session(browser: Browser, provider: FakeProvider) -> None:
    sent = browser.go("/me")
    forged = provider.authorize(sent.headers["Location"], state="of-another-login")
    answer = browser.go(forged)
    assert answer.status_code in (303, 400)
    assert browser.who() is None


def test_a_provider_that_is_down_at_start_is_asked_when_it_is_back(
    browser: Browser, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.unreachable.add("*")
    page = browser.go("/me")
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) >= 1
    assert browser.go("/").status_code == 200
    provider.unreachable.clear()
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    assert browser.log_in().status_code == 200


def test_a_logout_ends_the_session_here_and_there(browser: Browser) -> None:
    browser.log_in()
    value = browser.cookie("__Host-countersign_session")
    away = browser.go("/auth/logout")
    assert away.headers["Location"].startswith("https://op.example.com/logout?id_token_hint=")
    assert browser.who() is None
    # A copy of the cookie opens nothing either.
    browser.take("__Host-countersign_session", value)
    assert browser.who() is None


def test_another_site_ends_no_session(browser: Browser) -> None:
    browser.log_in()
    sent = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Accept": "text/html"}
    answer = browser.client.post("/auth/logout", base_url=BASE, headers=sent)
    assert answer.status_code == 403
    assert browser.who() == "alice"


def test_a_renewed_session_comes_with_a_new_cookie(
    browser: Browser, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.token_response["expires_in"] = 600
    browser.log_in()
    later = time.time() + 590
    monkeypatch.setattr(time, "time", lambda: later)
    page = browser.fetch("/who")
    assert page.json == {"sub": "alice"}
    assert any("session" in cookie for cookie in page.headers.getlist("Set-Cookie"))
    assert [request.form["grant_type"] for request in provider.requests_to("token")][-1] == "refresh_token"


def test_a_role_that_is_lacking_is_answered_with_403(browser: Browser, provider: FakeProvider) -> None:
    browser.log_in()
    assert browser.go("/editors").status_code == 403
    assert browser.fetch("/staff").json["error"] == "session.claims"
    provider.user_info["roles"] = ["author"]
    browser.go("/auth/logout")
    browser.log_in()
    assert browser.go("/staff").text == "staff only"
    assert browser.go("/editors").status_code == 403


def test_whoever_is_not_logged_in_is_asked_to_before_roles_count(browser: Browser) -> None:
    assert browser.go("/editors").status_code == 303


def test_a_failing_role_function_is_a_logged_500_and_no_open_door(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    def roles(claims: dict[str, object]) -> list[str]:
        raise RuntimeError("the database of roles is down")

    app, _ = build(roles=roles)
    browser = Browser(app, provider)
    assert browser.log_in("/auth/login?return_to=/who").status_code == 200
    assert browser.go("/editors").status_code == 500


def test_views_may_be_guarded_all_at_once(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, auth = build()
    app.before_request(auth.require_login)
    browser = Browser(app, provider)
    assert browser.go("/").status_code == 303
    browser.log_in("/")
    assert browser.go("/").text == "for everybody"


def test_the_addresses_of_login_and_logout(build: Callable[..., tuple[Flask, Countersign]]) -> None:
    app, auth = build()
    with app.test_request_context("/notes?page=2"):
        assert auth.login_url() == f"{BASE}/auth/login?return_to=%2Fnotes%3Fpage%3D2"
        assert auth.login_url("/x") == f"{BASE}/auth/login?return_to=%2Fx"
        assert auth.logout_url() == f"{BASE}/auth/logout?return_to=%2F"


def test_an_application_below_a_path_keeps_to_it(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, _ = build(base_url=f"{BASE}/app")
    browser = Browser(app, provider)
    sent = browser.go("/me")
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{BASE}/app/auth/callback"]
    back = browser.go(provider.authorize(sent.headers["Location"]))
    assert back.headers["Location"] == "/app/me"


def test_letters_of_all_scripts_in_an_address_come_back(browser: Browser, provider: FakeProvider) -> None:
    sent = browser.go("/me/\N{LATIN SMALL LETTER A WITH DIAERESIS}%20%25?q=%C3%A4&r=a+b")
    back = browser.go(provider.authorize(sent.headers["Location"]))
    assert back.headers["Location"] == "/me/%C3%A4%20%25?q=%C3%A4&r=a+b"
    assert browser.go(back.headers["Location"]).json["sub"] == "alice"


def test_headers_that_no_browser_sends_are_as_good_as_none(browser: Browser) -> None:
    answer = browser.go("/me", Cookie="\xe4=\xf6; __Host-countersign_session=\xfc", Host="\xe4")
    assert answer.status_code == 303


def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    form = {"state": "x" * 70_000}
    answer = browser.client.post("/auth/callback", base_url=BASE, data=form)
    assert answer.status_code == 413

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from countersign_oidc import SetupError
from countersign_oidc.flask import Countersign, Problem
from flask import Flask, jsonify
from support.modern import BASE, SECRET, Browser
from support.provider import FakeProvider


def bare() -> Flask:
    app = Flask("notes")
    app.secret_key = SECRET
    return app


def test_settings_of_the_application_take_the_place_of_arguments(provider: FakeProvider) -> None:
    app = bare()
    app.config.update(
        COUNTERSIGN_ISSUER=provider.issuer,
        COUNTERSIGN_CLIENT_ID=provider.client_id,
        COUNTERSIGN_CLIENT_SECRET=provider.client_secret,
        COUNTERSIGN_BASE_URL=BASE,
        COUNTERSIGN_SCOPE="openid",
        COUNTERSIGN_ROUTE_PREFIX="/sso",
        COUNTERSIGN_TRANSPORT=provider.transport,
    )
    auth = Countersign()
    auth.init_app(app)
    sent = Browser(app, provider).go("/sso/login")
    assert "scope=openid&" in sent.headers["Location"] + "&"
    assert "sso%2Fcallback" in sent.headers["Location"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"issuer": None}, "COUNTERSIGN_ISSUER"),
        ({"base_url": None}, "COUNTERSIGN_BASE_URL"),
        ({"base_url": "http://notes.example"}, "https"),
        ({"issuer": "http://op.example"}, "https"),
        ({"secret_key": "too short"}, "32"),
        ({"lifetime": -1}, "lifetime"),
        ({"auth_methode": "none"}, "auth_methode"),
        ({"route_prefix": "auth"}, "route_prefix"),
        ({"after_login": "https://evil.example"}, "after_login"),
        ({"login_params": {"state": "mine"}}, "state"),
        ({"auth_method": "client_secret_fax"}, "auth_method"),
        ({"trusted_proxies": ["everybody"]}, "trusted_proxies"),
        ({"providers": {"a/b": {"issuer": "https://op.example"}}, "issuer": None}, "a/b"),
        ({"providers": {"a": {"isuer": "https://op.example"}}, "issuer": None}, "isuer"),
        ({"providers": {"a": {"issuer": "https://op.example"}}}, "providers"),
    ],
)
def test_a_wrong_setting_is_named(provider: FakeProvider, settings: dict[str, Any], named: str) -> None:
    given = {"issuer": provider.issuer, "client_id": "c", "client_secret": "s", "base_url": BASE, **settings}
    with pytest.raises(SetupError) as raised:
        Countersign(bare(), **given)
    assert named in str(raised.value)


def test_no_secret_stands_in_a_message_or_a_repr(provider: FakeProvider) -> None:
    from countersign_oidc.flask.settings import Settings

    given = {
        "issuer": provider.issuer,
        "client_secret": "hush-hush",
        "secret_key": "quiet-" * 9,
        "base_url": BASE,
    }
    shown = repr(Settings.read({}, given))
    assert "hush" not in shown
    assert "quiet" not in shown


def test_an_application_without_a_secret_is_told_to_set_one(provider: FakeProvider) -> None:
    app = Flask("notes")
    with pytest.raises(SetupError, match="secret_key"):
        Countersign(app, issuer=provider.issuer, client_id="c", base_url=BASE)


def test_sessions_outlive_a_change_of_the_secret(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    before = Browser(build()[0], provider)
    before.log_in()
    name = "__Host-countersign_session"
    for secrets, who in (
        (["another secret of 32 bytes or more", SECRET], "alice"),
        ("yet another " * 3, None),
    ):
        browser = Browser(build(secret_key=secrets)[0], provider)
        browser.take(name, before.cookie(name))
        assert browser.who() == who


def test_an_application_that_was_not_set_up_says_so() -> None:
    auth = Countersign()
    app = bare()
    app.testing = True
    app.add_url_rule("/", view_func=auth.login_required(lambda: "in"), endpoint="home")
    with pytest.raises(SetupError, match="init_app"):
        app.test_client().get("/")


def test_a_page_of_the_applications_own_tells_of_an_error(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, auth = build()

    @auth.error_view
    def failed(problem: Problem) -> Any:
        return jsonify(error=problem.error, code=problem.code, again=problem.try_again)

    browser = Browser(app, provider)
    sent = browser.go("/me")
    back = browser.go(provider.deny(sent.headers["Location"], "access_denied", "not today"))
    assert back.status_code == 400
    assert back.json["error"] == "access_denied"
    assert back.json["code"] == "login.refused"
    assert back.json["again"] == f"{BASE}/auth/login?return_to=%2Fme"
    assert back.headers["Cache-Control"] == "no-store"
    assert any("Max-Age=0" in cookie for cookie in back.headers.getlist("Set-Cookie"))


def test_a_failing_page_of_the_applications_own_is_a_500_and_no_session(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, auth = build()

    @auth.error_view
    def failed(problem: Problem) -> Any:
        raise RuntimeError("no template")

    browser = Browser(app, provider)
    sent = browser.go("/me")
    assert browser.go(provider.deny(sent.headers["Location"])).status_code == 500
    assert browser.who() is None


def test_parameters_of_the_settings_are_in_every_login_and_logout(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    login = {
        "prompt": "consent",
        "max_age": 3600,
        "organization": "a & b",
        "claims": {"id_token": {"x": None}},
    }
    app, _ = build(login_params=login, logout_params={"revoke_tokens": 1})
    browser = Browser(app, provider)
    sent = browser.go("/me").headers["Location"]
    for part in ("prompt=consent", "max_age=3600", "organization=a+%26+b", "claims=%7B"):
        assert part in sent, part
    assert "revoke_tokens=1" in browser.go("/auth/logout").headers["Location"]

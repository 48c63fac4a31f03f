from __future__ import annotations

from typing import Any

import pytest
from countersign_oidc import SetupError
from countersign_oidc.flask import Countersign
from flask import Flask, jsonify
from support.modern import BASE, SECRET, Browser
from support.provider import FakeProvider
from support.tokens import rsa_key


@pytest.fixture
def two() -> tuple[FakeProvider, FakeProvider]:
    work = FakeProvider("https://work.example.com", client_id="notes-at-work")
    home = FakeProvider(
        "https://home.example.com", client_id="notes-at-home", subject="bob", key=rsa_key("home")
    )
    return work, home


@pytest.fixture
def app(two: tuple[FakeProvider, FakeProvider]) -> Flask:
    def transport(request: Any) -> Any:
        provider = next(one for one in two if request.url.startswith(one.issuer))
        return provider.transport(request)

    app = Flask("notes")
    app.secret_key = SECRET
    auth = Countersign(
        app,
        base_url=BASE,
        audience="notes-api",
        providers={
            name: {"issuer": one.issuer, "client_id": one.client_id, "client_secret": one.client_secret}
            for name, one in zip(("work", "home"), two)
        },
        transport=transport,
    )

    @app.get("/who")
    def who() -> Any:
        user = auth.user
        return jsonify(sub=user and user.subject, provider=user and user.provider)

    @app.get("/any")
    @auth.login_required
    def anybody() -> Any:
        assert auth.user is not None
        return auth.user.provider

    @app.get("/home")
    @auth.login_required("home")
    def home() -> Any:
        user = auth.user_of("home")
        assert user is not None
        return user.subject

    @app.get("/nowhere")
    @auth.login_required("nowhere")
    def nowhere() -> str:
        return ""

    @app.get("/api")
    @auth.token_required
    def api() -> Any:
        assert auth.token is not None
        return auth.token.issuer

    return app


def test_each_provider_has_routes_of_its_own(app: Flask, two: tuple[FakeProvider, FakeProvider]) -> None:
    work, home = two
    for path, provider in (
        ("/any", work),
        ("/home", home),
        ("/auth/home/login", home),
        ("/auth/work/login", work),
    ):
        sent = Browser(app, provider).go(path)
        assert sent.headers["Location"].startswith(provider.issuer), path


def test_whoever_is_logged_in_anywhere_may_see_a_view_for_anybody(
    app: Flask, two: tuple[FakeProvider, FakeProvider]
) -> None:
    browser = Browser(app, two[1])
    browser.log_in("/home")
    assert browser.go("/any").text == "home"
    assert browser.go("/home").text == "bob"
    assert browser.fetch("/who").json == {"sub": "bob", "provider": "home"}


def test_a_login_at_one_provider_is_none_at_another(
    app: Flask, two: tuple[FakeProvider, FakeProvider]
) -> None:
    browser = Browser(app, two[0])
    browser.log_in("/any")
    assert browser.go("/any").text == "work"
    assert browser.go("/home").headers["Location"].startswith(two[1].issuer)


def test_a_session_cookie_of_one_provider_opens_nothing_at_another(
    app: Flask, two: tuple[FakeProvider, FakeProvider]
) -> None:
    browser = Browser(app, two[0])
    browser.log_in("/any")
    cookie = browser.cookie("__Host-countersign-work_session")
    other = Browser(app, two[1])
    other.take("__Host-countersign-home_session", cookie)
    assert other.fetch("/who").json["sub"] is None


def test_an_answer_of_one_provider_completes_no_login_at_another(
    app: Flask, two: tuple[FakeProvider, FakeProvider]
) -> None:
    work, home = two
    browser = Browser(app, work)
    sent = browser.go("/auth/work/login")
    back = home.authorize(sent.headers["Location"].replace(work.issuer, home.issuer)).replace(
        "/auth/work/callback", "/auth/home/callback"
    )
    assert browser.go(back).status_code in (303, 400)
    assert browser.fetch("/who").json["sub"] is None


def test_a_logout_ends_the_session_at_its_provider_only(
    app: Flask, two: tuple[FakeProvider, FakeProvider]
) -> None:
    browser = Browser(app, two[1])
    browser.log_in("/home")
    browser.provider = two[0]
    browser.log_in("/auth/work/login?return_to=/who")
    assert browser.fetch("/who").json["provider"] == "work"
    assert browser.go("/auth/work/logout").headers["Location"].startswith(two[0].issuer)
    assert browser.fetch("/who").json["provider"] == "home"


def test_tokens_of_every_provider_pass(app: Flask, two: tuple[FakeProvider, FakeProvider]) -> None:
    for provider in two:
        token = provider.mint_access_token(aud="notes-api")
        answer = app.test_client().get("/api", headers={"Authorization": f"Bearer {token}"})
        assert answer.text == provider.issuer


def test_a_provider_that_is_not_there_is_named(app: Flask) -> None:
    app.testing = True
    with pytest.raises(SetupError, match=r"nowhere.*work.*home"):
        app.test_client().get("/nowhere")

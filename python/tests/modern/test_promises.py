"""What the settings promise, and what an answer carries along."""

from __future__ import annotations

import asyncio
import inspect
import io
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from countersign_oidc import SetupError
from countersign_oidc.flask import Countersign
from countersign_oidc.flask.error_view import answer
from flask import Flask
from support.modern import BASE, SECRET, Browser, routes
from support.provider import FakeProvider
from support.tokens import rsa_key
from werkzeug.test import create_environ, run_wsgi_app

Build = Callable[..., tuple[Flask, Countersign]]

PROBLEM = dict.fromkeys(
    ("error", "error_description", "code", "meaning", "reason", "fault", "try_again"), "x"
) | {"status": 400}


def logs_in(build: Build, provider: FakeProvider, **settings: Any) -> bool:
    browser = Browser(build(**settings)[0], provider)
    sent = browser.go("/me")
    browser.go(provider.authorize(sent.headers["Location"]))
    return browser.who() is not None


def api_status(app: Flask, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().get("/api/open", headers=headers).status_code


@pytest.mark.parametrize(("skew", "late", "good"), [(300, 200, True), (60, 200, False), (0, 30, False)])
def test_clocks_may_differ_by_as_much_as_is_set(
    build: Build, provider: FakeProvider, skew: float, late: int, good: bool
) -> None:
    over = int(time.time()) - late
    provider.id_token_claims.update(iat=over - 60, exp=over)
    assert logs_in(build, provider, clock_skew=skew) is good

    app = build(clock_skew=skew, audience="notes-api")[0]
    token = provider.mint_access_token(aud="notes-api", iat=over - 60, exp=over)
    assert (api_status(app, token) == 200) is good


@pytest.mark.parametrize(("trusted", "good"), [(["reports"], True), (None, False), (["mail"], False)])
def test_an_id_token_for_others_too_is_for_those_that_are_trusted(
    build: Build, provider: FakeProvider, trusted: Any, good: bool
) -> None:
    provider.id_token_claims.update(aud=[provider.client_id, "reports"], azp=provider.client_id)
    assert logs_in(build, provider, trusted_audiences=trusted) is good


def test_an_id_token_by_another_algorithm_than_the_set_one_is_refused(
    build: Build, provider: FakeProvider
) -> None:
    provider.metadata["id_token_signing_alg_values_supported"] = ["RS256", "ES256"]
    assert logs_in(build, provider, id_token_alg="RS256")
    assert not logs_in(build, provider, id_token_alg="ES256")


def test_a_session_lasts_as_long_as_is_set(
    build: Build, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(build(lifetime=600)[0], provider)
    browser.log_in()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 500)
    assert browser.who() == "alice"
    monkeypatch.setattr(time, "time", lambda: now + 700)
    assert browser.who() is None


def test_the_provider_is_asked_again_as_often_as_is_set(
    build: Build, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(build(refresh_interval=60)[0], provider)
    browser.log_in()
    browser.go("/me")
    assert len(provider.requests_to("token")) == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)

    answered = browser.go("/me")

    assert answered.status_code == 303 or len(provider.requests_to("token")) == 2


def test_user_info_is_not_asked_where_that_is_set(build: Build, provider: FakeProvider) -> None:
    assert logs_in(build, provider, user_info=False)
    assert provider.requests_to("userinfo") == []


def test_plain_http_beyond_this_machine_has_to_be_allowed(build: Build) -> None:
    with pytest.raises(SetupError):
        build(base_url="http://notes.example")
    build(base_url="http://notes.example", allow_http=True)


@pytest.mark.parametrize("roles", [{"roles": ["editor"]}, {"any_role": []}, {"any_role": ["editor"]}])
def test_a_demand_that_nobody_meets_lets_nobody_in(
    build: Build, provider: FakeProvider, roles: dict[str, Any]
) -> None:
    app, auth = build()
    app.add_url_rule("/nobody", "nobody", auth.login_required(**roles)(lambda: "in"))
    browser = Browser(app, provider)
    browser.log_in()

    assert browser.go("/nobody").status_code == 403


def test_a_page_that_shows_who_it_is_for_varies_by_cookie(browser: Browser) -> None:
    browser.log_in()
    assert "Cookie" in browser.fetch("/who").headers["Vary"]


def test_a_page_with_a_new_session_cookie_is_kept_by_no_cache_whatever_the_view_says(
    build: Build, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, auth = build()
    provider.token_response["expires_in"] = 600

    @app.get("/shown")
    @auth.login_required
    def shown() -> Any:
        return "for alice", {"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}

    browser = Browser(app, provider)
    page = browser.log_in("/shown")
    assert page.headers.getlist("Cache-Control") == ["public, max-age=60"]
    assert sorted(value.lower() for value in page.vary) == ["accept-language", "cookie"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 590)

    renewed = browser.go("/shown")

    assert renewed.status_code == 200
    assert renewed.headers.getlist("Set-Cookie")
    assert renewed.headers.getlist("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    ("claims", "name", "email"),
    [
        ({"name": 7, "email": ["a@example.com"]}, "alice", None),
        ({"name": "", "email": "a@example.com"}, "a@example.com", "a@example.com"),
    ],
)
def test_a_name_and_an_address_are_texts(
    browser: Browser, provider: FakeProvider, claims: dict[str, Any], name: str, email: str | None
) -> None:
    provider.user_info = {"sub": "alice", **claims}
    shown = browser.log_in().json
    assert (shown["name"], shown["email"]) == (name, email)


def test_a_form_without_end_is_not_read_to_its_end(app: Flask) -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.asked += len(buffer)
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    stream = Endless()
    environ = create_environ("/auth/callback", BASE, method="POST")
    environ.update(
        {
            "wsgi.input": stream,
            "CONTENT_LENGTH": str(10**7),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
        }
    )

    _, status, _ = run_wsgi_app(app, environ)

    assert status.startswith("413")
    assert stream.asked < 10**6


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/auth/callback"])
def test_options_of_our_routes_are_answered_like_any_other_method(app: Flask, path: str) -> None:
    asked = app.test_client().options(path, base_url=BASE)
    assert asked.status_code == 405


def test_an_error_page_may_be_a_coroutine(
    build: Build, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, auth = build()

    def ensure_sync(view: Any) -> Any:
        return (lambda *given: asyncio.run(view(*given))) if inspect.iscoroutinefunction(view) else view

    # As with the extra 'async' of Flask.
    monkeypatch.setattr(app, "ensure_sync", ensure_sync)

    @auth.error_view
    async def failed(problem: Any) -> str:
        return f"sorry: {problem.error}"

    browser = Browser(app, provider)
    back = browser.go(provider.deny(browser.go("/me").headers["Location"]))
    assert (back.status_code, back.text) == (400, "sorry: access_denied")


def test_every_cookie_goes_with_a_page_of_the_applications_own() -> None:
    headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("vary", "Cookie"), ("content-type", "text/x")]
    reply: Any = SimpleNamespace(error=PROBLEM, headers=headers, status=400, body=b"")

    with Flask("notes").test_request_context():
        page = answer(reply, lambda problem: "own")

    assert page.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert page.headers["Vary"] == "Cookie"
    assert page.mimetype == "text/html"


def test_another_application_in_the_same_process_finds_nobody_by_the_request_of_the_first(
    build: Build, provider: FakeProvider
) -> None:
    """A dispatcher hands one environment to one application after the other."""
    first, second = build(), build(secret_key="another secret of the tests, 32 bytes")
    browser = Browser(first[0], provider)
    browser.log_in()
    environ = browser.client.get("/who", base_url=BASE).request.environ

    with first[0].request_context(environ):
        assert first[1].user is not None
    with second[0].request_context(environ):
        assert second[1].user is None


def test_what_is_set_for_all_providers_holds_for_each() -> None:
    work = FakeProvider("https://work.example.com")
    home = FakeProvider("https://home.example.com", key=rsa_key("home"))

    def transport(request: Any) -> Any:
        return next(one for one in (work, home) if request.url.startswith(one.issuer)).transport(request)

    app = Flask("notes")
    app.secret_key = SECRET
    auth = Countersign(
        app,
        base_url=BASE,
        audience="notes-api",
        scope="openid notes",
        introspection=True,
        transport=transport,
        providers={
            "work": {"issuer": work.issuer, "client_id": "client1", "client_secret": work.client_secret},
            "home": {"issuer": home.issuer, "client_id": "client1", "client_secret": home.client_secret},
        },
    )
    app.add_url_rule("/api", "api", auth.token_required(lambda: auth.token.issuer))  # type: ignore[union-attr]

    for name in ("work", "home"):
        sent = Browser(app, work).go(f"/auth/{name}/login")
        assert "scope=openid+notes" in sent.headers["Location"].replace("%20", "+"), name
    token = work.opaque_token(aud="notes-api")
    answered = app.test_client().get("/api", headers={"Authorization": f"Bearer {token}"})
    assert (answered.status_code, answered.text) == (200, work.issuer)
    assert home.requests_to("introspection") == []


def test_sessions_outlive_a_change_of_flasks_own_secret(provider: FakeProvider) -> None:
    def made(secret: str, *before: str) -> tuple[Flask, Countersign]:
        app = Flask("notes")
        app.secret_key = secret
        app.config["SECRET_KEY_FALLBACKS"] = list(before)
        auth = Countersign(
            app,
            issuer=provider.issuer,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            base_url=BASE,
            transport=provider.transport,
        )
        routes(app, auth)
        return app, auth

    browser = Browser(made(SECRET)[0], provider)
    browser.log_in()
    environ = browser.client.get("/who", base_url=BASE).request.environ
    cookies = {"Cookie": environ["HTTP_COOKIE"]}

    for before, who in ((SECRET,), "alice"), ((), None):
        client = made("another secret of the tests, 32 bytes", *before)[0].test_client(use_cookies=False)
        assert client.get("/who", base_url=BASE, headers=cookies).json["sub"] == who

"""Flask-Session with Redis: what a login leaves is on the server, and a small cookie in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis
from real.browser import Browser
from real.servers import gunicorn

if TYPE_CHECKING:
    from support.provider import FakeProvider


@pytest.mark.parametrize("site", ["oidc_login", "pyoidc_login"])
def test_a_login_lives_in_redis_until_the_logout(
    provider: FakeProvider, settings: dict[str, str], redis_url: str, site: str
) -> None:
    # More than a cookie could hold.
    provider.user_info["groups"] = [f"a-group-with-a-long-name-{number}" for number in range(300)]
    browser_kept = redis.Redis.from_url(redis_url)
    with gunicorn(site, "sync", {**settings, "REDIS": redis_url}) as base:
        browser = Browser(base)
        answer = browser.log_in(provider, "/protected")
        assert (answer.status_code, answer.json()) == (200, {"sub": "alice"})
        (cookie,) = browser.session.cookies
        assert len(cookie.value) < 200
        (kept,) = browser_kept.keys("session:*")
        assert browser.get("/").json() == {"logged_in": True}

        browser.get("/logout")
        assert browser.get("/").json() == {"logged_in": False}
        browser_kept.delete(kept)
        assert browser.get("/protected").is_redirect
    browser_kept.close()


@pytest.mark.parametrize("site", ["oidc_login", "pyoidc_login"])
def test_a_session_that_is_gone_from_redis_is_no_login(
    provider: FakeProvider, settings: dict[str, str], redis_url: str, site: str
) -> None:
    store = redis.Redis.from_url(redis_url)
    with gunicorn(site, "sync", {**settings, "REDIS": redis_url}) as base:
        browser = Browser(base)
        browser.log_in(provider, "/protected")
        store.flushall()
        assert browser.get("/protected").is_redirect
        assert browser.get("/").json() == {"logged_in": False}
    store.close()

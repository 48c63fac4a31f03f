"""gunicorn forks workers from a process that has the application, and perhaps a login, in its memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Callable

import pytest
from real.browser import Browser
from real.servers import gunicorn

if TYPE_CHECKING:
    from support.provider import FakeProvider

WORKER_CLASSES = ["sync", "gthread"]
# Where each takes the provider's answer.
SITES = {
    "oidc_login": "/authorize",
    "pyoidc_login": "/redirect_uri",
    "modern_login": "/auth/callback",
}
AT_ONCE = 4
MOST_ROUNDS = 50

# Both ways each: nothing happened before the fork, or sockets and locks were in use.
pytestmark = [
    pytest.mark.parametrize("worker_class", WORKER_CLASSES),
    pytest.mark.parametrize("is_warm", [False, True], ids=["cold", "warm"]),
]


def until_both_answered(visit: Callable[[], str]) -> None:
    """Repeats the visit, several at once, until two processes have answered it."""
    pids: set[str] = set()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(MOST_ROUNDS):
            pids.update(pool.map(lambda _: visit(), range(AT_ONCE)))
            if len(pids) == 2:
                return
    raise AssertionError(f"after {MOST_ROUNDS * AT_ONCE} visits only {pids} had answered")


def test_both_workers_check_tokens_with_keys_of_their_own(
    provider: FakeProvider, settings: dict[str, str], worker_class: str, is_warm: bool
) -> None:
    if is_warm:
        settings["WARM"] = provider.mint_access_token()

    def visit() -> str:
        browser = Browser(base)
        answer = browser.get("/protected", Authorization=f"Bearer {provider.mint_access_token()}")
        assert (answer.status_code, answer.json()) == (200, {"sub": "alice"})
        return browser.pids["/protected"]

    with gunicorn("jwt_api", worker_class, settings) as base:
        until_both_answered(visit)
        refused = Browser(base).get(
            "/protected", Authorization="Bearer " + provider.mint_access_token(aud="x")
        )
    assert refused.status_code == 401
    # What was learnt before the fork may go along, and each worker asks once at most.
    assert 1 <= len(provider.requests_to("jwks")) <= 2 + is_warm


@pytest.mark.parametrize("site", SITES)
def test_both_workers_complete_logins(
    provider: FakeProvider, settings: dict[str, str], worker_class: str, is_warm: bool, site: str
) -> None:
    if is_warm:
        settings["WARM"] = "yes"

    def visit() -> str:
        browser = Browser(base)
        answer = browser.log_in(provider, "/protected")
        assert (answer.status_code, answer.json()) == (200, {"sub": "alice"})
        assert Browser(base).get("/protected").is_redirect, "somebody else is not logged in"
        return browser.pids[SITES[site]]

    with gunicorn(site, worker_class, settings) as base:
        until_both_answered(visit)
    assert 1 <= len(provider.requests_to("jwks")) <= 2 + is_warm

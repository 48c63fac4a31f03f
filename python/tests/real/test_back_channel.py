"""A logout that the provider tells one of two workers, and one at a worker's own door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from real.browser import LONGEST_ANSWER, Browser
from real.servers import gunicorn
from support.modern import logout_claims
from support.tokens import signed

if TYPE_CHECKING:
    from support.provider import FakeProvider

MOST_VISITS = 200


def seen_by_both(browser: Browser) -> set[bool]:
    """What both workers say of whether somebody is logged in."""
    said: dict[str, set[bool]] = {}
    for _ in range(MOST_VISITS):
        answer = browser.get("/")
        said.setdefault(browser.pids["/"], set()).add(answer.json()["logged_in"])
        if len(said) == 2:
            return set.union(*said.values())
    raise AssertionError(f"after {MOST_VISITS} visits only {said} had answered")


@pytest.mark.parametrize("worker_class", ["sync", "gthread"])
def test_a_session_that_one_worker_ends_is_over_in_both(
    provider: FakeProvider, settings: dict[str, str], worker_class: str, tmp_path: Path
) -> None:
    settings["SHARED"] = str(tmp_path / "shared")
    provider.id_token_claims["sid"] = "session-1"
    with gunicorn("modern_login", worker_class, settings) as base:
        alice = Browser(base)
        assert alice.log_in(provider, "/protected").status_code == 200
        assert seen_by_both(alice) == {True}
        token = signed(logout_claims(provider), provider.key, {"typ": "logout+jwt"})
        told = requests.post(
            f"{base}/auth/backchannel-logout", data={"logout_token": token}, timeout=LONGEST_ANSWER
        )
        assert told.status_code == 200
        assert seen_by_both(alice) == {False}

        provider.id_token_claims["sid"] = "session-2"
        assert alice.log_in(provider, "/protected").status_code == 200
        copy = Browser(base)
        copy.session.cookies.update(alice.session.cookies)
        assert seen_by_both(copy) == {True}
        alice.get("/auth/logout")
        assert seen_by_both(copy) == {False}

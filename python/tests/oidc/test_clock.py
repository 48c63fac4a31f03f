"""The clock is ``time.time()``, looked up at each call."""

from __future__ import annotations

import sys
import time

import pytest
from countersign_oidc import TokenRefused


def test_a_clock_that_is_set_by_hand_is_believed(provider, api, monkeypatch):
    token = provider.mint_access_token()
    api.check(token)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 700)
    with pytest.raises(TokenRefused) as caught:
        api.check(token)
    assert caught.value.code == "access_token.expired"
    monkeypatch.setattr(time, "time", lambda: real)
    assert api.check(token).subject == "alice"


def test_a_login_has_the_time_of_the_clock(party, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.5)
    assert party.begin()[1].started_at == 1_800_000_000.5


def for_the_engine_alone(broken):
    """``logging`` asks for the time as well, and is to go on."""
    real = time.time
    return lambda: real() if sys._getframe(1).f_globals["__name__"] == "logging" else broken()


@pytest.mark.parametrize("broken", [lambda: None, lambda: "now", lambda: float("nan"), lambda: 1 / 0])
def test_a_clock_that_tells_no_time_is_replaced_and_that_is_logged(party, monkeypatch, caplog, broken):
    real = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", for_the_engine_alone(broken))
        started_at = party.begin()[1].started_at
    assert started_at == pytest.approx(real, abs=30)
    assert "the system's clock is read instead" in caplog.text


def test_a_clock_that_interrupts_interrupts(party, monkeypatch):
    def broken():
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(time, "time", broken)
        with pytest.raises(KeyboardInterrupt):
            party.begin()

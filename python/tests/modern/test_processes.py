"""Several processes of one application."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from countersign_oidc import SetupError
from countersign_oidc.flask import Countersign
from flask import Flask
from support.modern import Browser, logout_claims, told
from support.provider import FakeProvider
from support.tokens import signed

Build = Callable[..., tuple[Flask, Countersign]]


def moved(browser: Browser, app: Flask) -> Browser:
    """The same browser at another process."""
    other = Browser(app, browser.provider)
    name = "__Host-countersign_session"
    other.take(name, browser.cookie(name))
    return other


def test_what_ends_in_one_process_is_over_in_all_that_share_a_folder(
    build: Build, provider: FakeProvider, tmp_path: Path
) -> None:
    first, second = (build(shared_folder=tmp_path / "shared")[0] for _ in range(2))
    one, two = Browser(first, provider), Browser(second, provider)
    one.log_in()
    two.log_in()
    assert moved(one, second).who() == "alice"
    copy = moved(one, second)
    one.go("/auth/logout")
    assert copy.who() is None
    assert moved(two, first).who() == "alice"
    assert told(first, signed(logout_claims(provider, sid=None), provider.key)).status_code == 200
    assert two.who() is None
    assert moved(two, build(shared_folder=tmp_path / "shared")[0]).who() is None


def test_a_folder_that_is_none_is_refused_at_the_start(build: Build, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(SetupError, match="shared_folder"):
        build(shared_folder=file)


def test_an_application_goes_on_after_a_fork(build: Build, provider: FakeProvider, tmp_path: Path) -> None:
    app, _ = build(shared_folder=tmp_path / "shared")
    browser = Browser(app, provider)
    browser.log_in()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            assert browser.who() == "alice"
            other = Browser(app, provider)
            assert other.log_in().status_code == 200
            browser.go("/auth/logout")
            assert browser.who() is None
            code = 0
        finally:
            traceback.print_exc()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert browser.who() is None

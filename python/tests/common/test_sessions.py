"""Logins under way, cookies that are too large, and 503."""

from __future__ import annotations

import os
import threading
import time
import warnings

import flask
import pytest
from countersign_oidc._common import pending, too_large
from countersign_oidc._common.once import Once
from countersign_oidc._common.unavailable import RETRY_AFTER, is_unavailable, unavailable
from countersign_oidc.errors import LoginRefused, NetworkError, ProviderError


@pytest.fixture
def now(monkeypatch):
    clock = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    return clock


def test_an_entry_serves_once(now):
    session: dict[str, object] = {}
    pending.put(session, "k", "s", {"x": 1})
    assert pending.begun(pending.get(session, "k", "s")) == now[0]
    assert pending.take(session, "k", "s")["x"] == 1
    assert pending.take(session, "k", "s") is None
    assert session == {}


def test_the_oldest_entry_goes_first(now):
    session: dict[str, object] = {}
    for number in range(pending.MOST + 2):
        now[0] += 1
        pending.put(session, "k", f"s{number}", {})
    assert len(session["k"]) == pending.MOST
    assert pending.get(session, "k", "s1") is None
    assert pending.get(session, "k", "s2") is not None


def test_an_entry_lives_for_an_hour(now):
    session: dict[str, object] = {}
    pending.put(session, "k", "s", {})
    now[0] += pending.LIFETIME + 1
    assert pending.get(session, "k", "s") is None
    assert pending.newest(session, "k") is None


def test_an_entry_from_the_future_is_none(now):
    session: dict[str, object] = {}
    pending.put(session, "k", "s", {})
    now[0] -= 120
    assert pending.get(session, "k", "s") is None


@pytest.mark.parametrize("stored", [None, [], "x", {"s": 1}, {"s": {}}, {"s": {"at": "x"}}])
def test_what_is_no_entry_is_passed_over(stored):
    session = {"k": stored}
    assert pending.take(session, "k", "s") is None


def app_with(size, **config):
    app = flask.Flask("application")
    app.config.update(SECRET_KEY="a secret of tests", **config)

    @app.get("/")
    def index():
        flask.session["x"] = os.urandom(size).hex()
        too_large.notice()
        return "x"

    return app


def get(app):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return app.test_client().get("/")


def test_a_cookie_that_is_too_large_is_logged_once_for_each_name(caplog):
    app = app_with(4000, SESSION_COOKIE_NAME="first-name")
    get(app)
    get(app)
    assert len(caplog.records) == 1
    assert caplog.records[0].levelname == "ERROR"
    assert "Flask-Session" in caplog.text
    get(app_with(4000, SESSION_COOKIE_NAME="second-name"))
    assert len(caplog.records) == 2


def test_a_cookie_of_a_good_size_is_not_logged(caplog):
    get(app_with(100, SESSION_COOKIE_NAME="third-name"))
    assert caplog.records == []


@pytest.mark.parametrize("names_seconds", [True, False])
def test_the_503_says_when_to_come_again(names_seconds):
    error = NetworkError("no connection")
    error.retry_after = 7 if names_seconds else None
    with flask.Flask("application").test_request_context():
        answer = unavailable(error)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == str(7 if names_seconds else RETRY_AFTER)
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [("application/json", "application/json"), ("text/html,*/*;q=0.8", "text/html"), ("*/*", "text/html")],
)
def test_the_503_is_what_the_request_accepts(accept, mimetype):
    with flask.Flask("application").test_request_context(headers={"Accept": accept}):
        assert unavailable(NetworkError("x")).mimetype == mimetype


def test_a_network_error_may_pass_by_waiting():
    later = ProviderError("x")
    later.retry_after = 5
    assert is_unavailable(NetworkError("x"))
    assert is_unavailable(later)
    assert not is_unavailable(ProviderError("x"))
    assert not is_unavailable(LoginRefused("x"))


def test_a_lock_that_a_thread_holds_is_free_in_a_child_process():
    once, held, done = Once(), threading.Event(), threading.Event()

    def hold():
        with once:
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        with once:
            os._exit(7)
    _, status = os.waitpid(child, 0)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 7

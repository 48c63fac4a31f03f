"""Permanent sessions are sent again only when it matters."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

import flask
import pytest
from flask.sessions import SecureCookieSessionInterface


@pytest.fixture
def clock(monkeypatch):
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


@pytest.fixture
def browser(world, clock):
    browser = world.browser()
    world.log_in(browser)
    return browser


def sent_again(browser):
    return "Set-Cookie" in browser.get("/").headers


def test_a_fresh_cookie_is_not_sent_again(browser):
    assert not sent_again(browser)


def test_a_cookie_of_some_age_is_sent_again(browser, clock):
    clock[0] += 61
    assert sent_again(browser)
    assert not sent_again(browser)


def test_a_short_lifetime_is_renewed_in_good_time(world, clock, cookie_of, with_cookie):
    world.app.permanent_session_lifetime = timedelta(seconds=200)
    browser = world.browser()
    world.log_in(browser)
    cookie = cookie_of(browser)
    for _ in range(10):
        clock[0] += 100
        answer = with_cookie(cookie)
        assert answer.status_code == 200
        cookie = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    clock[0] += 201
    assert with_cookie(cookie).status_code == 302


def test_a_changed_session_is_sent_at_once(world, clock):
    @world.app.get("/change")
    def change():
        flask.session["x"] = 1
        return "changed"

    browser = world.browser()
    world.log_in(browser)
    assert "Set-Cookie" in browser.get("/change").headers


def test_flasks_way_can_be_had_back(world, clock):
    world.app.config["OIDC_SESSION_COOKIE_EVERY_RESPONSE"] = True
    browser = world.browser()
    world.log_in(browser)
    assert sent_again(browser)
    assert type(world.app.session_interface) is SecureCookieSessionInterface


def test_a_session_interface_of_the_applications_own_stays(world):
    class Own(SecureCookieSessionInterface):
        pass

    world.app.session_interface = own = Own()
    assert world.auth
    assert world.app.session_interface is own


def test_a_forged_cookie_is_none(world, browser, cookie_of, with_cookie):
    assert with_cookie(cookie_of(browser)[:-4] + "AAAA").status_code == 302


def test_a_setting_that_is_false_for_flask_stays_false(world, clock):
    world.app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    browser = world.browser()
    world.log_in(browser)
    clock[0] += 1000
    assert not sent_again(browser)


def test_a_new_secret_ends_the_sessions_of_the_old_one(world, browser):
    world.app.secret_key = "another secret of tests"
    assert browser.get("/").status_code == 302


def test_a_secret_that_was_replaced_with_care_still_opens_its_sessions(world, browser):
    world.app.config["SECRET_KEY_FALLBACKS"] = [world.app.secret_key]
    world.app.secret_key = "another secret of tests"
    expected = 200 if tuple(map(int, version("flask").split(".")[:2])) >= (3, 1) else 302
    assert browser.get("/").status_code == expected


def test_a_remembered_cookie_ends_with_its_lifetime(world, clock, cookie_of, with_cookie):
    world.app.permanent_session_lifetime = timedelta(seconds=100)
    browser = world.browser()
    world.log_in(browser)
    cookie = cookie_of(browser)
    assert with_cookie(cookie).status_code == 200
    clock[0] += 101
    assert with_cookie(cookie).status_code == 302


def test_one_request_does_not_see_what_another_one_changed(world, clock, cookie_of, with_cookie):
    @world.app.get("/change")
    def change():
        flask.session["userinfo"]["name"] = "Mallory"
        return "changed, and not said to be"

    browser = world.browser()
    world.log_in(browser)
    cookie = cookie_of(browser)
    for _ in range(3):
        with_cookie(cookie, "/change")
        assert with_cookie(cookie).text == "hello Alice"


def test_a_change_below_the_top_is_kept_as_flask_keeps_it_in_permanent_sessions(world, clock):
    @world.app.get("/add")
    def add():
        flask.session.setdefault("basket", [])
        flask.session["basket"].append(len(flask.session["basket"]))
        return str(flask.session["basket"])

    browser = world.browser()
    world.log_in(browser)
    browser.get("/add")
    browser.get("/add")
    assert browser.get("/add").text == "[0, 1, 2]"


def test_values_that_are_not_plain_survive(world, clock):
    @world.app.get("/date")
    def date():
        before = flask.session.get("date")
        flask.session["date"] = datetime(2026, 1, 1, tzinfo=timezone.utc)
        return str(before)

    browser = world.browser()
    browser.get("/date")
    assert browser.get("/date").text == browser.get("/date").text == "2026-01-01 00:00:00+00:00"


def test_remembered_cookies_are_bounded(world, clock, monkeypatch):
    monkeypatch.setattr("flask_pyoidc._thrift.REMEMBERED", 4)
    for _ in range(10):
        browser = world.browser()
        world.begin(browser)
        world.begin(browser)
    assert len(world.app.session_interface._checked) <= 4


def test_a_forged_cookie_is_none_even_after_the_right_one(world, browser, cookie_of, with_cookie):
    cookie = cookie_of(browser)
    assert with_cookie(cookie).status_code == 200
    for forged in (f"{cookie}A", cookie[:-1], cookie.lower(), "." + cookie):
        assert with_cookie(forged).status_code == 302

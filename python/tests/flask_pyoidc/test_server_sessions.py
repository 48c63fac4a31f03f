"""Sessions that lie on the server (Flask-Session)."""

from __future__ import annotations

import cachelib
import flask_session
import pytest


@pytest.fixture
def browser(world):
    world.app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=cachelib.SimpleCache())
    flask_session.Session(world.app)
    return world.browser()


def test_people_log_in_and_out(world, browser):
    world.log_in(browser, "/?x")
    assert browser.get("/").text == "hello Alice"
    browser.get("/logout")
    assert browser.get("/").status_code == 302


def test_a_session_that_somebody_else_knew_is_left_at_the_login(world, browser, cookie_of, with_cookie):
    location = world.begin(browser)
    known = cookie_of(browser)
    browser.get(world.provider.authorize(location))
    assert browser.get("/").status_code == 200
    assert cookie_of(browser) != known
    assert with_cookie(known).status_code == 302


def test_a_large_answer_is_no_trouble(world, browser, caplog):
    world.provider.user_info["groups"] = [f"group-{number * 7919}" for number in range(600)]
    world.log_in(browser)
    assert browser.get("/").text == "hello Alice"
    assert "browsers drop" not in caplog.text

"""Several logins at once in one browser."""

from __future__ import annotations

import time

import pytest


def test_two_tabs_each_end_where_they_began(world):
    browser = world.browser()
    first, second = world.begin(browser, "/?tab=1"), world.begin(browser, "/?tab=2")
    assert browser.get(world.provider.authorize(first)).headers["Location"] == "/?tab=1"
    assert browser.get(world.provider.authorize(second)).headers["Location"] == "/?tab=2"


def test_two_tabs_may_come_back_in_the_other_order(world):
    browser = world.browser()
    first, second = world.begin(browser, "/?tab=1"), world.begin(browser, "/?tab=2")
    assert browser.get(world.provider.authorize(second)).headers["Location"] == "/?tab=2"
    assert browser.get(world.provider.authorize(first)).headers["Location"] == "/?tab=1"


def test_a_code_of_one_tab_with_the_state_of_another_is_refused(world):
    browser = world.browser()
    first, second = world.begin(browser), world.begin(browser)
    state = dict(part.split("=") for part in second.split("?")[1].split("&"))["state"]
    browser.get(world.provider.authorize(first, state=state))
    assert browser.get("/").status_code == 302


def test_at_most_eight_logins_are_remembered(world, stored):
    browser = world.browser()
    begun = [world.begin(browser, f"/?tab={number}") for number in range(10)]
    assert len(stored(browser)["auth_requests"]) == 8
    assert browser.get(world.provider.authorize(begun[0])).status_code == 200
    assert browser.get(world.provider.authorize(begun[2])).headers["Location"] == "/?tab=2"


def test_a_login_that_took_more_than_an_hour_is_refused(world, monkeypatch):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3700)
    assert browser.get(back).status_code == 200
    assert world.provider.requests_to("token") == []
    assert browser.get("/").status_code == 302


def test_an_anonymous_browser_that_begins_eight_logins_keeps_a_small_cookie(world, cookie_of):
    browser = world.browser()
    for number in range(8):
        world.begin(browser, f"/?tab={number}")
    assert len(cookie_of(browser)) < 3800


@pytest.mark.parametrize("finished", [0, 1])
def test_a_finished_login_leaves_the_other_one_readable(world, stored, finished):
    browser = world.browser()
    begun = [world.begin(browser, "/?tab=0"), world.begin(browser, "/?tab=1")]
    browser.get(world.provider.authorize(begun[finished]))
    session = stored(browser)
    assert len(session["auth_requests"]) == 1
    assert ("auth_request" in session) == (finished == 0)

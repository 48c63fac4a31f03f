"""``session_refresh_interval_seconds``: asking the provider again, without the person."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

SENTENCE = "Something went wrong with the authentication, please try to login again."


@pytest.fixture
def browser(world):
    world.options["session_refresh_interval_seconds"] = 900
    browser = world.browser()
    world.log_in(browser)
    return browser


def age(browser, seconds=0):
    with browser.session_transaction() as session:
        session["last_session_refresh"] = seconds


def prompt(location):
    return parse_qs(urlsplit(location).query).get("prompt")


def test_a_young_login_is_not_asked_about(browser):
    assert browser.get("/").status_code == 200


def test_after_the_interval_the_provider_is_asked_without_the_person(world, browser):
    age(browser)
    location = world.begin(browser, "/?x")
    assert prompt(location) == ["none"]
    assert browser.get(world.provider.authorize(location)).headers["Location"] == "/?x"
    assert browser.get("/").status_code == 200


def test_prompt_none_goes_before_the_prompt_of_the_configuration(world):
    world.options.update(
        session_refresh_interval_seconds=900, auth_request_params={"prompt": "select_account"}
    )
    browser = world.browser()
    first = world.begin(browser)
    assert prompt(first) == ["select_account"]
    browser.get(world.provider.authorize(first))
    age(browser)
    assert prompt(world.begin(browser)) == ["none"]


@pytest.mark.parametrize("error", ["login_required", "interaction_required", "consent_required"])
def test_a_silent_login_that_fails_becomes_a_real_one(world, browser, error):
    age(browser)
    back = browser.get(world.provider.deny(world.begin(browser, "/?x"), error))
    assert (back.status_code, back.headers["Location"]) == (302, "/?x")
    assert prompt(world.begin(browser)) is None


def test_the_error_view_hears_of_a_silent_login_that_fails(world, browser):
    assert world.show_errors is None
    age(browser)
    back = browser.get(world.provider.deny(world.begin(browser), "login_required"))
    assert back.json["error"] == "login_required"
    assert prompt(world.begin(browser)) is None


def test_another_refusal_of_a_silent_login_is_shown(world, browser):
    age(browser)
    assert browser.get(world.provider.deny(world.begin(browser), "server_error")).text == SENTENCE


def test_an_interactive_login_that_fails_is_not_repeated_by_itself(world):
    browser = world.browser()
    assert browser.get(world.provider.deny(world.begin(browser), "login_required")).text == SENTENCE


def test_without_an_interval_nothing_is_asked_again(world):
    browser = world.browser()
    world.log_in(browser)
    age(browser)
    assert browser.get("/").status_code == 200


def test_a_silent_login_that_fails_at_one_provider_leaves_the_user_of_another(world, browser, stored):
    age(browser)
    location = world.begin(browser)
    with browser.session_transaction() as session:
        session["current_provider"] = "another"
    browser.get(world.provider.deny(location, "login_required"))
    assert stored(browser)["current_provider"] == "another"
    assert stored(browser)["id_token"]["sub"] == "alice"

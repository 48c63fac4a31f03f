from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

import flask
import pytest


@pytest.fixture
def browser(world):
    browser = world.browser()
    world.log_in(browser)
    return browser


def test_a_logout_goes_on_to_the_provider(world, browser, stored):
    id_token = stored(browser)["id_token_jwt"]
    sent = browser.get("/logout?a=b")
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith("https://op.example.com/logout?")
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    state = stored(browser)["end_session_state"]
    assert asked == {
        "id_token_hint": [id_token],
        "post_logout_redirect_uri": ["http://localhost/logout?a=b"],
        "state": [state],
    }


def test_a_logout_forgets_the_user_and_nothing_else(world, browser, stored):
    with browser.session_transaction() as session:
        session["basket"] = [1]
    browser.get("/logout")
    assert set(stored(browser)) == {"_permanent", "basket", "end_session_state"}
    assert browser.get("/").status_code == 302


def test_back_from_the_provider_the_view_is_shown(world, browser, stored, caplog):
    browser.get("/logout")
    state = stored(browser)["end_session_state"]
    assert browser.get(f"/logout?state={state}").text == "logged out"
    assert "end_session_state" not in stored(browser)
    assert "unexpected state" not in caplog.text


def test_an_unexpected_state_is_logged_and_the_view_is_shown(world, caplog):
    with caplog.at_level(logging.ERROR):
        assert world.browser().get("/logout?state=wrong").text == "logged out"
    assert caplog.record_tuples[-1] == (
        "flask_pyoidc.flask_pyoidc",
        logging.ERROR,
        "Got unexpected state 'wrong' after logout redirect.",
    )


def test_an_unexpected_state_can_not_write_lines_of_its_own_into_the_log(world, caplog):
    world.browser().get("/logout?state=wrong%0AINFO+all+is+well")
    assert "\n" not in caplog.records[-1].getMessage()


def test_a_logout_view_never_leaves_the_user_logged_in(world, browser):
    assert browser.get("/logout?state=wrong").text == "logged out"
    assert browser.get("/").status_code == 302


def test_a_provider_without_an_end_session_endpoint_is_logged_out_of_here(world):
    del world.provider.metadata["end_session_endpoint"]
    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/logout").text == "logged out"
    assert browser.get("/").status_code == 302


def test_who_is_logged_out_already_just_sees_the_view(world):
    assert world.browser().get("/logout").text == "logged out"


def test_the_logout_views_addresses_are_registered(world):
    blueprint = flask.Blueprint("account", "account", url_prefix="/account")
    blueprint.add_url_rule("/bye", "bye", world.auth.oidc_logout(lambda: "bye"))
    world.app.register_blueprint(blueprint)
    with world.app.test_request_context():
        assert sorted(world.auth._get_urls_for_logout_views()) == [
            "http://localhost/account/bye",
            "http://localhost/logout",
        ]


def test_a_provider_that_is_no_longer_configured_is_logged_out_of_here(world, browser):
    with browser.session_transaction() as session:
        session["current_provider"] = "gone"
    assert browser.get("/logout").text == "logged out"

"""What is promised of logins that come back late, twice, or to an application that has changed."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from urllib.parse import parse_qsl, urlsplit

import flask
import pytest
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.auth_response_handler import (
    AuthResponseHandler,
    AuthResponseUnexpectedStateError,
    InvalidIdTokenError,
)
from flask_pyoidc.messages import UserInfoErrorResponse
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration
from flask_pyoidc.pyoidc_facade import PyoidcFacade
from flask_pyoidc.redirect_uri_config import RedirectUriConfig

SENTENCE = "Something went wrong with the authentication, please try to login again."


def in_another_worker(world):
    """Forget what this process remembers beside the session."""
    for client in world.auth.clients.values():
        client._logins.clear()


def test_another_worker_refuses_a_login_that_took_more_than_an_hour(world, monkeypatch):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    in_another_worker(world)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3700)

    assert browser.get(back).text == SENTENCE
    assert world.provider.requests_to("token") == []
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_a_login_that_the_provider_refused_serves_no_more(world, stored, error):
    browser = world.browser()
    url = world.begin(browser)
    assert browser.get(world.provider.deny(url, error)).text == SENTENCE
    assert not {"auth_requests", "auth_request", "state", "nonce"} & stored(browser).keys()
    in_another_worker(world)

    assert browser.get(world.provider.authorize(url)).text == SENTENCE
    assert browser.get("/").status_code == 302


def test_a_login_at_a_provider_that_is_configured_no_more_is_refused(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    with browser.session_transaction() as session:
        for entry in session["auth_requests"].values():
            entry["provider"] = "gone"
        session.modified = True

    refused = browser.get(back)

    assert (refused.status_code, refused.text) == (200, SENTENCE)


def test_an_originals_login_at_a_provider_that_is_configured_no_more_is_refused(world):
    browser = world.browser()
    with browser.session_transaction() as session:
        session["current_provider"] = "gone"
        session["auth_request"] = json.dumps({"state": "s" * 20, "nonce": "n" * 20})

    refused = browser.get("/redirect_uri?code=abc&state=" + "s" * 20)

    assert (refused.status_code, refused.text) == (200, SENTENCE)


def test_nothing_of_the_person_before_stays_at_another_provider(world, stored):
    browser = world.browser()
    world.log_in(browser)
    world.provider.token_response["refresh_token"] = None
    with browser.session_transaction() as session:
        session["current_provider"] = "another"
        session["refresh_token"] = "of-another-provider"

    world.log_in(browser)

    assert "refresh_token" not in stored(browser)
    assert stored(browser)["current_provider"] == "default"


def test_nothing_of_the_person_before_stays_after_a_renewal(world, stored):
    """A login in a second tab, while the first person was still there."""
    browser = world.browser()
    second = world.begin(browser)
    world.log_in(browser)
    world.provider.subject = world.provider.user_info["sub"] = "bob"
    world.provider.token_response["refresh_token"] = None

    browser.get(world.provider.authorize(second))

    assert stored(browser)["id_token"]["sub"] == "bob"
    assert "refresh_token" not in stored(browser)


def test_an_error_view_may_be_a_coroutine(world, monkeypatch):
    def ensure_sync(view):
        return (lambda **given: asyncio.run(view(**given))) if inspect.iscoroutinefunction(view) else view

    # As with the extra 'async' of Flask.
    monkeypatch.setattr(world.app, "ensure_sync", ensure_sync)

    @world.auth.error_view
    async def error(error=None, error_description=None):
        return f"sorry: {error}"

    browser = world.browser()

    assert browser.get(world.provider.deny(world.begin(browser))).text == "sorry: access_denied"


@pytest.mark.parametrize("answer", [(500, {"error": "server_error"}), (200, b"<html>"), (200, {})])
@pytest.mark.parametrize("path", ["/api", "/both"])
def test_an_introspection_that_says_nothing_is_a_503(world, path, answer):
    token = world.provider.opaque_token(scope="read")
    world.provider.answers["introspection"] = answer

    down = world.browser().get(path, headers={"Authorization": f"Bearer {token}"})

    assert (down.status_code, "Retry-After" in down.headers) == (503, True)


def test_a_refresh_token_that_was_exchanged_for_another_is_used_no_more(world, stored):
    world.app.add_url_rule("/token", "token", lambda: world.auth.valid_access_token(force_refresh=True))
    browser = world.browser()
    world.log_in(browser)
    first = stored(browser)["refresh_token"]
    browser.get("/token")
    second = stored(browser)["refresh_token"]
    assert second != first

    browser.get("/token")

    assert world.provider.requests_to("token")[-1].form["refresh_token"] == second


def test_the_logout_views_of_another_extension_are_not_registered(world, provider):
    another = OIDCAuthentication(
        {
            "another": ProviderConfiguration(
                issuer="https://another.example.com", client_metadata=ClientMetadata("c", "s")
            )
        },
        flask.Flask("elsewhere"),
        RedirectUriConfig("http://localhost/back", "back"),
    )
    assert world.auth
    world.app.add_url_rule("/bye", "bye", another.oidc_logout(lambda: "bye"))

    with world.app.test_request_context():
        assert world.auth._get_urls_for_logout_views() == ["http://localhost/logout"]


def test_what_a_user_info_request_of_the_application_says_of_an_error_is_shown(world, monkeypatch):
    refused = UserInfoErrorResponse(error="insufficient_scope", error_description="no")
    monkeypatch.setattr(PyoidcFacade, "userinfo_request", lambda self, access_token: refused)
    assert world.show_errors is None

    assert world.log_in(world.browser()).json == {"error": "insufficient_scope", "message": "no"}


def test_a_login_that_the_handler_ended_can_not_be_exchanged_again(world):
    client = world.auth.clients["default"]
    request, response = begun(world, client)
    AuthResponseHandler(client).process_auth_response(response, request, {})

    with pytest.raises(AuthResponseUnexpectedStateError):
        client.exchange_authorization_code("another-code", request["state"])


def test_a_login_that_the_handler_gave_up_is_expected_no_more(world, monkeypatch):
    client = world.auth.clients["default"]
    request, response = begun(world, client)
    monkeypatch.setattr(client, "exchange_authorization_code", lambda *given: {"access_token": "x"})
    with pytest.raises(InvalidIdTokenError):
        AuthResponseHandler(client).process_auth_response(response, request, {})
    monkeypatch.undo()

    with pytest.raises(AuthResponseUnexpectedStateError):
        client.exchange_authorization_code("another-code", "the-state-of-somebody-else")
    assert world.provider.requests_to("token") == []


def begun(world, client):
    """A login by the facade's methods, and what came back."""
    request = client.authentication_request(None, None, {})
    back = world.provider.authorize(client.login_url(request))
    return request, client.parse_authentication_response(dict(parse_qsl(urlsplit(back).query)))

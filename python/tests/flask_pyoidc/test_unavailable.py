"""The provider is down, and comes back."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def later(monkeypatch):
    """The engine asks a provider that failed again only after a while."""

    def pass_by(seconds=120):
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + seconds)

    return pass_by


def test_an_application_starts_while_the_provider_is_down(world):
    world.provider.unreachable.add("*")
    assert set(world.auth.clients) == {"default"}
    assert world.provider.requests == []


def test_a_protected_view_answers_503_and_works_when_the_provider_is_back(world, later):
    world.provider.unreachable.add("discovery")
    browser = world.browser()
    down = browser.get("/")
    assert down.status_code == 503
    assert int(down.headers["Retry-After"]) > 0

    world.provider.unreachable.clear()
    later()
    world.log_in(browser)
    assert browser.get("/").text == "hello Alice"


@pytest.mark.parametrize("answer", [(500, b""), (503, b""), (200, b"<html>"), (200, {"issuer": None})])
def test_a_provider_with_broken_metadata_is_a_503(world, later, answer):
    world.provider.answers["discovery"] = answer
    browser = world.browser()
    assert browser.get("/").status_code == 503
    world.provider.answers.clear()
    later()
    assert browser.get("/").status_code == 302


def test_a_script_gets_the_503_as_json(world):
    world.provider.unreachable.add("discovery")
    down = world.browser().get("/", headers={"Accept": "application/json"})
    assert down.json["error"] == "temporarily_unavailable"


@pytest.mark.parametrize("endpoint", ["token", "jwks", "userinfo"])
def test_a_callback_while_the_provider_is_down_is_a_503(world, endpoint):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    world.provider.unreachable.add(endpoint)
    down = browser.get(back)
    assert (down.status_code, "Retry-After" in down.headers) == (503, True)
    assert browser.get("/").status_code == 302


def test_a_callback_can_be_loaded_again_when_the_token_endpoint_is_back(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser, "/?x"))
    world.provider.unreachable.add("token")
    browser.get(back)
    world.provider.unreachable.clear()
    assert browser.get(back).headers["Location"] == "/?x"


def test_another_issuer_in_the_metadata_is_a_logged_500(world, caplog):
    world.provider.metadata["issuer"] = "https://evil.example.com"
    assert world.browser().get("/").status_code == 500
    assert "issuer" in caplog.text


def test_a_logged_in_user_is_served_while_the_provider_is_down(world):
    browser = world.browser()
    world.log_in(browser)
    world.provider.unreachable.add("*")
    assert browser.get("/").text == "hello Alice"


@pytest.mark.parametrize("path", ["/api", "/both"])
def test_a_token_that_can_not_be_checked_is_a_503(world, path):
    world.provider.unreachable.add("introspection")
    bearer = {"Authorization": f"Bearer {world.provider.opaque_token(scope='read')}"}
    down = world.browser().get(path, headers=bearer)
    assert (down.status_code, "Retry-After" in down.headers) == (503, True)


def test_a_logout_while_the_provider_is_down_is_a_logout_here(world, stored):
    browser = world.browser()
    world.log_in(browser)
    # A worker that was started since.
    for client in world.auth.clients.values():
        client._client._relying_party = None
    world.provider.unreachable.add("*")
    assert browser.get("/logout").text == "logged out"
    assert "access_token" not in stored(browser)

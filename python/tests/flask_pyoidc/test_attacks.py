"""What somebody tries who wants in, or wants others to land elsewhere."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask_pyoidc.auth_response_handler import AuthResponseHandler
from flask_pyoidc.pyoidc_facade import PyoidcFacade


def logged_in(stored, browser):
    return "last_authenticated" in stored(browser)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "///evil.example/x",
        "/%5cevil.example",
        "/%09/evil.example",
        "/.//evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_a_login(world, path):
    @world.app.route("/<path:where>")
    @world.auth.oidc_auth("default")
    def anywhere(where):
        return where

    browser = world.browser()
    sent = browser.get("/", environ_overrides={"PATH_INFO": path.replace("%5c", "\\").replace("%09", "\t")})
    if sent.status_code != 302 or "/authorize?" not in sent.location:
        assert "evil.example" not in (urlsplit(sent.headers.get("Location", "")).netloc or "")
        return
    location = browser.get(world.provider.authorize(sent.location)).location
    read = location.replace("\\", "/").replace("\t", "")
    assert not read.startswith("//"), location
    assert urlsplit(read).netloc in ("", "localhost"), location


def test_a_destination_that_was_written_into_the_session_is_no_way_out(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    with browser.session_transaction() as session:
        session["destination"] = "https://evil.example/"
        for entry in session["auth_requests"].values():
            entry["destination"] = "//evil.example/"
    assert browser.get(back).location == "/"


def test_the_callback_of_another_browser_logs_nobody_in(world, stored):
    back = world.provider.authorize(world.begin(world.browser()))
    victim = world.browser()
    victim.get(back)
    assert not logged_in(stored, victim)
    world.begin(victim)
    victim.get(back)
    assert not logged_in(stored, victim)


def test_a_callback_serves_once(world, stored):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    browser.get(back)
    assert logged_in(stored, browser)
    browser.get("/logout")
    browser.get(back)
    assert not logged_in(stored, browser)


def test_a_code_of_another_login_does_not_serve_this_one(world, stored):
    browser = world.browser()
    first = world.provider.authorize(world.begin(browser))
    second = world.provider.authorize(world.begin(browser))
    own = first.partition("code=")[2].partition("&")[0]
    stolen = second.partition("code=")[2].partition("&")[0]
    browser.get(first.replace(own, stolen))
    assert not logged_in(stored, browser)


@pytest.mark.parametrize("name", ["code", "state"])
def test_a_callback_with_doubled_parameters_is_refused(world, stored, name):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    value = back.partition(f"{name}=")[2].partition("&")[0]
    browser.get(f"{back}&{name}={value}")
    assert not logged_in(stored, browser)


def test_a_login_that_fails_leaves_the_person_before_alone(world, stored):
    browser = world.browser()
    world.log_in(browser)
    before = stored(browser)["id_token"]
    browser.get("/redirect_uri?code=a&state=b")
    browser.get("/redirect_uri?error=access_denied&state=b")
    assert stored(browser)["id_token"] == before


def test_a_login_of_somebody_else_leaves_nothing_of_the_person_before(world, stored):
    browser = world.browser()
    world.log_in(browser)
    with browser.session_transaction() as session:
        session["refresh_token"] = "of alice"
        session["last_authenticated"] = None
    world.provider.subject = "bob"
    world.provider.user_info = {"sub": "bob"}
    world.provider.token_response["refresh_token"] = None
    world.log_in(browser)
    kept = stored(browser)
    assert kept["id_token"]["sub"] == "bob"
    assert kept.get("refresh_token") != "of alice"
    assert kept["userinfo"] == {"sub": "bob"}


def test_the_log_has_neither_state_nor_code_nor_secret(world, caplog):
    browser = world.browser()
    with caplog.at_level(logging.DEBUG):
        denied = world.provider.deny(world.begin(browser), "access_denied", "no")
        browser.get(denied)
        back = world.provider.authorize(world.begin(browser))
        browser.get(back)
        world.provider.answers["token"] = (400, {"error": "invalid_grant"})
        other = world.browser()
        failed = world.provider.authorize(world.begin(other))
        other.get(failed)
        browser.get("/api", headers={"Authorization": "Bearer my-bearer-token-of-tests"})
    records = [record for record in caplog.records if record.name.split(".")[0] != "urllib3"]
    text = "\n".join(record.getMessage() for record in records)
    secrets = {world.provider.client_secret, "my-bearer-token-of-tests"}
    for address in (denied, back, failed):
        query = dict(parse_qsl(urlsplit(address).query))
        secrets |= {query[name] for name in ("state", "code") if name in query}
    assert [secret for secret in secrets if secret in text] == []


def test_what_stands_in_the_address_is_neither_markup_nor_a_line_of_the_log(world, caplog):
    browser = world.browser()
    away = world.begin(browser)
    with caplog.at_level(logging.DEBUG):
        bad = world.provider.deny(away, "x\n2026 CRITICAL forged", "<script>alert(1)</script>\r\nforged")
        answer = browser.get(bad)
        browser.get("/logout?state=a%0aforged")
    assert "<script>" not in answer.text
    assert all(
        "\n" not in record.getMessage() for record in caplog.records if record.name.startswith("flask_pyoidc")
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer \xff",
        "Bearer " + "a" * 9000,
    ],
)
def test_no_odd_header_is_let_in_or_breaks_the_view(world, header):
    answer = world.browser().get("/api", headers={"Authorization": header})
    assert answer.status_code in (400, 401, 403), answer.status_code


def test_a_token_for_somebody_else_is_refused(world):
    provider, browser = world.provider, world.browser()
    for claims in (
        {"aud": "another-client"},
        {"active": False},
        {"scope": "write"},
        {"exp": 1},
        {"aud": None},
    ):
        token = provider.opaque_token(**{"scope": "read", **claims})
        assert browser.get("/api", headers={"Authorization": f"Bearer {token}"}).status_code == 403, claims
    good = provider.opaque_token(scope="read")
    assert browser.get("/api", headers={"Authorization": f"Bearer {good}"}).status_code == 200


def test_an_error_view_that_breaks_logs_nobody_in(world, stored):
    @world.auth.error_view
    def broken(error=None, error_description=None):
        raise ZeroDivisionError

    browser = world.browser()
    back = world.provider.deny(world.begin(browser))
    assert browser.get(back).status_code == 500
    assert not logged_in(stored, browser)


def test_a_login_that_an_application_broke_off_does_not_end_in_the_next_request(world, monkeypatch):
    """Threads of a server keep their context from one request to the next."""
    browser = world.browser()
    away = world.begin(browser)
    original = PyoidcFacade.exchange_authorization_code

    def broken(self, code, state, extra_token_args=None):
        raise ZeroDivisionError

    monkeypatch.setattr(PyoidcFacade, "exchange_authorization_code", broken)
    client = world.auth.clients["default"]
    back = world.provider.authorize(away)
    parameters = dict(parse_qsl(urlsplit(back).query))
    with world.app.test_request_context():
        request = client.authentication_request(None, None, {})
        response = client.parse_authentication_response(parameters)
        with pytest.raises(ZeroDivisionError):
            AuthResponseHandler(client).process_auth_response(response, request)
    monkeypatch.setattr(PyoidcFacade, "exchange_authorization_code", original)
    with world.app.test_request_context(), pytest.raises(ValueError, match="not begun here"):
        client.exchange_authorization_code("a code of somebody else", "a state that nobody began")


def test_many_logins_at_once_fit_into_the_cookie(world, cookie_of):
    browser = world.browser()
    for number in range(20):
        world.begin(browser, f"/?page={number}")
    assert len(cookie_of(browser)) < 4093 - len("session")


def test_a_failing_provider_is_no_open_door(world):
    browser = world.browser()
    world.provider.unreachable.add("*")
    for page in ("/", "/both"):
        assert browser.get(page).status_code == 503, page
    assert browser.get("/api", headers={"Authorization": "Bearer a"}).status_code == 503
    world.provider.unreachable.clear()
    world.provider.answers["introspection"] = (500, {"active": True})
    assert browser.get("/api", headers={"Authorization": "Bearer a"}).status_code == 503

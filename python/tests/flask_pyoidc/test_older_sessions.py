"""Sessions that an original wrote: logged-in users, and logins under way, survive the swap."""

from __future__ import annotations

import json
import time

import flask
import pytest
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration

NOW = int(time.time())
#: As 1.x wrote it.
FIRST = {
    "access_token": "token-of-1.x",
    "id_token": {"iss": "https://op.example.com", "sub": "alice", "aud": ["client1"], "nonce": "n"},
    "id_token_jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.",
    "userinfo": {"sub": "alice", "name": "Alice"},
    "last_authenticated": NOW - 100,
}
#: As 2.x wrote it.
SECOND = {**FIRST, "current_provider": "default", "last_session_refresh": NOW - 100}
#: As 3.x wrote it.
THIRD = {**SECOND, "access_token_expires_at": NOW + 3500, "refresh_token": "refresh-token"}


def put(browser, **values):
    with browser.session_transaction() as session:
        session.update(values)


@pytest.mark.parametrize("session", [FIRST, SECOND, THIRD], ids=["1.x", "2.x", "3.x"])
def test_a_logged_in_user_stays_logged_in(world, session):
    browser = world.browser()
    put(browser, **session)
    assert browser.get("/").text == "hello Alice"
    assert world.provider.requests == []


@pytest.mark.parametrize("session", [FIRST, SECOND, THIRD], ids=["1.x", "2.x", "3.x"])
def test_a_logged_in_user_stays_logged_in_at_an_application_of_1_x(provider, session):
    app = flask.Flask("application")
    app.config.update(SERVER_NAME="localhost", SECRET_KEY="a secret of tests")
    auth = OIDCAuthentication(app, {"client_id": "client1"}, provider.issuer)
    app.add_url_rule("/", "index", auth.oidc_auth(lambda: flask.session["userinfo"]["name"]))
    browser = app.test_client()
    put(browser, **session)
    assert browser.get("/").text == "Alice"


def test_a_user_of_1_x_can_log_out(world):
    browser = world.browser()
    put(browser, **FIRST)
    browser.get("/")
    assert browser.get("/logout").status_code == 303


def test_a_user_without_a_provider_is_nobody_where_there_are_several(provider):
    def configuration(client_id):
        return ProviderConfiguration(
            issuer=provider.issuer, client_metadata=ClientMetadata(client_id, "secret" * 6)
        )

    app = flask.Flask("application")
    app.config.update(OIDC_REDIRECT_URI="http://localhost/redirect_uri", SECRET_KEY="a secret of tests")
    auth = OIDCAuthentication({"one": configuration("1"), "two": configuration("2")}, app)
    app.add_url_rule("/two", "two", auth.oidc_auth("two")(lambda: "two"))
    browser = app.test_client()
    put(browser, **FIRST)
    assert browser.get("/two").status_code == 302


def under_way(world):
    request = {
        "client_id": "client1",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": "http://localhost/redirect_uri",
        "state": "9o8H4QcRrUDprQ1F",
        "nonce": "poxgZHSeitClLjZa",
    }
    query = "&".join(f"{name}={value}" for name, value in request.items())
    return request, f"https://op.example.com/authorize?{query}"


def test_a_login_that_3_x_began_is_finished(world):
    request, location = under_way(world)
    browser = world.browser()
    put(
        browser,
        auth_request=json.dumps({**request, "prompt": ["login"]}),
        current_provider="default",
        destination="/?x",
        fragment_encoded_response=False,
    )
    assert browser.get(world.provider.authorize(location)).headers["Location"] == "/?x"
    assert browser.get("/").text == "hello Alice"


@pytest.mark.parametrize("provider_name", ["default", None], ids=["2.x", "1.x"])
def test_a_login_that_an_older_version_began_is_finished(provider, provider_name):
    app = flask.Flask("application")
    app.config.update(SERVER_NAME="localhost", SECRET_KEY="a secret of tests")
    client = {"client_id": "client1", "client_secret": provider.client_secret}
    auth = OIDCAuthentication(app, client, provider.issuer)
    app.add_url_rule("/", "index", auth.oidc_auth(lambda: flask.session["userinfo"]["name"]))
    browser = app.test_client()
    request, location = under_way(None)
    kept = {"state": request["state"], "nonce": request["nonce"], "destination": "http://localhost/?x"}
    put(browser, **kept, **({"current_provider": provider_name} if provider_name else {}))
    done = browser.get(provider.authorize(location))
    assert done.status_code == 302
    assert browser.get("/").text == "Alice"


@pytest.mark.parametrize("change", [{"state": "another-state-of-some-length"}, {"state": None}])
def test_a_login_that_3_x_began_is_refused_with_another_state(world, change):
    request, location = under_way(world)
    browser = world.browser()
    put(browser, auth_request=json.dumps(request), current_provider="default", destination="/")
    assert browser.get(world.provider.authorize(location, **change)).status_code == 200
    assert world.provider.requests_to("token") == []


def test_a_login_that_3_x_began_is_refused_with_another_nonce(world):
    request, location = under_way(world)
    browser = world.browser()
    put(browser, auth_request=json.dumps(request), current_provider="default", destination="/")
    world.provider.id_token_claims["nonce"] = "another"
    assert browser.get(world.provider.authorize(location)).status_code == 200
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("auth_request", ["", "{", "[]", 7, '{"state": 1}'])
def test_a_broken_stored_request_is_refused(world, auth_request):
    browser = world.browser()
    put(browser, auth_request=auth_request, current_provider="default", destination="/")
    assert browser.get("/redirect_uri?code=x&state=y").status_code == 200


@pytest.mark.parametrize(
    "destination",
    [
        "//evil.example.com",
        "/\\evil.example.com",
        "https://evil.example.com/",
        "javascript:alert(1)",
        "/\t/evil.example.com",
        "",
    ],
)
def test_nobody_is_sent_to_another_site_after_a_login(world, destination):
    request, location = under_way(world)
    browser = world.browser()
    put(browser, auth_request=json.dumps(request), current_provider="default", destination=destination)
    done = browser.get(world.provider.authorize(location))
    assert (done.status_code, done.headers["Location"]) == (302, "/")


def test_a_login_that_another_release_kept_otherwise_is_refused(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    with browser.session_transaction() as session:
        for entry in session["auth_requests"].values():
            entry["login"] = {"kept": "otherwise"}
        session.modified = True
    assert browser.get(back).status_code == 200
    assert browser.get("/").status_code == 302

"""``token_auth``, ``access_control``, ``introspect_token`` and ``valid_access_token``."""

from __future__ import annotations

import time
from unittest import mock

import flask
import pytest
from flask_pyoidc.messages import TokenIntrospectionResponse


def bearer(token, scheme="Bearer"):
    return {"Authorization": f"{scheme} {token}"}


@pytest.fixture
def token(world):
    return world.provider.opaque_token(scope="read write")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_an_active_token_passes_and_is_shown(world, token, scheme):
    answer = world.browser().get("/api", headers=bearer(token, scheme))
    assert answer.status_code == 200
    assert (answer.json["sub"], answer.json["active"]) == ("alice", True)


def test_the_introspection_request_is_as_before(world, token):
    world.browser().get("/api", headers=bearer(token))
    asked = world.provider.requests_to("introspection")[0]
    assert asked.form == {"token": token, "token_type_hint": "access_token"}
    assert asked.basic == ("client1", world.provider.client_secret)


def test_introspection_can_authenticate_by_post(world, token):
    world.client_options["introspection_endpoint_auth_method"] = "client_secret_post"
    world.browser().get("/api", headers=bearer(token))
    assert world.provider.requests_to("introspection")[0].form["client_id"] == "client1"


@pytest.mark.parametrize("path", ["/api"])
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic eDp5"}, bearer(""), {"Authorization": "Bearer"}]
)
def test_a_request_without_a_token_is_a_401_with_a_challenge(world, path, headers):
    refused = world.browser().get(path, headers=headers)
    assert refused.status_code == 401
    assert refused.mimetype == "text/html"
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert world.provider.requests_to("introspection") == []


@pytest.mark.parametrize("path", ["/api", "/both"])
@pytest.mark.parametrize(
    "token",
    [
        lambda provider: "unknown",
        lambda provider: provider.opaque_token(scope="read", aud="somebody-else"),
        lambda provider: provider.opaque_token(scope="read", aud=None),
        lambda provider: provider.opaque_token(scope="read", exp=int(time.time()) - 100),
        lambda provider: provider.opaque_token(scope="read", active=False),
        lambda provider: "two parts",
    ],
    ids=["inactive", "other_audience", "no_audience", "expired", "said_inactive", "malformed"],
)
def test_a_token_is_a_403_that_is(world, path, token):
    refused = world.browser().get(path, headers=bearer(token(world.provider)))
    assert (refused.status_code, refused.mimetype) == (403, "text/html")


def test_a_token_without_the_scope_is_a_403(world):
    refused = world.browser().get("/api", headers=bearer(world.provider.opaque_token(scope="write")))
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


def test_all_scopes_are_needed(world):
    @world.app.get("/two")
    @world.auth.token_auth("default", scopes_required=["read", "write"])
    def two() -> str:
        return "two"

    browser = world.browser()
    assert browser.get("/two", headers=bearer(world.provider.opaque_token(scope="read"))).status_code == 403
    assert browser.get("/two", headers=bearer(world.provider.opaque_token(scope="read write"))).text == "two"


def test_an_audience_can_be_given_up(world):
    world.app.config["OIDC_TOKEN_MAY_LACK_AUDIENCE"] = True
    browser = world.browser()
    allowed = world.provider.opaque_token(scope="read", aud=None)
    assert browser.get("/api", headers=bearer(allowed)).status_code == 200
    other = world.provider.opaque_token(scope="read", aud="somebody-else")
    assert browser.get("/api", headers=bearer(other)).status_code == 403


def test_a_token_is_introspected_at_each_request(world, token):
    browser = world.browser()
    browser.get("/api", headers=bearer(token))
    world.provider.revoked(token)
    assert browser.get("/api", headers=bearer(token)).status_code == 403


def test_introspection_answers_can_be_kept_for_a_while(world, token):
    world.app.config["OIDC_INTROSPECTION_CACHE"] = 30
    browser = world.browser()
    for _ in range(3):
        assert browser.get("/api", headers=bearer(token)).status_code == 200
    assert len(world.provider.requests_to("introspection")) == 1


def test_access_control_lets_a_token_or_a_user_in(world, token):
    browser = world.browser()
    assert browser.get("/both", headers=bearer(token)).status_code == 200
    assert browser.get("/both").status_code == 302
    world.log_in(browser, "/both")
    assert browser.get("/both").text == "hello Alice"


def test_a_bad_token_does_not_pass_for_a_logged_in_user(world):
    browser = world.browser()
    world.log_in(browser)
    assert browser.get("/both", headers=bearer("unknown")).status_code == 403


def test_a_handler_of_the_application_shows_the_refusal(world):
    @world.app.errorhandler(403)
    def forbidden(error):
        return "mine", 403

    refused = world.browser().get("/api", headers=bearer("unknown"))
    assert refused.text == "mine"
    assert "WWW-Authenticate" in refused.headers


def test_a_patched_introspection_decides(world):
    answer = TokenIntrospectionResponse(active=True, sub="patched")
    with mock.patch.object(world.auth, "introspect_token", return_value=answer):
        assert world.browser().get("/api", headers=bearer("x")).json["sub"] == "patched"


def test_introspect_token_gives_a_mapping_with_to_dict(world, token):
    browser_app, auth = world.app, world.auth
    with browser_app.test_request_context(headers=bearer(token)):
        answer = auth.introspect_token(flask.request, auth.clients["default"], ["read"])
        assert answer.to_dict()["sub"] == answer["sub"] == "alice"
        assert auth.introspect_token(flask.request, auth.clients["default"], ["admin"]) is None


# The user's own access token.


@pytest.fixture
def browser(world):
    @world.app.get("/token")
    def token() -> str:
        return str(world.auth.valid_access_token(force_refresh="force" in flask.request.args))

    browser = world.browser()
    world.log_in(browser)
    return browser


def expire(browser):
    with browser.session_transaction() as session:
        session["access_token_expires_at"] = 1
        return session["access_token"]


def test_a_living_access_token_is_given_as_it_is(world, browser, stored):
    assert browser.get("/token").text == stored(browser)["access_token"]
    assert len(world.provider.requests_to("token")) == 1


def test_an_expired_access_token_is_renewed(world, browser, stored):
    before = expire(browser)
    renewed = browser.get("/token").text
    assert renewed in world.provider.tokens
    assert renewed != before
    assert stored(browser)["access_token"] == renewed
    assert stored(browser)["access_token_expires_at"] > time.time()
    assert world.provider.requests_to("token")[-1].form["grant_type"] == "refresh_token"


def test_a_renewal_can_be_forced(world, browser, stored):
    before = stored(browser)["access_token"]
    assert browser.get("/token?force").text not in (before, "None")


def test_a_renewal_that_names_somebody_else_is_refused(world, browser):
    world.provider.id_token_claims["sub"] = "mallory"
    expire(browser)
    assert browser.get("/token").text == "None"


def test_a_refused_renewal_gives_none(world, browser):
    world.provider.refresh_tokens.clear()
    expire(browser)
    assert browser.get("/token").text == "None"


def test_without_a_refresh_token_there_is_none(world, browser):
    expire(browser)
    with browser.session_transaction() as session:
        del session["refresh_token"]
    assert browser.get("/token").text == "None"


def test_a_renewal_while_the_provider_is_down_is_a_503(world, browser):
    expire(browser)
    world.provider.unreachable.add("token")
    assert browser.get("/token").status_code == 503


def test_a_login_without_an_id_token_from_before_can_be_renewed(world, browser):
    with browser.session_transaction() as session:
        del session["id_token"]
        del session["id_token_jwt"]
    expire(browser)
    assert browser.get("/token").text in world.provider.tokens

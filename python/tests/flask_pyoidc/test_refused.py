"""What must not log anybody in, and what is shown then."""

from __future__ import annotations

import json
import logging
import time

import pytest
from support.tokens import rsa_key

SENTENCE = "Something went wrong with the authentication, please try to login again."
LATE = int(time.time()) - 10_000

ID_TOKENS = {
    "unsigned": lambda p: p.id_token_header.update(alg="none"),
    "signed_with_the_client_secret": lambda p: p.id_token_header.update(alg="HS256"),
    "signed_by_a_stranger": lambda p: setattr(p, "id_token_key", rsa_key("key-1", 3072)),
    "with_an_unknown_key": lambda p: setattr(p, "id_token_key", rsa_key("stranger")),
    "of_another_issuer": lambda p: p.id_token_claims.update(iss="https://evil.example.com"),
    "for_another_client": lambda p: p.id_token_claims.update(aud="somebody-else"),
    "issued_to_another_client": lambda p: p.id_token_claims.update(azp="somebody-else"),
    "expired": lambda p: p.id_token_claims.update(iat=LATE, exp=LATE + 60),
    "from_the_future": lambda p: p.id_token_claims.update(iat=int(time.time()) + 500),
    "of_another_login": lambda p: p.id_token_claims.update(nonce="another-nonce"),
    "without_nonce": lambda p: p.id_token_claims.update(nonce=None),
    "without_subject": lambda p: p.id_token_claims.update(sub=None),
    "without_expiry": lambda p: p.id_token_claims.update(exp=None),
    "of_another_access_token": lambda p: p.id_token_claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "that_is_garbage": lambda p: setattr(p, "id_token", "garbage"),
}


@pytest.mark.parametrize("kind", ID_TOKENS)
def test_an_id_token_is_refused_that_is(world, kind):
    ID_TOKENS[kind](world.provider)
    browser = world.browser()

    refused = world.log_in(browser)

    assert (refused.status_code, refused.text) == (200, SENTENCE)
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("kind", ID_TOKENS)
def test_the_error_view_hears_of_an_id_token_that_is(world, kind):
    ID_TOKENS[kind](world.provider)
    assert world.show_errors is None

    refused = world.log_in(world.browser())

    assert refused.status_code == 200
    assert refused.json["error"] == "unexpected_error"
    assert refused.json["message"]


def test_a_token_answer_without_an_id_token_is_refused(world):
    world.provider.id_token = ""
    browser = world.browser()
    assert world.log_in(browser).text == SENTENCE
    assert browser.get("/").status_code == 302


def test_a_user_info_answer_about_somebody_else_is_refused(world):
    world.provider.user_info["sub"] = "mallory"
    browser = world.browser()
    assert world.log_in(browser).text == SENTENCE
    assert browser.get("/").status_code == 302


def test_a_user_info_answer_about_nobody_is_refused(world):
    del world.provider.user_info["sub"]
    browser = world.browser()
    assert world.log_in(browser).text == SENTENCE
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"state": "another-state-of-some-length"},
        {"state": None},
        {"code": None},
        {"code": None, "state": None},
    ],
    ids=["wrong_state", "no_state", "no_code", "nothing"],
)
def test_a_callback_is_refused_that_has(world, change):
    browser = world.browser()
    refused = browser.get(world.provider.authorize(world.begin(browser), **change))
    assert (refused.status_code, refused.text) == (200, SENTENCE)
    assert world.provider.requests_to("token") == []
    assert browser.get("/").status_code == 302


def test_a_callback_with_a_doubled_state_is_refused(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    assert browser.get(f"{back}&state=another-state-of-some-length").text == SENTENCE
    assert world.provider.requests_to("token") == []


def test_a_stray_callback_does_not_end_the_login_under_way(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    browser.get("/redirect_uri?code=stray&state=stray-state-of-some-length")
    assert browser.get(back).status_code == 302
    assert browser.get("/").status_code == 200


def test_a_callback_in_a_browser_that_began_nothing_is_refused(world):
    back = world.provider.authorize(world.begin(world.browser()))
    assert world.show_errors is None
    assert world.browser().get(back).json == {
        "error": "unsolicited_response",
        "message": "No initialised user session.",
    }


def test_a_callback_serves_once(world):
    browser = world.browser()
    back = world.provider.authorize(world.begin(browser))
    browser.get(back)
    assert world.show_errors is None
    assert browser.get(back).json == {
        "error": "unsolicited_response",
        "message": "No authentication request stored.",
    }
    assert len(world.provider.requests_to("token")) == 1


def test_the_provider_error_is_shown_by_the_error_view(world):
    assert world.show_errors is None
    browser = world.browser()
    refused = browser.get(world.provider.deny(world.begin(browser), "access_denied", "She said no."))
    assert (refused.status_code, refused.json) == (
        200,
        {"error": "access_denied", "message": "She said no."},
    )


def test_the_provider_error_without_an_error_view_is_a_fixed_sentence(world):
    browser = world.browser()
    refused = browser.get(world.provider.deny(world.begin(browser), description="<script>alert(1)</script>"))
    assert (refused.status_code, refused.text) == (200, SENTENCE)


def test_a_forged_provider_error_is_not_shown(world):
    assert world.show_errors is None
    browser = world.browser()
    world.begin(browser)
    forged = browser.get("/redirect_uri?error=call&error_description=0900-1234&state=x")
    assert forged.json["error"] == "unexpected_error"
    assert "0900" not in forged.text


def test_a_refused_code_is_shown_by_the_error_view(world):
    world.provider.answers["token"] = (400, {"error": "invalid_grant", "error_description": "spent"})
    assert world.show_errors is None
    assert world.log_in(world.browser()).json == {"error": "invalid_grant", "message": "spent"}


@pytest.mark.parametrize(
    "answer",
    [(500, b"<html>"), (200, b"<html>"), (200, {}), (302, b"")],
    ids=["500", "html", "empty", "redirect"],
)
def test_a_broken_token_endpoint_is_no_500(world, answer):
    world.provider.answers["token"] = answer
    browser = world.browser()
    assert (world.log_in(browser)).status_code in (200, 503)
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("answer", [(401, {"error": "invalid_token"}), (500, b"<html>"), (200, b"<html>")])
def test_a_broken_user_info_endpoint_is_no_500(world, answer):
    world.provider.answers["userinfo"] = answer
    browser = world.browser()
    assert world.log_in(browser).status_code in (200, 503)
    assert browser.get("/").status_code == 302


def test_the_error_view_may_choose_its_status(world):
    @world.auth.error_view
    def error(error=None, error_description=None):
        return "no", 418

    browser = world.browser()
    assert browser.get(world.provider.deny(world.begin(browser))).status_code == 418


def test_an_error_that_was_stored_is_shown(world):
    assert world.show_errors is None
    browser = world.browser()
    with browser.session_transaction() as session:
        session["error"] = {"error": "stored", "error_description": "before"}
    assert browser.get("/redirect_uri?error=1").json == {"error": "stored", "message": "before"}
    assert browser.get("/redirect_uri?error=1").text == "Something went wrong."


def test_a_refused_login_is_logged_as_json(world, caplog):
    browser = world.browser()
    with caplog.at_level(logging.ERROR, "flask_pyoidc"):
        browser.get(world.provider.deny(world.begin(browser), "access_denied", "line\nbreak"))
    record = caplog.records[-1]
    assert record.name == "flask_pyoidc.flask_pyoidc"
    assert json.loads(record.getMessage())["error_description"] == "line\nbreak"


def test_no_token_and_no_secret_is_logged(world, caplog):
    world.provider.id_token_claims["aud"] = "somebody-else"
    browser = world.browser()
    with caplog.at_level(logging.DEBUG, "flask_pyoidc"), caplog.at_level(logging.DEBUG, "countersign"):
        world.log_in(browser)
    issued = [*world.provider.tokens, *world.provider.refresh_tokens, world.provider.client_secret, "eyJ"]
    assert not [secret for secret in issued if secret in caplog.text]


def test_a_clock_that_runs_late_is_allowed_for_only_where_set(world):
    world.provider.id_token_claims.update(iat=int(time.time()) + 30, exp=int(time.time()) + 600)
    assert world.log_in(world.browser()).text == SENTENCE


def test_clock_skew_is_heeded(world):
    world.app.config["OIDC_CLOCK_SKEW"] = 60
    world.provider.id_token_claims.update(iat=int(time.time()) + 30, exp=int(time.time()) + 600)
    assert world.log_in(world.browser()).status_code == 302

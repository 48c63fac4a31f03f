"""What somebody tries who wants in."""

from __future__ import annotations

import pytest
from support.modern import Browser

PREFLIGHT = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}


@pytest.fixture
def api(build):
    """An API whose views answer OPTIONS themselves, as many do who once had trouble with CORS."""
    app, auth = build(audience="notes-api")
    app.testing = True

    @app.route("/attacked", methods=["GET", "OPTIONS"])
    @auth.token_required(scopes=["notes:read"])
    def attacked():
        return "the notes of everybody"

    @app.route("/maybe")
    @auth.token_required(optional=True)
    def maybe():
        return "nobody" if auth.token is None else str(auth.token.subject)

    @app.route("/guarded", methods=["GET", "OPTIONS"])
    @auth.login_required
    def guarded():
        return "private"

    @app.route("/whose")
    def whose():
        return "nobody" if auth.user is None else auth.user.subject

    return app


def test_a_preflight_that_anybody_can_send_runs_no_view(api):
    client = api.test_client()
    for page in ("/attacked", "/guarded"):
        for headers in ({}, PREFLIGHT):
            answer = client.options(page, headers=headers)
            assert "everybody" not in answer.text
            assert "private" not in answer.text


def test_a_request_sees_no_token_of_the_one_before(api, provider):
    good = {"Authorization": f"Bearer {provider.mint_access_token(scope='notes:read', aud='notes-api')}"}
    # As in test suites and background jobs, where several requests share one application context.
    with api.app_context():
        client = api.test_client()
        assert client.get("/attacked", headers=good).status_code == 200
        assert client.get("/attacked").status_code == 401
        assert client.get("/maybe").text == "nobody"


def test_a_request_sees_nobody_of_the_one_before(api, provider):
    browser = Browser(api, provider)
    browser.log_in()
    with api.app_context():
        assert browser.client.get("/whose", base_url="https://notes.example").text == "alice"
        assert api.test_client().get("/whose", base_url="https://notes.example").text == "nobody"


def test_a_preflight_is_answered_with_the_methods_alone(api):
    answer = api.test_client().options("/attacked", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.text == ""
    assert "GET" in answer.headers["Allow"]


def test_options_without_a_token_are_refused_like_everything_else(api):
    assert api.test_client().options("/attacked").status_code == 401

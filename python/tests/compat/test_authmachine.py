"""AuthMachine's demo, in both spellings: from the login to the status of the token."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from support.served import served
from support.tokens import rsa_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "authmachine"
MODULES = ("app", "app_compat", "settings")


@pytest.fixture(params=["app", "app_compat"])
def demo(request, monkeypatch):
    """The application, its provider, and the tokens that AuthMachine knows to be revoked."""
    revoked = set()

    def check_token_revoked(method, path, body):
        form = dict(parse_qsl(body.decode()))
        if method != "POST" or form.get("grant_type") != "check_token_revoked":
            return None
        if form["client_secret"] != provider.client_secret:
            return 401, [], b"{}"
        answer = {"revoked": form["access_token"] in revoked}
        return 200, [("Content-Type", "application/json")], json.dumps(answer).encode()

    with served(before=check_token_revoked) as provider:
        monkeypatch.setenv("AUTHMACHINE_URL", provider.issuer + "/")
        monkeypatch.setenv("AUTHMACHINE_CLIENT_ID", provider.client_id)
        monkeypatch.setenv("AUTHMACHINE_CLIENT_SECRET", provider.client_secret)
        monkeypatch.setenv("SECRET_KEY", "for tests only")
        monkeypatch.syspath_prepend(str(EXAMPLE))
        for name in MODULES:
            sys.modules.pop(name, None)
        module = importlib.import_module(request.param)
        browser = module.app.test_client()
        yield SimpleNamespace(browser=browser, provider=provider, revoked=revoked, name=request.param)
        for name in MODULES:
            sys.modules.pop(name, None)


def come_back(demo, **changes):
    sent = demo.browser.get("/login").location
    return demo.browser.get(local(demo.provider.authorize(sent, **changes)))


def local(url):
    """Path and query: the application of a test has another name than the one in its settings."""
    split = urlsplit(url)
    return f"{split.path}?{split.query}"


def test_a_login_shows_who_it_is(demo):
    assert demo.browser.get("/").json is None

    assert come_back(demo).location == "/"

    assert demo.browser.get("/").json == demo.provider.user_info
    assert demo.provider.requests_to("userinfo")[0].method == "POST"
    assert demo.provider.requests_to("token")[0].form["client_id"] == demo.provider.client_id


def test_the_permissions_are_asked_for(demo):
    asked = parse_qs(urlsplit(demo.browser.get("/login").location).query)

    assert json.loads(asked["claims"][0]) == {"authmachine_permissions": ["object1", "object2"]}
    assert asked["scope"] == ["openid email profile"]
    assert asked["redirect_uri"] == ["https://application.example.com/oidc-callback"]


def test_logout_goes_by_the_provider_and_revokes(demo):
    come_back(demo)

    sent = demo.browser.get("/logout").location

    asked = parse_qs(urlsplit(sent).query)
    assert sent.startswith(demo.provider.metadata["end_session_endpoint"])
    assert asked["revoke_tokens"] == ["1"]
    assert asked["post_logout_redirect_uri"] == ["https://application.example.com/oidc-logout-callback"]
    demo.browser.get("/oidc-logout-callback")
    assert demo.browser.get("/").json is None


def test_the_status_of_the_token_is_known(demo):
    demo.provider.metadata["token_endpoint"] = f"{demo.provider.issuer}/oidc/token"
    come_back_by(demo, "/oidc/token")
    assert demo.browser.get("/token-status").json == {"revoked": False}

    demo.revoked.update(demo.provider.tokens)

    assert demo.browser.get("/token-status").json == {"revoked": True}


def come_back_by(demo, token_path):
    """AuthMachine's token endpoint has a path of its own."""
    handle = demo.provider.handle
    place = demo.provider.issuer + token_path

    def redirected(method, url, headers, body):
        return handle(method, demo.provider.issuer + "/token" if url == place else url, headers, body)

    demo.provider.handle = redirected
    come_back(demo)


@pytest.mark.parametrize(
    "broken",
    [{"aud": "somebody-else"}, {"iss": "https://evil.example.com"}, {"exp": 1000}],
    ids=lambda claims: next(iter(claims)),
)
def test_a_bad_id_token_logs_nobody_in(demo, broken):
    demo.provider.id_token_claims.update(broken)

    assert come_back(demo).status_code == 401
    assert demo.browser.get("/").json is None


def test_a_code_that_is_refused_logs_nobody_in(demo):
    demo.provider.answers["token"] = (400, {"error": "invalid_grant"})

    assert come_back(demo).status_code == 401
    assert demo.browser.get("/").json is None


def test_an_unsigned_id_token_logs_nobody_in(demo):
    demo.provider.id_token_header["alg"] = "none"

    assert come_back(demo).status_code == 401
    assert demo.browser.get("/").json is None


def test_an_id_token_of_a_stranger_logs_nobody_in(demo):
    demo.provider.id_token_key = rsa_key("stranger")

    assert come_back(demo).status_code == 401
    assert demo.browser.get("/").json is None


def test_a_profile_of_somebody_else_logs_nobody_in(demo):
    demo.provider.user_info["sub"] = "mallory"

    assert come_back(demo).status_code == 401
    assert demo.browser.get("/").json is None


def test_an_answer_of_another_provider_logs_nobody_in(demo):
    assert come_back(demo, iss="https://evil.example.com").status_code == 401
    assert demo.browser.get("/").json is None


def test_the_new_spelling_refuses_a_login_that_another_browser_began(demo):
    victim = demo.browser.application.test_client()
    back = local(demo.provider.authorize(demo.browser.get("/login").location))

    if demo.name == "app_compat":
        # The guide's calls keep no state to compare, which the guide for migrating says.
        assert victim.get(back).status_code == 302
        return
    assert victim.get(back).location == "/login"
    victim.get("/login")
    assert victim.get(back).status_code == 401
    assert victim.get("/").json is None

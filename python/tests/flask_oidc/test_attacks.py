"""What somebody tries who wants in, or wants others to land elsewhere."""

from __future__ import annotations

import logging
import time
from urllib.parse import quote, urlsplit

import pytest
from cachelib import SimpleCache
from flask import Flask, g
from flask.sessions import SessionInterface, SessionMixin
from flask_oidc import OpenIDConnect
from flask_session import Session

HOSTILE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:\\\\evil.example",
    "http://localhost@evil.example/",
    "http://localhost.evil.example/",
    "http://localhost:80@evil.example/",
    "http://localhost\\@evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%0d%0aSet-Cookie:a=b\r\nSet-Cookie: a=b",
    "//%65vil.example",
    "http://[::1/",
    "http:///evil.example",
    "/..//evil.example",
    "/.//evil.example",
]


def lands_here(location):
    """As a browser at http://localhost/ reads it: backslashes are slashes, tabs and line ends are nothing."""
    read = location.strip().replace("\\", "/")
    for nothing in "\t\r\n":
        read = read.replace(nothing, "")
    parts = urlsplit(read)
    if parts.scheme or read.startswith("//"):
        return parts.scheme in ("http", "https") and parts.netloc == "localhost"
    return True


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_sent_elsewhere_after_a_login(browser, sent_away, provider, target):
    away = sent_away(browser, f"/login?next={quote(target)}")
    answer = browser.get(provider.authorize(away))
    assert answer.status_code == 302
    assert lands_here(answer.location), answer.location
    assert "Set-Cookie: a=b" not in str(answer.headers)


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_sent_elsewhere_after_a_logout(browser, target):
    answer = browser.get(f"/logout?next={quote(target)}")
    assert answer.status_code == 302
    assert lands_here(answer.location), answer.location


def test_a_callback_with_doubled_parameters_is_refused(browser, sent_away, provider, stored):
    back = provider.authorize(sent_away(browser))
    code = back.partition("code=")[2].partition("&")[0]
    answer = browser.get(f"{back}&code={code}")
    assert answer.status_code == 401
    assert "oidc_auth_token" not in stored(browser)


def test_the_callback_of_another_browser_logs_nobody_in(app, browser, sent_away, provider, stored):
    attacker = app.test_client()
    back = provider.authorize(sent_away(attacker))
    sent_away(browser)
    assert browser.get(back).status_code == 401
    assert "oidc_auth_token" not in stored(browser)


def test_a_code_of_another_login_does_not_serve_this_one(browser, sent_away, provider, stored):
    first = provider.authorize(sent_away(browser))
    second = provider.authorize(sent_away(browser))
    stolen = second.partition("code=")[2].partition("&")[0]
    own = first.partition("code=")[2].partition("&")[0]
    assert browser.get(first.replace(own, stolen)).status_code == 401
    assert "oidc_auth_token" not in stored(browser)


def test_a_callback_serves_once(browser, sent_away, provider):
    back = provider.authorize(sent_away(browser))
    assert browser.get(back).status_code == 302
    browser.get("/logout")
    assert browser.get(back).status_code == 401


def test_what_stands_in_the_address_writes_no_line_into_the_log(browser, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = browser.get(
            "/authorize?error=access_denied%0a2026-01-01+CRITICAL+forged&error_description=a%0d%0ab"
        )
    assert answer.status_code == 401
    assert "forged" not in "".join(
        record.getMessage() for record in caplog.records if "\n" in record.getMessage()
    )
    assert all("\r" not in record.getMessage() for record in caplog.records)


def test_what_stands_in_the_address_is_no_markup(browser):
    answer = browser.get("/authorize?error=x&error_description=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>" not in answer.text


def cookie_of(browser):
    """What the browser sends: Werkzeug 2.2 can't tell in another way."""
    sent = browser.get("/").request.environ["HTTP_COOKIE"]
    return sent.partition("session=")[2].partition(";")[0]


def test_a_session_on_the_server_gets_another_name_at_login(make, sent_away, provider):
    app = make(SESSION_TYPE="cachelib", SESSION_CACHELIB=SimpleCache())
    Session(app)
    browser = app.test_client()
    away = sent_away(browser)
    before = cookie_of(browser)
    assert browser.get(provider.authorize(away)).status_code == 302
    after = cookie_of(browser)
    assert before != after, "whoever planted the old name would be logged in as well"
    thief = app.test_client(use_cookies=False)
    assert thief.get("/private", headers={"Cookie": f"session={before}"}).status_code == 302
    assert thief.get("/private", headers={"Cookie": f"session={after}"}).status_code == 200
    assert browser.get("/private").text == "private of alice"


class OddSession(SessionMixin):
    """A session that is no dictionary, as some extensions have."""

    kept: dict = {}

    def __getitem__(self, key):
        return self.kept[key]

    def __setitem__(self, key, value):
        self.kept[key] = value

    def __delitem__(self, key):
        del self.kept[key]

    def __iter__(self):
        return iter(dict(self.kept))

    def __len__(self):
        return len(self.kept)


class OddSessions(SessionInterface):
    def __init__(self):
        self.session = OddSession()
        self.session.kept = {}

    def open_session(self, app, request):
        return self.session

    def save_session(self, app, session, response):
        pass


def test_a_login_ends_in_any_kind_of_session(app, browser):
    app.session_interface = OddSessions()
    app.session_interface.session["oidc_auth_token"] = {
        "access_token": "old",
        "expires_at": int(time.time()) - 3600,
        "userinfo": {"sub": "alice", "iss": "https://op.example.com"},
    }
    app.session_interface.session["oidc_auth_profile"] = {"sub": "alice"}
    answer = browser.get("/private")
    assert answer.status_code == 302
    assert "reason=expired" in answer.location


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "bearer  ",
        "Basic YTpi",
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer \xff",
        "a" * 9000,
    ],
)
def test_no_odd_header_is_let_in_or_breaks_the_view(browser, header):
    answer = browser.get("/api", headers={"Authorization": header})
    assert answer.status_code in (400, 401), answer.status_code
    assert answer.json["error"]


def test_no_form_of_accept_token_lets_everybody_in(provider, config):
    app = Flask("forms")
    app.config.update(config)
    oidc = OpenIDConnect(app)
    forms = {
        "bare": oidc.accept_token,
        "called": oidc.accept_token(),
        "first": oidc.accept_token(True, ["admin"]),
        "keywords": oidc.accept_token(require_token=True, scopes_required=["admin"]),
        "unrendered": oidc.accept_token(True, ["admin"], False),
        "scopes": oidc.accept_token(scopes=["admin"]),
        "checked": oidc.check,
    }
    for name, decorate in forms.items():
        app.add_url_rule(f"/{name}", name, decorate(lambda: "inside"))
    browser = app.test_client()
    weak = provider.opaque_token(scope="openid")
    for name in forms:
        assert browser.get(f"/{name}").status_code in (401, 302), name
        assert browser.get(f"/{name}", headers={"Authorization": "Bearer made-up"}).status_code in (
            401,
            302,
        ), name
        if name not in ("bare", "called"):
            scarce = browser.get(f"/{name}", headers={"Authorization": f"Bearer {weak}"})
            assert scarce.status_code in (401, 403, 302), name


def test_a_validator_that_breaks_lets_nobody_in(app, oidc, browser):
    class Broken:
        TOKEN_TYPE = "bearer"

        def authenticate_token(self, token_string):
            raise ZeroDivisionError

        def validate_request(self, request):
            pass

        def validate_token(self, token, scopes, request, **claims):
            pass

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    oidc.accept_token.register_token_validator(Broken())
    assert browser.get("/api", headers={"Authorization": "Bearer a"}).status_code == 500


def test_a_view_that_is_open_to_all_sees_no_token_of_the_request_before(provider, config):
    app = Flask("open")
    app.config.update(config)
    oidc = OpenIDConnect(app)

    @app.route("/new")
    @oidc.accept_token(optional=True)
    def new():
        return str(g.get("authlib_server_oauth2_token") is not None)

    @app.route("/old")
    @oidc.accept_token(False)
    def old():
        return str(g.get("oidc_token_info") is not None)

    good = {"Authorization": f"Bearer {provider.opaque_token()}"}
    # As in test suites and background jobs, where several requests share one application context.
    with app.app_context():
        browser = app.test_client()
        for page in ("/new", "/old"):
            assert browser.get(page, headers=good).text == "True"
            assert browser.get(page).text == "False", page


def test_no_secret_gets_into_the_log(browser, sent_away, provider, caplog):
    with caplog.at_level(logging.DEBUG):
        back = provider.authorize(sent_away(browser))
        browser.get(back)
        provider.answers["token"] = (400, {"error": "invalid_grant", "error_description": "no"})
        other = provider.authorize(sent_away(browser, "/login"))
        browser.get(other)
        browser.get("/api", headers={"Authorization": "Bearer my-bearer-token-of-tests"})
        with browser.session_transaction() as kept:
            token = kept["oidc_auth_token"]
    secrets = [
        provider.client_secret,
        "my-bearer-token-of-tests",
        token["access_token"],
        token["id_token"],
        back.partition("code=")[2].partition("&")[0],
        other.partition("code=")[2].partition("&")[0],
    ]
    text = "\n".join(
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith(("urllib3", "werkzeug"))
    )
    for secret in secrets:
        assert secret not in text


def test_a_login_leaves_nothing_of_the_person_before(browser, log_in, provider, stored):
    log_in(browser)
    provider.subject = "bob"
    provider.user_info = {"sub": "bob"}
    log_in(browser, "/login")
    assert stored(browser)["oidc_auth_profile"] == {"sub": "bob"}
    assert stored(browser)["oidc_auth_token"]["userinfo"]["sub"] == "bob"

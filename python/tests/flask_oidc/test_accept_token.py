"""``accept_token`` as in 2.x: who passes, and what the others are told."""

from __future__ import annotations

import json
import time

import pytest
from flask import g, jsonify
from flask_oidc import IntrospectTokenValidator, OpenIDConnect, current_token
from support.tokens import rsa_key, tampered
from werkzeug.exceptions import HTTPException


def bearer(token, scheme="Bearer"):
    return {"Authorization": f"{scheme} {token}"}


@pytest.fixture
def guarded(app, oidc):
    """A client of an API with one view per way of asking."""

    @app.route("/bare")
    @oidc.accept_token
    def bare():
        return "bare"

    @app.route("/one-of")
    @oidc.accept_token(scopes=["admin", "read write"])
    def one_of():
        return "one of"

    @app.route("/all-of")
    @oidc.accept_token("read write")
    def all_of():
        return "all of"

    @app.route("/optional")
    @oidc.accept_token(optional=True)
    def optional():
        return current_token["sub"] if current_token else "anonymous"

    @app.route("/claims")
    @oidc.accept_token(groups=["admins", "owners"], tenant="t1")
    def claims():
        return "claims"

    @app.route("/acquired")
    def acquired():
        with oidc.accept_token.acquire(["admin"]) as token:
            return token["sub"]

    return app.test_client()


def test_a_good_token_passes(guarded, provider):
    token = provider.opaque_token(scope="read", username="alice")
    answer = guarded.get("/api", headers=bearer(token))
    assert answer.status_code == 200
    said = json.loads(answer.text)
    assert said["sub"] == "alice"
    assert said["username"] == "alice"
    assert said["active"] is True
    assert said["access_token"] == token


def test_the_scheme_is_compared_without_regard_to_case(guarded, provider):
    assert guarded.get("/bare", headers=bearer(provider.opaque_token(), "bearer")).text == "bare"


def test_the_introspection_request_is_as_it_was(guarded, provider):
    token = provider.opaque_token()
    guarded.get("/api", headers=bearer(token))
    assert provider.requests_to("introspection")[0].form == {
        "token": token,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
    }


def test_no_token_is_refused(guarded):
    answer = guarded.get("/api")
    assert answer.status_code == 401
    assert answer.json == {
        "error": "missing_authorization",
        "error_description": "Missing 'Authorization' in headers.",
    }
    assert answer.headers["WWW-Authenticate"].startswith('bearer error="missing_authorization"')
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["Basic dTpw", "Bearer", "Bearer ", "DPoP abc"])
def test_another_scheme_is_refused(guarded, header):
    answer = guarded.get("/api", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json == {"error": "unsupported_token_type"}
    assert answer.headers["WWW-Authenticate"].startswith('bearer error="unsupported_token_type"')


def test_an_inactive_token_is_refused(guarded):
    answer = guarded.get("/api", headers=bearer("nobody-knows-it"))
    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_token"
    assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_a_token_that_is_over_is_refused_even_if_called_active(guarded, provider):
    token = provider.opaque_token(exp=int(time.time()) - 3600)
    assert guarded.get("/api", headers=bearer(token)).status_code == 401


def test_one_scope_of_a_list_is_enough(guarded, provider):
    for scope, status in (
        ("admin", 200),
        ("read write", 200),
        ("read", 403),
        ("", 403),
        ("administrator", 403),
    ):
        token = provider.opaque_token(scope=scope)
        assert guarded.get("/one-of", headers=bearer(token)).status_code == status, scope


def test_all_words_of_a_text_are_needed(guarded, provider):
    for scope, status in (("write read x", 200), ("read", 403)):
        token = provider.opaque_token(scope=scope)
        assert guarded.get("/all-of", headers=bearer(token)).status_code == status, scope


def test_a_missing_scope_is_a_403(guarded, provider):
    answer = guarded.get("/one-of", headers=bearer(provider.opaque_token(scope="other")))
    assert answer.status_code == 403
    assert answer.json["error"] == "insufficient_scope"


def test_an_optional_token_may_be_missing_but_not_bad(guarded, provider):
    assert guarded.get("/optional").text == "anonymous"
    assert guarded.get("/optional", headers=bearer(provider.opaque_token())).text == "alice"
    assert guarded.get("/optional", headers=bearer("bad")).status_code == 401
    assert guarded.get("/optional", headers={"Authorization": "Basic x"}).status_code == 401


def test_claims_are_asked_for_by_name(guarded, provider):
    good = provider.opaque_token(groups=["owners"], tenant="t1")
    assert guarded.get("/claims", headers=bearer(good)).text == "claims"
    for claims in ({"groups": ["staff"], "tenant": "t1"}, {"groups": ["owners"], "tenant": "t2"}, {}):
        bad = provider.opaque_token(**claims)
        assert guarded.get("/claims", headers=bearer(bad)).status_code == 401, claims


def test_a_token_can_be_acquired_within_a_view(guarded, provider):
    assert guarded.get("/acquired", headers=bearer(provider.opaque_token(scope="admin"))).text == "alice"
    assert guarded.get("/acquired", headers=bearer(provider.opaque_token(scope="x"))).status_code == 403
    assert guarded.get("/acquired").status_code == 401


def test_an_error_handler_of_the_application_sees_the_refusal(app, guarded):
    @app.errorhandler(HTTPException)
    def refused(error):
        return f"handled {error.code}", error.code

    assert guarded.get("/api").text == "handled 401"


@pytest.mark.parametrize("endpoint", ["introspection", "discovery"])
def test_a_provider_that_is_down_is_a_503_not_an_open_door(guarded, provider, endpoint):
    token = provider.opaque_token()
    provider.unreachable.add(endpoint)
    answer = guarded.get("/api", headers=bearer(token))
    assert answer.status_code == 503
    assert answer.json["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    provider.unreachable.clear()
    assert guarded.get("/api", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("answer", [(500, {}), (401, {"error": "invalid_client"}), (200, b"<html>")])
def test_a_useless_introspection_answer_is_no_open_door(make, provider, answer):
    provider.answers["introspection"] = answer
    browser = make(TESTING=False).test_client()
    assert browser.get("/api", headers=bearer("t")).status_code >= 500


def test_a_provider_without_introspection_is_explained_in_the_log(make, provider, caplog):
    del provider.metadata["introspection_endpoint"]
    browser = make(TESTING=False).test_client()
    assert browser.get("/api", headers=bearer("t")).status_code == 500
    assert "introspection" in caplog.text


def test_authlibs_current_token_shows_the_token(app, oidc, provider):
    authlib = pytest.importorskip("authlib.integrations.flask_oauth2")

    @app.route("/authlib")
    @oidc.accept_token()
    def view():
        return authlib.current_token["sub"]

    answer = app.test_client().get("/authlib", headers=bearer(provider.opaque_token()))
    assert answer.text == "alice"


def test_the_user_info_of_a_token_can_be_asked(app, oidc, provider):
    @app.route("/about")
    @oidc.accept_token(scopes=["profile"])
    def about():
        return dict(g._oidc_auth.userinfo(token=current_token))

    token = provider.opaque_token(scope="profile")
    assert app.test_client().get("/about", headers=bearer(token)).json == provider.user_info
    assert provider.requests_to("userinfo")[0].bearer == token


# Settings.


def test_the_audience_is_checked_where_it_is_set(make, provider):
    token = provider.opaque_token(aud="another")
    assert make().test_client().get("/api", headers=bearer(token)).status_code == 200
    strict = make(OIDC_RESOURCE_CHECK_AUD=True).test_client()
    assert strict.get("/api", headers=bearer(token)).status_code == 401
    assert strict.get("/api", headers=bearer(provider.opaque_token(aud=None))).status_code == 401
    assert strict.get("/api", headers=bearer(provider.opaque_token(aud=["x", "client1"]))).status_code == 200


def test_a_token_may_lack_an_audience_where_none_is_checked(make, provider):
    token = provider.opaque_token(aud=None, iss=None, sub=None)
    assert make().test_client().get("/api", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(("hint", "sent"), [("access_token", "access_token"), ("none", None)])
def test_a_token_type_hint_is_sent_where_it_is_set(make, provider, hint, sent):
    make(OIDC_TOKEN_TYPE_HINT=hint).test_client().get("/api", headers=bearer("t"))
    assert provider.requests_to("introspection")[0].form.get("token_type_hint") == sent


def test_introspection_by_basic_authentication(make, provider):
    browser = make(OIDC_INTROSPECTION_AUTH_METHOD="client_secret_basic").test_client()
    browser.get("/api", headers=bearer("t"))
    asked = provider.requests_to("introspection")[0]
    assert asked.basic == (provider.client_id, provider.client_secret)
    assert "client_secret" not in asked.form


def test_introspection_by_the_token_itself(make, provider):
    token = provider.opaque_token()
    browser = make(OIDC_INTROSPECTION_AUTH_METHOD="bearer").test_client()
    assert browser.get("/api", headers=bearer(token)).status_code == 200
    asked = provider.requests_to("introspection")[0]
    assert asked.bearer == token
    assert "client_secret" not in asked.form


def test_each_request_is_introspected_unless_answers_are_kept(make, provider):
    for seconds, asked in ((None, 2), (30, 1)):
        provider.requests.clear()
        token = provider.opaque_token()
        browser = make(**({} if seconds is None else {"OIDC_INTROSPECTION_CACHE": seconds})).test_client()
        browser.get("/api", headers=bearer(token))
        browser.get("/api", headers=bearer(token))
        assert len(provider.requests_to("introspection")) == asked


# JWT access tokens, verified here.


@pytest.fixture
def local(make, provider):
    del provider.metadata["introspection_endpoint"]
    return make(OIDC_ACCESS_TOKEN_AUDIENCE="https://api.example.com").test_client()


def minted(provider, **changes):
    return provider.mint_access_token(**{"aud": "https://api.example.com", **changes})


def test_a_jwt_is_verified_here_where_an_audience_is_set(local, provider):
    answer = local.get("/api", headers=bearer(minted(provider, scope="read")))
    assert answer.status_code == 200
    assert json.loads(answer.text)["sub"] == "alice"
    assert provider.requests_to("introspection") == []


@pytest.mark.parametrize(
    "broken",
    [
        {"aud": "another"},
        {"iss": "https://evil.example.com"},
        {"exp": 1},
        {"header": {"alg": "none"}},
        {"key": rsa_key("stranger")},
    ],
)
def test_a_bad_jwt_is_refused(local, provider, broken):
    assert local.get("/api", headers=bearer(minted(provider, **broken))).status_code == 401


def test_a_tampered_jwt_is_refused(local, provider):
    forged = tampered(minted(provider), sub="mallory")
    assert local.get("/api", headers=bearer(forged)).status_code == 401


def test_other_tokens_are_introspected_where_the_provider_can(make, provider):
    browser = make(OIDC_ACCESS_TOKEN_AUDIENCE=["https://api.example.com"]).test_client()
    token = provider.opaque_token(aud="https://api.example.com")
    assert browser.get("/api", headers=bearer(token)).status_code == 200


# Validators of the application's own.


def test_a_validator_of_ones_own_is_asked_instead(make, provider):
    class Own(IntrospectTokenValidator):
        def introspect_token(self, token_string):
            return {"active": token_string == "let-me-in", "scope": "read", "sub": "own"}

    oidc = OpenIDConnect()
    oidc.accept_token.register_token_validator(Own())
    browser = make(oidc=oidc).test_client()
    assert json.loads(browser.get("/api", headers=bearer("let-me-in")).text)["sub"] == "own"
    assert browser.get("/api", headers=bearer("let-me-out")).status_code == 401
    assert provider.requests == []


def test_a_patched_introspection_counts(app, provider, monkeypatch):
    monkeypatch.setattr(IntrospectTokenValidator, "introspect_token", lambda self, token: {"active": False})
    assert app.test_client().get("/api", headers=bearer(provider.opaque_token())).status_code == 401


def test_an_error_of_authlib_is_a_refusal(make):
    errors = pytest.importorskip("authlib.oauth2.rfc6750")

    class Own(IntrospectTokenValidator):
        def introspect_token(self, token_string):
            raise errors.InvalidTokenError("said by authlib")

    oidc = OpenIDConnect()
    oidc.accept_token.register_token_validator(Own())
    answer = make(oidc=oidc).test_client().get("/api", headers=bearer("t"))
    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_token"


def test_a_mistake_in_a_validator_is_a_500_not_an_open_door(make):
    class Own(IntrospectTokenValidator):
        def introspect_token(self, token_string):
            raise KeyError("a mistake")

    oidc = OpenIDConnect()
    oidc.accept_token.register_token_validator(Own())
    assert make(oidc=oidc, TESTING=False).test_client().get("/api", headers=bearer("t")).status_code == 500


def test_a_protector_of_the_class_finds_its_application(app, provider):
    @app.route("/by-class")
    @OpenIDConnect.accept_token(["read"])
    def by_class():
        return jsonify(current_token["scope"])

    token = provider.opaque_token(scope="read")
    assert app.test_client().get("/by-class", headers=bearer(token)).json == "read"
    assert app.test_client().get("/by-class").status_code == 401


def test_a_token_of_another_request_is_not_seen(guarded, provider):
    guarded.get("/optional", headers=bearer(provider.opaque_token()))
    assert guarded.get("/optional").text == "anonymous"


def test_a_view_may_be_a_coroutine(app, oidc, provider, browser, log_in, monkeypatch):
    # Without asgiref installed Flask can't run them: that it is asked to is what counts here.
    monkeypatch.setattr(app, "async_to_sync", lambda view: lambda *_, **__: "ran " + view.__name__)

    async def tokens():
        return "never run by itself"

    async def people():
        return "never run by itself"

    app.route("/tokens")(oidc.accept_token(True)(tokens))
    app.route("/new-tokens", endpoint="new")(oidc.accept_token()(tokens))
    app.route("/people")(oidc.require_login(people))
    for path in ("/tokens", "/new-tokens"):
        assert browser.get(path, headers=bearer(provider.opaque_token())).text == "ran tokens"
        assert browser.get(path).status_code == 401
    assert browser.get("/people").status_code == 302
    log_in(browser)
    assert browser.get("/people").text == "ran people"

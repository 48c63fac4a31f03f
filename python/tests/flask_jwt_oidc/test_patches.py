"""Suites in the wild patch names of the class and of the module; what they patch is asked."""

from __future__ import annotations

import io
import json
from unittest.mock import MagicMock, patch
from urllib.error import URLError

import pytest
from flask import Flask, g
from flask_jwt_oidc import AuthError, JwtManager
from support.jwt_api import AUDIENCE, TEST_MODE, add_views, api, bearer, mint
from support.tokens import public, rsa_key

ISSUER = "https://keycloak.example.com/auth/realms/notes"
WELL_KNOWN = f"{ISSUER}/.well-known/openid-configuration"
JWKS_URI = f"{ISSUER}/protocol/openid-connect/certs"
DOCUMENTS = {
    WELL_KNOWN: {"issuer": ISSUER, "jwks_uri": JWKS_URI},
    JWKS_URI: {"keys": [public(rsa_key())]},
}


def opened(url):
    return io.BytesIO(json.dumps(DOCUMENTS[url]).encode())


def no_op(*args, **kwargs):
    return None


def fake_header(cls):
    return "fake_jwt_token"


@patch("flask_jwt_oidc.JwtManager.get_token_auth_header", new=fake_header)
@patch("flask_jwt_oidc.JwtManager._validate_token", new=no_op)
def test_a_suite_may_patch_the_header_and_the_check_on_the_class():
    app, jwt = api(**TEST_MODE)
    seen = []

    @app.route("/seen")
    @jwt.requires_auth
    def view():
        seen.append("here")
        return "seen"

    assert app.test_client().get("/seen").text == "seen"
    assert seen == ["here"]


def test_after_the_patch_the_check_is_back():
    app, _ = api(**TEST_MODE)
    with patch.object(JwtManager, "_validate_token", new=no_op):
        app.test_client().get("/notes", headers=bearer("x"))

    assert app.test_client().get("/notes", headers=bearer("x")).status_code == 401


def test_the_patched_check_gets_the_token_and_its_claims_decide():
    app, _ = api(**TEST_MODE)
    roles = {"realm_access": {"roles": ["reader", "editor"]}}
    with patch.object(JwtManager, "_validate_token", return_value=roles) as check:
        assert app.test_client().get("/both", headers=bearer("zzz")).status_code == 200
        check.assert_called_once_with("zzz")
        check.return_value = {"realm_access": {"roles": []}}
        assert app.test_client().get("/both", headers=bearer("zzz")).status_code == 401


def test_a_patched_check_of_nothing_in_particular_opens_no_door_for_roles():
    app, _ = api(**TEST_MODE)
    with patch.object(JwtManager, "_validate_token", new=MagicMock()):
        assert app.test_client().get("/both", headers=bearer("zzz")).status_code != 200


def test_the_check_may_be_patched_on_one_manager():
    app, jwt = api(**TEST_MODE)
    with patch.object(jwt, "_validate_token", return_value={}) as check:
        get = app.test_client(use_cookies=False).get
        assert get("/cookie").status_code == 401
        assert get("/cookie", headers={"Cookie": "oidc-jwt=cake"}).status_code == 200
    check.assert_called_once_with("cake")


def test_a_subclass_may_bring_the_token_from_elsewhere():
    class Elsewhere(JwtManager):
        @staticmethod
        def get_token_auth_header():
            return mint()

    app = Flask("elsewhere")
    app.config.update(TEST_MODE)
    add_views(app, Elsewhere(app))

    assert app.test_client().get("/notes").json["sub"] == "alice"


def test_a_subclass_may_add_a_rule_to_the_check():
    class Choosy(JwtManager):
        def _validate_token(self, token):
            claims = super()._validate_token(token)
            if claims["sub"] != "alice":
                raise AuthError({"code": "not_alice", "description": "only Alice"}, 401)
            return claims

    app = Flask("choosy")
    app.config.update(TEST_MODE)
    add_views(app, Choosy(app))
    get = app.test_client().get

    assert get("/notes", headers=bearer(mint())).status_code == 200
    assert get("/notes", headers=bearer(mint(sub="bob"))).json["code"] == "not_alice"
    assert get("/notes", headers=bearer(mint(aud="x"))).json["code"] == "invalid_header"


def test_requires_auth_may_be_patched_on_the_class():
    with patch.object(JwtManager, "requires_auth", new=lambda self, f: f):
        app, jwt = api(**TEST_MODE)

        @app.route("/unprotected")
        @jwt.requires_auth
        def unprotected():
            return "unprotected"

    assert app.test_client().get("/unprotected").text == "unprotected"


def test_init_app_may_be_patched_on_the_class():
    with patch.object(JwtManager, "init_app") as init_app:
        app = Flask("patched")
        JwtManager(app)

    init_app.assert_called_once_with(app)


def test_a_replaced_urlopen_is_asked_for_metadata_and_keys(monkeypatch):
    asked = []

    def urlopen(url):
        asked.append(url)
        return opened(url)

    monkeypatch.setattr("flask_jwt_oidc.jwt_manager.urlopen", urlopen)
    app, _ = api(JWT_OIDC_WELL_KNOWN_CONFIG=WELL_KNOWN, JWT_OIDC_AUDIENCE=AUDIENCE)
    get = app.test_client().get

    assert get("/notes", headers=bearer(mint(iss=ISSUER))).status_code == 200
    assert get("/notes", headers=bearer(mint(iss=ISSUER, aud="x"))).status_code == 401
    assert asked == [WELL_KNOWN, JWKS_URI]


def test_what_a_replaced_urlopen_said_at_the_start_stays_when_it_is_put_back():
    app = Flask("notes")
    app.config.update(JWT_OIDC_WELL_KNOWN_CONFIG=WELL_KNOWN, JWT_OIDC_AUDIENCE=AUDIENCE)
    jwt = JwtManager()
    with patch("flask_jwt_oidc.jwt_manager.urlopen") as urlopen:
        urlopen.return_value.read.return_value = json.dumps(DOCUMENTS[WELL_KNOWN]).encode()
        jwt.init_app(app)
    urlopen.assert_called_once_with(url=WELL_KNOWN)

    assert (jwt.issuer, jwt.jwks_uri, jwt.audience) == (ISSUER, JWKS_URI, AUDIENCE)
    assert jwt.algorithms == ["RS256"]
    assert not jwt.jwt_oidc_test_mode


def test_a_replaced_urlopen_that_fails_stops_no_start(monkeypatch):
    def urlopen(url):
        raise URLError("nothing there")

    monkeypatch.setattr("flask_jwt_oidc.jwt_manager.urlopen", urlopen)
    app, _ = api(JWT_OIDC_WELL_KNOWN_CONFIG=WELL_KNOWN, JWT_OIDC_AUDIENCE=AUDIENCE)

    response = app.test_client().get("/notes", headers=bearer(mint(iss=ISSUER)))

    assert response.status_code == 503
    assert "Retry-After" in response.headers


@pytest.mark.parametrize("name", ["get_jwks", "_fetch_jwks_from_url", "_get_jwks_from_cache"])
def test_each_step_to_the_keys_may_be_patched(name):
    written = {"JWT_OIDC_JWKS_URI": JWKS_URI, "JWT_OIDC_ISSUER": ISSUER, "JWT_OIDC_AUDIENCE": AUDIENCE}
    app, _ = api(**written, JWT_OIDC_CACHING_ENABLED=True)
    with patch.object(JwtManager, name, return_value=DOCUMENTS[JWKS_URI]) as step:
        response = app.test_client().get("/notes", headers=bearer(mint(iss=ISSUER)))

    assert response.status_code == 200
    step.assert_called_once_with()


def test_claims_are_the_current_user_as_well():
    from flask.globals import request_ctx

    app, jwt = api(**TEST_MODE)
    with app.test_request_context("/", headers=bearer(mint())):
        claims = jwt._require_auth_validation()
        assert claims == g.jwt_oidc_token_info == request_ctx.current_user


def test_nobody_changes_the_claims_of_the_next_request():
    app, jwt = api(**TEST_MODE)

    @app.route("/spoil")
    @jwt.requires_auth
    def spoil():
        claims = g.jwt_oidc_token_info
        seen = json.dumps(claims)
        claims["realm_access"]["roles"].append("chief")
        claims["realm_access"]["more"] = {}
        claims["sub"] = "mallory"
        del claims["aud"]
        return seen

    token = bearer(mint(realm_access={"roles": []}))
    get = app.test_client().get

    assert len({get("/spoil", headers=token).text for _ in range(4)}) == 1
    assert get("/either", headers=token).status_code == 401
    assert get("/notes", headers=token).json["sub"] == "alice"

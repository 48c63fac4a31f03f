"""Test mode: keys out of the settings, and tokens signed with them."""

from __future__ import annotations

import sys
import time
import warnings
from datetime import datetime, timedelta, timezone

import pytest
from countersign_oidc.errors import SetupError
from flask import Flask
from flask_jwt_oidc import JwtManager
from support.jwt_api import AUDIENCE, ISSUER, TEST_MODE, api, bearer, claims, mint
from support.tokens import claims_of, pem, public, rsa_key

HEADER = {"alg": "RS256", "typ": "JWT", "kid": "key-1"}


def status(app, token, path="/notes"):
    return app.test_client().get(path, headers=bearer(token)).status_code


def test_the_settings_of_test_mode_are_those_of_the_manager():
    _, jwt = api(**TEST_MODE, JWT_OIDC_TEST_CLIENT_SECRET="s")

    assert jwt.jwt_oidc_test_mode
    assert (jwt.issuer, jwt.audience, jwt.client_secret) == (ISSUER, AUDIENCE, "s")
    assert jwt.jwt_oidc_test_keys == TEST_MODE["JWT_OIDC_TEST_KEYS"]
    assert jwt.jwt_oidc_test_private_key_pem == TEST_MODE["JWT_OIDC_TEST_PRIVATE_KEY_PEM"]
    assert jwt.algorithms == JwtManager.ALGORITHMS == "RS256"


def test_test_mode_without_keys_is_refused():
    app = Flask("notes")
    app.config.update(JWT_OIDC_TEST_MODE=True)

    with pytest.raises(SetupError, match="JWT_OIDC_TEST_KEYS"):
        JwtManager(app)


def test_a_token_of_create_jwt_passes():
    app, jwt = api(**TEST_MODE)

    assert status(app, jwt.create_jwt(claims(), HEADER)) == 200
    assert status(app, jwt.create_jwt(claims(aud="x"), HEADER)) == 401


def test_a_token_of_create_jwt_ends_after_an_hour_if_nothing_is_said():
    app, jwt = api(**TEST_MODE)

    token = jwt.create_jwt(claims(exp=None), HEADER)

    assert abs(claims_of(token)["exp"] - time.time() - 3600) < 10
    assert status(app, token) == 200


def test_create_jwt_takes_times_as_dates():
    app, jwt = api(**TEST_MODE)
    over = datetime.now(timezone.utc) - timedelta(minutes=1)

    token = jwt.create_jwt(claims(exp=over), HEADER)

    assert status(app, token) == 401
    assert claims_of(token)["exp"] == int(over.timestamp())


@pytest.fixture(scope="module")
def small():
    """A key as most suites of this package bring it along."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rsa_key("small", 1024)


def small_mode(key):
    return {
        **TEST_MODE,
        "JWT_OIDC_TEST_KEYS": {"keys": [public(key)]},
        "JWT_OIDC_TEST_PRIVATE_KEY_PEM": "\n" + pem(key),
    }


def test_a_key_of_1024_bits_signs_and_checks_in_test_mode(small):
    app, jwt = api(**small_mode(small))
    token = jwt.create_jwt(claims(), {**HEADER, "kid": "small"})

    assert status(app, token) == 200
    assert status(app, token[:-8] + "AAAAAAAA") == 401


def test_a_key_of_1024_bits_counts_nothing_outside_of_test_mode(provider, settings, published, small):
    provider.jwks["keys"].append(public(small))
    app, _ = api(**settings)

    assert status(app, published(key=small)) == 401
    assert status(app, published()) == 200


def test_a_small_key_without_the_extra_names_the_extra(small, monkeypatch):
    _, jwt = api(**small_mode(small))
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.padding", None)

    with pytest.raises(SetupError, match=r"countersign-flask-jwt-oidc\[test\]"):
        jwt.create_jwt(claims(), HEADER)


def test_a_key_that_can_not_be_read_is_no_key():
    _, jwt = api(**TEST_MODE | {"JWT_OIDC_TEST_PRIVATE_KEY_PEM": "nonsense"})

    with pytest.raises(SetupError):
        jwt.create_jwt(claims(), HEADER)


def test_create_jwt_needs_test_mode():
    _, jwt = api(JWT_OIDC_JWKS_URI="https://op.example.com/jwks")

    with pytest.raises(SetupError, match="JWT_OIDC_TEST_MODE"):
        jwt.create_jwt(claims(), HEADER)


@pytest.mark.parametrize("issuer", ["localhost.localdomain", "iss", "http://keycloak:8080/auth/realms/x"])
def test_an_issuer_may_be_any_text_and_is_compared_byte_for_byte(issuer):
    app, _ = api(**TEST_MODE | {"JWT_OIDC_TEST_ISSUER": issuer})

    assert status(app, mint(iss=issuer)) == 200
    assert status(app, mint(iss=issuer + "/")) == 401
    assert status(app, mint(iss=None)) == 401


def test_the_issuer_of_test_mode_is_localdomain_if_nothing_is_said():
    app, _ = api(**{name: value for name, value in TEST_MODE.items() if name != "JWT_OIDC_TEST_ISSUER"})

    assert status(app, mint(iss="localhost.localdomain")) == 200


def test_without_an_audience_in_the_settings_a_token_for_somebody_is_refused():
    app, _ = api(**TEST_MODE | {"JWT_OIDC_TEST_AUDIENCE": None})

    assert status(app, mint()) == 401
    assert status(app, mint(aud=None)) == 200


@pytest.mark.parametrize("nothing", [None, "", []])
def test_an_audience_that_is_empty_is_none(nothing):
    app, _ = api(**TEST_MODE | {"JWT_OIDC_TEST_AUDIENCE": nothing})

    assert status(app, mint()) == 401


def test_several_audiences_are_a_list_and_a_comma_is_a_letter():
    app, _ = api(**TEST_MODE | {"JWT_OIDC_TEST_AUDIENCE": ["a", "b"]})
    assert [status(app, mint(aud=name)) for name in ("a", "b", "c", "a,b")] == [200, 200, 401, 401]

    app, _ = api(**TEST_MODE | {"JWT_OIDC_TEST_AUDIENCE": "a,b"})
    assert [status(app, mint(aud=name)) for name in ("a", "b", "a,b")] == [401, 401, 200]


def test_the_audience_is_skipped_only_where_the_settings_say_so():
    app, _ = api(**TEST_MODE | {"JWT_OIDC_TEST_AUDIENCE": None}, JWT_OIDC_SKIP_AUDIENCE=True)

    assert status(app, mint()) == 200
    assert status(app, mint(aud="somebody-else")) == 200
    assert status(app, mint(aud=None)) == 200
    assert status(app, mint(iss="https://evil.example.com")) == 401


@pytest.mark.parametrize("cake", ["\udcff", "\x00", "é" * 9, "a" * 70_000, "..", "a.b.c.d.e"])
def test_whatever_a_subclass_finds_is_refused_if_it_is_no_token(cake):
    app, jwt = api(**TEST_MODE)
    jwt.get_token_auth_header = lambda: cake

    response = app.test_client().get("/notes")

    assert (response.status_code, response.json["code"]) == (401, "invalid_header")


def test_a_token_that_names_no_key_is_refused(app, get):
    response = get(mint({"kid": None}))

    assert response.status_code == 401
    assert response.json == {
        "code": "invalid_header",
        "description": "Invalid header. No KID in token header",
    }

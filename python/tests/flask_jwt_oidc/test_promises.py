"""What a manager promises beside its answers: settings that change, handlers, keys to look at."""

from __future__ import annotations

import time

import pytest
from countersign_oidc.errors import NetworkError, SetupError
from flask import Flask, jsonify
from flask_jwt_oidc import JwtManager
from support.jwt_api import AUDIENCE, TEST_MODE, add_views, api, bearer, mint, roles_of
from support.tokens import ec_key, pem, public, rsa_key


def status(app, token):
    return app.test_client().get("/notes", headers=bearer(token)).status_code


def test_algorithms_that_are_changed_later_count_from_then_on():
    app, jwt = api(**TEST_MODE)
    assert status(app, mint()) == 200

    jwt.algorithms = "PS256"

    assert status(app, mint()) == 401


def test_test_keys_that_are_changed_later_count_from_then_on():
    app, jwt = api(**TEST_MODE)
    assert status(app, mint()) == 200

    jwt.jwt_oidc_test_keys = {"keys": [public(rsa_key("another"))]}

    assert status(app, mint()) == 401
    assert status(app, mint({"kid": "another"}, rsa_key("another"))) == 200


def test_an_issuer_set_by_hand_is_not_replaced_by_what_the_provider_says(settings, published, provider):
    app, jwt = api(**settings)
    jwt.issuer = "https://issuer.set.by.hand"

    assert jwt.jwks_uri == provider.metadata["jwks_uri"]
    assert jwt.issuer == "https://issuer.set.by.hand"
    assert status(app, published()) == 401
    assert status(app, published(iss="https://issuer.set.by.hand")) == 200


def test_a_subclass_may_answer_errors_itself():
    class Own(JwtManager):
        @staticmethod
        def handle_auth_error(ex):
            return jsonify(own=ex.error["code"]), 418

    app = Flask("notes")
    app.config.update(TEST_MODE, JWT_ROLE_CALLBACK=roles_of)
    add_views(app, Own(app))

    answer = app.test_client().get("/notes")

    assert (answer.status_code, answer.json) == (418, {"own": "authorization_header_missing"})


@pytest.mark.parametrize("kid", ["ec-1", "nobody"])
def test_what_is_no_rsa_key_of_this_name_is_none_to_look_at(kid):
    jwks = {"keys": [public(ec_key()), public(rsa_key())]}

    assert JwtManager.get_rsa_key(jwks, kid) == {}
    assert JwtManager.get_rsa_key(jwks, "key-1") == public(rsa_key())


def test_settings_with_none_but_secret_algorithms_say_what_is_wanted(caplog):
    app, _ = api(
        JWT_OIDC_JWKS_URI="https://login.example.com/jwks",
        JWT_OIDC_ISSUER="https://login.example.com",
        JWT_OIDC_AUDIENCE=AUDIENCE,
        JWT_OIDC_ALGORITHMS="HS256",
    )

    assert status(app, mint()) == 500
    assert "must name an asymmetric algorithm" in caplog.text


def test_a_key_set_that_is_looked_at_is_read_again_when_it_is_old(provider, settings, monkeypatch):
    _, jwt = api(**settings, JWT_OIDC_CACHING_ENABLED=True, JWT_OIDC_JWKS_CACHE_TIMEOUT=60)
    jwt.get_jwks()
    jwt.get_jwks()
    assert len(provider.requests_to("jwks")) == 1
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)

    jwt.get_jwks()

    assert len(provider.requests_to("jwks")) == 2


def test_a_key_set_that_is_no_object_is_none(provider, settings):
    _, jwt = api(**settings)
    assert jwt.jwks_uri
    provider.answers["jwks"] = (200, ["no", "object"])

    with pytest.raises(NetworkError, match="JSON object"):
        jwt.get_jwks()


def test_an_ec_key_signs_no_token_of_a_test():
    _, jwt = api(**{**TEST_MODE, "JWT_OIDC_TEST_PRIVATE_KEY_PEM": pem(ec_key())})

    with pytest.raises(SetupError):
        jwt.create_jwt({"sub": "alice"}, {"kid": "ec-1", "alg": "RS256"})

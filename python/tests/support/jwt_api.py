"""An API as users of flask-jwt-oidc write it."""

from __future__ import annotations

import time

from flask import Flask, g, jsonify
from flask_jwt_oidc import JwtManager

from support.tokens import pem, public, rsa_key, signed

ISSUER = "https://login.example.com/realms/notes"
AUDIENCE = "notes-api"


def claims(**changes):
    """Of a good token; a claim that is None is left out."""
    now = int(time.time())
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "iat": now,
        "exp": now + 600,
        "realm_access": {"roles": ["reader", "editor"]},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def mint(header=None, key=None, **changes):
    return signed(claims(**changes), key or rsa_key(), header)


def roles_of(token_claims):
    return token_claims["realm_access"]["roles"]


def api(**settings):
    """The application and its manager."""
    app = Flask("notes")
    app.config["JWT_ROLE_CALLBACK"] = roles_of
    app.config.update(settings)
    jwt = JwtManager(app)
    add_views(app, jwt)
    return app, jwt


def add_views(app, jwt):
    @app.route("/open")
    def open_to_all():
        return "open"

    @app.route("/notes")
    @jwt.requires_auth
    def notes():
        return jsonify(g.jwt_oidc_token_info)

    @app.route("/both")
    @jwt.requires_roles(["reader", "editor"])
    def both():
        return "both"

    @app.route("/either")
    @jwt.has_one_of_roles(["editor", "chief"])
    def either():
        return "either"

    @app.route("/cookie")
    @jwt.requires_auth_cookie
    def cookie():
        return "cookie"


TEST_MODE = {
    "JWT_OIDC_TEST_MODE": True,
    "JWT_OIDC_TEST_AUDIENCE": AUDIENCE,
    "JWT_OIDC_TEST_ISSUER": ISSUER,
    "JWT_OIDC_TEST_KEYS": {"keys": [public(rsa_key())]},
    "JWT_OIDC_TEST_PRIVATE_KEY_PEM": pem(rsa_key()),
}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}

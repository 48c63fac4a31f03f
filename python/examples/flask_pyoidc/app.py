"""People log in at any OpenID Connect provider, by the names of Flask-pyoidc 3.x.

    export ISSUER=https://op.example.com CLIENT_ID=demo CLIENT_SECRET=secret
    export BASE_URL=http://127.0.0.1:5000 SECRET_KEY=$(openssl rand -hex 32)
    flask --app app run

The provider has to know the redirect URI ``$BASE_URL/redirect_uri``, and ``$BASE_URL/logout`` as a place to
come back to after a logout. Without CLIENT_ID the application registers itself.
"""

from __future__ import annotations

import os

import flask
from flask import Flask
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import (
    ClientMetadata,
    ClientRegistrationInfo,
    ProviderConfiguration,
)
from flask_pyoidc.user_session import UserSession

BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:5000")

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["SECRET_KEY"],
    OIDC_REDIRECT_URI=f"{BASE_URL}/redirect_uri",
)


def client() -> dict[str, ClientMetadata | ClientRegistrationInfo]:
    """Who this application is at its provider."""
    post_logout = [f"{BASE_URL}/logout"]
    if "CLIENT_ID" not in os.environ:
        registration = ClientRegistrationInfo(client_name="Example", post_logout_redirect_uris=post_logout)
        return {"client_registration_info": registration}
    metadata = ClientMetadata(
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ.get("CLIENT_SECRET"),
        token_endpoint_auth_method=os.environ.get("CLIENT_AUTH_METHOD", "client_secret_post"),
        post_logout_redirect_uris=post_logout,
    )
    return {"client_metadata": metadata}


PROVIDER = ProviderConfiguration(
    issuer=os.environ.get("ISSUER", "http://127.0.0.1:9000"),
    auth_request_params={"scope": ["openid", "profile", "email"]},
    session_refresh_interval_seconds=1800,
    **client(),
)
auth = OIDCAuthentication({"default": PROVIDER}, app)


@app.route("/")
def home() -> str:
    return '<p>Welcome. <a href="/profile">Who am I?</a></p>'


@app.route("/profile")
@auth.oidc_auth("default")
def profile() -> str:
    user = UserSession(flask.session)
    return flask.render_template_string(
        "<h1>{{ user.get('name') or user['sub'] }}</h1><p>{{ user.get('email', '') }}</p>"
        '<p><a href="/logout">Log out</a></p>',
        user=user.userinfo or user.id_token,
    )


@app.route("/logout")
@auth.oidc_logout
def logout() -> str:
    return '<p>You are logged out. <a href="/">Home</a></p>'


@auth.error_view
def error(error: str | None = None, error_description: str | None = None) -> str:
    return flask.render_template_string(
        "<p>The login failed: {{ error }} {{ description }}</p><p><a href='/profile'>Try again</a></p>",
        error=error,
        description=error_description or "",
    )

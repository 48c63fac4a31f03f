"""The API with keys from the settings (test mode), or with those of a provider."""

from __future__ import annotations

import pytest
from support.jwt_api import AUDIENCE, TEST_MODE, api, mint
from support.served import served


@pytest.fixture
def app():
    return api(**TEST_MODE)[0]


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def get(client):
    """A request with this token, or with this ``Authorization`` header."""

    def ask(token=None, path="/notes", authorization=None):
        value = f"Bearer {token}" if token is not None else authorization
        return client.get(path, headers={} if value is None else {"Authorization": value})

    return ask


@pytest.fixture
def provider():
    """At a free port of this machine."""
    with served() as provider:
        yield provider


@pytest.fixture
def settings(provider):
    """For an API that trusts it."""
    return {
        "JWT_OIDC_WELL_KNOWN_CONFIG": f"{provider.issuer}/.well-known/openid-configuration",
        "JWT_OIDC_AUDIENCE": AUDIENCE,
    }


@pytest.fixture
def published(provider):
    """A token of that provider."""

    def token(header=None, key=None, **changes):
        return mint(header, key, **{"iss": provider.issuer, **changes})

    return token

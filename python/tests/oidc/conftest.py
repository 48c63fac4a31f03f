"""A provider from a script, and what stands on it."""

from __future__ import annotations

import pytest
from oidc.scene import query, relying_party, resource_server
from support.provider import FakeProvider


@pytest.fixture
def provider():
    return FakeProvider()


@pytest.fixture
def party(provider):
    return relying_party(provider)


@pytest.fixture
def api(provider):
    return resource_server(provider)


@pytest.fixture
def login(provider, party):
    """A whole login; ``claims`` go into the ID token, ``changes`` into the callback."""

    def log_in(claims=None, **changes):
        url, pending = party.begin()
        return party.complete(pending, query(provider.authorize(url, claims=claims, **changes)))

    return log_in

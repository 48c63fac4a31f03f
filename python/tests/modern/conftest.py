"""An application with the modern face, a provider from a script, and a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from countersign_oidc.flask import Countersign
from flask import Flask
from support.modern import BASE, SECRET, Browser, routes
from support.provider import FakeProvider


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def build(provider: FakeProvider) -> Callable[..., tuple[Flask, Countersign]]:
    def build(**settings: Any) -> tuple[Flask, Countersign]:
        app = Flask("notes")
        app.secret_key = SECRET
        given = {
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            "base_url": BASE,
            "transport": provider.transport,
            **settings,
        }
        auth = Countersign(app, **given)
        routes(app, auth)
        return app, auth

    return build


@pytest.fixture
def app(build: Callable[..., tuple[Flask, Countersign]]) -> Flask:
    return build(audience="notes-api")[0]


@pytest.fixture
def browser(app: Flask, provider: FakeProvider) -> Browser:
    return Browser(app, provider)

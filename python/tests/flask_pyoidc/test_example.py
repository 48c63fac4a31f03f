"""The example application, from the first page to the logout."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "flask_pyoidc" / "app.py"


@pytest.fixture(params=["known", "registering"])
def app(request, provider, monkeypatch):
    monkeypatch.setenv("ISSUER", provider.issuer)
    monkeypatch.setenv("BASE_URL", "http://localhost")
    monkeypatch.setenv("SECRET_KEY", "a secret of tests")
    if request.param == "known":
        monkeypatch.setenv("CLIENT_ID", provider.client_id)
        monkeypatch.setenv("CLIENT_SECRET", provider.client_secret)
    spec = importlib.util.spec_from_file_location("flask_pyoidc_example", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


def test_the_example_logs_in_and_out(provider, app):
    browser = app.test_client()
    assert "Who am I?" in browser.get("/").text
    browser.get(provider.authorize(browser.get("/profile").headers["Location"]))
    assert "alice@example.com" in browser.get("/profile").text

    left = parse_qs(urlsplit(browser.get("/logout").headers["Location"]).query)
    assert left["post_logout_redirect_uri"] == ["http://localhost/logout"]
    assert "logged out" in browser.get(f"/logout?state={left['state'][0]}").text
    assert browser.get("/profile").status_code == 302


def test_the_example_escapes_what_a_provider_says(provider, app):
    browser = app.test_client()
    sent = browser.get("/profile").headers["Location"]
    refused = browser.get(provider.deny(sent, description="<script>alert(1)</script>"))
    assert "access_denied" in refused.text
    assert "<script>" not in refused.text

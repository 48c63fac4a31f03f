"""AuthMachine's demo, in both spellings, with the development provider: a program of its own."""

from __future__ import annotations

import html
import importlib
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from countersign_oidc import Provider, register
from real.servers import running

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "python" / "examples" / "authmachine"
APPLICATION = "https://application.example.com"
MODULES = ("app", "app_compat", "settings")


@pytest.fixture
def issuer():
    program = Path(os.environ.get("COUNTERSIGN_BINARY", ROOT / "target/debug/countersign"))
    if not program.exists():
        pytest.fail(
            f"{program} is not there: `cargo build -p countersign-cli`, or name it in COUNTERSIGN_BINARY"
        )
    with running([str(program), "provider", "--listen", "127.0.0.1:0", "--json"]) as provider:
        yield json.loads(provider.wait_for(r'^\{"issuer".*')[0])["issuer"]


@pytest.fixture(params=["app", "app_compat"])
def browser(request, issuer, monkeypatch):
    """Somebody before the application, which has registered itself."""
    client = register(
        Provider.discover(issuer),
        {
            "redirect_uris": [f"{APPLICATION}/oidc-callback"],
            "post_logout_redirect_uris": [f"{APPLICATION}/oidc-logout-callback"],
            "token_endpoint_auth_method": "client_secret_post",
        },
    )
    monkeypatch.setenv("AUTHMACHINE_URL", issuer + "/")
    monkeypatch.setenv("AUTHMACHINE_CLIENT_ID", client["client_id"])
    monkeypatch.setenv("AUTHMACHINE_CLIENT_SECRET", client["client_secret"])
    monkeypatch.setenv("SECRET_KEY", "for tests only")
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in MODULES:
        sys.modules.pop(name, None)
    yield importlib.import_module(request.param).app.test_client()
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def person():
    """The same somebody before the provider, with its cookies."""
    with requests.Session() as session:
        yield session


def local(url):
    split = urlsplit(url)
    assert url.startswith(APPLICATION), url
    return f"{split.path}?{split.query}"


def log_in(browser, person, user):
    page = person.get(browser.get("/login").location, timeout=10)
    interaction = re.search(r'name="interaction" value="([^"]+)"', page.text)[1]
    form = {"interaction": html.unescape(interaction), "user": user}
    answer = person.post(urljoin(page.url, "/login"), form, allow_redirects=False, timeout=10)
    return browser.get(local(answer.headers["Location"]))


def test_login_permissions_status_and_logout(browser, person):
    assert log_in(browser, person, "alice").location == "/"

    shown = browser.get("/").json
    assert shown["sub"] == "alice"
    assert shown["authmachine_permissions"] == ["object1", "object2"]
    assert browser.get("/token-status").json == {"revoked": False}

    page = person.get(browser.get("/logout").location, allow_redirects=False, timeout=10)
    assert page.status_code < 400
    browser.get("/oidc-logout-callback")
    assert browser.get("/").json is None

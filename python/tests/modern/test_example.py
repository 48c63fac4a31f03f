"""The example application, with the provider behind a real socket."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from real.provider_server import serve_provider
from support.provider import FakeProvider

EXAMPLE = Path(__file__).parents[2] / "examples" / "modern" / "app.py"
GUIDE = Path(__file__).parents[3] / "docs" / "flask.md"
BASE = "http://127.0.0.1:5000"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with serve_provider() as served:
        monkeypatch.setenv("FLASK_COUNTERSIGN_ISSUER", served.issuer)
        monkeypatch.setenv("FLASK_COUNTERSIGN_CLIENT_ID", served.client_id)
        monkeypatch.setenv("FLASK_COUNTERSIGN_CLIENT_SECRET", served.client_secret)
        yield served


def go(client: FlaskClient, url: str) -> str:
    """The end of all redirects, and the page there."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    page = client.get(path, base_url=BASE, headers={"Accept": "text/html"})
    return page.headers["Location"] if page.status_code == 303 else page.text


def log_in(app: Flask, provider: FakeProvider, path: str) -> str:
    client = app.test_client()
    back = provider.authorize(go(client, path))
    return go(client, go(client, back))


def test_the_example_logs_people_in_and_answers_programs(provider: FakeProvider) -> None:
    app = runpy.run_path(str(EXAMPLE))["app"]
    client = app.test_client()
    home = go(client, "/")
    assert "Nobody is here" in home
    login = re.search('href="([^"]+/auth/login[^"]*)"', home)
    assert login is not None
    assert go(client, login[1]).startswith(provider.issuer)
    provider.user_info["roles"] = ["editor"]
    assert '"email":"alice@example.com"' in log_in(app, provider, "/profile").replace(" ", "").replace(
        "\n", ""
    )
    assert log_in(app, provider, "/editor") == "Alice may edit."
    token = provider.mint_access_token(aud="api", scope="notes:read")
    answer = client.get("/api/notes", headers={"Authorization": f"Bearer {token}"})
    assert answer.json == {"notes": ["Buy milk."], "of": "alice"}


def test_the_example_says_in_its_own_words_what_went_wrong(provider: FakeProvider) -> None:
    client = runpy.run_path(str(EXAMPLE))["app"].test_client()
    page = go(client, provider.deny(go(client, "/profile"), "access_denied", "<b>not</b> today"))
    assert "&lt;b&gt;not&lt;/b&gt; today" in page


def test_the_first_program_of_the_guide_runs_as_it_is_written(provider: FakeProvider, tmp_path: Path) -> None:
    first = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert first is not None
    program = tmp_path / "app.py"
    program.write_text(first[1].replace("http://127.0.0.1:9000", provider.issuer))
    provider.check_client = False
    app = runpy.run_path(str(program))["app"]
    client = app.test_client()
    assert "Nobody" in go(client, "/")
    sent = go(client, "/private")
    registered = provider.requests_to("registration")[0].json
    assert registered["redirect_uris"] == [f"{BASE}/auth/callback"]
    assert sent.startswith(provider.issuer)

"""`oidc-register`, as its package installs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.provider import FakeProvider

COMMAND = Path(sys.executable).parent / "oidc-register"


def register(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_client_is_registered_and_its_file_written(provider: FakeProvider, tmp_path: Path) -> None:
    ended = register(tmp_path, f"{provider.issuer}/", "https://app.example.com/authorize")
    assert ended.returncode == 0, ended.stderr
    written = json.loads((tmp_path / "client_secrets.json").read_text())["web"]
    assert written["client_id"] == provider.client_id
    assert written["client_secret"] == provider.client_secret
    assert written["issuer"] == provider.issuer
    (asked,) = provider.requests_to("registration")
    assert asked.json["redirect_uris"] == ["https://app.example.com/authorize"]
    assert provider.client_secret not in ended.stdout + ended.stderr


def test_the_file_is_for_its_owner_alone(provider: FakeProvider, tmp_path: Path) -> None:
    register(tmp_path, provider.issuer, "https://app.example.com/authorize")
    assert (tmp_path / "client_secrets.json").stat().st_mode & 0o077 == 0


def test_an_existing_file_is_never_overwritten(provider: FakeProvider, tmp_path: Path) -> None:
    kept = tmp_path / "client_secrets.json"
    kept.write_text("mine")
    ended = register(tmp_path, provider.issuer, "https://app.example.com/authorize")
    assert ended.returncode != 0
    assert kept.read_text() == "mine"
    assert provider.requests_to("registration") == [], "nothing is registered that can't be kept"


def test_the_exit_code_says_whose_fault_it_is(provider: FakeProvider, tmp_path: Path) -> None:
    arguments = [provider.issuer, "https://app.example.com/authorize"]
    provider.answers["registration"] = (201, b"<html>")
    nonsense = register(tmp_path, *arguments)
    provider.answers["registration"] = (403, {"error": "access_denied"})
    refused = register(tmp_path, *arguments)
    provider.answers["discovery"] = (503, b"away")
    away = register(tmp_path, *arguments)
    assert (nonsense.returncode, away.returncode, refused.returncode) == (3, 4, 5)
    assert not (tmp_path / "client_secrets.json").exists()
    assert "Traceback" not in nonsense.stderr + refused.stderr + away.stderr

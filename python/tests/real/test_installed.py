"""The wheels, installed into an empty environment and used from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from real.servers import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = """
import json, sys
import countersign_oidc
from countersign_oidc import Client, Provider, RelyingParty

base = "https://op.example.com"
metadata = {
    "issuer": base,
    "authorization_endpoint": f"{base}/authorize",
    "token_endpoint": f"{base}/token",
    "jwks_uri": f"{base}/jwks",
    "response_types_supported": ["code"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
}
provider = Provider.written(metadata)
client = Client("client1", "secret1")
party = RelyingParty(provider, client, "https://app.example.com/callback")
url, pending = party.begin()
assert url.startswith(f"{base}/authorize?") and pending.state in url
foreign = [name for name in ("flask", "requests", "authlib") if name in sys.modules]
print(json.dumps({"foreign": foreign}))
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Path:
    """The interpreter of an environment in which nothing is but countersign-oidc."""
    folder = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin/python"
    (wheel,) = [wheel for wheel in wheels if wheel.name.startswith("countersign_oidc-")]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "--disable-pip-version-check",
        "install",
        "--quiet",
    ]
    # With what it depends on, which is nothing.
    subprocess.run([*pip, "--no-index", wheel], check=True, env=without_surroundings())
    return python


def without_surroundings() -> dict[str, str]:
    foreign = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_FIND_LINKS")
    return {name: value for name, value in os.environ.items() if name not in foreign}


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-I", *arguments], capture_output=True, text=True, check=False, env=without_surroundings()
    )


def test_a_login_begins_where_nothing_else_is_installed(empty: Path) -> None:
    ended = run(empty, "-c", LOGIN)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"foreign": []}


def test_the_flask_face_says_what_is_missing(empty: Path) -> None:
    ended = run(empty, "-c", "import countersign_oidc.flask")
    assert ended.returncode == 1
    assert "flask" in ended.stderr.splitlines()[-1].lower()


def test_the_wheel_fits_every_python_from_3_9_up(wheels: list[Path]) -> None:
    (wheel,) = [wheel for wheel in wheels if wheel.name.startswith("countersign_oidc-")]
    assert "-cp39-abi3-" in wheel.name


def test_the_drop_ins_are_pure(wheels: list[Path]) -> None:
    drop_ins = [wheel for wheel in wheels if wheel.name.startswith("countersign_flask_")]
    assert len(drop_ins) == 3
    for wheel in drop_ins:
        assert wheel.name.endswith("-py3-none-any.whl")


def test_types_and_licences_travel_along_and_nothing_stray(wheels: list[Path]) -> None:
    for wheel in wheels:
        archive = zipfile.ZipFile(wheel)
        names = archive.namelist()
        assert any(name.endswith("/py.typed") for name in names), wheel.name
        for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
            (travelling,) = [name for name in names if name.endswith(f"/licenses/{licence}")]
            assert archive.read(travelling) == (ROOT / licence).read_bytes()
        stray = [name for name in names if "__pycache__" in name or "/tests/" in name]
        assert stray == []
        compiled = [name for name in names if name.endswith(".so")]
        expected = ["countersign_oidc/_native.abi3.so"] if wheel.name.startswith("countersign_oidc-") else []
        assert compiled == expected

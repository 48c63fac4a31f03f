"""The drop-ins where their originals are installed and can't go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from real.servers import ROOT
from real.test_installed import without_surroundings

if TYPE_CHECKING:
    from pathlib import Path

DROP_INS = {
    "flask_pyoidc": "OIDCAuthentication",
    "flask_oidc": "OpenIDConnect",
    "flask_jwt_oidc": "JwtManager",
}


FLASK = ("flask", "werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "blinker")
REQUESTS = ("requests", "urllib3", "idna", "certifi", "charset-normalizer")


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    subprocess.run(command, check=True, env=without_surroundings())


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with all three originals."""
    folder = tmp_path_factory.mktemp("originals")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin/python"
    (folder / "needed.txt").write_text(
        locked("flask-pyoidc", "flask-oidc", "flask-jwt-oidc", *FLASK, *REQUESTS)
    )
    pip(
        "--python", python, "install", "--quiet", "--no-deps", "--require-hashes", "-r", folder / "needed.txt"
    )
    return python


def locked(*names: str) -> str:
    """These alone of the lock file: nothing here runs an original, which is slow to install."""
    text = (ROOT / "benches/python/originals.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z])", text)
    found = [block for block in blocks if block.partition("==")[0] in names]
    assert len(found) == len(names)
    return "\n".join(found) + "\n"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Path:
    """A folder with nothing but our packages."""
    folder = tmp_path_factory.mktemp("vendor")
    pip("install", "--quiet", "--no-deps", "--no-index", "--target", folder, *wheels)
    return folder


def imported(python: Path, module: str, *folders: Path, shadow: str = "") -> subprocess.CompletedProcess[str]:
    """Import it with these folders before everything else."""
    program = f"import logging; logging.basicConfig(); import {module}; print({module}.__file__)"
    environment = {
        **without_surroundings(),
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "COUNTERSIGN_SHADOW": shadow,
    }
    return subprocess.run(
        [python, "-c", program], capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize("module", DROP_INS)
def test_the_import_beside_an_original_is_refused_with_the_way_out(
    originals: Path, vendor: Path, module: str
) -> None:
    ended = imported(originals, module, vendor)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert "ImportError" in last
    assert "pip uninstall" in last
    assert f"COUNTERSIGN_SHADOW={module}" in last


@pytest.mark.parametrize("module", DROP_INS)
def test_an_original_is_shadowed_where_somebody_says_so(originals: Path, vendor: Path, module: str) -> None:
    ended = imported(originals, module, vendor, shadow="flask_pyoidc, flask_oidc,flask_jwt_oidc")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip().startswith(str(vendor))
    assert "WARNING" in ended.stderr, "it is told at each start"
    assert imported(originals, module, vendor, shadow="another_name").returncode == 1


@pytest.mark.parametrize("module", DROP_INS)
def test_a_mixture_of_both_is_refused_whatever_is_said(
    originals: Path, vendor: Path, wheels: list[Path], tmp_path: Path, module: str
) -> None:
    (site,) = originals.parent.parent.glob("lib/python*/site-packages")
    mixed = tmp_path / "mixed"
    (metadata,) = [path for path in site.glob("*.dist-info") if path.name.lower().startswith(f"{module}-")]
    for folder in (site / module, metadata):
        shutil.copytree(folder, mixed / folder.name)
    ours = [wheel for wheel in wheels if f"_{module}-" in wheel.name]
    pip("install", "--quiet", "--no-deps", "--no-index", "--upgrade", "--target", mixed, *ours)
    ended = imported(originals, module, mixed, vendor, shadow=module)
    assert ended.returncode == 1
    assert "ImportError" in ended.stderr


def test_the_doctor_reads_an_application_before_the_swap(
    originals: Path, vendor: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.py").write_text(
        "from flask import Flask\nfrom flask_pyoidc import OIDCAuthentication\n"
        "from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration\n"
        "app = Flask(__name__)\n"
        "app.config.update(SECRET_KEY='x' * 32, OIDC_REDIRECT_URI='https://notes.example/redirect_uri')\n"
        "auth = OIDCAuthentication({'default': ProviderConfiguration(issuer='https://nobody.invalid',"
        " client_metadata=ClientMetadata('notes', 's3cret-of-notes'))}, app)\n"
    )
    environment = {**without_surroundings(), "PYTHONPATH": str(vendor)}
    ended = subprocess.run(
        [originals, "-m", "countersign_oidc.doctor", "notes:app"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ended.returncode in (0, 5), ended.stderr
    assert "What changes with the swap" in ended.stdout
    assert "https://nobody.invalid" in ended.stdout
    assert "s3cret-of-notes" not in ended.stdout

"""Settings and codes: what the sources read and say, and what is written about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from countersign_oidc import _native

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / "python"
PACKAGES = ["flask_pyoidc", "flask_oidc", "flask_jwt_oidc"]
NAME = r"(?:JWT_OIDC_|JWT_ROLE_|OIDC_|COUNTERSIGN_)[A-Z_]*[A-Z]"
#: Of all drop-ins, by way of what they share.
SHARED = {"COUNTERSIGN_SHADOW"}
#: Settings of other generations, which are told of by the guides.
FROM_ENVIRONMENT = {"VERIFY_SSL", "CLIENT_CERT"}


def sources(*folders):
    for folder in folders:
        for path in sorted((PYTHON / folder).rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")


def read_by(package):
    texts = [text for _, text in sources(f"{package.replace('_', '-')}/src")]
    read = {name for text in texts for name in re.findall(rf'"({NAME})"', text)}
    if any("_common.transport" in text or "import transport" in text for text in texts):
        read.add("COUNTERSIGN_TRANSPORT")
    read |= {name for name in FROM_ENVIRONMENT if any(f'environ.get("{name}")' in text for text in texts)}
    return read | SHARED


def written_in(package):
    text = (PYTHON / package.replace("_", "-") / "README.md").read_text(encoding="utf-8")
    return set(re.findall(rf"`({NAME}|{'|'.join(FROM_ENVIRONMENT)})\b", text))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_setting_that_is_read_stands_in_the_readme(package):
    assert read_by(package) - written_in(package) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_setting_stands_in_the_readme_that_nobody_reads(package):
    assert written_in(package) - read_by(package) == set()


def test_every_code_of_python_stands_in_the_one_table():
    known = _native.codes()
    documented = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    said = {}
    for path, text in sources("oidc/src", "flask-pyoidc/src", "flask-oidc/src", "flask-jwt-oidc/src"):
        for code in re.findall(r'\bcode(?:: str)? = "([a-z_]+\.[a-z_]+)"', text):
            said[code] = path.relative_to(ROOT)
    assert said
    assert {code: path for code, path in said.items() if code not in known} == {}
    assert {code for code in said if f"`{code}`" not in documented} == set()

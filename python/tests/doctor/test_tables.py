"""The documents say what ``countersign_oidc.differences`` says. COUNTERSIGN_WRITE_DOCS=1 writes them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from countersign_oidc.differences import DIFFERENCES, NAMES, of, table, that_apply
from countersign_oidc.doctor import settings

ROOT = Path(__file__).parents[3]
MARKED = re.compile(r"(<!-- differences:(\w+) -->\n).*?(<!-- /differences -->)", re.DOTALL)

DOCUMENTS = {
    "flask_pyoidc": ["docs/migrate/flask-pyoidc.md", "python/flask-pyoidc/README.md"],
    "flask_oidc": ["docs/migrate/flask-oidc.md", "python/flask-oidc/README.md"],
    "flask_jwt_oidc": ["docs/migrate/flask-jwt-oidc.md", "python/flask-jwt-oidc/README.md"],
    "oic": ["docs/migrate/authmachine.md"],
}


@pytest.mark.parametrize(
    ("package", "name"), [(package, name) for package, names in DOCUMENTS.items() for name in names]
)
def test_the_table_is_the_one_of_the_source(package, name):
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    expected = MARKED.sub(lambda found: f"{found[1]}{table(found[2])}\n{found[3]}", text)
    assert f"<!-- differences:{package} -->" in text, f"{name} has no table of {package}"
    if os.environ.get("COUNTERSIGN_WRITE_DOCS"):
        path.write_text(expected, encoding="utf-8")
    else:
        assert text == expected, "run COUNTERSIGN_WRITE_DOCS=1 pytest python/tests/doctor/test_tables.py"


def test_every_row_has_a_package_and_says_something():
    for row in DIFFERENCES:
        assert row.package in NAMES
        assert row.name, row
        assert row.before, row
        assert row.after, row
        assert "|" not in row.name + row.before + row.after + row.switch
    assert len({(row.package, row.name) for row in DIFFERENCES}) == len(DIFFERENCES)


def test_rows_for_other_generations_and_settings_are_left_out():
    first = {row.name for row in that_apply("flask_oidc", "1.x", ["accept_token"])}
    second = {row.name for row in that_apply("flask_oidc", "2.x", ["accept_token"])}
    assert "Cookie `oidc_id_token`" in first - second
    without = {row.name for row in that_apply("flask_oidc", "2.x", [])}
    assert "Introspection" in second - without
    assert without < {row.name for row in of("flask_oidc")}


@pytest.mark.parametrize("package", list(settings.KNOWN))
def test_every_setting_that_a_package_reads_is_known_to_the_doctor(package):
    folder = ROOT / "python" / package.replace("_", "-") / "src" / package
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert sources
    read = {
        name
        for source in sources
        for name in re.findall(r'"((?:OIDC|JWT_OIDC|JWT_ROLE)_[A-Z_]*[A-Z])"', source)
    }
    assert read - set(settings.KNOWN[package]) == set()


def test_guides_name_no_setting_that_nobody_knows():
    known = {name for names in settings.KNOWN.values() for name in names}
    for path in (ROOT / "docs" / "migrate").glob("*.md"):
        named = set(
            re.findall(r"`((?:OIDC|JWT_OIDC|JWT_ROLE)_[A-Z_]*[A-Z])", path.read_text(encoding="utf-8"))
        )
        assert named - known == set(), path.name


def test_links_in_the_guides_lead_somewhere():
    for path in (ROOT / "docs" / "migrate").glob("*.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"

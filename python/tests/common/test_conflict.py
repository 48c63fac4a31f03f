"""The import guard."""

from __future__ import annotations

import logging
import sys

import flask_pyoidc
import pytest
from countersign_oidc._common.conflict import refuse_original


def installed(folder, name, files=()):
    metadata = folder / f"{name}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (metadata / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    # From Python 3.12 on, files that are not there don't count.
    for file in files:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).touch()


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delenv("COUNTERSIGN_SHADOW", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["Flask_pyoidc-3.14.3", "flask_pyoidc-1.3.0", "Flask.Pyoidc-2.0"])
def test_an_installed_original_is_refused(site, name):
    installed(site, name)
    with pytest.raises(ImportError, match="pip uninstall flask-pyoidc") as refused:
        refuse_original("flask_pyoidc", "Flask-pyoidc")
    assert refused.value.name == "flask_pyoidc"
    assert "countersign-flask-pyoidc" in str(refused.value)


def test_another_distribution_of_the_same_package_is_refused(site):
    installed(site, "flask_pyoidc_fork-1.0", ["flask_pyoidc/__init__.py"])
    with pytest.raises(ImportError, match="pip uninstall flask-pyoidc-fork"):
        refuse_original("flask_pyoidc", "Flask-pyoidc")


def test_the_replacement_itself_and_others_are_no_conflict(site):
    installed(site, "countersign_flask_pyoidc-0.1.0", ["flask_pyoidc/__init__.py"])
    installed(site, "flask_oidc-2.4.0", ["flask_oidc/__init__.py"])
    installed(site, "some_oidc_thing-1.0", ["some_oidc_thing.py"])
    refuse_original("flask_pyoidc", "Flask-pyoidc")


def test_a_path_that_is_not_there_is_passed_over(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/nowhere/at/all", ""])
    refuse_original("flask_pyoidc", "Flask-pyoidc")


def test_an_original_in_another_folder_is_accepted_where_that_is_wanted(site, monkeypatch, caplog):
    assert flask_pyoidc.OIDCAuthentication
    installed(site, "Flask_pyoidc-3.14.3")
    monkeypatch.setenv("COUNTERSIGN_SHADOW", "flask_oidc, flask_pyoidc")
    with caplog.at_level(logging.WARNING):
        refuse_original("flask_pyoidc", "Flask-pyoidc")
    assert "flask-pyoidc stays installed" in caplog.text


def test_an_original_in_the_same_folder_is_never_accepted(monkeypatch, tmp_path):
    package = tmp_path / "guarded_oidc"
    package.mkdir()
    package.joinpath("__init__.py").write_text(
        "from countersign_oidc._common.conflict import refuse_original\n"
        "refuse_original('guarded_oidc', 'Guarded-OIDC')\n"
    )
    installed(tmp_path, "Guarded_OIDC-1.0")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("COUNTERSIGN_SHADOW", "guarded_oidc")
    with pytest.raises(ImportError, match="only one of them can stay"):
        __import__("guarded_oidc")

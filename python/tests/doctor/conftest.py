"""Applications as users have them, written to files and looked at."""

from __future__ import annotations

import itertools
import sys
import textwrap

import pytest
from countersign_oidc.doctor.examine import examine

numbers = itertools.count()


@pytest.fixture
def look(tmp_path, monkeypatch):
    """``look(source)`` gives the report of an application in a module of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def look(source, name="app", **files):
        module = f"application_{next(numbers)}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source))
        for file, text in files.items():
            (tmp_path / f"{file}.json").write_text(text)
        report = examine(f"{module}:{name}" if name else module)
        sys.modules.pop(module, None)
        return report

    return look


@pytest.fixture
def found():
    """``found(report, check)`` gives what was found about one thing, as (level, message)."""

    def found(report, check):
        return [(one.level, one.message) for one in report.findings if one.check == check]

    return found

"""Importing an application, with stand-ins for the extensions that it uses."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from .finding import Finding, ok, warning, wrong
from .stand_in import EXTENSIONS, Recorded, stand_ins


@dataclass
class Loaded:
    """An application, if there is one, and how it came about."""

    app: Flask | None
    recorded: list[Recorded]
    findings: list[Finding]
    #: Packages that the application, and not its extension, imported.
    imported: frozenset[str] = frozenset()


def load(name: str) -> Loaded:
    """Imports ``module:app``, ``module:create_app`` or ``module:create_app()``.

    What the application prints goes to standard error. When it can't be imported with stand-ins, it is tried
    with whatever is installed.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    before = set(sys.modules)
    with stand_ins() as recorded:
        loaded = _load(name)
        loaded.recorded = [record for record in recorded if _belongs(record, loaded.app)]
        loaded.imported = frozenset(
            package for package in _COMPANIONS if package in sys.modules and package not in before
        )
    if loaded.app is not None:
        return loaded
    for module in set(sys.modules) - before:
        if module.partition(".")[0] == name.partition(":")[0].partition(".")[0]:
            del sys.modules[module]
    again = _load(name)
    if again.app is None:
        return loaded
    again.findings.append(
        warning(
            "application",
            "imported with the extension that is installed, as it does not run with a stand-in: how it uses "
            "the "
            "extension is read from its configuration only",
        )
    )
    return again


def _load(name: str) -> Loaded:
    module_name, _, attribute = name.partition(":")
    attribute = attribute.strip()
    if attribute.endswith("()"):
        attribute = attribute[:-2]
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = importlib.import_module(module_name)
        except BaseException as error:  # noqa: BLE001 -- an application may raise anything, SystemExit too
            return Loaded(None, [], [_not_imported(module_name, error)])
        try:
            found = _find(module, attribute)
        except BaseException as error:  # noqa: BLE001
            return Loaded(None, [], [_not_imported(f"{module_name}:{attribute}", error)])
    if isinstance(found, Flask):
        return Loaded(found, [], [ok("application", f"{name} is a Flask application")])
    return Loaded(None, [], [found])


def _find(module: Any, attribute: str) -> Any:
    names = [attribute] if attribute else ["app", "application", "create_app", "make_app"]
    for name in names:
        found = module
        for part in name.split("."):
            found = getattr(found, part, None)
        if isinstance(found, Flask):
            return found
        if callable(found):
            made = found()
            if isinstance(made, Flask):
                return made
            return wrong("application", f"{name}() gives {type(made).__name__}, not a Flask application")
    others = [name for name, value in vars(module).items() if isinstance(value, Flask)]
    hint = f"; there is {module.__name__}:{others[0]}" if others else ""
    return wrong(
        "application",
        f"{module.__name__} has no Flask application called {' or '.join(names)}{hint}",
        "name it as module:app, or its factory as module:create_app",
        "--flask",
    )


def _not_imported(name: str, error: BaseException) -> Finding:
    # The text of a foreign exception may quote a setting; that of an import names modules only.
    said = f"{type(error).__name__}: {error}" if isinstance(error, ImportError) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, KeyError) and frames and frames[-1].filename in (os.__file__, "<frozen os>"):
        said = f"the environment variable {error.args[0]} is not set"
    own = [frame for frame in frames if Path(frame.filename).is_file() and not _is_library(frame.filename)]
    place = f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""
    return wrong(
        "application",
        f"{name} can't be loaded: {said}{place}",
        "run the doctor with the application's interpreter and environment, in its folder",
        "--flask, --python",
    )


def _is_library(file: str) -> bool:
    """Whether the application's author would look elsewhere first."""
    return file == __file__ or Path(file).is_relative_to(Path(os.__file__).parent)


def _belongs(record: Recorded, app: Flask | None) -> bool:
    """An extension without an application may get it later, such as on the first request."""
    apps = [*record.apps, *(arg for arg in [*record.args, *record.kwargs.values()] if isinstance(arg, Flask))]
    return app is None or not apps or any(own is app for own in apps)


#: What came along with the originals and is imported by applications themselves.
_COMPANIONS = ("authlib", "oic", "jwt", "jose", "oauth2client", *EXTENSIONS)

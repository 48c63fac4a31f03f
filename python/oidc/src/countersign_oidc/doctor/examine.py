"""All findings about an application."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Callable

from flask import Flask

from countersign_oidc.differences import Difference, that_apply

from . import common, jwt_oidc, modern, oidc, pyoidc, settings
from .application import Loaded, load
from .facts import Facts
from .finding import Finding, warning
from .installed import installed
from .stand_in import Recorded


@dataclass
class Report:
    """What is told of one application."""

    application: str
    findings: list[Finding] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """For ``countersign doctor --flask``."""
        return {
            "application": self.application,
            "python": platform.python_version(),
            "flask": version("flask"),
            "packages": [{"name": facts.package, "generation": facts.generation} for facts in self.facts],
            "findings": [finding.to_dict() for finding in self.findings],
            "differences": [difference.to_dict() for difference in self.differences],
            "providers": [provider.to_dict() for facts in self.facts for provider in facts.providers],
        }


def examine(name: str) -> Report:
    """Loads the application ``module:app`` and looks at it."""
    loaded = load(name)
    report = Report(name, list(loaded.findings))
    if loaded.app is None:
        return report
    app = loaded.app
    for package, look in _LOOKS.items():
        recorded = [record for record in loaded.recorded if record.package == package]
        if recorded or _configured(app, package, loaded):
            report.facts.append(look(app, recorded))
    packages = [facts.package for facts in report.facts]
    own = modern.examine(app)
    if own is not None:
        report.facts.append(own)
        report.findings += own.findings
    elif not packages:
        report.findings.append(
            warning("application", f"it uses none of {', '.join(_LOOKS)}", "is this the right application?")
        )
        return report
    there = {package: installed(package) for package in packages}
    report.findings += [one.finding() for one in there.values()]
    for facts in report.facts:
        report.findings += facts.findings if facts is not own else []
    if any(facts.package in ("flask_pyoidc", "flask_oidc") for facts in report.facts):
        uris = [uri for facts in report.facts for use in facts.providers for uri in use.redirect_uris]
        report.findings += common.examine(app, https=any(uri.startswith("https:") for uri in uris))
    report.findings += settings.unknown(app.config, packages)
    report.findings += settings.ignored(app.config)
    report.findings += _companions(loaded, packages)
    for facts in report.facts:
        if facts is own:
            continue
        given = settings.set_in(app.config, facts.package)
        # What runs today decides what is otherwise tomorrow; the form of the code where nothing runs.
        today = there[facts.package].generation or facts.generation
        report.differences += that_apply(facts.package, today, {*given, *facts.traits})
    return report


def _configured(app: Flask, package: str, loaded: Loaded) -> bool:
    """By its settings, where nothing was recorded. OIDC_CLOCK_SKEW belongs to two packages."""
    if any(record.package != package for record in loaded.recorded):
        return False
    if package == "flask_oidc":
        return app.config.get("OIDC_CLIENT_SECRETS") is not None
    if package == "flask_pyoidc":
        return any(app.config.get(name) for name in ("OIDC_REDIRECT_URI", "OIDC_REDIRECT_DOMAIN"))
    return any(app.config.get(name) for name in ("JWT_OIDC_WELL_KNOWN_CONFIG", "JWT_OIDC_ISSUER"))


def _companions(loaded: Loaded, packages: list[str]) -> list[Finding]:
    """What the original brought along, and the application imports by itself."""
    brought = {
        "flask_pyoidc": ("oic",),
        "flask_oidc": ("authlib", "oauth2client"),
        "flask_jwt_oidc": ("jwt", "jose"),
    }
    return [
        warning(
            "imports",
            f"the application imports {name}, which came with {package}; the drop-in does not bring it",
            _COMPANION_CHANGES.get(name, f"name {name} in your own requirements"),
        )
        for package in packages
        for name in brought[package]
        if name in loaded.imported
    ]


_LOOKS: dict[str, Callable[[Flask, list[Recorded]], Facts]] = {
    "flask_pyoidc": pyoidc.examine,
    "flask_oidc": oidc.examine,
    "flask_jwt_oidc": jwt_oidc.examine,
}
_COMPANION_CHANGES = {
    "authlib": "pip install 'countersign-flask-oidc[authlib]', or import current_token from flask_oidc",
    "oic": "countersign_oidc.compat.oic has the part of it that login code uses",
    "jwt": "name PyJWT in your own requirements",
    "jose": "name python-jose in your own requirements, or better another library",
}

"""Which of the packages are installed: the originals, the drop-ins, or both."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from countersign_oidc._common.conflict import VARIABLE

from .finding import Finding, ok, warning, wrong

#: Import name: the distribution that it came from, and ours.
DISTRIBUTIONS = {
    "flask_pyoidc": ("Flask-pyoidc", "countersign-flask-pyoidc"),
    "flask_oidc": ("Flask-OIDC", "countersign-flask-oidc"),
    "flask_jwt_oidc": ("flask-jwt-oidc", "countersign-flask-jwt-oidc"),
}


@dataclass(frozen=True)
class Installed:
    """The versions that are there."""

    package: str
    original: str | None
    ours: str | None

    @property
    def generation(self) -> str | None:
        """Of the original that is there: 1.x, 2.x, 3.x, or 0.8."""
        if not self.original:
            return None
        major, _, rest = self.original.partition(".")
        return f"0.{rest.partition('.')[0]}" if major == "0" else f"{major}.x"

    def finding(self) -> Finding:
        """Whether the swap is done, and whether both are in each other's way."""
        original, ours = DISTRIBUTIONS[self.package]
        if self.original and self.ours and self.package in _shadowed():
            return ok("installed", f"{ours} {self.ours} goes before {original} {self.original} ({VARIABLE})")
        if self.original and self.ours:
            return wrong(
                "installed",
                f"{original} {self.original} and {ours} {self.ours} both install {self.package}: their files "
                "have overwritten one another",
                f"pip uninstall {original} && pip install --force-reinstall --no-deps {ours}",
                VARIABLE,
            )
        if self.ours:
            return ok("installed", f"{ours} {self.ours}: the swap is done")
        if self.original:
            return ok("installed", f"{original} {self.original}: pip uninstall it, then pip install {ours}")
        return warning("installed", f"neither {original} nor {ours} is installed", f"pip install {ours}")


def _shadowed() -> list[str]:
    return [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]


def installed(package: str) -> Installed:
    """What this interpreter finds."""
    original, ours = DISTRIBUTIONS[package]
    return Installed(package, _version(original), _version(ours))


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None

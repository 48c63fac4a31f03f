"""The import guard: two distributions must not fill one folder.

Whoever installs the original beside its replacement gets a mixture of both files, in an order that nobody
chose. So the import is refused with the way out.

Who can't uninstall the original puts the replacement into a folder of its own, before it on the path
(``pip install --target``), and names the package in the environment variable ``COUNTERSIGN_SHADOW``
(``flask_oidc``, or several with commas).
"""

from __future__ import annotations

import logging
import os
import re
import sys
from importlib.metadata import Distribution
from pathlib import Path

VARIABLE = "COUNTERSIGN_SHADOW"

logger = logging.getLogger(__name__)


def refuse_original(module: str, original: str) -> None:
    """Raise :class:`ImportError` when ``original``, or another distribution of this module, is there."""
    ours = f"countersign-{_normal(module)}"
    for folder, name in _installed():
        distribution = _normal(name.split("-")[0])
        if distribution == ours or not (distribution == _normal(original) or _fills(folder / name, module)):
            continue
        if module in _shadowed() and not _mixed(folder, module):
            logger.warning(
                "%s stays installed in %s; %s goes before it on the path.", distribution, folder, ours
            )
            continue
        raise ImportError(
            f"{distribution} and {ours} both install the package {module!r}, and only one of them can stay. "
            f"Run: pip uninstall {distribution} && pip install --force-reinstall --no-deps {ours} "
            f"(to keep both, install {ours} into a folder of its own before {folder} on the path "
            f"and set {VARIABLE}={module})",
            name=module,
        )


def _shadowed() -> list[str]:
    return [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]


def _installed() -> list[tuple[Path, str]]:
    """Folder and name of the metadata of what could be meant: reading all of it would slow each start."""
    found: list[tuple[Path, str]] = []
    for entry in dict.fromkeys(sys.path):
        folder = Path(entry or ".")
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError:
            continue
        found += [
            (folder, name)
            for name in names
            if name.endswith((".dist-info", ".egg-info")) and "oidc" in name.lower()
        ]
    return found


def _fills(metadata: Path, module: str) -> bool:
    files = Distribution.at(metadata).files or []
    return any(file.parts[:1] == (module,) for file in files)


def _mixed(folder: Path, module: str) -> bool:
    """Whether the files in use are those of this folder."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    origin = getattr(spec, "origin", None)
    return origin is None or Path(origin).resolve().is_relative_to(folder.resolve())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

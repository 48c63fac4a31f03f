"""One thing that was looked at: how it is, and what to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Level = Literal["ok", "warning", "wrong"]
Fault = Literal["person", "provider", "network", "setup", "bug"]


@dataclass(frozen=True)
class Finding:
    """``message`` says how it is, ``change`` what helps, ``setting`` what decides."""

    check: str
    level: Level
    message: str
    change: str = ""
    setting: str = ""
    fault: Fault = "setup"

    def to_dict(self) -> dict[str, str]:
        """For JSON: without what is empty, and the fault only where something is wrong."""
        found = {"check": self.check, "level": self.level, "message": self.message}
        found.update(
            {name: text for name, text in [("change", self.change), ("setting", self.setting)] if text}
        )
        if self.level == "wrong":
            found["fault"] = self.fault
        return found


def ok(check: str, message: str) -> Finding:
    """As it should be."""
    return Finding(check, "ok", message)


def warning(check: str, message: str, change: str = "", setting: str = "") -> Finding:
    """It works, and deserves a thought."""
    return Finding(check, "warning", message, change, setting)


def wrong(check: str, message: str, change: str = "", setting: str = "") -> Finding:
    """It does not work, or must not stay so."""
    return Finding(check, "wrong", message, change, setting)


def exit_code(findings: Iterable[Finding]) -> int:
    """0, or the code of the worst fault: the table of docs/errors.md."""
    codes = {"person": 2, "provider": 3, "network": 4, "setup": 5, "bug": 70}
    return max((codes[finding.fault] for finding in findings if finding.level == "wrong"), default=0)


def shown(address: object) -> str:
    """An address without what may be secret in it."""
    try:
        parts = urlsplit(str(address))
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "(no address)"
    if ":" in (parts.hostname or ""):
        host = f"[{parts.hostname}]" + (f":{parts.port}" if parts.port else "")
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def in_clear(address: object) -> bool:
    """Whether what travels there can be read on the way: plain http beyond the loopback."""
    try:
        parts = urlsplit(str(address))
    except ValueError:
        return False
    return parts.scheme == "http" and not _loopback(parts.hostname)


def _loopback(host: str | None) -> bool:
    host = host or ""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")

"""What one extension of an application comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .finding import Finding, in_clear, ok, shown, warning, wrong


@dataclass
class ProviderUse:
    """A provider that the application names, to be looked at by ``countersign doctor``."""

    issuer: str
    client_id: str | None = None
    client_auth: str | None = None
    redirect_uris: list[str] = field(default_factory=list)
    scope: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON, without any secret: a secret was never taken in."""
        members = {
            "issuer": shown(self.issuer),
            "client_id": self.client_id,
            "client_auth": self.client_auth,
            "redirect_uris": [shown(uri) for uri in self.redirect_uris],
            "scope": self.scope,
        }
        return {name: value for name, value in members.items() if value}


@dataclass
class Facts:
    """One package: which form of it is used, and what was found."""

    package: str
    generation: str
    findings: list[Finding] = field(default_factory=list)
    providers: list[ProviderUse] = field(default_factory=list)
    #: Names that the table of differences refers to in ``when``.
    traits: set[str] = field(default_factory=set)


def address(check: str, value: object, setting: str) -> list[Finding]:
    """Whether secrets may travel to an address of the provider."""
    if not value:
        return []
    parts = urlsplit(str(value))
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return [wrong(check, f"{setting} is no http address", "set the whole address", setting)]
    if in_clear(value):
        return [
            wrong(
                check,
                f"{shown(value)} is plain http: tokens and secrets could be read on the way",
                "use https; plain http is for the loopback only",
                setting,
            )
        ]
    return []


def redirect_uri(uri: str, setting: str) -> Finding:
    """A redirect URI, as far as it can be judged without the provider (which ``countersign doctor`` asks)."""
    parts = urlsplit(uri)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return wrong("redirect_uri", f"{shown(uri)} is no absolute address", "set the whole address", setting)
    if parts.fragment or "#" in uri:
        return wrong("redirect_uri", f"{shown(uri)} has a fragment", "leave it out", setting)
    if in_clear(uri):
        return wrong(
            "redirect_uri",
            f"{shown(uri)} is plain http: codes would travel in the clear, and providers refuse it",
            "use https, and tell Flask of the proxy before it (ProxyFix, PREFERRED_URL_SCHEME)",
            setting,
        )
    return ok("redirect_uri", shown(uri))


def no_issuer(check: str, setting: str) -> Finding:
    """Nothing says whose tokens are accepted."""
    return wrong(check, "no issuer is set: nothing says whose tokens are to be accepted", "set it", setting)


def unused(setting: str, why: str) -> Finding:
    """A setting that is good for nothing here."""
    return warning("settings", f"{setting}: {why}", "remove it", setting)

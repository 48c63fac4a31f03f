"""``countersign_oidc.flask.Countersign``: nothing is swapped, and all is said by its settings."""

from __future__ import annotations

from typing import Any

from flask import Flask

from .facts import Facts, ProviderUse, address, redirect_uri
from .finding import ok, warning

#: Where the face leaves what it has in ``app.extensions``.
NAME = "countersign"


def examine(app: Flask) -> Facts | None:
    """The providers and what the application is called there; None where it has no such face."""
    state: Any = app.extensions.get(NAME)
    settings = getattr(state, "_settings", None)
    if settings is None:
        return None
    facts = Facts("countersign_oidc.flask", "1.x")
    facts.findings.append(ok("application", "it uses countersign_oidc.flask: there is nothing to swap"))
    base = str(settings.base_url).rstrip("/")
    for name, provider in settings.providers.items():
        prefix = f"{settings.route_prefix}/{name}" if name else settings.route_prefix
        uri = f"{base}{prefix}/callback"
        facts.findings.append(redirect_uri(uri, "COUNTERSIGN_BASE_URL"))
        issuer = provider.issuer or (provider.metadata or {}).get("issuer")
        facts.findings += address("providers", issuer, "COUNTERSIGN_ISSUER")
        if not provider.client_id:
            facts.findings.append(
                warning(
                    "registration",
                    f"the application registers itself at {issuer}, each process by itself",
                    "register it by hand where several processes serve",
                    "COUNTERSIGN_CLIENT_ID",
                )
            )
        default = "client_secret_basic" if provider.client_secret else "none"
        facts.providers.append(
            ProviderUse(
                issuer=str(issuer),
                client_id=provider.client_id,
                client_auth=provider.auth_method or ("private_key_jwt" if provider.private_key else default),
                redirect_uris=[uri],
                scope=provider.scope or "openid profile email",
            )
        )
    if not settings.audience:
        facts.findings.append(ok("api", "no COUNTERSIGN_AUDIENCE: there is no API"))
    return facts

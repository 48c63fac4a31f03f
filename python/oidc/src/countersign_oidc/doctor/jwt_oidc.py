"""flask-jwt-oidc: 0.7 to 0.9, told apart by the order of arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from .facts import Facts, ProviderUse, address
from .finding import Finding, ok, warning, wrong
from .stand_in import Recorded, Use


def examine(app: Flask, recorded: list[Recorded]) -> Facts:
    """Whose tokens are accepted, for whom they must be, and where roles come from."""
    uses = [use for record in recorded for use in record.uses]
    facts = Facts("flask_jwt_oidc", generation(uses))
    config = app.config
    facts.findings += _mode(config)
    facts.findings += _issuer(config, facts)
    facts.findings += _algorithms(config.get("JWT_OIDC_ALGORITHMS"))
    facts.findings += _roles(config, uses)
    if not config.get("JWT_OIDC_AUDIENCE"):
        facts.traits.add("no_audience")
    if not config.get("JWT_OIDC_AUDIENCE") and not config.get("JWT_OIDC_TEST_MODE"):
        facts.findings.append(
            warning(
                "audience",
                "JWT_OIDC_AUDIENCE is not set: tokens for any application of the provider could be meant",
                "set it to what the provider writes into aud for this API",
                "JWT_OIDC_AUDIENCE",
            )
        )
    if not config.get("JWT_OIDC_CACHING_ENABLED"):
        facts.traits.add("caching_off")
    facts.traits |= {use.name for use in uses} & {
        "requires_auth_cookie",
        "requires_roles",
        "has_one_of_roles",
    }
    return facts


def generation(uses: list[Use]) -> str:
    """A mapping as first argument is 0.8; what 0.7 and 0.9 have in common is read as 0.9."""
    asked = [use for use in uses if use.name in ("validate_roles", "contains_role")]
    return "0.8" if any(use.args and isinstance(use.args[0], Mapping) for use in asked) else "0.9"


def _mode(config: Mapping[str, Any]) -> list[Finding]:
    if not config.get("JWT_OIDC_TEST_MODE"):
        return []
    return [
        warning(
            "JWT_OIDC_TEST_MODE",
            "test mode is on: whoever has the test key can write tokens",
            "never in production",
            "JWT_OIDC_TEST_MODE",
        )
    ]


def _issuer(config: Mapping[str, Any], facts: Facts) -> list[Finding]:
    if config.get("JWT_OIDC_TEST_MODE"):
        return []
    well_known = config.get("JWT_OIDC_WELL_KNOWN_CONFIG")
    if well_known:
        found = address("providers", well_known, "JWT_OIDC_WELL_KNOWN_CONFIG")
        issuer, place, _ = str(well_known).partition("/.well-known/")
        if not place:
            found.append(
                wrong(
                    "providers",
                    "JWT_OIDC_WELL_KNOWN_CONFIG is not the address of a discovery document",
                    "it ends in /.well-known/openid-configuration",
                    "JWT_OIDC_WELL_KNOWN_CONFIG",
                )
            )
        else:
            facts.providers.append(ProviderUse(issuer=issuer))
        return found or [ok("providers", "issuer and keys are discovered")]
    found = address("providers", config.get("JWT_OIDC_JWKS_URI"), "JWT_OIDC_JWKS_URI")
    missing = [name for name in ("JWT_OIDC_JWKS_URI", "JWT_OIDC_ISSUER") if not config.get(name)]
    if missing:
        found.append(
            wrong(
                "providers",
                f"{' and '.join(missing)} not set: no token can be checked",
                "set JWT_OIDC_WELL_KNOWN_CONFIG, or both of JWT_OIDC_JWKS_URI and JWT_OIDC_ISSUER",
                "JWT_OIDC_WELL_KNOWN_CONFIG",
            )
        )
    return found or [ok("providers", "issuer and the address of its keys are set")]


def _algorithms(given: Any) -> list[Finding]:
    names = given.split(",") if isinstance(given, str) else list(given or ["RS256"])
    names = [str(name).strip() for name in names]
    refused = [name for name in names if name.lower() == "none" or name.startswith("HS")]
    if not refused:
        return []
    return [
        wrong(
            "algorithms",
            f"JWT_OIDC_ALGORITHMS names {', '.join(refused)}: whoever knows a public key could write tokens",
            "name asymmetric algorithms only, such as RS256",
            "JWT_OIDC_ALGORITHMS",
        )
    ]


def _roles(config: Mapping[str, Any], uses: list[Use]) -> list[Finding]:
    asked = [use for use in uses if use.name in _ROLES]
    found = []
    if asked and not callable(config.get("JWT_ROLE_CALLBACK")):
        found.append(
            wrong(
                "roles",
                "roles are asked for, and nothing says where they stand in a token",
                "set it to a function that gives the list of roles of the claims",
                "JWT_ROLE_CALLBACK",
            )
        )
    texts = [use for use in asked if any(isinstance(arg, str) for arg in use.args)]
    if texts:
        found.append(
            warning(
                "roles",
                "roles are a plain text: flask-jwt-oidc takes it letter by letter, here it is one role",
                'write a list: ["editor"]',
            )
        )
    return found


_ROLES = ("requires_roles", "has_one_of_roles", "validate_roles", "contains_role")

"""The settings that each package knows, and what is to be said of some of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from .finding import Finding, warning

#: Of all three: which way requests take.
COMMON = ("COUNTERSIGN_TRANSPORT",)

#: Import name: the settings that it reads. Those of the originals, of every generation, and our own.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "flask_pyoidc": (
        "OIDC_REDIRECT_URI",
        "OIDC_REDIRECT_DOMAIN",
        "OIDC_REDIRECT_ENDPOINT",
        "OIDC_SESSION_PERMANENT",
        "OIDC_CLOCK_SKEW",
        "OIDC_INTROSPECTION_CACHE",
        "OIDC_TOKEN_MAY_LACK_AUDIENCE",
        "OIDC_RAW_REGISTRATION_TOKEN",
        "OIDC_SESSION_COOKIE_EVERY_RESPONSE",
    ),
    "flask_oidc": (
        "OIDC_CLIENT_SECRETS",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_SERVER_METADATA_URL",
        "OIDC_SCOPES",
        "OIDC_USER_INFO_ENABLED",
        "OIDC_INTROSPECTION_AUTH_METHOD",
        "OIDC_CLOCK_SKEW",
        "OIDC_RESOURCE_SERVER_ONLY",
        "OIDC_CALLBACK_ROUTE",
        "OIDC_OVERWRITE_REDIRECT_URI",
        "OIDC_USER_CLASS",
        "OIDC_ENABLED",
        "OIDC_TESTING_PROFILE",
        "OIDC_PRESERVE_NEXT_ON_ERROR",
        "OIDC_GOOGLE_APPS_DOMAIN",
        "OIDC_REQUIRE_VERIFIED_EMAIL",
        "OIDC_RESOURCE_CHECK_AUD",
        "OIDC_VALID_ISSUERS",
        "OIDC_TOKEN_TYPE_HINT",
        "OIDC_CREDENTIALS_STORE",
        "OIDC_ACCESS_TOKEN_AUDIENCE",
        "OIDC_INTROSPECTION_CACHE",
        "OIDC_ACCESS_TOKEN_URL",
        "OIDC_ACCESS_TOKEN_PARAMS",
        "OIDC_AUTHORIZE_URL",
        "OIDC_AUTHORIZE_PARAMS",
        "OIDC_REFRESH_TOKEN_URL",
        "OIDC_REFRESH_TOKEN_PARAMS",
        "OIDC_API_BASE_URL",
        "OIDC_ID_TOKEN_COOKIE_NAME",
        "OIDC_ID_TOKEN_COOKIE_PATH",
        "OIDC_ID_TOKEN_COOKIE_TTL",
        "OIDC_ID_TOKEN_COOKIE_SECURE",
        "OIDC_COOKIE_SECURE",
        "OIDC_OPENID_REALM",
        "OIDC_USERINFO_URL",
    ),
    "flask_jwt_oidc": (
        "JWT_OIDC_WELL_KNOWN_CONFIG",
        "JWT_OIDC_JWKS_URI",
        "JWT_OIDC_ISSUER",
        "JWT_OIDC_AUDIENCE",
        "JWT_OIDC_CLIENT_SECRET",
        "JWT_OIDC_ALGORITHMS",
        "JWT_OIDC_CACHING_ENABLED",
        "JWT_OIDC_JWKS_CACHE_TIMEOUT",
        "JWT_OIDC_CLOCK_SKEW",
        "JWT_OIDC_SKIP_AUDIENCE",
        "JWT_OIDC_AUTH_ERROR_HANDLER",
        "JWT_OIDC_AUTH_COOKIE_NAME",
        "JWT_OIDC_TEST_MODE",
        "JWT_OIDC_TEST_KEYS",
        "JWT_OIDC_TEST_AUDIENCE",
        "JWT_OIDC_TEST_ISSUER",
        "JWT_OIDC_TEST_CLIENT_SECRET",
        "JWT_OIDC_TEST_PRIVATE_KEY_PEM",
        "JWT_ROLE_CALLBACK",
    ),
}

#: Settings of the originals that do nothing any more, and why.
IGNORED: Mapping[str, str] = {
    "OIDC_ID_TOKEN_COOKIE_NAME": "who is logged in stands in Flask's session, as in Flask-OIDC 2.x",
    "OIDC_ID_TOKEN_COOKIE_PATH": "Flask's SESSION_COOKIE_PATH decides",
    "OIDC_ID_TOKEN_COOKIE_TTL": "Flask's PERMANENT_SESSION_LIFETIME decides",
    "OIDC_ID_TOKEN_COOKIE_SECURE": "Flask's SESSION_COOKIE_SECURE decides",
    "OIDC_COOKIE_SECURE": "Flask's SESSION_COOKIE_SECURE decides",
    "OIDC_OPENID_REALM": "OpenID 2.0 has gone",
    "OIDC_USERINFO_URL": "the provider's metadata names its userinfo_endpoint",
    "JWT_OIDC_CLIENT_SECRET": "checking a token needs no secret; the original did not use it either",
}

_PREFIXES = {
    "flask_pyoidc": ("OIDC_",),
    "flask_oidc": ("OIDC_",),
    "flask_jwt_oidc": ("JWT_OIDC_", "JWT_ROLE_"),
}


def set_in(config: Mapping[str, Any], package: str) -> list[str]:
    """The settings of this package that the application sets. Their values are nobody's business."""
    return [name for name in (*KNOWN[package], *COMMON) if config.get(name) is not None]


def unknown(config: Mapping[str, Any], packages: Iterable[str]) -> list[Finding]:
    """Settings that look as if they were for one of these packages, and are for none."""
    packages = list(packages)
    prefixes = tuple(prefix for package in packages for prefix in _PREFIXES[package])
    known = [name for package in packages for name in KNOWN[package]]
    findings = []
    for name in sorted(str(name) for name in config):
        if not prefixes or not name.startswith(prefixes) or name in known:
            continue
        meant = difflib.get_close_matches(name, known, n=1)
        change = f"is {meant[0]} meant?" if meant else "remove it, or read it in your own code only"
        findings.append(warning("settings", f"{name} is no setting of {' or '.join(packages)}", change, name))
    return findings


def ignored(config: Mapping[str, Any]) -> list[Finding]:
    """Settings that do nothing."""
    return [
        warning("settings", f"{name} has no effect: {why}", "remove it", name)
        for name, why in IGNORED.items()
        if config.get(name) is not None
    ]

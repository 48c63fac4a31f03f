"""Who else is turned away: settings of 1.x that 2.x dropped.

The token is verified when they are asked; they only narrow who gets in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_oidc.errors import LoginFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_oidc.settings import Settings

WRONG_GOOGLE_APPS_DOMAIN = "WRONG_GOOGLE_APPS_DOMAIN"


def check(settings: Settings, claims: Mapping[str, Any], profile: Mapping[str, Any]) -> None:
    """Raise :class:`LoginFailed` unless this person may come in."""
    if settings.valid_issuers and claims.get("iss") not in settings.valid_issuers:
        raise LoginFailed("access_denied", "The issuer is none of OIDC_VALID_ISSUERS")
    if settings.hosted_domain and claims.get("hd") != settings.hosted_domain:
        raise LoginFailed(WRONG_GOOGLE_APPS_DOMAIN, "The account is of another domain")
    if settings.verified_email and claims.get("email_verified", profile.get("email_verified")) is not True:
        raise LoginFailed("access_denied", "The provider hasn't verified the email address")

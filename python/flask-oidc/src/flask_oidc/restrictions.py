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
        raise _turned_away("The issuer is none of OIDC_VALID_ISSUERS")
    if settings.hosted_domain and claims.get("hd") != settings.hosted_domain:
        raise _turned_away("The account is of another domain", WRONG_GOOGLE_APPS_DOMAIN)
    if settings.verified_email and claims.get("email_verified", profile.get("email_verified")) is not True:
        raise _turned_away("The provider hasn't verified the email address")


def _turned_away(why: str, error: str = "access_denied") -> LoginFailed:
    return LoginFailed(error, why, code="id_token.claim_value")

"""The answers of the original, for what the engine says.

Which claims a refused token has is read here without any proof, to choose the words that its sender
gets. That it is refused was decided before.
"""

from __future__ import annotations

import logging
from typing import Any

from countersign_oidc import _native
from countersign_oidc._common.unavailable import RETRY_AFTER
from countersign_oidc.errors import Error, TokenRefused

from flask_jwt_oidc.exceptions import AuthError

logger = logging.getLogger("flask_jwt_oidc")


def fault(code: str, description: str, status: int = 401) -> AuthError:
    """An answer whose body is ``code`` and ``description``."""
    return AuthError({"code": code, "description": description}, status)


def no_header() -> AuthError:
    """Nobody said who they are (RFC 6750 section 3.1: the challenge then names no error)."""
    return fault("authorization_header_missing", "Authorization header is expected")


def no_cookie() -> AuthError:
    """The same, where a cookie carries the token."""
    return fault("authorization_cookie_missing", "Authorization cookie is expected")


def wrong_header(value: str) -> AuthError:
    """For an ``Authorization`` header that is anything but ``Bearer`` and one word."""
    words = value.split()
    if not words or words[0].lower() != "bearer":
        return fault("invalid_header", "Authorization header must start with Bearer")
    if len(words) == 1:
        return _challenged(fault("invalid_header", "Token not found after Bearer"), "invalid_request")
    return _challenged(
        fault("invalid_header", "Authorization header is an invalid token structure"), "invalid_request"
    )


def missing_roles(code: str, description: str) -> AuthError:
    """The token is good and not enough. The original answers 401, where RFC 6750 has 403."""
    return _challenged(fault(code, description), "insufficient_scope")


def refused(refusal: TokenRefused, token: str) -> AuthError:
    """For a token that the engine refused; the log says why."""
    logger.info("A token was refused: %s [%s]", refusal, refusal.code)
    code, description = _words(refusal, token)
    answer = fault(code, description)
    answer.challenges = tuple(refusal.challenges)
    return answer


def unavailable(error: Error) -> AuthError:
    """For a token about which nothing can be said, as the provider can't be asked for its keys."""
    logger.warning("A token can't be checked now: %s [%s]", error, error.code)
    answer = fault("provider_unavailable", "The keys to check the token can't be had at the moment", 503)
    answer.retry_after = error.retry_after or RETRY_AFTER
    return answer


def _words(refusal: TokenRefused, token: str) -> tuple[str, str]:
    if refusal.code == "access_token.expired":
        return "token_expired", "token has expired"
    header, claims = _shown(token)
    if refusal.code in _FORM or str(header.get("alg")).startswith("HS"):
        return "invalid_header", "Invalid header. Use an RS256 signed JWT Access Token"
    if header and header.get("kid") is None:
        return "invalid_header", "Invalid header. No KID in token header"
    if refusal.code == "keys.unknown":
        return "invalid_header", "Unable to find jwks key referenced in token"
    if refusal.code == "access_token.kind":
        return "invalid_header", "this is no access token; send the access token"
    if refusal.code == "access_token.claim" and "iss" in claims and "exp" not in claims:
        return "invalid_claims", "the token has no expiry (exp)"
    if refusal.code == "access_token.claim" or (
        refusal.code == "access_token.audience" and "aud" not in claims
    ):
        return "invalid_claims", "incorrect claims, please check the audience and issuer"
    return "invalid_header", "Unable to parse authentication token."


def _shown(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        return _native.unverified(token)
    except ValueError:
        return {}, {}


def _challenged(answer: AuthError, error: str) -> AuthError:
    answer.challenges = (f'Bearer error="{error}"',)
    return answer


#: What can't be read as a signed token at all.
_FORM = frozenset(
    {"bearer.request", "jws.malformed", "jws.too_large", "jws.encrypted", "jws.duplicate_member"}
)

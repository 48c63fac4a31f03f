"""Asking the engine about a bearer token.

An application may put a validator of its own in place, of this class or of Authlib's
``TokenValidator``: ``accept_token.register_token_validator(validator)``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

from countersign_oidc.errors import TokenRefused

from flask_oidc.bearer.errors import InsufficientScopeError, InvalidTokenError
from flask_oidc.bound import bound

if TYPE_CHECKING:
    from flask import Request

Scopes = Optional[Union[str, Iterable[str]]]
Token = dict[str, Any]

logger = logging.getLogger(__name__)


class IntrospectTokenValidator:
    """Tokens are good when the provider says so (RFC 7662).

    With ``OIDC_ACCESS_TOKEN_AUDIENCE`` set, JWT access tokens are verified here by the provider's keys.
    """

    TOKEN_TYPE = "bearer"

    def __init__(self, realm: str | None = None, **extra_attributes: Any) -> None:
        self.realm = realm
        self.extra_attributes = extra_attributes

    def authenticate_token(self, token_string: str) -> Token | None:
        """What is known about this token; None: nothing good."""
        return self.introspect_token(token_string)

    def introspect_token(self, token_string: str) -> Token:
        """What is known about this token: ``active`` decides, ``access_token`` is the token itself."""
        here = bound()
        if not here.enabled:
            return here.testing_token(token_string)
        try:
            token = here.engine.resource_server().check(token_string)
        except TokenRefused as refused:
            logger.info("A bearer token was refused: %s [%s]", refused, refused.code)
            return {"active": False}
        said = token.claims
        if "scope" not in said:
            said["scope"] = " ".join(token.scopes)
        said["active"] = True
        said["access_token"] = token_string
        return said

    def validate_request(self, request: Request) -> None:
        """For subclasses that look at more than the token."""

    def validate_token(self, token: Token | None, scopes: Scopes, request: Request, **claims: Any) -> None:
        """Raise an error of :mod:`flask_oidc.bearer.errors` unless this token may do this.

        ``claims``: the values of which the token's claim must have one, e.g. ``groups=["admins"]``.
        """
        if not token or not token.get("active"):
            raise InvalidTokenError
        if self.scope_insufficient(token.get("scope"), scopes):
            raise InsufficientScopeError
        for name, wanted in claims.items():
            if not _has(token.get(name), wanted):
                raise InvalidTokenError

    @staticmethod
    def scope_insufficient(token_scopes: Scopes, required_scopes: Scopes) -> bool:
        """A list asks for one of its entries; an entry with blanks asks for all of its words."""
        if not required_scopes:
            return False
        alternatives = [required_scopes] if isinstance(required_scopes, str) else list(required_scopes)
        held = set(token_scopes.split() if isinstance(token_scopes, str) else token_scopes or ())
        return not any(held.issuperset(words.split()) for words in alternatives)


def _has(value: Any, wanted: Any) -> bool:
    """``wanted``: a value, a list of them, or a claims option of Authlib (``essential``, ``value(s)``)."""
    if isinstance(wanted, Mapping):
        if value in (None, "", [], {}):
            return not wanted.get("essential")
        if "value" in wanted:
            return bool(value == wanted["value"])
        wanted = wanted.get("values")
        if wanted is None:
            return True
    held = value if isinstance(value, list) else [value]
    return any(one in held for one in (wanted if isinstance(wanted, (list, tuple, set)) else [wanted]))

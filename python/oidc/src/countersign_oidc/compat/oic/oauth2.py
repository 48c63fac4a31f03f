"""Responses of the authorization and token endpoints (RFC 6749)."""

from __future__ import annotations

from countersign_oidc.compat.oic.message import Message, parameters

__all__ = [
    "AccessTokenResponse",
    "AuthorizationErrorResponse",
    "AuthorizationResponse",
    "ErrorResponse",
    "Message",
    "TokenErrorResponse",
    "parameters",
]


class ErrorResponse(Message):
    """``error``, and perhaps ``error_description``."""


class AuthorizationErrorResponse(ErrorResponse):
    """The provider said no to a login (section 4.1.2.1)."""


class TokenErrorResponse(ErrorResponse):
    """The provider gave no token (section 5.2)."""


class AuthorizationResponse(Message):
    """``code`` and ``state`` (section 4.1.2)."""


class AccessTokenResponse(Message):
    """The tokens (section 5.1); ``id_token`` holds the verified claims, ``id_token_jwt`` the text."""


class Code(str):
    """An authorization code that remembers what came with it.

    Applications hand on the code alone; ``iss`` of the callback (RFC 9207) is to be checked, too.
    """

    __slots__ = ("came_with",)
    came_with: dict[str, str]

    @classmethod
    def of(cls, response: dict[str, str]) -> Code:
        """The code of this callback."""
        code = cls(response["code"])
        code.came_with = response
        return code

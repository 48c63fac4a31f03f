"""Refusals of ``accept_token``: status, ``error`` and headers as Authlib's resource protector gives them."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

Headers = list[tuple[str, str]]

_NOT_KEPT: Headers = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
]


class TokenError(Exception):
    """A request that ``accept_token`` refuses. Called, it gives status, body and headers."""

    error = "invalid_token"
    description = ""
    status_code = 401
    #: The scheme as the challenge names it.
    scheme = "Bearer"

    def __init__(self, description: str | None = None) -> None:
        super().__init__(self.error)
        if description is not None:
            self.description = description

    def __call__(self) -> tuple[int, dict[str, str], Headers]:
        """Status, members of the body and headers, as Authlib's errors give them."""
        said = {"error": self.error, "error_description": self.description}
        challenge = f'{self.scheme} error="{self.error}", error_description="{self.description}"'
        body = {name: words for name, words in said.items() if words}
        return self.status_code, body, [*_NOT_KEPT, ("WWW-Authenticate", challenge)]


class MissingAuthorizationError(TokenError):
    """No ``Authorization`` header came."""

    error = "missing_authorization"
    description = "Missing 'Authorization' in headers."
    scheme = "bearer"


class UnsupportedTokenTypeError(TokenError):
    """The header is of another scheme, or isn't one word and a token."""

    error = "unsupported_token_type"
    scheme = "bearer"


class InvalidRequestError(TokenError):
    """A token that came in more than one way (RFC 6750 section 2)."""

    error = "invalid_request"
    description = "The access token must come in one way only."
    status_code = 400


class InvalidTokenError(TokenError):
    """Inactive, over, not for us, or not a token at all."""

    description = "The access token provided is expired, revoked, malformed, or invalid for other reasons."


class InsufficientScopeError(TokenError):
    """A good token that may not do this."""

    error = "insufficient_scope"
    description = "The request requires higher privileges than provided by the access token."
    status_code = 403


class Refusal(HTTPException):
    """The answer, as an exception. A handler for :class:`HTTPException` sees it, one for a status doesn't."""

    def __init__(self, status: int, body: str, headers: Headers) -> None:
        super().__init__(response=Response(body, status, headers))
        self.code = status


def refusal(error: Any) -> Refusal:
    """The answer to our errors and to those of Authlib, which a validator of the application raises."""
    status, body, headers = error()
    return Refusal(status, body if isinstance(body, str) else json.dumps(dict(body)), list(headers))

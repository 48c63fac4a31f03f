"""What comes from the provider and goes to it, as mappings.

They are dictionaries with the methods that applications know from pyoidc's messages.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from countersign_oidc._native import PendingLogin


class Message(dict[str, Any]):
    """A dictionary that also answers to the methods of pyoidc's messages."""

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary of the same members."""
        return dict(self)

    def to_json(self) -> str:
        """The members as JSON text."""
        return json.dumps(self)

    def to_urlencoded(self) -> str:
        """The members as a form (RFC 6749 appendix B)."""
        return urlencode({name: as_parameter(value) for name, value in self.items()})

    def __repr__(self) -> str:
        # The values may be tokens and codes.
        return f"<{type(self).__name__} of {', '.join(self) or 'nothing'}>"

    __str__ = __repr__


class AuthorizationRequest(Message):
    """The parameters of a login that begins (OpenID Connect Core 1.0 section 3.1.2.1)."""

    #: What the engine keeps of it until the browser is back; None for a request that it didn't begin.
    login: PendingLogin | None = None
    #: Where to send the browser, while nobody changed a parameter.
    url: str | None = None
    begun: dict[str, Any] | None = None

    @classmethod
    def of(cls, parameters: dict[str, Any], url: str, login: PendingLogin) -> AuthorizationRequest:
        """The parameters of a login that the engine began."""
        request = cls(parameters)
        request.begin(url, login)
        return request

    def begin(self, url: str, login: PendingLogin) -> None:
        """Note where these parameters lead."""
        self.url, self.login, self.begun = url, login, dict(self)


class AuthorizationResponse(Message):
    """What the browser brought back (section 3.1.2.5)."""

    #: The same as it came: a parameter may be there twice, which the engine has to see.
    received: Any = None


class ErrorResponse(Message):
    """``error``, and perhaps ``error_description``."""


class AuthorizationErrorResponse(AuthorizationResponse, ErrorResponse):
    """What the browser brought back when the login was refused (section 3.1.2.6)."""


class AccessTokenResponse(Message):
    """What the token endpoint gave (section 3.1.3.3)."""


class TokenErrorResponse(ErrorResponse):
    """What the token endpoint said instead (section 3.1.3.4)."""


class OpenIDSchema(Message):
    """What the user info endpoint says of a person (section 5.3.2)."""


class UserInfoErrorResponse(ErrorResponse):
    """What the user info endpoint said instead (section 5.3.3)."""


class TokenIntrospectionResponse(Message):
    """What the introspection endpoint says of a token (RFC 7662 section 2.2)."""


class IdToken(Message):
    """The claims of an ID token. Only the engine makes one that counts as verified."""

    #: Of which login it is; None for one that nobody verified.
    state: str | None = None


def as_parameter(value: Any) -> str:
    """A value as a parameter of a request: lists between blanks, objects as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return " ".join(str(word) for word in value)
    return json.dumps(value)

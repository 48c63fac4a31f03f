"""What can go wrong, by whose fault it is.

Each error carries a stable ``code`` (``login.state_mismatch``), the same in Rust, Python, logs and
documentation. The text is for operators and never contains a token, a code or a secret.
"""

from __future__ import annotations

from typing import Literal

Fault = Literal["person", "provider", "network", "setup", "bug"]
Failure = Literal["unreachable", "timeout", "tls", "cut", "too_large"]


class Error(Exception):
    """The base of all errors of countersign."""

    code: str = "bug.internal"
    fault: Fault = "bug"
    #: One sentence for people, without any detail.
    meaning: str = ""
    #: ``error`` and ``error_description`` of the provider, where it said something (RFC 6749 section 5.2).
    provider_error: str | None = None
    provider_error_description: str | None = None
    #: Seconds after which another attempt makes sense.
    retry_after: int | None = None


class LoginRefused(Error):
    """This login can't be completed; starting again may help."""

    fault: Fault = "person"


class TokenRefused(Error):
    """The bearer token is missing, wrong, over, or not enough."""

    fault: Fault = "person"
    #: The HTTP status that fits: 400, 401 or 403 (RFC 6750 section 3.1).
    status: int = 401
    #: ``invalid_token``, ``insufficient_scope``, ``invalid_request``; None when there was no token at all.
    error: str | None = None
    error_description: str | None = None
    #: Values for ``WWW-Authenticate``, in order.
    challenges: tuple[str, ...] = ()


class ProviderError(Error):
    """The provider answered something that can't be used."""

    fault: Fault = "provider"


class NetworkError(Error):
    """The provider can't be reached now, or asks to come back later."""

    fault: Fault = "network"


class SetupError(Error, ValueError):
    """A setting is wrong; the text names it."""

    fault: Fault = "setup"


class TransportFailure(Exception):
    """What a transport of the application's own raises when no answer came.

    ``kind`` is ``unreachable``, ``timeout``, ``tls``, ``cut`` (the answer broke off) or ``too_large``.
    """

    def __init__(self, kind: Failure, why: str) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why

"""What an application sees when nobody passes."""

from __future__ import annotations

from typing import Any


class AuthError(Exception):
    """Answered as JSON by the error handler. Views raise it as well.

    ``error`` is what the body holds, usually ``code`` and ``description``.
    """

    #: Values for ``WWW-Authenticate``; without any, a 401 says ``Bearer`` (RFC 9110 section 11.6.1).
    challenges: tuple[str, ...] = ()
    #: Seconds for ``Retry-After``.
    retry_after: int | None = None

    def __init__(self, error: Any, status_code: int) -> None:
        super().__init__(error, status_code)
        self.error = error
        self.status_code = status_code

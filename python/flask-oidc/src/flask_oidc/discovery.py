"""Finding out about a provider: the module of 1.x."""

from __future__ import annotations

from typing import Any

from countersign_oidc import _native
from countersign_oidc._common.transport import chosen


def discover_OP_information(OP_uri: str) -> dict[str, Any]:  # noqa: N802, N803
    """The metadata that this issuer publishes (OpenID Connect Discovery section 4)."""
    return _native.discover(provider(OP_uri), transport=chosen({}))


def provider(issuer: str) -> _native.Provider:
    """An issuer as a person types it: a slash at its end may be too many, and http is taken at their word."""
    return _native.Provider.discover(
        issuer, forgive_slash=True, sparse=True, allow_http=issuer.startswith("http://")
    )

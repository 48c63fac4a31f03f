"""The settings of a manager as the engine's: which issuer, which audience, which algorithms."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from countersign_oidc import _native
from countersign_oidc.errors import SetupError

if TYPE_CHECKING:
    from countersign_oidc._native import Provider, ResourceServer, Transport

logger = logging.getLogger("flask_jwt_oidc")


def words(value: Any) -> list[str]:
    """Several names: a list of them, or one text with commas. A text is never taken letter by letter."""
    if value is None:
        return []
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return [str(word) for word in value]


def local_keys(issuer: str, jwks: Mapping[str, Any]) -> Provider:
    """Test mode: the keys stand in the settings, and may be short."""
    return _native.Provider.named(issuer, jwks=jwks, unsafe_test_keys=True)


def published_keys(issuer: Any, jwks_uri: Any, well_known: str | None) -> Provider:
    """Keys that the provider publishes, fetched when the first token comes."""
    if not isinstance(jwks_uri, str) or not jwks_uri:
        raise SetupError(
            "nothing says where the keys are: set JWT_OIDC_WELL_KNOWN_CONFIG, or JWT_OIDC_JWKS_URI with "
            "JWT_OIDC_ISSUER"
        )
    if not isinstance(issuer, str) or not issuer:
        raise SetupError(
            "nothing says whose tokens are accepted: set JWT_OIDC_ISSUER beside JWT_OIDC_JWKS_URI (a key set "
            "alone would let the tokens of every tenant pass that shares it)"
        )
    # Plain http was written down by whoever runs this; a provider reached by https can't ask for it.
    is_plain = (well_known or jwks_uri).lower().startswith("http:")
    return _native.Provider.named(issuer, jwks_uri=jwks_uri, allow_http=is_plain)


def resource_server(
    provider: Provider,
    *,
    audience: Any,
    skip_audience: bool,
    algorithms: Iterable[str],
    clock_skew: float,
    transport: Transport | None,
) -> ResourceServer:
    """What checks the tokens."""
    # With a comma in it, a text is still one name.
    audiences = [audience] if isinstance(audience, str) and audience else list(audience or ())
    rule = "ours" if audiences else "nobody"
    trusted = _native.TrustedIssuer(
        provider,
        algorithms=_asymmetric(algorithms),
        audience_rule="any" if skip_audience else rule,
        needs_kid=True,
    )
    return _native.ResourceServer(audiences, [trusted], clock_skew=clock_skew, transport=transport)


def _asymmetric(algorithms: Iterable[str]) -> list[str]:
    """A secret was never accepted, whatever stood there; the engine refuses to mix the two."""
    named = list(algorithms)
    kept = [name for name in named if not name.upper().startswith("HS")]
    if len(kept) < len(named):
        logger.warning("JWT_OIDC_ALGORITHMS names HS256 or the like, which is refused always; it is left out")
    if not kept:
        raise SetupError("JWT_OIDC_ALGORITHMS must name an asymmetric algorithm, such as RS256")
    return kept

"""Dynamic client registration: the module of 1.x, and what ``oidc-register`` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from countersign_oidc import _native
from countersign_oidc._common.transport import chosen
from countersign_oidc.errors import Error

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class RegistrationError(Exception):
    """The provider refused the registration (Dynamic Client Registration section 3.3)."""

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.error = str(response.get("error", "unknown"))
        self.error_description = response.get("error_description")
        self.errors = dict(response)
        super().__init__(": ".join(str(part) for part in (self.error, self.error_description) if part))


def check_redirect_uris(uris: Iterable[str], client_type: str | None = None) -> str:
    """``web`` or ``native``: what kind of client has these redirect URIs (Registration section 2).

    A web client's are https; a native one's are http on the loopback, or of a scheme of its own.
    :class:`ValueError` when there is none, or when they don't belong together.
    """
    kinds = {uri: _kind(uri) for uri in uris}
    if not kinds:
        raise ValueError("there must be at least one redirect URI")
    if client_type not in (None, "web", "native"):
        raise ValueError(f"client_type must be 'web' or 'native', not {client_type!r}")
    wanted = client_type or next(iter(kinds.values()))
    for uri, kind in kinds.items():
        if kind != wanted:
            raise ValueError(f"{uri} is for a {kind} client, and this one is {wanted}")
    return wanted


def register_client(provider_info: Mapping[str, Any], redirect_uris: Iterable[str]) -> dict[str, Any]:
    """Register with this provider (its metadata): the contents of ``client_secrets.json``."""
    redirect_uris = list(redirect_uris)
    metadata = {
        "redirect_uris": redirect_uris,
        "application_type": check_redirect_uris(redirect_uris),
        "token_endpoint_auth_method": "client_secret_post",
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
    }
    is_plain = str(provider_info.get("issuer", "")).startswith("http://")
    provider = _native.Provider.written(provider_info, sparse=True, allow_http=is_plain)
    try:
        answer = _native.register(provider, metadata, transport=chosen({}))
    except Error as error:
        if error.provider_error is None:
            raise
        said = {"error": error.provider_error, "error_description": error.provider_error_description}
        raise RegistrationError(said) from error
    return _native.client_secrets(provider_info, {**metadata, **answer})


def _kind(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme == "https" and parts.hostname:
        return "web"
    if parts.scheme == "http":
        if parts.hostname in _LOOPBACK:
            return "native"
        raise ValueError(f"{uri} must be https: with http the code could be read on its way")
    if not parts.scheme:
        raise ValueError(f"{uri} is no absolute address")
    return "native"

"""Where the provider sends the browser back to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


class RedirectUriConfig:
    """The whole redirect URI, and the name of the route that serves it (its path without the slash)."""

    def __init__(self, full_uri: str, endpoint: str) -> None:
        self.full_uri = full_uri
        self.endpoint = endpoint

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> RedirectUriConfig:
        """Out of ``OIDC_REDIRECT_URI``, or out of the settings that came before it."""
        full_uri = config.get("OIDC_REDIRECT_URI")
        if full_uri:
            return cls(full_uri, urlsplit(full_uri).path.lstrip("/"))
        return cls._from_older(config)

    @classmethod
    def _from_older(cls, config: Mapping[str, Any]) -> RedirectUriConfig:
        domain = config.get("OIDC_REDIRECT_DOMAIN") or config.get("SERVER_NAME")
        if not domain:
            raise ValueError(
                "'OIDC_REDIRECT_URI' must be configured: the whole address that is registered at the "
                "provider, such as https://app.example.com/redirect_uri."
            )
        warnings.warn(
            "'OIDC_REDIRECT_DOMAIN', 'OIDC_REDIRECT_ENDPOINT' and SERVER_NAME are the older way to name the "
            "redirect URI: use 'OIDC_REDIRECT_URI'.",
            DeprecationWarning,
            stacklevel=3,
        )
        scheme = config.get("PREFERRED_URL_SCHEME") or "http"
        endpoint = str(config.get("OIDC_REDIRECT_ENDPOINT") or "redirect_uri").lstrip("/")
        return cls(f"{scheme}://{domain}/{endpoint}", endpoint)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RedirectUriConfig):
            return NotImplemented
        return (self.full_uri, self.endpoint) == (other.full_uri, other.endpoint)

    def __hash__(self) -> int:
        return hash((self.full_uri, self.endpoint))

    def __repr__(self) -> str:
        return f"({self.full_uri}, {self.endpoint})"

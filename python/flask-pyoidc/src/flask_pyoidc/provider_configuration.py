"""Which provider, and who this application is there."""

from __future__ import annotations

import collections
import logging
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import requests

from flask_pyoidc._engine import Client, ClientSettings

__all__ = [
    "Client",
    "ClientMetadata",
    "ClientRegistrationInfo",
    "ClientSettings",
    "OIDCData",
    "ProviderConfiguration",
    "ProviderMetadata",
    "collections",
    "logger",
    "logging",
    "requests",
]

logger = logging.getLogger(__name__)

_SECRETS = frozenset({"client_secret", "registration_token"})


class OIDCData(MutableMapping[str, Any]):
    """Members by name. It counts as true even when it is empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.store: dict[str, Any] = dict(*args, **kwargs)

    def __getitem__(self, key: str) -> Any:
        return self.store[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.store[key] = value

    def __delitem__(self, key: str) -> None:
        del self.store[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.store)

    def __len__(self) -> int:
        return len(self.store)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        shown = {name: "<masked>" if name in _SECRETS else value for name, value in self.store.items()}
        return str(shown)

    __str__ = __repr__

    def copy(self, **overrides: Any) -> Any:
        """The same kind with these members set otherwise."""
        return type(self)(**{**self.store, **overrides})

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary of the members."""
        return dict(self.store)


class ProviderMetadata(OIDCData):
    """What is written down of a provider (OpenID Connect Discovery 1.0 section 3)."""

    def __init__(
        self,
        issuer: str | None = None,
        authorization_endpoint: str | None = None,
        jwks_uri: str | None = None,
        token_endpoint: str | None = None,
        userinfo_endpoint: str | None = None,
        introspection_endpoint: str | None = None,
        registration_endpoint: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            issuer=issuer,
            authorization_endpoint=authorization_endpoint,
            token_endpoint=token_endpoint,
            userinfo_endpoint=userinfo_endpoint,
            jwks_uri=jwks_uri,
            introspection_endpoint=introspection_endpoint,
            registration_endpoint=registration_endpoint,
            **kwargs,
        )


class ClientRegistrationInfo(OIDCData):
    """What to register this application with (OpenID Connect Registration 1.0 section 2).

    ``registration_token`` is the initial access token (RFC 7591 section 1.2).
    """


class ClientMetadata(OIDCData):
    """What this application was registered with; ``post_logout_redirect_uris``,
    ``token_endpoint_auth_method``, ``introspection_endpoint_auth_method``,
    ``id_token_signed_response_alg`` and ``userinfo_signed_response_alg`` are heeded.
    """

    def __init__(self, client_id: str | None = None, client_secret: str | None = None, **kwargs: Any) -> None:
        super().__init__(client_id=client_id, client_secret=client_secret, **kwargs)


class ProviderConfiguration:
    """One provider, with what this application wants of it.

    ``session_refresh_interval_seconds``: after so long the provider is asked without the person
    (``prompt=none``). ``userinfo_http_method``: ``GET``, ``POST``, or None not to ask.
    """

    #: Seconds. The engine has limits of its own; the name stands here for those who read it.
    DEFAULT_REQUEST_TIMEOUT = 5

    def __init__(
        self,
        issuer: str | None = None,
        provider_metadata: ProviderMetadata | None = None,
        userinfo_http_method: str | None = "GET",
        client_registration_info: ClientRegistrationInfo | None = None,
        client_metadata: ClientMetadata | None = None,
        auth_request_params: Mapping[str, Any] | None = None,
        session_refresh_interval_seconds: float | None = None,
        requests_session: requests.Session | None = None,
    ) -> None:
        if not issuer and not provider_metadata:
            raise ValueError("Specify either 'issuer' or 'provider_metadata'.")
        if not client_registration_info and not client_metadata:
            raise ValueError("Specify either 'client_registration_info' or 'client_metadata'.")
        self._issuer = issuer
        self._provider_metadata = provider_metadata
        self._client_registration_info = client_registration_info
        self._client_metadata = client_metadata
        self.userinfo_endpoint_method = userinfo_http_method
        self.auth_request_params: Mapping[str, Any] = auth_request_params or {}
        self.session_refresh_interval_seconds = session_refresh_interval_seconds
        self.client_settings = ClientSettings(
            timeout=self.DEFAULT_REQUEST_TIMEOUT, requests_session=requests_session or requests.Session()
        )

    def ensure_provider_metadata(self, client: Client) -> None:
        """Ask the provider for its metadata, unless they are known. Logins do that by themselves."""
        if self._provider_metadata is None:
            self._provider_metadata = ProviderMetadata(**client.discovered())

    @property
    def registered_client_metadata(self) -> ClientMetadata | None:
        """What this application is registered with; None before a dynamic registration."""
        return self._client_metadata

    def register_client(self, client: Client) -> ClientMetadata:
        """Register this application, unless it is."""
        if self._client_metadata is None:
            answer = client.registered()
            logger.info("Received registration response.")
            self._client_metadata = ClientMetadata(**answer)
        return self._client_metadata

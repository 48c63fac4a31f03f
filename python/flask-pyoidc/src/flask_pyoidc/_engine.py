"""The engine's objects for one provider, each made when it is first needed.

Nothing here asks the network while an application starts.
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import flask
import requests
from countersign_oidc import _native
from countersign_oidc._common import settings
from countersign_oidc._common.once import Once
from countersign_oidc._common.transport import chosen
from countersign_oidc.errors import Error, NetworkError, SetupError

if TYPE_CHECKING:
    from flask_pyoidc.provider_configuration import ProviderConfiguration

logger = logging.getLogger(__name__)


@dataclass
class ClientSettings:
    """How requests go to the provider. ``client_cert`` and ``verify_ssl`` come from the environment
    variables ``CLIENT_CERT`` and ``VERIFY_SSL`` where they are not given.
    """

    timeout: float = 5
    requests_session: requests.Session | None = None
    client_cert: str | None = field(default_factory=lambda: os.environ.get("CLIENT_CERT") or None)
    verify_ssl: str | bool = field(default_factory=lambda: os.environ.get("VERIFY_SSL") or True)

    def session(self) -> requests.Session | None:
        """The application's session, with what the environment says where the session says nothing."""
        session = self.requests_session
        if session is None:
            return None
        if self.client_cert and session.cert is None:
            session.cert = self.client_cert
        verify = self.verify_ssl
        if verify is False or str(verify).strip().lower() in ("false", "0", "no", "off"):
            logger.warning(
                "VERIFY_SSL=%s is not obeyed: without a check of the provider's certificate anybody between "
                "could log in as anybody. For a private authority set it to the file of its certificate.",
                verify,
            )
        elif str(verify).strip().lower() not in ("true", "1", "yes", "on") and session.verify is True:
            session.verify = verify
        return session


class Client:
    """This application at one provider, as the engine knows it."""

    def __init__(self, configuration: ProviderConfiguration, redirect_uri: str) -> None:
        self._configuration = configuration
        self.redirect_uri = redirect_uri
        #: The application's settings; without any those of the application that is being served.
        self.config: Mapping[str, Any] | None = None
        self._once = Once()
        self._relying_party: _native.RelyingParty | None = None
        self._resource_server: _native.ResourceServer | None = None
        self._token_client: _native.TokenClient | None = None

    @property
    def client_id(self) -> str | None:
        return self._registered().get("client_id")

    @property
    def client_secret(self) -> str | None:
        return self._registered().get("client_secret")

    @property
    def provider_info(self) -> dict[str, Any]:
        """The provider's metadata, asked for if they aren't known."""
        return self.relying_party().metadata()

    # What the facade uses.

    def relying_party(self) -> _native.RelyingParty:
        """For logins."""
        if self._relying_party is None:
            with self._once:
                if self._relying_party is None:
                    self._find_keys()
                    self._relying_party = self._new_relying_party(self._provider())
        return self._relying_party

    def resource_server(self) -> _native.ResourceServer:
        """For bearer tokens."""
        if self._resource_server is None:
            with self._once:
                if self._resource_server is None:
                    self._resource_server = self._new_resource_server()
        return self._resource_server

    def token_client(self) -> _native.TokenClient:
        """For tokens without a person."""
        if self._token_client is None:
            with self._once:
                if self._token_client is None:
                    self._token_client = _native.TokenClient(
                        self._provider(), self._client(), transport=self._transport()
                    )
        return self._token_client

    def discovered(self) -> dict[str, Any]:
        """The provider's metadata, fetched now."""
        return self._discover(self._provider())

    def registered(self) -> dict[str, Any]:
        """Register this application now: the provider's answer."""
        wanted = dict(self._configuration._client_registration_info or {})
        token = wanted.pop("registration_token", None)
        metadata = {
            "application_type": "web",
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            **{name: value for name, value in wanted.items() if value is not None},
            "redirect_uris": [self.redirect_uri],
        }
        return _native.register(
            self._provider(),
            metadata,
            initial_access_token=self._initial_access_token(token),
            transport=self._transport(),
        )

    # How they are made.

    def _new_relying_party(self, provider: _native.Provider) -> _native.RelyingParty:
        return _native.RelyingParty(
            provider,
            self._client(),
            self.redirect_uri,
            scope="openid",
            user_info=self._configuration.userinfo_endpoint_method,
            clock_skew=self._clock_skew(),
            pkce="announced",
            transport=self._transport(),
            allow_http_redirect=_plain_http(self.redirect_uri),
        )

    def _new_resource_server(self) -> _native.ResourceServer:
        config = self._config()
        client = self._client("introspection_endpoint_auth_method")
        introspection = _native.Introspection(
            client,
            keep=settings.seconds(config, "OIDC_INTROSPECTION_CACHE", default=0),
            may_lack_audience=settings.flag(config, "OIDC_TOKEN_MAY_LACK_AUDIENCE", default=False),
            token_type_hint="access_token",
        )
        issuer = _native.TrustedIssuer(self._provider(), introspection=introspection, introspection_only=True)
        return _native.ResourceServer(
            [client.client_id], [issuer], clock_skew=self._clock_skew(), transport=self._transport()
        )

    def _find_keys(self) -> None:
        """Where metadata were written down without an address of keys, the provider is asked for it: without
        keys no ID token could be checked.
        """
        written, metadata = self._written(), self._configuration._provider_metadata
        if written is None or metadata is None or self._has_keys(written):
            return
        try:
            found = self._discover(self._published(written["issuer"]))
        except NetworkError:
            raise
        except Error as error:
            logger.warning(
                "The provider metadata lack 'jwks_uri', and the provider publishes none: %s", error
            )
        else:
            metadata["jwks_uri"] = found.get("jwks_uri")

    def _client(self, method: str = "token_endpoint_auth_method") -> _native.Client:
        registered = self._registered()
        client_id = registered.get("client_id")
        if not client_id:
            raise SetupError("client_id is missing: give it in ClientMetadata, or register the client first")
        return _native.Client(
            client_id,
            registered.get("client_secret"),
            auth_method=registered.get(method),
            id_token_alg=registered.get("id_token_signed_response_alg"),
            user_info_alg=registered.get("userinfo_signed_response_alg"),
        )

    def _provider(self) -> _native.Provider:
        written = self._written()
        if written is not None:
            return _native.Provider.written(written, sparse=True, allow_http=_plain_http(written["issuer"]))
        return self._published(str(self._configuration._issuer))

    @staticmethod
    def _published(issuer: str) -> _native.Provider:
        return _native.Provider.discover(
            issuer, forgive_slash=True, sparse=True, allow_http=_plain_http(issuer)
        )

    def _written(self) -> dict[str, Any] | None:
        metadata = self._configuration._provider_metadata
        if metadata is None:
            return None
        written = {name: value for name, value in metadata.items() if value is not None}
        written.setdefault("issuer", self._configuration._issuer)
        if not written["issuer"]:
            raise SetupError("the provider metadata lack 'issuer': give the provider's own name for itself")
        return written

    def _has_keys(self, written: Mapping[str, Any]) -> bool:
        alg = str(self._registered().get("id_token_signed_response_alg") or "")
        return "jwks_uri" in written or "jwks" in written or alg.startswith("HS")

    def _registered(self) -> Mapping[str, Any]:
        metadata = self._configuration.registered_client_metadata
        return {} if metadata is None else metadata

    def _discover(self, provider: _native.Provider) -> dict[str, Any]:
        return _native.discover(provider, transport=self._transport())

    def _initial_access_token(self, token: str | None) -> str | None:
        """In base64, as Flask-pyoidc sends it; RFC 7591 section 3 wants it as it is."""
        if token is None or settings.flag(self._config(), "OIDC_RAW_REGISTRATION_TOKEN", default=False):
            return token
        return base64.b64encode(token.encode()).decode()

    def _clock_skew(self) -> float:
        return settings.seconds(self._config(), "OIDC_CLOCK_SKEW", default=0)

    def _transport(self) -> _native.Transport | None:
        session = self._configuration.client_settings.session()
        return chosen(self._config(), session=session)

    def _config(self) -> Mapping[str, Any]:
        if self.config is not None:
            return self.config
        return flask.current_app.config if flask.has_app_context() else {}

    def __repr__(self) -> str:
        return f"<Client {self.client_id!r}>"


def _plain_http(address: str) -> bool:
    """An address that is written with http is meant so; one with https never falls back. On the loopback
    nobody has to allow it.
    """
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")

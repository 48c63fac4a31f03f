"""One application's part of the engine: its relying party and its resource server.

Nothing goes over the network before somebody asks: an application starts while its provider is down.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from countersign_oidc import _native
from countersign_oidc._common.once import Once
from countersign_oidc.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_oidc.settings import Settings

logger = logging.getLogger(__name__)


class Engine:
    """Made once per application, used by all its threads."""

    def __init__(self, settings: Settings, transport: _native.Transport | None) -> None:
        self.settings = settings
        self.transport = transport
        self.client = _native.Client(
            settings.client_id, settings.client_secret, auth_method=settings.auth_method
        )
        self._discovered = _native.Provider.discover(
            settings.issuer,
            metadata_url=settings.metadata_url,
            forgive_slash=True,
            sparse=True,
            allow_http=settings.allow_http,
        )
        self._once = Once()
        self._provider: _native.Provider | None = None
        self._relying_party: _native.RelyingParty | None = None
        self._resource_server: _native.ResourceServer | None = None
        self._metadata: dict[str, Any] = {}

    def relying_party(self, redirect_uri: Callable[[], str]) -> _native.RelyingParty:
        """``redirect_uri`` is asked once; each login brings its own."""
        if self._relying_party is None:
            provider, first = self.provider(), redirect_uri()
            with self._once:
                self._relying_party = self._relying_party or self._party(provider, first)
        return self._relying_party

    def resource_server(self) -> _native.ResourceServer:
        """For ``accept_token``: by introspection, and by the provider's keys where an audience is set."""
        if self._resource_server is None:
            provider = self.provider()
            with self._once:
                self._resource_server = self._resource_server or self._api(provider)
        return self._resource_server

    def token_client(self) -> _native.TokenClient:
        """For tokens that no session here stands behind."""
        return _native.TokenClient(self.provider(), self.client, transport=self.transport)

    def metadata(self) -> dict[str, Any]:
        """The provider's metadata, with what the settings add."""
        self.provider()
        return dict(self._metadata)

    def provider(self) -> _native.Provider:
        """The provider, as it describes itself and as the settings complete it.

        Asked at first use and kept. Nobody waits for another thread's question: it may take long.
        """
        if self._provider is None:
            metadata = {**self.settings.written, **self._find(), **self.settings.overriding}
            with self._once:
                if self._provider is None:
                    self._metadata = metadata
                    self._provider = _native.Provider.written(
                        metadata, sparse=True, allow_http=self.settings.allow_http
                    )
        return self._provider

    def _find(self) -> dict[str, Any]:
        settings = self.settings
        try:
            return _native.discover(self._discovered, transport=self.transport)
        except ProviderError as error:
            if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= settings.written.keys():
                raise
            logger.warning("%s can't be discovered, client_secrets.json counts: %s", settings.issuer, error)
            return {"issuer": settings.issuer}

    def _party(self, provider: _native.Provider, redirect_uri: str) -> _native.RelyingParty:
        return _native.RelyingParty(
            provider,
            self.client,
            redirect_uri,
            scope=self.settings.scope,
            clock_skew=self.settings.clock_skew,
            pkce="announced",
            transport=self.transport,
            allow_http_redirect=True,
        )

    def _api(self, provider: _native.Provider) -> _native.ResourceServer:
        settings = self.settings
        local = bool(settings.access_token_audiences)
        introspects = "introspection_endpoint" in self._metadata or not local
        issuer = _native.TrustedIssuer(
            provider,
            audiences=settings.access_token_audiences or None,
            introspection=self._introspection(jwts_too=not local) if introspects else None,
            introspection_only=not local,
        )
        return _native.ResourceServer(
            settings.access_token_audiences or [settings.client_id],
            [issuer],
            clock_skew=settings.clock_skew,
            transport=self.transport,
        )

    def _introspection(self, *, jwts_too: bool) -> _native.Introspection:
        settings = self.settings
        return _native.Introspection(
            self.client,
            bearer=settings.introspects_by_bearer,
            keep=settings.introspection_keep,
            any_audience=not settings.checks_audience,
            may_lack_audience=not settings.checks_audience,
            token_type_hint=settings.token_type_hint,
            jwts_too=jwts_too,
        )

"""What an application has once its settings are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from countersign_oidc._native import (
    Api,
    Client,
    Introspection,
    Provider,
    Registration,
    RelyingParty,
    ResourceServer,
    Site,
    TrustedIssuer,
)
from countersign_oidc.errors import SetupError

if TYPE_CHECKING:
    from flask import Flask

    from countersign_oidc.flask.settings import ProviderSettings, Settings

NAME = "countersign"


class State:
    """The sites and the API of one application."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self._settings = settings
        secrets = _secrets(settings.secret_key, app)
        self.sites: dict[str, Site] = {}
        issuers: list[TrustedIssuer] = []
        for name, own in settings.providers.items():
            provider, client = _provider(own), _client(own)
            self.sites[name] = self._site(name, own, provider, client, secrets)
            issuers.append(self._issuer(provider, client, asked=not issuers))
        self.api = self._api(issuers) if settings.audience else None

    def site(self, name: str | None) -> Site:
        """The site of this provider; of the usual one without a name."""
        if name is None:
            return next(iter(self.sites.values()))
        try:
            return self.sites[name]
        except KeyError:
            known = ", ".join(map(repr, self.sites))
            raise SetupError(f"there is no provider {name!r}; the providers are {known}") from None

    def paths(self) -> dict[str, str]:
        """Every path of ours, and the name of the provider to which it belongs."""
        return {path: name for name, site in self.sites.items() for path in site.paths}

    def _site(
        self,
        name: str,
        own: ProviderSettings,
        provider: Provider,
        client: Client | None,
        secrets: list[bytes],
    ) -> Site:
        settings = self._settings
        prefix = f"{settings.route_prefix}/{name}" if name else settings.route_prefix
        base = settings.base_url.rstrip("/")
        routes = {
            "login": f"{prefix}/login",
            "logout": f"{prefix}/logout",
            "logged_out": f"{prefix}/logged-out",
            "backchannel_logout": f"{prefix}/backchannel-logout",
        }
        redirect_uri = f"{base}{prefix}/callback"
        party = RelyingParty(
            provider,
            client or _registration(own, base, redirect_uri, routes),
            redirect_uri,
            scope=own.scope or "openid profile email",
            user_info=None if own.user_info is False else "GET",
            trusted_audiences=own.trusted_audiences or (),
            clock_skew=settings.clock_skew,
            transport=settings.transport,
            ca_file=settings.ca_file,
            allow_http_redirect=settings.allow_http,
        )
        return Site(
            party,
            settings.base_url,
            secrets,
            # What follows the prefix begins with an underscore, which no provider's name has: no two
            # sites read the same cookies.
            prefix=f"{NAME}-{name}" if name else NAME,
            routes=routes,
            lifetime=settings.lifetime,
            refresh_interval=settings.refresh_interval,
            login=own.login_params,
            logout=own.logout_params,
            after_login=settings.after_login,
            roles=settings.roles,
            trusted_proxies=settings.trusted_proxies,
            shared_folder=settings.shared_folder,
            allow_http=settings.allow_http,
        )

    def _issuer(self, provider: Provider, client: Client | None, *, asked: bool) -> TrustedIssuer:
        roles = self._settings.roles
        # Only one issuer can be asked about tokens that don't say whose they are.
        if not (self._settings.introspection and asked):
            return TrustedIssuer(provider, roles=roles)
        if client is None:
            raise SetupError("introspection needs a client_id and its credentials at the provider")
        return TrustedIssuer(provider, roles=roles, introspection=Introspection(client))

    def _api(self, issuers: list[TrustedIssuer]) -> Api:
        settings = self._settings
        server = ResourceServer(
            settings.audience,
            issuers,
            clock_skew=settings.clock_skew,
            resource=settings.resource,
            transport=settings.transport,
            ca_file=settings.ca_file,
        )
        proxies, http = settings.trusted_proxies, settings.allow_http
        return Api(server, base_url=settings.base_url, trusted_proxies=proxies, allow_http=http)


def _provider(own: ProviderSettings) -> Provider:
    if own.metadata is not None:
        return Provider.written(own.metadata, allow_http=bool(own.allow_http))
    return Provider.discover(own.issuer or "", allow_http=bool(own.allow_http))


def _client(own: ProviderSettings) -> Client | None:
    if own.client_id is None:
        return None
    return Client(
        own.client_id,
        own.client_secret,
        auth_method=own.auth_method,
        private_key_pem=own.private_key,
        id_token_alg=own.id_token_alg,
    )


def _registration(
    own: ProviderSettings, base: str, redirect_uri: str, routes: dict[str, str]
) -> Registration:
    metadata: dict[str, Any] = {
        "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": [base + routes["logged_out"]],
        "backchannel_logout_uri": base + routes["backchannel_logout"],
    }
    if own.client_name is not None:
        metadata["client_name"] = own.client_name
    return Registration(metadata, initial_access_token=own.initial_access_token)


def _secrets(given: Any, app: Flask) -> list[bytes]:
    """The one that seals first, then those that were used before."""
    if given is None:
        given = [app.secret_key, *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    many: Iterable[Any] = [given] if isinstance(given, (str, bytes)) else given
    secrets = [one.encode() if isinstance(one, str) else bytes(one) for one in many if one]
    if not secrets:
        raise SetupError(
            "set app.secret_key (or COUNTERSIGN_SECRET_KEY) before Countersign: it seals the cookies"
        )
    return secrets

"""What can be set: by arguments, or in ``app.config`` under ``COUNTERSIGN_…``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from countersign_oidc._common import settings
from countersign_oidc.errors import SetupError

PREFIX = "COUNTERSIGN_"


@dataclass(frozen=True)
class ProviderSettings:
    """One provider, and who the application is there."""

    issuer: str | None = None
    #: The provider's metadata, where it publishes none.
    metadata: Mapping[str, Any] | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    #: ``client_secret_basic`` and so on; without it what fits the credentials.
    auth_method: str | None = None
    #: PEM, for ``private_key_jwt``.
    private_key: str | None = field(default=None, repr=False)
    #: The one algorithm of ID tokens; without it all asymmetric ones that are announced.
    id_token_alg: str | None = None
    scope: str | None = None
    #: Whether the UserInfo endpoint is asked after a login.
    user_info: bool | None = None
    trusted_audiences: Any = None
    #: Further parameters of every login and logout.
    login_params: Mapping[str, Any] | None = None
    logout_params: Mapping[str, Any] | None = None
    #: For an application that registers itself.
    client_name: str | None = None
    initial_access_token: str | None = field(default=None, repr=False)
    #: Plain http beyond this machine.
    allow_http: bool | None = None


@dataclass(frozen=True)
class Settings:
    """One application."""

    base_url: str
    #: By name, the usual one first; the one of an application that has only one is called "".
    providers: Mapping[str, ProviderSettings]
    secret_key: Any = field(default=None, repr=False)
    audience: tuple[str, ...] = ()
    roles: Any = None
    #: Seconds from a login to the end of its session.
    lifetime: float = 12 * 3600
    #: Seconds after which the provider is asked, unseen, whether the session holds.
    refresh_interval: float | None = None
    #: The first part of all routes.
    route_prefix: str = "/auth"
    after_login: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    #: Where the processes of one machine tell each other of sessions that ended.
    shared_folder: str | None = None
    clock_skew: float = 60
    ca_file: str | None = None
    transport: Any = None
    #: Whether tokens that are no JWTs are asked about (RFC 7662).
    introspection: bool = False
    #: The API's own address (RFC 9728), which publishes its metadata.
    resource: str | None = None
    allow_http: bool = False

    @classmethod
    def read(cls, config: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
        """Arguments go before settings."""
        known = {own.name for own in (*fields(cls), *fields(ProviderSettings))}
        for name in given:
            if name not in known:
                raise SetupError(f"Countersign has no setting {name!r}; it knows {', '.join(sorted(known))}")
        found = {name: given.get(name) for name in known}
        for name in known:
            if found[name] is None:
                found[name] = config.get(PREFIX + name.upper())
        base_url = found["base_url"]
        if not base_url:
            raise SetupError(
                "base_url (COUNTERSIGN_BASE_URL) is missing: the address under which people reach the "
                "application, such as http://127.0.0.1:5000"
            )
        every = settings.seconds(found, "refresh_interval", default=0)
        return cls(
            base_url=str(base_url),
            providers=_providers(found),
            secret_key=found["secret_key"],
            audience=settings.words(found, "audience"),
            roles=found["roles"],
            lifetime=settings.seconds(found, "lifetime", default=12 * 3600),
            refresh_interval=every or None,
            route_prefix=_path(found["route_prefix"] or "/auth"),
            after_login=found["after_login"],
            trusted_proxies=settings.words(found, "trusted_proxies"),
            shared_folder=None if found["shared_folder"] is None else str(found["shared_folder"]),
            clock_skew=settings.seconds(found, "clock_skew", default=60),
            ca_file=found["ca_file"],
            transport=found["transport"],
            introspection=settings.flag(found, "introspection", default=False),
            resource=found["resource"],
            allow_http=settings.flag(found, "allow_http", default=False),
        )


def _providers(found: Mapping[str, Any]) -> dict[str, ProviderSettings]:
    named = found["providers"]
    if named is None:
        return {"": _provider("", found)}
    if found["issuer"] is not None:
        raise SetupError("issuer and providers are both set; put the issuer among the providers")
    if not isinstance(named, Mapping) or not named:
        raise SetupError("providers (COUNTERSIGN_PROVIDERS) are a mapping of names to settings")
    read = {}
    for name, own in named.items():
        if not isinstance(name, str) or not NAMES.fullmatch(name):
            raise SetupError(f"a provider's name is 1 to 20 letters, digits and hyphens; got {name!r}")
        unknown = set(own) - {one.name for one in fields(ProviderSettings)}
        if unknown:
            raise SetupError(f"the provider {name!r} has no setting {', '.join(sorted(map(repr, unknown)))}")
        # What is set for all of them holds where a provider says nothing itself.
        shared = {one: found[one] for one in SHARED if one not in own}
        read[name] = _provider(name, {**shared, **own})
    return read


def _provider(name: str, own: Mapping[str, Any]) -> ProviderSettings:
    which = f" of the provider {name!r}" if name else " (COUNTERSIGN_ISSUER)"
    if not own.get("issuer") and not own.get("metadata"):
        raise SetupError(f"the issuer{which} is missing: the provider's address, as it writes it itself")
    return ProviderSettings(**{one.name: own.get(one.name) for one in fields(ProviderSettings)})


def _path(prefix: str) -> str:
    if not prefix.startswith("/"):
        raise SetupError(f"route_prefix begins with a slash; got {prefix!r}")
    return prefix.rstrip("/")


SHARED = ("scope", "user_info", "login_params", "logout_params", "client_name", "allow_http")
NAMES = re.compile(r"[A-Za-z0-9-]{1,20}")

"""Flask-pyoidc: 1.x takes the application first, 2.x and 3.x a mapping of provider configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from .facts import Facts, ProviderUse, address, redirect_uri
from .finding import Finding, ok, warning, wrong
from .stand_in import Data, Recorded


def examine(app: Flask, recorded: list[Recorded]) -> Facts:
    """All extension objects of this application together."""
    record = recorded[0] if recorded else None
    facts = Facts("flask_pyoidc", generation(app, record))
    uri, finding = _redirect_uri(app, facts.generation)
    facts.findings.append(finding)
    for one in recorded:
        if facts.generation == "1.x":
            _first_generation(one, facts, uri)
        else:
            _configurations(one, facts, uri)
        _uses(one, facts)
    if not recorded:
        facts.findings.append(
            warning("providers", "the provider configurations could not be seen from outside", "")
        )
    return facts


def generation(app: Flask, record: Recorded | None) -> str:
    """By the first argument; settings of 3.x tell when there is nothing else."""
    if record is not None:
        first = record.args[0] if record.args else record.kwargs.get("provider_configurations")
        if isinstance(first, Flask) or set(record.kwargs) & _FIRST_GENERATION:
            return "1.x"
    return "3.x" if app.config.get("OIDC_REDIRECT_URI") else "2.x"


def _first_generation(record: Recorded, facts: Facts, uri: str | None) -> None:
    given = dict(zip(_ORDER, record.args))
    given.update(record.kwargs)
    client = given.get("client_registration_info") or {}
    metadata = given.get("provider_configuration_info") or {}
    issuer = given.get("issuer") or metadata.get("issuer")
    _provider("the provider", issuer, metadata, client, facts, uri)
    if client.get("session_refresh_interval_seconds"):
        facts.traits.add("refresh")


def _configurations(record: Recorded, facts: Facts, uri: str | None) -> None:
    configurations = record.args[0] if record.args else record.kwargs.get("provider_configurations")
    if not isinstance(configurations, Mapping):
        return
    for name, configuration in configurations.items():
        if not isinstance(configuration, Data):
            continue
        given = dict(zip(_CONFIGURATION, configuration.args))
        given.update(configuration.kwargs)
        metadata = _mapping(given.get("provider_metadata"), _METADATA)
        client = _mapping(given.get("client_metadata"), ("client_id", "client_secret"))
        params = given.get("auth_request_params") or {}
        issuer = given.get("issuer") or metadata.get("issuer")
        _provider(f"provider {name!r}", issuer, metadata, client, facts, uri, params)
        if given.get("session_refresh_interval_seconds"):
            facts.traits.add("refresh")
        registration = given.get("client_registration_info")
        if isinstance(registration, Data) and registration.kwargs.get("registration_token"):
            facts.traits.add("registration_token")
    if len(configurations) > 1:
        facts.traits.add("several_providers")


def _provider(
    who: str,
    issuer: Any,
    metadata: Mapping[str, Any],
    client: Mapping[str, Any],
    facts: Facts,
    uri: str | None,
    params: Mapping[str, Any] = {},
) -> None:
    if not issuer:
        facts.findings.append(wrong("providers", f"{who} has no issuer", "set issuer", "issuer"))
        return
    facts.findings += address("providers", issuer, "issuer")
    for name, value in metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            facts.findings += address("providers", value, name)
    response_type = params.get("response_type", "code")
    if response_type != "code":
        facts.findings.append(
            wrong(
                "response_type",
                f"{who} asks for response_type {response_type!r}; only the authorization code flow is built",
                "use response_type code: the provider must have it switched on for the client",
                "auth_request_params",
            )
        )
    static = bool(metadata.get("authorization_endpoint") or metadata.get("token_endpoint"))
    facts.traits.add("static" if static else "discovery")
    facts.traits.add("client" if client.get("client_id") else "registers")
    facts.findings.append(
        ok("providers", f"{who}: its metadata are {'written in the application' if static else 'discovered'}")
    )
    if static and not metadata.get("jwks_uri"):
        facts.findings.append(
            wrong(
                "providers",
                f"{who} has no jwks_uri: signatures of its ID tokens can't be checked",
                "add jwks_uri to the provider's metadata, or leave the endpoints to discovery",
                "jwks_uri",
            )
        )
    scope = params.get("scope") or "openid"
    facts.providers.append(
        ProviderUse(
            issuer=str(issuer),
            client_id=client.get("client_id"),
            client_auth=client.get("token_endpoint_auth_method")
            or ("client_secret_basic" if client.get("client_secret") else "none"),
            redirect_uris=[uri] if uri else [],
            scope=scope if isinstance(scope, str) else " ".join(scope),
        )
    )


def _uses(record: Recorded, facts: Facts) -> None:
    names = {use.name for use in record.uses}
    facts.traits |= names & {"oidc_auth", "oidc_logout", "token_auth", "access_control", "error_view"}
    if "oidc_auth" in names and "error_view" not in names:
        facts.findings.append(
            warning(
                "error_view",
                "there is no error view: people whose login fails see a fixed sentence",
                "decorate a view with error_view",
            )
        )


def _redirect_uri(app: Flask, generation: str) -> tuple[str | None, Finding]:
    config = app.config
    uri = config.get("OIDC_REDIRECT_URI")
    if uri:
        return str(uri), redirect_uri(str(uri), "OIDC_REDIRECT_URI")
    domain = config.get("OIDC_REDIRECT_DOMAIN") or config.get("SERVER_NAME")
    path = str(config.get("OIDC_REDIRECT_ENDPOINT") or "redirect_uri").lstrip("/")
    scheme = config.get("PREFERRED_URL_SCHEME") or "http"
    if domain:
        setting = "OIDC_REDIRECT_URI" if generation != "1.x" else "SERVER_NAME, PREFERRED_URL_SCHEME"
        built = f"{scheme}://{domain}/{path}"
        return built, redirect_uri(built, setting)
    return None, warning(
        "redirect_uri",
        "neither OIDC_REDIRECT_URI nor SERVER_NAME is set: where people come back to follows from the "
        "request",
        "set OIDC_REDIRECT_URI to the address that is registered with the provider",
        "OIDC_REDIRECT_URI",
    )


def _mapping(value: Any, order: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(value, Data):
        return {**dict(zip(order, value.args)), **value.kwargs}
    return dict(value) if isinstance(value, Mapping) else {}


_FIRST_GENERATION = {
    "flask_app",
    "issuer",
    "client_registration_info",
    "provider_configuration_info",
    "userinfo_endpoint_method",
    "extra_request_args",
}
_ORDER = (
    "flask_app",
    "client_registration_info",
    "issuer",
    "provider_configuration_info",
    "userinfo_endpoint_method",
    "extra_request_args",
)
_CONFIGURATION = (
    "issuer",
    "provider_metadata",
    "userinfo_http_method",
    "client_registration_info",
    "client_metadata",
    "auth_request_params",
    "session_refresh_interval_seconds",
    "requests_session",
)
_METADATA = (
    "issuer",
    "authorization_endpoint",
    "jwks_uri",
    "token_endpoint",
    "userinfo_endpoint",
    "introspection_endpoint",
    "registration_endpoint",
)

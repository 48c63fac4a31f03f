"""The settings of one application, read and judged once.

What the documentation of Flask-OIDC lists, and what releases 1.x knew. A wrong value is a
:class:`ValueError` at start that names its setting.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countersign_oidc._common.settings import first, flag, seconds, words
from countersign_oidc.errors import SetupError

Config = dict[str, Any]
Secrets = dict[str, Any]

WELL_KNOWN = "/.well-known/openid-configuration"
GOOGLE = "https://accounts.google.com"

#: Used while ``OIDC_ENABLED`` is False: nobody is asked anything.
NO_SECRETS: Secrets = {
    "client_id": "testing",
    "client_secret": "testing",
    "issuer": "https://oidc.example.com",
}

_AUTH_METHODS = ("client_secret_post", "client_secret_basic", "bearer")

_DEFAULTS: Config = {
    "OIDC_ENABLED": True,
    "OIDC_TESTING_PROFILE": {},
    "OIDC_USER_INFO_ENABLED": True,
    "OIDC_INTROSPECTION_AUTH_METHOD": "client_secret_post",
    "OIDC_CLOCK_SKEW": 60,
    "OIDC_RESOURCE_SERVER_ONLY": False,
    "OIDC_CALLBACK_ROUTE": None,
    "OIDC_OVERWRITE_REDIRECT_URI": None,
    "OIDC_PRESERVE_NEXT_ON_ERROR": False,
    "OIDC_SCOPES": "openid email",
    "OIDC_USER_CLASS": "flask_oidc.model.User",
}

#: The login is in Flask's own session: its settings decide about its cookie.
_IGNORED = (
    "OIDC_ID_TOKEN_COOKIE_NAME",
    "OIDC_ID_TOKEN_COOKIE_PATH",
    "OIDC_ID_TOKEN_COOKIE_TTL",
    "OIDC_ID_TOKEN_COOKIE_SECURE",
    "OIDC_COOKIE_SECURE",
    "OIDC_OPENID_REALM",
    "OIDC_USERINFO_URL",
)

#: Authlib's registry read these; what the token request says is the engine's alone.
_REFUSED = ("OIDC_ACCESS_TOKEN_PARAMS", "OIDC_REFRESH_TOKEN_PARAMS")

#: The members of client_secrets.json, by the names of provider metadata (RFC 8414 section 2).
_ENDPOINTS = {
    "authorization_endpoint": "auth_uri",
    "token_endpoint": "token_uri",
    "userinfo_endpoint": "userinfo_uri",
    "introspection_endpoint": "token_introspection_uri",
    "jwks_uri": "jwks_uri",
}


@dataclass(frozen=True)
class Settings:
    """What the engine of one application is made of."""

    client_id: str
    client_secret: str | None
    auth_method: str | None
    introspects_by_bearer: bool
    issuer: str
    metadata_url: str | None
    allow_http: bool
    #: Endpoints by their metadata names: for what the provider's metadata don't say.
    written: dict[str, str]
    #: The same, for what is to be used in any case.
    overriding: dict[str, str]
    scope: str
    authorize_params: dict[str, Any]
    clock_skew: float
    access_token_audiences: tuple[str, ...]
    introspection_keep: float
    token_type_hint: str | None
    checks_audience: bool
    valid_issuers: tuple[str, ...]
    verified_email: bool
    hosted_domain: str | None


def prepare(config: Config) -> None:
    """Fill in the defaults, and say what is gone."""
    if config.get("OVERWRITE_REDIRECT_URI"):
        _gone(
            "The 'OVERWRITE_REDIRECT_URI' configuration value has been replaced by "
            "'OIDC_OVERWRITE_REDIRECT_URI', please update your configuration."
        )
        config.setdefault("OIDC_OVERWRITE_REDIRECT_URI", config["OVERWRITE_REDIRECT_URI"])
    if config.get("OIDC_CALLBACK_ROUTE"):
        _gone("The 'OIDC_CALLBACK_ROUTE' configuration value is deprecated: /authorize is always there.")
    for name in _IGNORED:
        if name in config:
            _gone(f"The {name!r} configuration value is deprecated and ignored.")
    for name in _REFUSED:
        if config.get(name):
            raise SetupError(f"{name} can't be honoured: the token request has no further parameters")
    for name, value in _DEFAULTS.items():
        config.setdefault(name, value)
        if isinstance(value, bool):
            config[name] = flag(config, name, default=value)


def secrets_of(config: Mapping[str, Any]) -> Secrets:
    """The client out of ``OIDC_CLIENT_SECRETS``, a path or the contents of that file."""
    written = config.get("OIDC_CLIENT_SECRETS")
    if written is None:
        raise SetupError("OIDC_CLIENT_SECRETS must be the path of client_secrets.json, or its contents")
    where = "OIDC_CLIENT_SECRETS"
    if not isinstance(written, Mapping):
        where = str(written)
        try:
            written = json.loads(Path(written).read_text(encoding="utf-8"))
        except ValueError as error:
            raise SetupError(f"{where} is no JSON: {error}") from None
    inner = next(iter(written.values()), None) if isinstance(written, Mapping) else None
    if not isinstance(inner, Mapping):
        raise SetupError(
            f'{where} must be like {{"web": {{"client_id": …, "client_secret": …, "issuer": …}}}}'
        )
    return dict(inner)


def read(config: Config, secrets: Secrets) -> Settings:
    """Judge the settings; ``config`` gets the values that were found elsewhere, as applications read them."""
    config.setdefault("OIDC_CLIENT_ID", secrets.get("client_id"))
    config.setdefault("OIDC_CLIENT_SECRET", secrets.get("client_secret"))
    if not config["OIDC_CLIENT_ID"]:
        raise SetupError("client_id is missing in OIDC_CLIENT_SECRETS, and there is no OIDC_CLIENT_ID")
    method = config["OIDC_INTROSPECTION_AUTH_METHOD"]
    if method not in _AUTH_METHODS:
        expected = ", ".join(_AUTH_METHODS)
        raise SetupError(f"OIDC_INTROSPECTION_AUTH_METHOD must be one of {expected}, not {method!r}")
    secret = config["OIDC_CLIENT_SECRET"] or None
    by_body = "client_secret_post" if secret else None
    hint = first(config, "OIDC_TOKEN_TYPE_HINT", default="none")
    issuer = _issuer(config, secrets)
    config.setdefault("OIDC_SERVER_METADATA_URL", issuer.rstrip("/") + WELL_KNOWN)
    given = config["OIDC_SERVER_METADATA_URL"]
    return Settings(
        client_id=str(config["OIDC_CLIENT_ID"]),
        client_secret=secret,
        auth_method="client_secret_basic" if secret and method == "client_secret_basic" else by_body,
        introspects_by_bearer=method == "bearer",
        issuer=issuer,
        metadata_url=None if given == issuer.rstrip("/") + WELL_KNOWN else given,
        # Said by the one who set up the issuer; the engine logs it.
        allow_http=str(given).startswith("http://") or issuer.startswith("http://"),
        written={name: secrets[key] for name, key in _ENDPOINTS.items() if secrets.get(key)},
        overriding=_overriding(config),
        scope=_scope(config),
        authorize_params=dict(first(config, "OIDC_AUTHORIZE_PARAMS", default={})),
        clock_skew=seconds(config, "OIDC_CLOCK_SKEW", default=60.0),
        access_token_audiences=words(config, "OIDC_ACCESS_TOKEN_AUDIENCE"),
        introspection_keep=seconds(config, "OIDC_INTROSPECTION_CACHE", default=0.0),
        token_type_hint=None if hint == "none" else str(hint),
        checks_audience=flag(config, "OIDC_RESOURCE_CHECK_AUD", default=False),
        valid_issuers=words(config, "OIDC_VALID_ISSUERS"),
        verified_email=flag(config, "OIDC_REQUIRE_VERIFIED_EMAIL", default=False),
        hosted_domain=config.get("OIDC_GOOGLE_APPS_DOMAIN") or None,
    )


def _issuer(config: Mapping[str, Any], secrets: Secrets) -> str:
    if secrets.get("issuer"):
        return str(secrets["issuer"])
    url = config.get("OIDC_SERVER_METADATA_URL")
    if url and url.endswith(WELL_KNOWN):
        return str(url[: -len(WELL_KNOWN)])
    valid = [issuer for issuer in words(config, "OIDC_VALID_ISSUERS") if "://" in issuer]
    if len(valid) == 1:
        return valid[0]
    # What Google's console gives for download has no issuer; 1.x took Google for granted.
    if str(secrets.get("auth_uri", "")).startswith(GOOGLE + "/"):
        return GOOGLE
    raise SetupError("issuer is missing in OIDC_CLIENT_SECRETS: the provider's issuer identifier")


def _scope(config: Config) -> str:
    given = config["OIDC_SCOPES"]
    if isinstance(given, (list, tuple, set)):
        _gone("The OIDC_SCOPES configuration value should now be a string")
        config["OIDC_SCOPES"] = " ".join(given)
    scope = str(config["OIDC_SCOPES"])
    if "openid" not in scope.split():
        raise SetupError('The value "openid" must be in the OIDC_SCOPES')
    return scope


def _overriding(config: Mapping[str, Any]) -> dict[str, str]:
    token, refresh = config.get("OIDC_ACCESS_TOKEN_URL"), config.get("OIDC_REFRESH_TOKEN_URL")
    if refresh and token != refresh:
        raise SetupError(
            "OIDC_REFRESH_TOKEN_URL must equal OIDC_ACCESS_TOKEN_URL: there is one token endpoint"
        )
    named = {"authorization_endpoint": config.get("OIDC_AUTHORIZE_URL"), "token_endpoint": token}
    return {name: str(url) for name, url in named.items() if url}


def _gone(text: str) -> None:
    warnings.warn(text, DeprecationWarning, stacklevel=5)

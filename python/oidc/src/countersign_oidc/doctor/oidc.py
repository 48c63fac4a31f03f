"""Flask-OIDC: 1.x and 2.x, told apart by how it is used."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from .facts import Facts, ProviderUse, address, no_issuer, redirect_uri
from .finding import Finding, ok, shown, warning, wrong
from .stand_in import Recorded, Use


def examine(app: Flask, recorded: list[Recorded]) -> Facts:
    """The extension's settings, the client's file and the forms of its calls."""
    uses = [use for record in recorded for use in record.uses]
    facts = Facts("flask_oidc", generation(app, recorded, uses))
    config = app.config
    if not config.get("OIDC_ENABLED", True):
        facts.findings.append(_switched_off(app))
    else:
        _provider(app, recorded, facts)
    facts.findings += _scopes(config.get("OIDC_SCOPES"))
    facts.findings += _calls(uses)
    facts.traits |= {use.name for use in uses} & {
        "accept_token",
        "require_login",
        "logout",
        "custom_callback",
    }
    return facts


def generation(app: Flask, recorded: list[Recorded], uses: list[Use]) -> str:
    """1.x by what only 1.x had; otherwise 2.x."""
    if any(use.name in _FIRST_GENERATION_METHODS for use in uses):
        return "1.x"
    if any(use.name == "accept_token" and _old_form(use) for use in uses):
        return "1.x"
    if any({"credentials_store", "http", "time", "urandom"} & set(record.kwargs) for record in recorded):
        return "1.x"
    if any(app.config.get(name) is not None for name in _FIRST_GENERATION_SETTINGS):
        return "1.x"
    return "2.x"


def _provider(app: Flask, recorded: list[Recorded], facts: Facts) -> None:
    config = app.config
    web, finding = _secrets(app)
    facts.findings.append(finding)
    issuer = web.get("issuer")
    metadata_url = config.get("OIDC_SERVER_METADATA_URL")
    if not issuer and metadata_url:
        issuer = str(metadata_url).partition("/.well-known/")[0]
    if web and not issuer:
        facts.findings.append(no_issuer("providers", "issuer in OIDC_CLIENT_SECRETS"))
    facts.findings += address("providers", issuer, "issuer in OIDC_CLIENT_SECRETS")
    facts.findings += address("providers", metadata_url, "OIDC_SERVER_METADATA_URL")
    uris = _redirect_uris(app, web, recorded)
    facts.findings += [redirect_uri(uri, setting) for uri, setting in uris]
    if not config.get("OIDC_RESOURCE_SERVER_ONLY"):
        facts.findings += _callback(app, web, recorded)
    if not config.get("OIDC_CALLBACK_ROUTE") and not config.get("OIDC_OVERWRITE_REDIRECT_URI"):
        facts.traits.add("default_callback")
    if not config.get("OIDC_RESOURCE_SERVER_ONLY") and not config.get("OIDC_OVERWRITE_REDIRECT_URI"):
        facts.findings += _behind_a_proxy(app)
    method = config.get("OIDC_INTROSPECTION_AUTH_METHOD") or "client_secret_post"
    client_id = config.get("OIDC_CLIENT_ID") or web.get("client_id")
    if issuer:
        scopes = config.get("OIDC_SCOPES") or "openid email"
        facts.providers.append(
            ProviderUse(
                issuer=str(issuer),
                client_id=str(client_id) if client_id else None,
                client_auth=method if method in _METHODS else None,
                redirect_uris=[uri for uri, _ in uris],
                scope=scopes if isinstance(scopes, str) else " ".join(scopes),
            )
        )


def _secrets(app: Flask) -> tuple[Mapping[str, Any], Finding]:
    """The client's file, and how it is. Its contents are told by name only."""
    given = app.config.get("OIDC_CLIENT_SECRETS")
    name = "OIDC_CLIENT_SECRETS"
    if not given:
        return {}, wrong(
            "client_secrets", f"{name} is not set", "set it to the client's file, or a mapping", name
        )
    document: Any = given
    if not isinstance(given, Mapping):
        path = Path(str(given))
        try:
            text = path.read_text(encoding="utf-8")
            readable = bool(path.stat().st_mode & stat.S_IROTH)
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            change = "a relative path counts from the working directory"
            return {}, wrong("client_secrets", f"{path}: {why}", change, name)
        try:
            document = json.loads(text)
        except ValueError:
            return {}, wrong("client_secrets", f"{path} is not JSON", "", name)
    else:
        path, readable = Path(), False
    web = next(iter(document.values()), None) if isinstance(document, Mapping) and document else None
    if not isinstance(web, Mapping):
        change = 'the form is {"web": {"client_id": …, "client_secret": …, "issuer": …}}'
        return {}, wrong(
            "client_secrets", "the file does not have the form of client_secrets.json", change, name
        )
    missing = [
        key
        for key in ("client_id", "client_secret")
        if not (web.get(key) or app.config.get(f"OIDC_{key.upper()}"))
    ]
    if missing:
        return web, wrong("client_secrets", f"it lacks {' and '.join(missing)}", "add it", name)
    if readable:
        return web, warning(
            "client_secrets", f"{path} can be read by every user of this machine", f"chmod 600 {path}", name
        )
    return web, ok("client_secrets", "client_id and client_secret are there")


def _redirect_uris(app: Flask, web: Mapping[str, Any], recorded: list[Recorded]) -> list[tuple[str, str]]:
    overwritten = app.config.get("OIDC_OVERWRITE_REDIRECT_URI") or app.config.get("OVERWRITE_REDIRECT_URI")
    if isinstance(overwritten, str):
        return [(overwritten, "OIDC_OVERWRITE_REDIRECT_URI")]
    server = app.config.get("SERVER_NAME")
    if server:
        path = _path(app, recorded)
        scheme = app.config.get("PREFERRED_URL_SCHEME") or "http"
        return [(f"{scheme}://{server}{path}", "SERVER_NAME, PREFERRED_URL_SCHEME")]
    uris = web.get("redirect_uris")
    named = [uri for uri in uris if isinstance(uri, str)] if isinstance(uris, (list, tuple)) else []
    return [(uri, "redirect_uris in OIDC_CLIENT_SECRETS") for uri in named]


def _path(app: Flask, recorded: list[Recorded]) -> str:
    prefix = next((record.prefix or record.kwargs.get("prefix") for record in recorded), None) or ""
    return str(app.config.get("OIDC_CALLBACK_ROUTE") or f"{prefix}/authorize")


def _callback(app: Flask, web: Mapping[str, Any], recorded: list[Recorded]) -> list[Finding]:
    """Whether people come back to an address that the client's file names; in 1.x it was another one."""
    uris = web.get("redirect_uris")
    named = [uri for uri in uris if isinstance(uri, str)] if isinstance(uris, (list, tuple)) else []
    used = app.config.get("OIDC_OVERWRITE_REDIRECT_URI") or _path(app, recorded)
    if not named or any(uri.endswith(str(used)) for uri in named):
        return []
    addresses = ", ".join(shown(uri) for uri in named)
    return [
        wrong(
            "redirect_uri",
            f"people come back to {shown(used)}, and the client's file names {addresses}",
            "register that address with the provider, or set the one that is registered",
            "OIDC_CALLBACK_ROUTE",
        )
    ]


def _behind_a_proxy(app: Flask) -> list[Finding]:
    if type(app.wsgi_app).__name__ == "ProxyFix" or app.config.get("PREFERRED_URL_SCHEME") == "https":
        return []
    return [
        warning(
            "redirect_uri",
            "the redirect URI is built from each request: behind a proxy that ends TLS it would begin with "
            "http",
            "wrap the application in werkzeug's ProxyFix, or set the address",
            "OIDC_OVERWRITE_REDIRECT_URI",
        )
    ]


def _scopes(scopes: Any) -> list[Finding]:
    names = scopes.split() if isinstance(scopes, str) else list(scopes or ["openid"])
    if "openid" not in names:
        return [wrong("scope", "OIDC_SCOPES lacks openid", "add openid", "OIDC_SCOPES")]
    return []


def _switched_off(app: Flask) -> Finding:
    if app.config.get("OIDC_TESTING_PROFILE"):
        return warning(
            "OIDC_ENABLED",
            "OIDC_ENABLED is off and OIDC_TESTING_PROFILE is set: everybody is logged in, and any token is "
            "good",
            "never in production",
            "OIDC_ENABLED, OIDC_TESTING_PROFILE",
        )
    return warning("OIDC_ENABLED", "OIDC_ENABLED is off: no provider is asked", "", "OIDC_ENABLED")


def _calls(uses: list[Use]) -> list[Finding]:
    """Forms of 1.x, which Flask-OIDC 2.x takes for something else."""
    findings = []
    old = [use for use in uses if use.name == "accept_token" and _old_form(use)]
    if old:
        findings.append(
            warning(
                "accept_token",
                f"accept_token has the form of 1.x ({_times(old)}), where Flask-OIDC 2.x lets requests "
                "without a token pass. Here a boolean first argument is require_token, and all listed "
                "scopes are required",
                'write accept_token(scopes="…")',
            )
        )
    optional = [use for use in old if not _required(use)]
    if optional:
        findings.append(
            warning(
                "accept_token",
                f"accept_token without require_token=True lets everybody pass ({_times(optional)})",
                "pass require_token=True",
            )
        )
    ended = [use for use in uses if use.name == "logout"]
    if ended:
        findings.append(
            ok("logout", "logout() is called: it ends the session at once, and gives a redirect as well")
        )
    return findings


def _times(uses: list[Use]) -> str:
    return "once" if len(uses) == 1 else f"{len(uses)} times"


def _old_form(use: Use) -> bool:
    first = use.args[0] if use.args else None
    return isinstance(first, bool) or bool(
        {"require_token", "scopes_required", "render_errors"} & set(use.kwargs)
    )


def _required(use: Use) -> bool:
    return bool(use.kwargs.get("require_token", use.args[0] if use.args else False))


_FIRST_GENERATION_METHODS = {
    "validate_token",
    "check",
    "authenticate_or_redirect",
    "get_cookie_id_token",
    "set_cookie_id_token",
    "flow_for_request",
    "custom_callback",
}
_FIRST_GENERATION_SETTINGS = (
    "OIDC_GOOGLE_APPS_DOMAIN",
    "OIDC_REQUIRE_VERIFIED_EMAIL",
    "OIDC_RESOURCE_CHECK_AUD",
    "OIDC_VALID_ISSUERS",
    "OIDC_ID_TOKEN_COOKIE_NAME",
    "OIDC_ID_TOKEN_COOKIE_SECURE",
    "OIDC_COOKIE_SECURE",
    "OIDC_OPENID_REALM",
    "OIDC_TOKEN_TYPE_HINT",
)
_METHODS = ("none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")

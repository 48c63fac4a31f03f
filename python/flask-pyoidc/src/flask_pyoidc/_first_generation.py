"""The call form of Flask-pyoidc 1.x: one provider, and the application as the first argument, or none."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import flask
from countersign_oidc.errors import Error, SetupError

from flask_pyoidc.provider_configuration import (
    ClientMetadata,
    ClientRegistrationInfo,
    ProviderConfiguration,
    ProviderMetadata,
)
from flask_pyoidc.redirect_uri_config import RedirectUriConfig

if TYPE_CHECKING:
    from flask_pyoidc.flask_pyoidc import OIDCAuthentication

logger = logging.getLogger(__name__)

#: What the one provider is called in the session.
ONLY_PROVIDER = "default"
#: On a view that is guarded, whatever else is put around it: by which extension.
GUARDED_BY = "_flask_pyoidc_guarded_by"


@dataclass
class FirstGeneration:
    """The arguments of 1.x."""

    app: flask.Flask | None
    client_registration_info: Mapping[str, Any]
    issuer: str | None
    provider_configuration_info: Mapping[str, Any] | None
    userinfo_endpoint_method: str | None
    extra_request_args: Mapping[str, Any]
    #: Why no login can begin, if so.
    problem: str | None = field(default=None, init=False)

    def provider_configurations(self) -> dict[str, ProviderConfiguration]:
        """The same as the arguments of later versions; empty as long as no provider is named."""
        if not self.issuer and not self.provider_configuration_info:
            self.problem = "no provider is named: give 'issuer' or 'provider_configuration_info'"
            return {}
        client = dict(self.client_registration_info)
        interval = client.pop("session_refresh_interval_seconds", None)
        metadata = self.provider_configuration_info
        registered = client.get("client_id") is not None
        configuration = ProviderConfiguration(
            issuer=self.issuer,
            provider_metadata=None if metadata is None else ProviderMetadata(**metadata),
            userinfo_http_method=self.userinfo_endpoint_method,
            client_metadata=ClientMetadata(**client) if registered else None,
            client_registration_info=None if registered else ClientRegistrationInfo(**client),
            auth_request_params=self.extra_request_args,
            session_refresh_interval_seconds=interval,
        )
        return {ONLY_PROVIDER: configuration}

    def redirect_uri_config(self, app: flask.Flask) -> RedirectUriConfig:
        """``/redirect_uri`` at ``SERVER_NAME``, unless the settings of later versions say otherwise."""
        if app.config.get("OIDC_REDIRECT_URI") or app.config.get("OIDC_REDIRECT_DOMAIN"):
            return RedirectUriConfig.from_config(app.config)
        server = app.config.get("SERVER_NAME")
        if not server:
            raise SetupError(
                "SERVER_NAME or OIDC_REDIRECT_URI must be configured: the redirect URI that is registered at "
                "the provider is made from it"
            )
        scheme = app.config.get("PREFERRED_URL_SCHEME") or "http"
        root = str(app.config.get("APPLICATION_ROOT") or "/").strip("/")
        path = f"{root}/redirect_uri" if root else "redirect_uri"
        return RedirectUriConfig(f"{scheme}://{server}/{path}", "redirect_uri")

    def await_app(self, extension: OIDCAuthentication) -> None:
        """Take the first application that has a view which the extension guards, before its first request."""

        def adopt(app: flask.Flask, **_: Any) -> None:
            if extension.clients is None and _guards(extension, app):
                try:
                    extension.init_app(app)
                except Error as error:
                    logger.error("%s", error)
            if extension.clients is not None:
                flask.appcontext_pushed.disconnect(adopt)

        flask.appcontext_pushed.connect(adopt, weak=False)


def first_generation(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> FirstGeneration | None:
    """The arguments of 1.x, or None when they are those of later versions."""
    first = args[0] if args else None
    if not isinstance(first, flask.Flask) and not (set(kwargs) & set(_SIGNATURE.parameters)):
        return None
    given = _SIGNATURE.bind(*args, **kwargs)
    given.apply_defaults()
    values = given.arguments
    return FirstGeneration(
        app=values["flask_app"],
        client_registration_info=values["client_registration_info"] or {},
        issuer=values["issuer"],
        provider_configuration_info=values["provider_configuration_info"],
        userinfo_endpoint_method=values["userinfo_endpoint_method"],
        extra_request_args=values["extra_request_args"] or {},
    )


def add_route(
    app: flask.Flask, rule: str, endpoint: str, view: Callable[..., Any], methods: list[str]
) -> None:
    """Add a route, even to an application that serves already."""
    try:
        app.add_url_rule(rule, endpoint, view, methods=methods)
    except AssertionError:
        if endpoint in app.view_functions:
            raise
        app.url_map.add(app.url_rule_class(rule, endpoint=endpoint, methods=methods))
        app.view_functions[endpoint] = view


def _guards(extension: OIDCAuthentication, app: flask.Flask) -> bool:
    return any(getattr(view, GUARDED_BY, None) is extension for view in app.view_functions.values())


def _arguments(
    flask_app: Any = None,
    client_registration_info: Any = None,
    issuer: Any = None,
    provider_configuration_info: Any = None,
    userinfo_endpoint_method: Any = "POST",
    extra_request_args: Any = None,
) -> None:
    """The order of 1.x."""


_SIGNATURE = inspect.signature(_arguments)

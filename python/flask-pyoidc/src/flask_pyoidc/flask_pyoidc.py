"""The extension: logins, bearer tokens and logout for Flask by one or several providers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import flask
from countersign_oidc._common import settings
from werkzeug.local import LocalProxy

from flask_pyoidc._bearer import Bearer
from flask_pyoidc._first_generation import ONLY_PROVIDER, FirstGeneration, add_route, first_generation
from flask_pyoidc._login import Login
from flask_pyoidc._logout import Logout
from flask_pyoidc._thrift import spare
from flask_pyoidc.provider_configuration import ProviderConfiguration
from flask_pyoidc.pyoidc_facade import PyoidcFacade
from flask_pyoidc.redirect_uri_config import RedirectUriConfig
from flask_pyoidc.user_session import UninitialisedSession, UserSession

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

__all__ = [
    "OIDCAuthentication",
    "PyoidcFacade",
    "RedirectUriConfig",
    "UninitialisedSession",
    "UserSession",
    "logger",
]

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])


class OIDCAuthentication(Login, Logout, Bearer):
    """Logins for the views of an application.

    Two ways to make one, told apart by the arguments::

        OIDCAuthentication({"name": ProviderConfiguration(…)}, app=None, redirect_uri_config=None)  # 2.x, 3.x
        OIDCAuthentication(flask_app, client_registration_info=None, issuer=None,                    # 1.x
                           provider_configuration_info=None, userinfo_endpoint_method="POST",
                           extra_request_args=None)

    Made the older way, ``oidc_auth`` is used without an argument, and the application may be left out: the
    one whose views it guards is taken.
    """

    #: Of 2.x: the endpoint of the redirect URI.
    REDIRECT_URI_ENDPOINT = "redirect_uri"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.clients: dict[str, PyoidcFacade] | None = None
        self.current_token_identity: Any = LocalProxy(lambda: flask.g.current_token_identity)
        self._logout_views: list[str] = []
        self._error_view: Callable[..., ResponseReturnValue] | None = None
        self._first: FirstGeneration | None = first_generation(args, kwargs)
        if self._first is not None:
            self._init_first(self._first)
        else:
            self._init(*args, **kwargs)

    def _init(
        self,
        provider_configurations: Mapping[str, ProviderConfiguration],
        app: flask.Flask | None = None,
        redirect_uri_config: RedirectUriConfig | None = None,
    ) -> None:
        self._provider_configurations = provider_configurations
        self._redirect_uri_config = redirect_uri_config
        self._given_redirect_uri_config = redirect_uri_config
        if app is not None:
            self.init_app(app)

    def _init_first(self, first: FirstGeneration) -> None:
        self._provider_configurations = first.provider_configurations()
        self._redirect_uri_config = None
        self._given_redirect_uri_config = None
        self.app: flask.Flask | None = None
        self.client: PyoidcFacade | None = None
        self.logout_view = None
        self.client_registration_info = first.client_registration_info
        self.userinfo_endpoint_method = first.userinfo_endpoint_method
        self.extra_request_args = first.extra_request_args
        if first.app is not None:
            self.init_app(first.app)
        else:
            first.await_app(self)

    def init_app(self, app: flask.Flask) -> None:
        """Add the route of the redirect URI. No provider is asked before it is needed."""
        self._redirect_uri_config = self._given_redirect_uri_config or self._redirect_uri(app)
        self.clients = {
            name: PyoidcFacade(configuration, self._redirect_uri_config.full_uri)
            for name, configuration in self._provider_configurations.items()
        }
        for client in self.clients.values():
            client._client.config = app.config
        if self._first is not None:
            self.app, self.client = app, self.clients.get(ONLY_PROVIDER)
        app.extensions["flask_pyoidc"] = self
        if not settings.flag(app.config, "OIDC_SESSION_COOKIE_EVERY_RESPONSE", default=False):
            spare(app)
        endpoint = self._redirect_uri_config.endpoint
        add_route(app, f"/{endpoint}", endpoint, self._redirect_uri_view, methods=["GET", "POST"])
        self._add_route_below_root(app, endpoint)

    def error_view(self, view_func: View) -> View:
        """The view for refused logins; it gets ``error`` and ``error_description``."""
        self._error_view = view_func
        return view_func

    # The redirect URI.

    def _redirect_uri(self, app: flask.Flask) -> RedirectUriConfig:
        if self._first is not None:
            return self._first.redirect_uri_config(app)
        return RedirectUriConfig.from_config(app.config)

    def _redirect_uri_view(self) -> ResponseReturnValue:
        return self._handle_authentication_response()

    def _add_route_below_root(self, app: flask.Flask, endpoint: str) -> None:
        """Where the application lies below a path, the server may take that off before Flask sees it."""
        root = str(app.config.get("APPLICATION_ROOT") or "/").strip("/")
        if root and f"{endpoint}/".startswith(f"{root}/"):
            below = endpoint[len(root) :].lstrip("/")
            add_route(
                app, f"/{below}", f"{endpoint}_below_root", self._redirect_uri_view, methods=["GET", "POST"]
            )

    def __repr__(self) -> str:
        return f"<OIDCAuthentication {', '.join(self._provider_configurations) or 'without provider'}>"

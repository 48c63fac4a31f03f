"""What the parts of the extension have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import flask
from countersign_oidc.errors import SetupError

from flask_pyoidc.user_session import UserSession

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from flask_pyoidc._first_generation import FirstGeneration
    from flask_pyoidc.provider_configuration import ProviderConfiguration
    from flask_pyoidc.pyoidc_facade import PyoidcFacade


class Extension:
    """The state of the extension."""

    clients: dict[str, PyoidcFacade] | None
    _first: FirstGeneration | None
    _provider_configurations: Mapping[str, ProviderConfiguration]
    _logout_views: list[str]
    _error_view: Callable[..., ResponseReturnValue] | None
    #: Of 1.x: the name of the logout view.
    logout_view: str | None

    # What one part does for another.

    def init_app(self, app: flask.Flask) -> None:
        raise NotImplementedError

    def oidc_auth(self, provider_name: Any) -> Any:
        raise NotImplementedError

    def _get_urls_for_logout_views(self) -> list[str]:
        raise NotImplementedError

    def _client_named(self, provider_name: str) -> PyoidcFacade:
        if self.clients is None:
            if self._first is None:
                raise SetupError("OIDCAuthentication has no application: call init_app(app) before it serves")
            self.init_app(flask.current_app._get_current_object())  # type: ignore[attr-defined]
        clients: dict[str, PyoidcFacade] = self.clients or {}
        if not clients and self._first is not None and self._first.problem:
            raise SetupError(self._first.problem)
        return clients[provider_name]

    def _user_session(self, provider_name: str) -> UserSession:
        """The user of this browser at this provider. Versions with one provider did not store its name."""
        session = flask.session._get_current_object()  # type: ignore[attr-defined]
        if (
            "current_provider" not in session
            and "last_authenticated" in session
            and len(self._provider_configurations) == 1
        ):
            session["current_provider"] = provider_name
        return UserSession(session, provider_name)

    def _known_provider(self, provider_name: str) -> str:
        known = self._provider_configurations
        # The one of 1.x has its name even while nobody named its address.
        if provider_name not in known and self._first is None:
            raise ValueError(
                f"Provider name {provider_name!r} not in configured providers: {', '.join(known)}."
            )
        return provider_name


def synchronous(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, to be called at once even if it is a coroutine."""
    if not inspect.iscoroutinefunction(view):
        return view

    def called(*args: Any, **kwargs: Any) -> Any:
        return flask.current_app.ensure_sync(view)(*args, **kwargs)

    return called

"""Logout: here, and at the provider."""

from __future__ import annotations

import contextlib
import functools
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import flask
from countersign_oidc.errors import Error
from werkzeug.routing import BuildError

from flask_pyoidc._common import Extension, synchronous
from flask_pyoidc._first_generation import GUARDED_BY
from flask_pyoidc.user_session import UninitialisedSession, UserSession

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from flask_pyoidc.pyoidc_facade import PyoidcFacade

logger = logging.getLogger("flask_pyoidc.flask_pyoidc")

_LOGS_OUT = "_flask_pyoidc_logs_out"


class Logout(Extension):
    """``oidc_logout``."""

    def oidc_logout(self, view_func: Callable[..., Any]) -> Callable[..., Any]:
        """A view that is shown after the user was logged out, here and where possible at the provider."""
        self._logout_views.append(view_func.__name__)
        if self._first is not None:
            self.logout_view = view_func.__name__
        view = synchronous(view_func)

        @functools.wraps(view_func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if "state" in flask.request.args:
                self._returned(flask.request.args["state"])
                return view(*args, **kwargs)
            to_provider = self._logout(post_logout_redirect_uri=flask.request.url)
            return view(*args, **kwargs) if to_provider is None else to_provider

        setattr(wrapper, GUARDED_BY, self)
        setattr(wrapper, _LOGS_OUT, True)
        return wrapper

    def _logout(self, post_logout_redirect_uri: str) -> ResponseReturnValue | None:
        """Forget the user; the redirect to the provider, if it has a place for that."""
        try:
            session = self._logged_in_user()
        except UninitialisedSession:
            logger.info("user was already logged out, doing nothing")
            return None
        id_token_jwt, provider = session.id_token_jwt, session.current_provider
        self._forget_user(session)
        client = (self.clients or {}).get(provider or "")
        if client is None:
            return None
        if self._first is not None and client.post_logout_redirect_uris:
            post_logout_redirect_uri = client.post_logout_redirect_uris[0]
        state = secrets.token_urlsafe(16)
        url = _end_session_url(client, id_token_jwt, post_logout_redirect_uri, state)
        if url is None:
            return None
        flask.session["end_session_state"] = state
        return flask.redirect(url, 303)

    def _returned(self, state: str) -> None:
        """Back from the provider. An unexpected return must not show a logout that never was."""
        if flask.session.pop("end_session_state", None) == state:
            return
        shown = "".join(letter if letter.isprintable() else "?" for letter in state[:200])
        logger.error("Got unexpected state '%s' after logout redirect.", shown)
        with contextlib.suppress(UninitialisedSession):
            self._forget_user(self._logged_in_user())

    def _logged_in_user(self) -> UserSession:
        if self._first is not None and "current_provider" not in flask.session:
            if "last_authenticated" not in flask.session:
                raise UninitialisedSession("nobody is logged in")
            return self._user_session(next(iter(self._provider_configurations), ""))
        return UserSession(flask.session)

    def _forget_user(self, session: UserSession) -> None:
        if self._first is not None:
            # 1.x emptied the session.
            flask.session.clear()
        else:
            session.clear()

    def _get_urls_for_logout_views(self) -> list[str]:
        """The addresses of the logout views, for the registration."""
        views = flask.current_app.view_functions.items()
        ours = [
            name
            for name, view in views
            if getattr(view, _LOGS_OUT, False) and getattr(view, GUARDED_BY, None) is self
        ]
        addresses = []
        for name in ours or self._logout_views:
            try:
                addresses.append(flask.url_for(name, _external=True))
            except (BuildError, RuntimeError) as error:
                logger.error("The logout view %r has no address of its own: %s", name, error)
        return addresses


def _end_session_url(
    client: PyoidcFacade, id_token_jwt: str | None, post_logout_redirect_uri: str, state: str
) -> str | None:
    try:
        if not client.provider_end_session_endpoint:
            return None
        return client.logout_url(id_token_jwt, post_logout_redirect_uri, state)
    except Error as error:
        logger.warning("Logged out here only, not at the provider: %s", error)
        return None

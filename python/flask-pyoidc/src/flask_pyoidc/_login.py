"""Logins: to the provider and back."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import flask
from countersign_oidc import _native
from countersign_oidc._common import pending, settings, too_large
from countersign_oidc._common.unavailable import unavailable
from countersign_oidc.errors import NetworkError, ProviderError

from flask_pyoidc._common import Extension, synchronous
from flask_pyoidc._first_generation import GUARDED_BY, ONLY_PROVIDER
from flask_pyoidc.auth_response_handler import (
    AuthenticationResult,
    AuthResponseErrorResponseError,
    AuthResponseHandler,
    AuthResponseProcessError,
)
from flask_pyoidc.messages import AuthorizationRequest
from flask_pyoidc.user_session import UninitialisedSession, UserSession

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from flask_pyoidc.pyoidc_facade import PyoidcFacade

logger = logging.getLogger("flask_pyoidc.flask_pyoidc")

#: The session key of the logins under way, by state; the newest is under the older keys as well.
LOGINS = "auth_requests"
_NEWEST = ("auth_request", "destination", "fragment_encoded_response", "state", "nonce")
#: What a provider answers to prompt=none when it needs the person (Core section 3.1.2.6).
_NEEDS_PERSON = frozenset(
    {"login_required", "interaction_required", "consent_required", "account_selection_required"}
)

SENTENCE = "Something went wrong with the authentication, please try to login again."
SHORT_SENTENCE = "Something went wrong."


@dataclass
class Kept:
    """A login that was begun in this browser."""

    request: AuthorizationRequest
    provider: str
    destination: str
    silent: bool
    #: Its key among several; None for one that an older version began.
    state: str | None
    #: Whether the answer names it.
    named: bool = True


class Login(Extension):
    """``oidc_auth`` and the redirect URI."""

    @overload
    def oidc_auth(self, provider_name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...

    @overload
    def oidc_auth(self, provider_name: Callable[..., Any]) -> Callable[..., Any]: ...

    def oidc_auth(self, provider_name: Any) -> Any:
        """A view for logged-in users: ``@auth.oidc_auth("name")``, or bare where there is one provider."""
        if callable(provider_name):
            return self._guarded(provider_name, self._only_provider())
        name = self._known_provider(provider_name)
        return lambda view_func: self._guarded(view_func, name)

    def _guarded(self, view_func: Callable[..., Any], provider_name: str) -> Callable[..., Any]:
        view = synchronous(view_func)

        @functools.wraps(view_func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            session = self._user_session(provider_name)
            client = self._client_named(provider_name)
            if session.should_refresh(client.session_refresh_interval_seconds):
                return self._authenticate(client, interactive=False)
            if session.is_authenticated():
                if self._first is not None:
                    _show_in_g(session)
                return view(*args, **kwargs)
            return self._authenticate(client)

        setattr(wrapper, GUARDED_BY, self)
        return wrapper

    def _only_provider(self) -> str:
        if self._first is not None:
            return ONLY_PROVIDER
        names = list(self._provider_configurations)
        if len(names) != 1:
            raise ValueError(f"oidc_auth needs the name of a provider: one of {', '.join(names)}.")
        return names[0]

    # To the provider.

    def _register_client(self, client: PyoidcFacade) -> None:
        """Register the application, with the addresses of its logout views unless it names others."""
        info = client._provider_configuration._client_registration_info
        if info is not None and not info.get("post_logout_redirect_uris"):
            addresses = self._get_urls_for_logout_views()
            if addresses:
                info["post_logout_redirect_uris"] = addresses
        client.register()

    def _authenticate(self, client: PyoidcFacade, interactive: bool = True) -> ResponseReturnValue:
        """Send the browser to the provider."""
        try:
            if not client.is_registered():
                self._register_client(client)
            request = client.authentication_request(None, None, {} if interactive else {"prompt": "none"})
            url = client.login_url(request)
        except (NetworkError, ProviderError) as error:
            return unavailable(error)
        self._keep(client, request, silent=not interactive)
        return flask.redirect(url)

    def _keep(self, client: PyoidcFacade, request: Mapping[str, Any], *, silent: bool) -> None:
        login = getattr(request, "login", None) or client.login_of_request(request, time.time())
        session = flask.session
        destination = self._destination()
        session["auth_request"] = json.dumps(dict(request))
        session["destination"] = destination
        session["fragment_encoded_response"] = AuthResponseHandler.expect_fragment_encoded_response(request)
        if self._first is not None:
            session["state"], session["nonce"] = login.state, login.nonce
        entry = {
            "login": login.to_dict(),
            "destination": destination,
            "provider": session.get("current_provider"),
            "silent": silent,
        }
        pending.put(session, LOGINS, login.state, entry)

    def _destination(self) -> str:
        """Where the person wanted to go: a path with its query; 1.x kept the whole address."""
        request = flask.request
        return request.url if self._first is not None else request.script_root + request.full_path

    # Back from the provider.

    def _handle_authentication_response(self) -> ResponseReturnValue:
        """The view of the redirect URI."""
        if flask.request.args.get("error") == "1" and "error" in flask.session:
            return self._show_error_response(flask.session.pop("error"))
        if flask.request.args.get("error") == "1":
            return SHORT_SENTENCE
        try:
            UserSession(flask.session)
        except UninitialisedSession:
            if self._first is None or not self._stored_request():
                return self._unsolicited("No initialised user session.")
        parameters = flask.request.form if flask.request.method == "POST" else flask.request.args
        kept = self._kept(parameters.get("state", ""))
        if kept is None:
            return self._unsolicited("No authentication request stored.")
        client = self._client_named(kept.provider)
        try:
            response = client.parse_authentication_response(parameters)
            result = AuthResponseHandler(client).process_auth_response(response, kept.request, {})
        except NetworkError as error:
            # The login stays, so that reloading the page can end it.
            return unavailable(error)
        except AuthResponseErrorResponseError as error:
            self._forget(kept)
            return self._refused(kept, error.error_response)
        except AuthResponseProcessError as error:
            self._forget(kept)
            return self._handle_error_response({"error": "unexpected_error", "error_description": str(error)})
        self._forget(kept)
        self._logged_in(kept, result)
        return flask.redirect(_safe(kept.destination))

    def _kept(self, state: str) -> Kept | None:
        """The login that comes back: that of this state; else the newest, for the engine to refuse."""
        session = flask.session
        named = pending.get(session, LOGINS, state)
        entry = named or pending.newest(session, LOGINS)
        if entry is not None and entry.get("provider") in (self.clients or {}):
            return _read(entry, named is not None)
        stored = self._stored_request()
        provider = session.get("current_provider") or self._only_provider()
        if stored is None or provider not in (self.clients or {}):
            return None
        silent = stored.get("prompt") in ("none", ["none"])
        return Kept(AuthorizationRequest(stored), provider, session.get("destination") or "", silent, None)

    @staticmethod
    def _stored_request() -> dict[str, Any] | None:
        """The login that an original began: since 3.x as JSON text, before as state and nonce."""
        session = flask.session
        if session.get(LOGINS):
            return None
        if "auth_request" in session:
            try:
                stored = json.loads(session["auth_request"])
            except (TypeError, ValueError):
                return None
            return stored if isinstance(stored, dict) else None
        if "state" in session and "nonce" in session:
            return {"state": session["state"], "nonce": session["nonce"]}
        return None

    @staticmethod
    def _forget(kept: Kept) -> None:
        """A login serves once; one that was not meant can still come back."""
        if not kept.named:
            return
        session = flask.session
        if kept.state is not None:
            pending.take(session, LOGINS, kept.state)
            try:
                newest = json.loads(session.get("auth_request", "{}")).get("state")
            except (TypeError, ValueError, AttributeError):
                newest = kept.state
            if newest != kept.state:
                return
        for key in _NEWEST:
            session.pop(key, None)

    def _logged_in(self, kept: Kept, result: AuthenticationResult) -> None:
        """Store who it is; what belongs to somebody else goes first."""
        session = flask.session
        claims = result.id_token_claims or {}
        if session.get("current_provider") != kept.provider or (
            (session.get("id_token") or {}).get("sub") != claims.get("sub")
        ):
            UserSession(session, kept.provider).clear()
        UserSession(session, kept.provider).update(
            access_token=result.access_token,
            expires_in=result.expires_in,
            id_token=result.id_token_claims,
            id_token_jwt=result.id_token_jwt,
            userinfo=result.userinfo_claims,
            refresh_token=result.refresh_token,
        )
        session.permanent = settings.flag(
            flask.current_app.config,
            "OIDC_SESSION_PERMANENT",
            "PERMANENT_SESSION",
            "SESSION_PERMANENT",
            default=True,
        )
        _renew_session_id()
        too_large.notice()

    # When it failed.

    def _refused(self, kept: Kept, error_response: Mapping[str, Any]) -> ResponseReturnValue:
        """The provider said no. To a silent login that means: this person has to log in again."""
        if kept.silent and error_response.get("error") in _NEEDS_PERSON:
            if flask.session.get("current_provider") == kept.provider:
                UserSession(flask.session).clear()
            if self._error_view is None:
                return flask.redirect(_safe(kept.destination))
        return self._handle_error_response(error_response)

    def _unsolicited(self, description: str) -> ResponseReturnValue:
        return self._handle_error_response(
            {"error": "unsolicited_response", "error_description": description}
        )

    def _handle_error_response(self, error_response: Mapping[str, Any]) -> ResponseReturnValue:
        return self._show_error_response(error_response)

    def _show_error_response(self, error_response: Mapping[str, Any]) -> ResponseReturnValue:
        # The state and other parameters of the browser stay out of the log.
        said = {name: text for name, text in error_response.items() if name.startswith("error")}
        logger.error(json.dumps(said))
        if self._error_view is None:
            return SENTENCE
        shown = {
            name: error_response[name] for name in ("error", "error_description") if name in error_response
        }
        view: Callable[..., ResponseReturnValue] = flask.current_app.ensure_sync(self._error_view)
        return view(**shown)


def _read(entry: Mapping[str, Any], named: bool) -> Kept | None:
    """One of several logins, unless another version wrote it."""
    try:
        login = _native.PendingLogin.from_dict(entry["login"])
    except ValueError:
        return None
    request = AuthorizationRequest(state=login.state, nonce=login.nonce, client_id=login.client_id)
    request.login = login
    return Kept(request, entry["provider"], entry["destination"], bool(entry["silent"]), login.state, named)


def _show_in_g(session: UserSession) -> None:
    """0.x gave the view what is known of its visitor there."""
    flask.g.id_token, flask.g.access_token = session.id_token, session.access_token
    flask.g.userinfo = session.userinfo


def _safe(destination: str) -> str:
    """Where the person wanted to go, if that is at this application as a browser reads it; else its root."""
    root = f"{flask.request.script_root}/"
    return _native.local_path(destination, flask.request.host_url) or root


def _renew_session_id() -> None:
    """A session on the server gets another name, so that whoever knew the old one is left behind."""
    regenerate = getattr(flask.current_app.session_interface, "regenerate", None)
    if callable(regenerate):
        regenerate(flask.session)

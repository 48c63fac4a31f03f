"""The names of 1.x that 2.x dropped or deprecated."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Union

import flask
from flask import g

from flask_oidc import restrictions, tokens
from flask_oidc.bearer.current import KEY as CURRENT_TOKEN
from flask_oidc.bearer.validator import IntrospectTokenValidator
from flask_oidc.bound import bound
from flask_oidc.credentials import SessionCredentials, as_json, subject_of

if TYPE_CHECKING:
    from flask_oidc.tokens import Token

View = Callable[..., Any]
Store = Union[Mapping[str, str], MutableMapping[str, str]]

logger = logging.getLogger(__name__)


class Refused(str):
    """Why a token was refused: a text, and false, so that ``if oidc.validate_token(token)`` is safe."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


class Names:
    """What code for 1.x calls. Each of them asks through ``self``, so that a replaced method counts."""

    WRONG_GOOGLE_APPS_DOMAIN = restrictions.WRONG_GOOGLE_APPS_DOMAIN

    user_loggedin: Any
    require_login: Callable[[View], View]
    redirect_to_auth_server: Callable[..., Any]

    def __init__(self, credentials_store: Store | None = None) -> None:
        #: By ``sub``; without a store of the application's own, a view of this browser's session.
        self.credentials_store: Store = (
            SessionCredentials() if credentials_store is None else credentials_store
        )
        #: What :meth:`custom_callback` was given.
        self.callback_view: View | None = None

    def check(self, view: View) -> View:
        """The same as ``require_login``."""
        return self.require_login(view)

    def authenticate_or_redirect(self) -> Any:
        """None when somebody is logged in, else the way to the provider. Serves as ``before_request`` too."""
        own = flask.request.blueprint == "oidc_auth" or flask.request.endpoint == "legacy_oidc_callback"
        if own or self.user_loggedin:
            return None
        return self.redirect_to_auth_server(flask.request.url)

    def custom_callback(self, view: View) -> View:
        """Let this view answer logins begun with a ``customstate``; it gets that as its one argument."""
        self.callback_view = view
        return view

    # Who is there.

    def get_cookie_id_token(self) -> dict[str, Any] | None:
        """The claims of the ID token. They are in the session now."""
        warnings.warn("Use g.oidc_id_token", DeprecationWarning, stacklevel=2)
        claims: dict[str, Any] | None = g.oidc_id_token
        return claims

    def set_cookie_id_token(self, id_token: Any) -> None:
        """None ends the login. Nothing else has an effect: a login comes from the provider alone."""
        warnings.warn("Use logout", DeprecationWarning, stacklevel=2)
        if id_token is not None:
            raise ValueError("set_cookie_id_token takes None only: a login comes from the provider")
        tokens.forget()

    def user_getinfo(self, fields: Iterable[str], access_token: Any = None) -> dict[str, Any]:
        """Those of the fields that are known: of the ID token first, then of the user info answer."""
        warnings.warn(
            "The user_getinfo method is deprecated, please use session['oidc_auth_profile']",
            DeprecationWarning,
            stacklevel=2,
        )
        if not flask.current_app.config["OIDC_USER_INFO_ENABLED"]:
            raise RuntimeError("User info is disabled in configuration (OIDC_USER_INFO_ENABLED)")
        if access_token is not None:
            known: dict[str, Any] = bound().client.userinfo(token=access_token)
        elif not self.user_loggedin:
            flask.abort(401, "User was not authenticated")
        else:
            claims = (tokens.stored() or {}).get("userinfo")
            known = {**(flask.session.get(tokens.PROFILE) or {}), **(claims or {})}
        return {field: known[field] for field in fields if field in known}

    def user_getfield(self, field: str, access_token: Any = None) -> Any:
        """One field, or None."""
        return self.user_getinfo([field], access_token).get(field)

    # Bearer tokens.

    def validate_token(self, token: str | None, scopes_required: Iterable[str] | None = None) -> Any:
        """True, and ``g.oidc_token_info`` has the claims; or why not, as a text that counts as false."""
        if not token:
            return Refused("Token required")
        validator = IntrospectTokenValidator()
        info = validator.introspect_token(token)
        if not info.get("active"):
            return Refused("Token required but invalid")
        if validator.scope_insufficient(info.get("scope"), " ".join(scopes_required or ())):
            return Refused("Token does not have required scopes")
        g.oidc_token_info = info
        setattr(g, CURRENT_TOKEN, info)
        return True

    # What is kept.

    def use_store_of(self, app: flask.Flask) -> None:
        """``OIDC_CREDENTIALS_STORE`` goes before the constructor's argument."""
        store = app.config.get("OIDC_CREDENTIALS_STORE")
        if store is not None:
            self.credentials_store = store

    def remember_credentials(self, token: Token) -> None:
        """Into the application's own store, if it has one."""
        subject = subject_of(token)
        if subject is not None and isinstance(self.credentials_store, (dict, MutableMapping)):
            self.credentials_store[subject] = as_json(token)

"""Login, callback and logout: the routes of the blueprint ``oidc_auth``."""

from __future__ import annotations

import logging
import warnings
from typing import Any
from urllib.parse import urlsplit

import flask
from countersign_oidc import _native
from countersign_oidc._common import too_large
from countersign_oidc._common.unavailable import is_unavailable, unavailable
from countersign_oidc.errors import Error, LoginRefused, NetworkError, ProviderError
from flask import Blueprint, current_app, flash, g, request, session
from werkzeug.wrappers import Response

from flask_oidc import restrictions, tokens
from flask_oidc.bound import bound
from flask_oidc.errors import described
from flask_oidc.signals import (
    after_authorize,
    after_logout,
    before_authorize,
    before_login_redirect,
    before_logout,
)

logger = logging.getLogger(__name__)

auth_routes = Blueprint("oidc_auth", __name__)


@auth_routes.route("/login", endpoint="login")
def login_view() -> Any:
    """Begin a login; afterwards the browser goes to ``next``."""
    return_to = safe_return_url(request.args.get("next"))
    here = bound()
    if not here.enabled:
        return _testing_login(return_to)
    return begin(return_to)


def begin(return_to: str, custom: Any = None) -> Any:
    """Send the browser to the provider. Each login under way keeps its own way back."""
    client = bound().client
    redirect_uri = client.redirect_uri()
    before_login_redirect.send(client, redirect_uri=redirect_uri, next=return_to)
    session[tokens.NEXT] = return_to
    try:
        sent = client.create_authorization_url(redirect_uri, return_to=return_to, custom=custom)
    except (NetworkError, ProviderError) as error:
        return unavailable(error)
    too_large.notice()
    return flask.redirect(sent["url"])


@auth_routes.route("/authorize", endpoint="authorize")
def authorize_view() -> Any:
    """The browser is back from the provider."""
    here = bound()
    before_authorize.send(here.client)
    try:
        token = here.client.authorize_access_token()
        profile = here.client.userinfo(token=token) if current_app.config["OIDC_USER_INFO_ENABLED"] else None
        restrictions.check(here.engine.settings, token["userinfo"], profile or {})
    except (LoginRefused, ProviderError, NetworkError) as error:
        if is_unavailable(error):
            return unavailable(error)
        return _not_logged_in(error)
    attempt = g.pop("_oidc_attempt", {})
    session[tokens.TOKEN] = {**token, "userinfo": dict(token["userinfo"])}
    session.pop(tokens.PROFILE, None)
    if profile is not None:
        session[tokens.PROFILE] = dict(profile)
    _renew_session_id()
    too_large.notice()
    g.oidc_id_token = token
    here.extension.remember_credentials(session[tokens.TOKEN])
    begun_last = session.pop(tokens.NEXT, None)
    return_to = attempt.get("next") or begun_last or request.root_url
    after_authorize.send(here.client, token=token, return_to=return_to)
    callback = here.extension.callback_view
    if callback is not None and "custom" in attempt:
        return current_app.ensure_sync(callback)(attempt["custom"])
    return flask.redirect(return_to)


@auth_routes.route("/logout", endpoint="logout")
def logout_view() -> Response:
    """Forget the person, here; the provider isn't told."""
    return end(safe_return_url(request.args.get("next")), request.args.get("reason"))


def end(return_to: str, reason: str | None = None) -> Response:
    """Forget the person, tell who listens, and send the browser there."""
    client = bound().client
    before_logout.send(client)
    g.oidc_id_token = None
    tokens.forget()
    if reason == "expired":
        flash("Your session expired, please reconnect.")
    else:
        flash("You were successfully logged out.")
    after_logout.send(client, reason=reason, return_to=return_to)
    return flask.redirect(return_to)


def legacy_oidc_callback() -> Response:
    """The callback address of 1.x, and that of ``OIDC_CALLBACK_ROUTE``."""
    authorize = flask.url_for("oidc_auth.authorize")
    warnings.warn(
        f"The {request.path} route is deprecated, please use {authorize}", DeprecationWarning, stacklevel=2
    )
    query = request.query_string.decode("ascii", "replace")
    return flask.redirect(f"{authorize}?{query}" if query else authorize)


def validate_return_url(url: str, url_root: str) -> bool:
    """Whether a browser that is sent there stays with this application's host.

    Only what is written plainly: what has to be read first, somebody else may read otherwise.
    """
    path = _native.local_path(url, url_root)
    origin = urlsplit(url_root)._replace(path="", query="", fragment="").geturl()
    return path is not None and url in (path, origin + path)


def safe_return_url(url: str | None) -> str:
    """This address if it is at this application's host, or the root of the application."""
    if not url:
        return request.root_url
    if validate_return_url(url, request.root_url):
        return url
    return _native.local_path(url, request.root_url) or request.root_url


def _renew_session_id() -> None:
    """A session on the server gets another name, so that whoever knew the old one is left behind."""
    regenerate = getattr(current_app.session_interface, "regenerate", None)
    if callable(regenerate):
        regenerate(session)


def _testing_login(return_to: str) -> Response:
    if not current_app.config["OIDC_TESTING_PROFILE"]:
        flask.abort(401, "OIDC_ENABLED is False, and OIDC_TESTING_PROFILE names nobody to log in")
    return flask.redirect(return_to)


def _not_logged_in(error: Error) -> Any:
    logger.warning("A login was refused: %s [%s]", error, error.code)
    g.pop("_oidc_attempt", None)
    flask.abort(401, described(error))

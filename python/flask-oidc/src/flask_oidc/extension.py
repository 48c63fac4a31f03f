"""The extension object of Flask-OIDC."""

from __future__ import annotations

import functools
import logging
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote_plus

import flask
from countersign_oidc._common import too_large
from countersign_oidc._common.transport import chosen
from countersign_oidc._common.unavailable import unavailable
from countersign_oidc.errors import Error, NetworkError
from flask import g, request, session
from flask.globals import request_ctx
from werkzeug.utils import import_string

from flask_oidc import first_generation, settings, tokens, views
from flask_oidc.bearer.current import KEY as CURRENT_TOKEN
from flask_oidc.bearer.protector import ResourceProtector
from flask_oidc.bound import KEY, Bound, bound
from flask_oidc.client import OAuth, OidcClient
from flask_oidc.engine import Engine
from flask_oidc.errors import SessionOver
from flask_oidc.globals import NAMES, with_names
from flask_oidc.sync import ready

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from flask_oidc.tokens import Token

View = Callable[..., Any]

logger = logging.getLogger(__name__)

_OF_ONE_REQUEST = (*NAMES, CURRENT_TOKEN, "oidc_token_info")


class OpenIDConnect(first_generation.Names):
    """Login by OpenID Connect, and bearer tokens of the same provider.

    ``prefix`` stands before the routes ``/login``, ``/authorize`` and ``/logout``. ``credentials_store`` is
    1.x's: a mapping that gets the tokens of everybody who logs in, as JSON text by ``sub``. ``http``,
    ``time`` and ``urandom`` have no effect any more.
    """

    accept_token = ResourceProtector()

    client_secrets: dict[str, Any]
    oauth: OAuth

    def __init__(
        self,
        app: flask.Flask | None = None,
        credentials_store: Any = None,
        http: Any = None,
        time: Any = None,
        urandom: Any = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(credentials_store)
        for name, value in (("http", http), ("time", time), ("urandom", urandom)):
            if value is not None:
                warnings.warn(f"The {name!r} argument is no longer used.", DeprecationWarning, stacklevel=2)
        self._prefix = prefix
        if app is not None:
            self.init_app(app)

    def init_app(self, app: flask.Flask, prefix: str | None = None) -> None:
        """Serve this application too. The provider isn't asked anything yet."""
        settings.prepare(app.config)
        if app.config["OIDC_ENABLED"]:
            self.client_secrets = self.load_secrets(app)
        else:
            logger.warning("OIDC_ENABLED is False: whoever comes is the person of OIDC_TESTING_PROFILE")
            self.client_secrets = dict(settings.NO_SECRETS)
        engine = Engine(settings.read(app.config, self.client_secrets), chosen(app.config))
        client = OidcClient(engine, app)
        self.oauth = OAuth(client)
        named = app.config["OIDC_USER_CLASS"]
        user_class = import_string(named) if isinstance(named, str) and named else named
        app.extensions["_oidc_user_class"] = user_class
        app.extensions[KEY] = Bound(app, self, engine, client, user_class)
        self.use_store_of(app)
        app.app_ctx_globals_class = with_names(app.app_ctx_globals_class)
        if not app.config["OIDC_RESOURCE_SERVER_ONLY"]:
            self._add_routes(app, prefix or self._prefix)
        app.before_request(self._before_request)

    def load_secrets(self, app: flask.Flask) -> dict[str, Any]:
        """The client: ``client_id``, ``client_secret``, ``issuer``. To be replaced by a subclass at will."""
        return settings.secrets_of(app.config)

    # Who is there.

    @property
    def user_loggedin(self) -> bool:
        """Whether somebody is logged in at this browser."""
        return tokens.stored() is not None

    def require_login(self, view: View) -> View:
        """Send anonymous visitors to the provider, and back here afterwards."""
        run = ready(view)

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not self.user_loggedin:
                return self.redirect_to_auth_server(request.url)
            return run(*args, **kwargs)

        return guarded

    def get_access_token(self) -> str | None:
        """For requests to APIs on the person's behalf. None: nobody is logged in."""
        return cast("str | None", (tokens.stored() or {}).get("access_token"))

    def get_refresh_token(self) -> str | None:
        """None: nobody is logged in, or the provider gave none."""
        return cast("str | None", (tokens.stored() or {}).get("refresh_token"))

    def redirect_to_auth_server(self, destination: str | None = None, customstate: Any = None) -> Any:
        """Begin a login that ends at ``destination``, by default the address of this request.

        ``customstate`` (JSON values) is for the view of :meth:`custom_callback`, which gets it then.
        """
        destination = destination or request.url
        if customstate is not None:
            if self.callback_view is not None:
                return views.begin(views.safe_return_url(destination), customstate)
            warnings.warn(
                "The customstate argument is for a view set by custom_callback, and there is none.",
                DeprecationWarning,
                stacklevel=2,
            )
        return flask.redirect(f"{flask.url_for('oidc_auth.login')}?next={quote_plus(destination)}")

    def logout(self, return_to: str | None = None) -> Response:
        """Forget the person at once. Returned is the way on, for those who want it."""
        warnings.warn(
            "The logout method is deprecated, redirect to /logout", DeprecationWarning, stacklevel=2
        )
        return views.end(views.safe_return_url(return_to))

    # The life of the token.

    def check_token_expiry(self) -> Any:
        """Refresh a token that is over. Where that isn't possible: the answer that ends the login."""
        token = session.get(tokens.TOKEN)
        if token is None or self._is_own_route():
            return None
        try:
            self.ensure_active_token(token)
        except NetworkError as error:
            return None if _still_serves(token) else unavailable(error)
        except (Error, LookupError, TypeError, ValueError) as error:
            logger.warning("A login has ended: %s", error)
            return flask.redirect(self._expired())
        return None

    def ensure_active_token(self, token: Token) -> None:
        """Refresh this token if it is due; raises when it is over and stays so."""
        if not isinstance(token, dict):
            raise SessionOver("the stored token is no mapping")
        if not tokens.is_due(token):
            return
        if not token.get("refresh_token"):
            if tokens.is_over(token):
                raise SessionOver("the access token is over, and there is no refresh token")
            return
        self._update_token(OidcClient.name, bound().client.refresh(token))

    def _update_token(
        self,
        name: str,
        token: Token,
        refresh_token: str | None = None,
        access_token: str | None = None,
    ) -> None:
        """Keep the refreshed token. Named and called as Authlib calls the same of the original."""
        del name, refresh_token, access_token
        session[tokens.TOKEN] = token
        g.oidc_id_token = token
        too_large.notice()
        self.remember_credentials(token)

    def _before_request(self) -> Any:
        # Each page pays for what stands here, so the proxies are looked through once.
        context = request_ctx._get_current_object()  # type: ignore[attr-defined]
        known = vars(g._get_current_object())
        if known:
            # Test suites and jobs have several requests in one application context.
            for name in _OF_ONE_REQUEST:
                known.pop(name, None)
        config = context.app.config
        if not config["OIDC_ENABLED"]:
            return self._be_the_testing_person(config)
        if config["OIDC_RESOURCE_SERVER_ONLY"]:
            return None
        # A page that nobody has to log in for isn't slowed down: one look, without the session's help.
        if self._is_watched() or _may_be_due(tokens.peek(context)):
            return self.check_token_expiry()
        return None

    def _is_watched(self) -> bool:
        """Whether the application replaced one of the checks: then its own is always asked."""
        own = type(self)
        return not (
            own.check_token_expiry is _CHECK_TOKEN_EXPIRY
            and own.ensure_active_token is _ENSURE_ACTIVE_TOKEN
            and own._update_token is _UPDATE_TOKEN
            and _CHECKS.isdisjoint(vars(self))
        )

    def _is_own_route(self) -> bool:
        """Login and logout do without the old token; so do files."""
        endpoint = request.endpoint or ""
        return request.blueprint == views.auth_routes.name or endpoint.rpartition(".")[2] == "static"

    def _expired(self) -> str:
        logout = f"{flask.url_for('oidc_auth.logout')}?reason=expired"
        wanted = request.args.get("next")
        keeps = flask.current_app.config["OIDC_PRESERVE_NEXT_ON_ERROR"]
        if keeps and wanted and views.validate_return_url(wanted, request.root_url):
            return f"{logout}&next={quote_plus(wanted)}"
        return logout

    @staticmethod
    def _be_the_testing_person(config: flask.Config) -> None:
        profile = config["OIDC_TESTING_PROFILE"]
        if config["OIDC_RESOURCE_SERVER_ONLY"]:
            return
        if not profile:
            # Whoever logged in before has left a session.
            if tokens.TOKEN in session:
                tokens.forget()
        elif request.endpoint != "oidc_auth.logout" and session.get(tokens.PROFILE) != profile:
            session[tokens.TOKEN] = {
                "token_type": "Bearer",
                "access_token": "testing-access-token",
                "userinfo": profile,
            }
            session[tokens.PROFILE] = profile

    def _add_routes(self, app: flask.Flask, prefix: str | None) -> None:
        app.register_blueprint(views.auth_routes, url_prefix=prefix)
        app.route("/oidc_callback")(views.legacy_oidc_callback)
        own = app.config["OIDC_CALLBACK_ROUTE"]
        if own and own not in ("/oidc_callback", f"{prefix or ''}/authorize"):
            app.route(own)(views.legacy_oidc_callback)


# As they are written here: a class or an object may have others.
_CHECK_TOKEN_EXPIRY = OpenIDConnect.check_token_expiry
_ENSURE_ACTIVE_TOKEN = OpenIDConnect.ensure_active_token
_UPDATE_TOKEN = OpenIDConnect._update_token
_CHECKS = frozenset({"check_token_expiry", "ensure_active_token", "_update_token"})


def _may_be_due(token: object) -> bool:
    if token is None:
        return False
    try:
        return not isinstance(token, dict) or tokens.is_due(token)
    except ValueError:
        return True


def _still_serves(token: Any) -> bool:
    return isinstance(token, dict) and not tokens.is_over(token)

"""The manager: settings, decorators, and the methods that applications call, patch and override.

Everything that decides on a token is the engine's, behind :meth:`JwtManager._validate_token`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.request import urlopen

from countersign_oidc._common import settings
from countersign_oidc._common.transport import chosen
from countersign_oidc.errors import NetworkError, ProviderError, SetupError, TokenRefused
from flask import current_app, g, jsonify, request
from flask.globals import request_ctx

from flask_jwt_oidc import _answers, _keys, _test_tokens, _trust
from flask_jwt_oidc.exceptions import AuthError

if TYPE_CHECKING:
    from countersign_oidc._native import ResourceServer, Transport
    from flask import Flask, Response

__all__ = ["AuthError", "JwtManager", "urlopen"]

View = TypeVar("View", bound=Callable[..., Any])
Claims = dict[str, Any]

logger = logging.getLogger("flask_jwt_oidc")


class JwtManager:
    """Lets requests pass that bring a good access token: in the header, or in a cookie.

    The attributes are the settings, read by :meth:`init_app`; one that is set later counts from then on.
    ``issuer``, ``jwks_uri`` and ``well_known_obj_cache`` are asked of the provider when they are first read.
    """

    ALGORITHMS = "RS256"
    #: Made for the first token, and anew when a setting changes.
    _server: ResourceServer | None = None

    def __init__(self, app: Flask | None = None) -> None:
        self._metadata: _keys.Metadata | None = None
        self.app = app
        self.well_known_config: str | None = None
        self.well_known_obj_cache: Any = None
        self.algorithms: Any = self.ALGORITHMS
        self.jwks_uri: Any = None
        self.issuer: Any = None
        self.audience: Any = None
        self.client_secret: Any = None
        self.cache: Any = None
        self.caching_enabled = False
        self.jwt_oidc_test_mode: Any = None
        self.jwt_oidc_test_keys: Any = None
        self.jwt_oidc_test_private_key_pem: Any = None
        self._clock_skew = 0.0
        self._cache_seconds = 300.0
        self._skip_audience = False
        self._transport: Transport | None = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Read the settings. The provider is not asked yet: it may be down."""
        self.app = app
        config = app.config
        self.jwt_oidc_test_mode = settings.flag(config, "JWT_OIDC_TEST_MODE", default=False) or None
        self._clock_skew = settings.seconds(config, "JWT_OIDC_CLOCK_SKEW", default=0.0)
        self._skip_audience = settings.flag(config, "JWT_OIDC_SKIP_AUDIENCE", default=False)
        self._transport = chosen(config, default="native")
        if self.jwt_oidc_test_mode:
            self._read_test_settings(config)
        else:
            self._read_settings(config)
        handler = settings.first(config, "JWT_OIDC_AUTH_ERROR_HANDLER", default=type(self).handle_auth_error)
        app.register_error_handler(AuthError, handler)
        app.teardown_appcontext(self.teardown)

    def _read_test_settings(self, config: Mapping[str, Any]) -> None:
        self.algorithms = self.ALGORITHMS
        self.issuer = config.get("JWT_OIDC_TEST_ISSUER", "localhost.localdomain")
        self.audience = config.get("JWT_OIDC_TEST_AUDIENCE")
        self.client_secret = config.get("JWT_OIDC_TEST_CLIENT_SECRET")
        self.jwt_oidc_test_keys = config.get("JWT_OIDC_TEST_KEYS")
        self.jwt_oidc_test_private_key_pem = config.get("JWT_OIDC_TEST_PRIVATE_KEY_PEM")
        if not self.jwt_oidc_test_keys:
            raise SetupError("JWT_OIDC_TEST_MODE is on, and JWT_OIDC_TEST_KEYS holds no key set")

    def _read_settings(self, config: Mapping[str, Any]) -> None:
        self.algorithms = _trust.words(settings.first(config, "JWT_OIDC_ALGORITHMS", default=self.ALGORITHMS))
        self.audience = config.get("JWT_OIDC_AUDIENCE")
        self.client_secret = config.get("JWT_OIDC_CLIENT_SECRET")
        self.caching_enabled = settings.flag(config, "JWT_OIDC_CACHING_ENABLED", default=False)
        self._cache_seconds = settings.seconds(config, "JWT_OIDC_JWKS_CACHE_TIMEOUT", default=300.0)
        self.cache = _keys.KeyMemory(self._cache_seconds) if self.caching_enabled else None
        self.well_known_config = config.get("JWT_OIDC_WELL_KNOWN_CONFIG")
        if not self.well_known_config:
            self.jwks_uri = config.get("JWT_OIDC_JWKS_URI")
            self.issuer = config.get("JWT_OIDC_ISSUER")
            return
        self._metadata = _keys.Metadata(self.well_known_config, self._fetch_well_known)
        for name in _DISCOVERED:
            self.__dict__.pop(name, None)
        if urlopen is not _URLOPEN:
            # Whoever replaced it is a test, which may put it back before the first request.
            self._discover()

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in _DECIDING:
            self.__dict__.pop("_server", None)

    def __getattr__(self, name: str) -> Any:
        """Called for what isn't there: what the provider says, until it was asked."""
        metadata = self.__dict__.get("_metadata")
        if name not in _DISCOVERED or metadata is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._learn(metadata.document())
        return self.__dict__[name]

    def _discover(self) -> None:
        try:
            self._learn(cast("_keys.Metadata", self._metadata).document())
        except _keys.KeysUnavailable as error:
            logger.warning("The provider can't be asked yet: %s", error)

    def _learn(self, document: Claims) -> None:
        # Several threads may come here at once; none of them changes what was set by hand meanwhile.
        told = {"well_known_obj_cache": document, **document}
        for name in _DISCOVERED:
            self.__dict__.setdefault(name, told[name])

    # Decorators

    def requires_auth(self, f: View) -> View:
        """A view for whoever brings a good token in the ``Authorization`` header."""

        @wraps(f)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            self._require_auth_validation(*args, **kwargs)
            return f(*args, **kwargs)

        return cast("View", decorated)

    def requires_auth_cookie(self, f: View) -> View:
        """A view for whoever brings a good token in the cookie ``JWT_OIDC_AUTH_COOKIE_NAME``."""

        @wraps(f)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            self._require_auth_cookie_validation(*args, **kwargs)
            return f(*args, **kwargs)

        return cast("View", decorated)

    def requires_roles(self, required_roles: Iterable[str]) -> Callable[[View], View]:
        """A view for those who have all of these roles. A text is one role."""
        required_roles = _listed(required_roles)

        def decorated(f: View) -> View:
            @wraps(f)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                claims = self._require_auth_validation(*args, **kwargs)
                if not self.validate_roles(required_roles, claims):
                    raise _answers.missing_roles(
                        "missing_required_roles", "Missing the role(s) required to access this endpoint"
                    )
                return f(*args, **kwargs)

            return cast("View", wrapper)

        return decorated

    def has_one_of_roles(self, roles: Iterable[str]) -> Callable[[View], View]:
        """A view for those who have one of these roles. A text is one role."""
        roles = _listed(roles)

        def decorated(f: View) -> View:
            @wraps(f)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                claims = self._require_auth_validation(*args, **kwargs)
                if not self.contains_role(roles, claims):
                    raise _answers.missing_roles(
                        "missing_a_valid_role", "Missing a role required to access this endpoint"
                    )
                return f(*args, **kwargs)

            return cast("View", wrapper)

        return decorated

    # Roles

    def validate_roles(self, required_roles: Any, claims: Any = None) -> bool:
        """Whether the token has all of these roles. Without ``claims``: that of this request.

        The order of 0.8, claims first, is understood as well.
        """
        if not isinstance(required_roles, list):
            required_roles, claims = _in_order(required_roles, claims)
        return self._roles_of(claims).issuperset(required_roles)

    def contains_role(self, roles: Any, claims: Any = None) -> bool:
        """Whether the token has one of these roles. Without ``claims``: that of this request.

        The order of 0.8, claims first, is understood as well.
        """
        if not isinstance(roles, list):
            roles, claims = _in_order(roles, claims)
        return not self._roles_of(claims).isdisjoint(roles)

    def _roles_of(self, claims: Any) -> set[str]:
        callback = _application_context().app.config.get("JWT_ROLE_CALLBACK")
        if callback is None:
            raise SetupError("JWT_ROLE_CALLBACK must be a function that takes the claims and gives the roles")
        if claims is None:
            claims = getattr(g, "jwt_oidc_token_info", None)
        if claims is None:
            # A view without a decorator; releases up to 0.7 read the header there, unchecked.
            claims = self._require_auth_validation()
        given = callback(claims)
        return {given} if isinstance(given, str) else set(given)

    # Tokens

    def _require_auth_validation(self, *args: Any, **kwargs: Any) -> Any:
        return self._validate_token(self.get_token_auth_header())

    def _require_auth_cookie_validation(self, *args: Any, **kwargs: Any) -> Any:
        return self._validate_token(self._get_token_auth_cookie())

    @staticmethod
    def get_token_auth_header() -> str:
        """The token of this request's ``Authorization`` header."""
        try:
            header = _context().request.environ.get("HTTP_AUTHORIZATION")
        except LookupError:
            header = request.environ.get("HTTP_AUTHORIZATION")  # says that there is no request
        if not header:
            raise _answers.no_header()
        if header.startswith("Bearer "):
            token = header[7:]
            if token and " " not in token:
                return cast("str", token)
        words = header.split()
        if len(words) == 2 and words[0].lower() == "bearer":
            return cast("str", words[1])
        raise _answers.wrong_header(header)

    @staticmethod
    def _get_token_auth_cookie() -> str:
        cookie = request.cookies.get(current_app.config.get("JWT_OIDC_AUTH_COOKIE_NAME", "oidc-jwt"))
        if not cookie:
            raise _answers.no_cookie()
        return cookie

    def _validate_token(self, token: str) -> Claims:
        """Check a token and keep its claims for this request: in ``g`` and as the current user."""
        try:
            claims = (self._server or self._trusting()).check(token).claims
        except TokenRefused as refusal:
            raise _answers.refused(refusal, token) from refusal
        except (NetworkError, ProviderError) as error:
            raise _answers.unavailable(error) from error
        _application_context().g.jwt_oidc_token_info = claims
        _context().current_user = claims
        return claims

    def _trusting(self) -> ResourceServer:
        if self.jwt_oidc_test_mode:
            provider = _trust.local_keys(self.issuer, self.get_jwks())
            ask = None
        else:
            provider = _trust.published_keys(self.issuer, self.jwks_uri, self.well_known_config)
            ask = _keys.KeyTransport(self, self._cache_seconds)
        server = _trust.resource_server(
            provider,
            audience=self.audience,
            algorithms=_trust.words(self.algorithms),
            clock_skew=self._clock_skew,
            skip_audience=self._skip_audience,
            transport=ask,
        )
        # Threads that come at the same time share one, and so its keys.
        return cast("ResourceServer", self.__dict__.setdefault("_server", server))

    # Keys

    def get_jwks(self) -> Any:
        """The key set, as the provider publishes it."""
        if self.jwt_oidc_test_mode:
            return self.jwt_oidc_test_keys
        return self._get_jwks_from_cache() if self.caching_enabled else self._fetch_jwks_from_url()

    def _get_jwks_from_cache(self) -> Any:
        jwks = self.cache.get("jwks")
        if jwks is None:
            jwks = self._fetch_jwks_from_url()
            self.cache.set("jwks", jwks)
        return jwks

    def _fetch_jwks_from_url(self) -> Any:
        if urlopen is _URLOPEN:
            return _keys.asked(self.jwks_uri, self._transport)
        return _keys.json_object(self.jwks_uri, urlopen(self.jwks_uri).read())  # noqa: S310 (a test's)

    def _fetch_well_known(self, url: str) -> Claims:
        if urlopen is _URLOPEN:
            return _keys.asked(url, self._transport)
        return _keys.json_object(url, urlopen(url=url).read())  # noqa: S310 (a test's)

    @staticmethod
    def get_rsa_key(jwks: Mapping[str, Any], kid: str) -> Claims:
        """The RSA key of this name, as a JWK (RFC 7517); empty when there is none. To look at."""
        for key in jwks["keys"]:
            if key.get("kid") == kid and key.get("kty", "RSA") == "RSA":
                return dict(key)
        return {}

    # Tests of the application's own

    def create_jwt(self, claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
        """A token for tests, signed (RS256) with ``JWT_OIDC_TEST_PRIVATE_KEY_PEM``.

        Without ``exp`` it ends after an hour, as a token that never ends is refused.
        """
        if not self.jwt_oidc_test_private_key_pem:
            raise SetupError("create_jwt needs JWT_OIDC_TEST_MODE and JWT_OIDC_TEST_PRIVATE_KEY_PEM")
        return _test_tokens.token(claims, header, self.jwt_oidc_test_private_key_pem)

    # Answers

    @staticmethod
    def handle_auth_error(ex: AuthError) -> Response:
        """``code`` and ``description`` as JSON, with the headers that go with the status."""
        response: Response = jsonify(ex.error)
        response.status_code = ex.status_code
        challenges = ex.challenges or (("Bearer",) if ex.status_code == 401 else ())
        for challenge in challenges:
            response.headers.add("WWW-Authenticate", challenge)
        if ex.retry_after is not None:
            response.headers["Retry-After"] = str(ex.retry_after)
        return response

    def teardown(self, exception: BaseException | None) -> None:
        """Called when a request is over; nothing is left of it."""


def _in_order(first: Any, second: Any) -> tuple[list[str], Any]:
    """Roles and claims, in whichever order they came."""
    return (_listed(second), first) if isinstance(first, Mapping) else (_listed(first), second)


def _listed(roles: Iterable[str]) -> list[str]:
    """A text is one role. A list stays itself; an iterator would be empty after the first request."""
    if isinstance(roles, list):
        return roles
    return [roles] if isinstance(roles, str) else list(roles)


# What lies behind Flask's proxies, each of which costs as much as finding a token that was seen before.
_application_context: Callable[[], Any] = cast("Any", current_app).__wrapped__.get
_context: Callable[[], Any] = cast("Any", request_ctx).__wrapped__.get

#: The name above, as long as nobody has replaced it.
_URLOPEN = urlopen

#: What the provider says, where ``JWT_OIDC_WELL_KNOWN_CONFIG`` is set.
_DISCOVERED = ("well_known_obj_cache", "jwks_uri", "issuer")

#: What the check of a token depends on.
_DECIDING = frozenset(
    {
        "algorithms",
        "audience",
        "issuer",
        "jwks_uri",
        "jwt_oidc_test_keys",
        "jwt_oidc_test_mode",
        "_clock_skew",
        "_skip_audience",
    }
)

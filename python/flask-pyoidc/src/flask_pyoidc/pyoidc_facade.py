"""One provider, as this application talks to it. Documented as internal, and used all the same."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import flask
from countersign_oidc import _native
from countersign_oidc._common.once import Once
from countersign_oidc.errors import Error, NetworkError, SetupError

from flask_pyoidc._engine import Client
from flask_pyoidc.auth_response_handler import AuthResponseUnexpectedStateError, InvalidIdTokenError
from flask_pyoidc.messages import (
    AccessTokenResponse,
    AuthorizationErrorResponse,
    AuthorizationRequest,
    AuthorizationResponse,
    IdToken,
    OpenIDSchema,
    TokenErrorResponse,
    TokenIntrospectionResponse,
    UserInfoErrorResponse,
    as_parameter,
)

if TYPE_CHECKING:
    from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration

logger = logging.getLogger(__name__)

#: Logins that one process remembers between two calls of the facade.
_LOGINS = 64
#: Which login is coming back in this thread, and with which answer.
_expected: ContextVar[tuple[PyoidcFacade, _native.PendingLogin, Mapping[str, Any]] | None] = ContextVar(
    "expected", default=None
)
#: What a login has of its own.
_OWN = frozenset(
    {
        "client_id",
        "response_type",
        "redirect_uri",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
)
#: What the engine takes as arguments of its own.
_TEXTS = ("prompt", "login_hint", "acr_values", "ui_locales", "response_mode", "redirect_uri")


class PyoidcFacade:
    """Made from a :class:`ProviderConfiguration` and the redirect URI; nothing is asked before it is used."""

    def __init__(self, provider_configuration: ProviderConfiguration, redirect_uri: str) -> None:
        self._provider_configuration = provider_configuration
        self._redirect_uri = redirect_uri
        self._client = Client(provider_configuration, redirect_uri)
        self._registering = Once()
        # For those who call these methods themselves; a login in a browser is kept in its session.
        self._logins: OrderedDict[str, _native.PendingLogin] = OrderedDict()

    # Registration.

    def is_registered(self) -> bool:
        """Whether the provider knows this application."""
        return bool(self._provider_configuration.registered_client_metadata)

    def register(self) -> None:
        """Register this application, unless it is."""
        with self._registering:
            self._store_registration_info(self._provider_configuration.register_client(self._client))

    def _store_registration_info(self, client_metadata: ClientMetadata) -> None:
        self._provider_configuration._client_metadata = client_metadata

    # The way to the provider.

    def authentication_request(
        self, state: str | None, nonce: str | None, extra_auth_params: Mapping[str, Any] | None
    ) -> AuthorizationRequest:
        """A login that begins. ``state`` and ``nonce`` None: the engine draws them. ``extra_auth_params`` go
        before the parameters of the configuration.
        """
        params = {**self._provider_configuration.auth_request_params, **(extra_auth_params or {})}
        url, login = self._begun(params, state, nonce)
        self._remember(login)
        return AuthorizationRequest.of(_parameters(url), url, login)

    def login_url(self, auth_request: Mapping[str, Any]) -> str:
        """Where to send the browser with these parameters."""
        begun = auth_request if isinstance(auth_request, AuthorizationRequest) else None
        if begun is not None and begun.url is not None and begun.begun == begun:
            return begun.url
        others = {name: value for name, value in auth_request.items() if name not in _OWN}
        url, login = self._begun(others, auth_request.get("state"), auth_request.get("nonce"))
        self._remember(login)
        if begun is not None:
            begun.begin(url, login)
        return url

    def _begun(
        self, params: Mapping[str, Any], state: str | None, nonce: str | None
    ) -> tuple[str, _native.PendingLogin]:
        params = dict(params)
        response_type = as_parameter(params.pop("response_type", "code"))
        if response_type != "code":
            raise SetupError(
                f"response_type {response_type!r} in auth_request_params is not supported: only 'code' is. "
                "The implicit and hybrid flows hand tokens through the browser (RFC 9700 section 2.1.2)"
            )
        arguments: dict[str, Any] = {
            name: as_parameter(params.pop(name)) for name in _TEXTS if params.get(name) is not None
        }
        arguments["scope"] = as_parameter(params.pop("scope", "openid"))
        max_age, claims = params.pop("max_age", None), params.pop("claims", None)
        if max_age is not None:
            arguments["max_age"] = int(max_age)
        if claims is not None:
            arguments["claims"] = json.loads(claims) if isinstance(claims, str) else claims
        extra = {name: as_parameter(value) for name, value in params.items() if value is not None}
        return self._client.relying_party().begin(extra=extra, state=state, nonce=nonce, **arguments)

    # The way back.

    def parse_authentication_response(self, response_params: Mapping[str, str]) -> AuthorizationResponse:
        """What the browser brought back, by its kind. The engine judges it later."""
        kind = AuthorizationErrorResponse if "error" in response_params else AuthorizationResponse
        # A dictionary of werkzeug holds lists, of which its own methods show the first.
        response = kind({name: response_params[name] for name in response_params})
        response.received = response_params
        return response

    def expect(self, auth_request: Mapping[str, Any], auth_response: Mapping[str, Any]) -> None:
        """Say which login comes back with this answer; ``exchange_authorization_code`` ends it."""
        login = getattr(auth_request, "login", None) or self._logins.get(auth_request.get("state", ""))
        if login is None:
            login = self.login_of_request(auth_request, time.time())
        received = getattr(auth_response, "received", None)
        if received is None or any(received.get(name) != value for name, value in auth_response.items()):
            received = dict(auth_response)
        _expected.set((self, login, received))

    def expect_nothing(self) -> None:
        """No login comes back in this thread."""
        _expected.set(None)

    def login_of_request(self, auth_request: Mapping[str, Any], started_at: float) -> _native.PendingLogin:
        """A login that was kept as the parameters of its request."""
        kept = {name: _kept(name, value) for name, value in auth_request.items() if value is not None}
        kept.setdefault("redirect_uri", self._redirect_uri)
        kept.setdefault("client_id", self._client.client_id)
        kept.setdefault("scope", "openid")
        return _native.PendingLogin.from_request(
            kept, issuer=self._client.relying_party().issuer, started_at=started_at
        )

    def exchange_authorization_code(
        self, authorization_code: str, state: str, extra_token_args: Mapping[str, Any] | None = None
    ) -> AccessTokenResponse | TokenErrorResponse:
        """Exchange the code and verify the ID token. Raises the engine's errors where either fails; what the
        token endpoint says about a refusal is returned.
        """
        if extra_token_args:
            raise SetupError(f"extra_token_args are not supported: {', '.join(extra_token_args)}")
        login, callback = self._take(authorization_code, state)
        try:
            session = self._client.relying_party().complete(login, callback, user_info=False)
        except Error as error:
            if error.code == "token.refused" and error.provider_error:
                logger.error("The code was not exchanged: %s", error)
                return TokenErrorResponse(_said(error))
            raise
        logger.info("Received token response.")
        answer = AccessTokenResponse(session.token_response)
        answer.update(id_token=_verified(session, login.state), id_token_jwt=session.id_token)
        return answer

    def _take(self, code: str, state: str) -> tuple[_native.PendingLogin, Mapping[str, Any]]:
        """The login that comes back, which serves once, and with what."""
        expected = _expected.get()
        self.expect_nothing()
        if expected is not None and expected[0] is self:
            login, callback = expected[1:]
            self._logins.pop(login.state, None)
            return login, callback
        begun = self._logins.pop(state, None)
        if begun is None:
            raise AuthResponseUnexpectedStateError("The answer belongs to a login that was not begun here.")
        return begun, {"code": code, "state": state}

    def verify_id_token(self, id_token: Mapping[str, Any], auth_request: Mapping[str, Any]) -> None:
        """Raise :class:`InvalidIdTokenError` unless the engine verified this ID token for this login."""
        if getattr(id_token, "state", None) is None:
            raise InvalidIdTokenError(
                "Only exchange_authorization_code() returns ID tokens that are verified."
            )

    def userinfo_request(self, access_token: str) -> OpenIDSchema | UserInfoErrorResponse | None:
        """What the provider says of the person; None where it isn't asked or has no such endpoint."""
        if self._provider_configuration.userinfo_endpoint_method is None:
            return None
        relying_party = self._client.relying_party()
        if not relying_party.metadata().get("userinfo_endpoint"):
            return None
        try:
            return OpenIDSchema(relying_party.user_info(access_token, None))
        except Error as error:
            if not error.provider_error:
                raise
            return UserInfoErrorResponse(_said(error))

    # Tokens.

    def refresh_token(self, refresh_token: str) -> AccessTokenResponse | TokenErrorResponse:
        """New tokens for a refresh token; what the token endpoint says about a refusal is returned."""
        try:
            known = self._known_login(refresh_token)
            if known is None:
                return AccessTokenResponse(self._client.token_client().refresh(refresh_token))
            session = self._client.relying_party().refresh(known)
        except NetworkError:
            raise
        except Error as error:
            logger.info("The refresh token was not exchanged: %s", error)
            return TokenErrorResponse(_said(error))
        answer = AccessTokenResponse(session.token_response)
        if answer.pop("id_token", None):
            answer.update(id_token=_verified(session, ""), id_token_jwt=session.id_token)
        return answer

    def _known_login(self, refresh_token: str) -> _native.Session | None:
        """The login of this browser with this refresh token: a renewal must be about the same person."""
        if not flask.has_request_context() or flask.session.get("refresh_token") != refresh_token:
            return None
        claims, jwt = flask.session.get("id_token"), flask.session.get("id_token_jwt")
        try:
            return _native.Session.restore(
                claims=claims,
                id_token=jwt,
                access_token=flask.session.get("access_token") or "",
                client_id=self._client.client_id or "",
                refresh_token=refresh_token,
            )
        except ValueError:
            return None

    def client_credentials_grant(
        self, scope: Iterable[str] | str | None = None, **kwargs: Any
    ) -> AccessTokenResponse | TokenErrorResponse:
        """A token for this application itself (RFC 6749 section 4.4)."""
        words = None if scope is None else as_parameter(scope if isinstance(scope, str) else list(scope))
        if not self.is_registered():
            self.register()
        extra = {name: as_parameter(value) for name, value in kwargs.items()}
        try:
            return AccessTokenResponse(self._client.token_client().client_credentials(words, extra))
        except Error as error:
            if not error.provider_error:
                raise
            logger.error("No token for this application: %s", error)
            return TokenErrorResponse(_said(error))

    def introspected(self, access_token: str, scopes: Iterable[str] | None) -> TokenIntrospectionResponse:
        """What the provider says of a token that may pass here; ``TokenRefused`` where it may not."""
        logger.info("making token introspection request")
        if not self.is_registered():
            self.register()
        needed = (scopes,) if isinstance(scopes, str) else tuple(scopes or ())
        token = self._client.resource_server().check(access_token, _requirement(needed))
        return TokenIntrospectionResponse(token.claims)

    def _token_introspection_request(self, access_token: str) -> TokenIntrospectionResponse:
        """What the provider says of a token, unjudged."""
        answer = self._client.resource_server().introspect(access_token)
        return TokenIntrospectionResponse(answer or {"active": False})

    # Facts.

    @property
    def session_refresh_interval_seconds(self) -> float | None:
        """After how many seconds the provider is asked again, without the person."""
        return self._provider_configuration.session_refresh_interval_seconds

    @property
    def provider_end_session_endpoint(self) -> str | None:
        """Where the provider ends its own session."""
        endpoint = self._client.relying_party().metadata().get("end_session_endpoint")
        return None if endpoint is None else str(endpoint)

    @property
    def post_logout_redirect_uris(self) -> list[str] | None:
        """Where the provider may send the browser after a logout; None before a registration."""
        metadata = self._provider_configuration.registered_client_metadata
        return None if metadata is None else metadata.get("post_logout_redirect_uris")

    def logout_url(self, id_token_jwt: str | None, post_logout_redirect_uri: str, state: str) -> str | None:
        """Where to send the browser to log out at the provider (RP-Initiated Logout 1.0 section 2)."""
        url = self._client.relying_party().logout_url(
            id_token_hint=id_token_jwt, post_logout_redirect_uri=post_logout_redirect_uri, state=state
        )
        # The ID token says whose login it is; the originals sent nothing more, and tests compare that.
        return url if url is None or not id_token_jwt else _without(url, "client_id")

    def _remember(self, login: _native.PendingLogin) -> None:
        self._logins[login.state] = login
        while len(self._logins) > _LOGINS:
            self._logins.popitem(last=False)


@functools.lru_cache(maxsize=128)
def _requirement(scopes: tuple[str, ...]) -> _native.Requirement:
    return _native.Requirement(scopes=scopes)


def _without(url: str, name: str) -> str:
    parts = urlsplit(url)
    parameters = [(key, value) for key, value in parse_qsl(parts.query) if key != name]
    return parts._replace(query=urlencode(parameters)).geturl()


def _parameters(url: str) -> dict[str, Any]:
    """The parameters in an address, those that are JSON or numbers as such."""
    read: dict[str, Any] = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if "claims" in read:
        read["claims"] = json.loads(read["claims"])
    if "max_age" in read:
        read["max_age"] = int(read["max_age"])
    return read


def _kept(name: str, value: Any) -> Any:
    """Pyoidc kept some parameters as lists."""
    return value if name in ("claims", "max_age") else as_parameter(value)


def _verified(session: _native.Session, state: str) -> IdToken:
    """The claims of the ID token; ``aud`` always is a list."""
    claims = IdToken(session.claims)
    if isinstance(claims.get("aud"), str):
        claims["aud"] = [claims["aud"]]
    claims.state = state
    return claims


def _said(error: Error) -> dict[str, str]:
    said = {
        "error": error.provider_error or "unexpected_error",
        "error_description": error.provider_error_description
        or (None if error.provider_error else error.meaning),
    }
    return {name: text for name, text in said.items() if text}

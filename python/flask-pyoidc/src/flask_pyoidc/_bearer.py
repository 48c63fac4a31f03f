"""Bearer tokens: those that come with requests, and those for requests of our own."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import flask
from countersign_oidc._common.unavailable import unavailable
from countersign_oidc.errors import NetworkError, ProviderError, TokenRefused

from flask_pyoidc._common import Extension, synchronous
from flask_pyoidc._first_generation import GUARDED_BY
from flask_pyoidc.user_session import UserSession

if TYPE_CHECKING:
    from flask_pyoidc.messages import TokenIntrospectionResponse
    from flask_pyoidc.pyoidc_facade import PyoidcFacade

logger = logging.getLogger("flask_pyoidc.flask_pyoidc")

_REFUSALS = {
    "access_token.audience": "Token is valid but required audience is missing.",
    "bearer.scope": "Token is valid but does not have required scopes.",
}


class Bearer(Extension):
    """``token_auth``, ``access_control`` and ``valid_access_token``."""

    def token_auth(
        self, provider_name: str, scopes_required: Iterable[str] | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A view for requests with an access token that has all these scopes."""
        self._known_provider(provider_name)

        def token_decorator(view_func: Callable[..., Any]) -> Callable[..., Any]:
            view = synchronous(view_func)

            @functools.wraps(view_func)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                if not self._check_authorization_header(flask.request):
                    _refuse(401, ("Bearer",))
                try:
                    client = self._client_named(provider_name)
                    answer = self.introspect_token(flask.request, client, scopes_required)
                except (NetworkError, ProviderError) as error:
                    return unavailable(error)
                if not answer:
                    _refuse(403)
                logger.info("Request has valid access token.")
                flask.g.current_token_identity = answer.to_dict()
                return view(*args, **kwargs)

            setattr(wrapper, GUARDED_BY, self)
            return wrapper

        return token_decorator

    def access_control(
        self, provider_name: str, scopes_required: Iterable[str] | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A view for both: requests with an access token, and logged-in users."""
        self._known_provider(provider_name)

        def hybrid_decorator(view_func: Callable[..., Any]) -> Callable[..., Any]:
            by_token = self.token_auth(provider_name, scopes_required)(view_func)
            by_login = self.oidc_auth(provider_name)(view_func)

            @functools.wraps(view_func)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                if self._check_authorization_header(flask.request):
                    return by_token(*args, **kwargs)
                return by_login(*args, **kwargs)

            setattr(wrapper, GUARDED_BY, self)
            return wrapper

        return hybrid_decorator

    def introspect_token(
        self, request: flask.Request, client: PyoidcFacade, scopes: Iterable[str] | None = None
    ) -> TokenIntrospectionResponse | None:
        """What the provider says of the request's token; None unless it may pass here with these scopes."""
        try:
            return client.introspected(self._parse_access_token(request), scopes)
        except TokenRefused as refused:
            logger.info(_REFUSALS.get(refused.code, str(refused)))
            _challenge(refused.challenges)
            return None

    def valid_access_token(self, force_refresh: bool = False) -> str | None:
        """The logged-in user's access token, renewed if it has expired; None if that isn't possible."""
        session = UserSession(flask.session)
        expires_at = session.access_token_expires_at
        expired = expires_at is not None and expires_at <= time.time()
        if not force_refresh and not expired:
            return session.access_token
        if not session.refresh_token:
            logger.info("no refresh token in the session, so that the access token can't be renewed")
            return None
        client = self._client_named(session.current_provider or "")
        try:
            response = client.refresh_token(session.refresh_token)
        except NetworkError as error:
            flask.abort(unavailable(error))
        if "error" in response:
            logger.info("failed to refresh access token: %s", json.dumps(dict(response)))
            return None
        session.update(
            access_token=response.get("access_token"),
            expires_in=response.get("expires_in"),
            id_token=response.get("id_token"),
            id_token_jwt=response.get("id_token_jwt"),
            refresh_token=response.get("refresh_token"),
        )
        return session.access_token

    @staticmethod
    def _check_authorization_header(request: flask.Request) -> bool:
        """Whether the request brings a bearer token (RFC 6750 section 2.1); the scheme in any case."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return True
        logger.info("Request header has no authorization field")
        return False

    @staticmethod
    def _parse_access_token(request: flask.Request) -> str:
        """The token as it came."""
        token: str = request.headers.get("Authorization", "").partition(" ")[2]
        return token.strip()


def _refuse(status: int, challenges: tuple[str, ...] = ()) -> NoReturn:
    _challenge(challenges)
    flask.abort(status)


def _challenge(challenges: tuple[str, ...]) -> None:
    """Say in the answer what is asked for, whoever writes it (RFC 6750 section 3)."""
    if not challenges:
        return

    @flask.after_this_request
    def add(response: flask.Response) -> flask.Response:
        if response.status_code in (401, 403) and "WWW-Authenticate" not in response.headers:
            for line in challenges:
                response.headers.add("WWW-Authenticate", line)
        return response

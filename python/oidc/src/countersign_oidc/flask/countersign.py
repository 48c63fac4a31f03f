"""The face itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, overload

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from countersign_oidc._native import Reply, Requirement, Token
from countersign_oidc.errors import SetupError
from countersign_oidc.flask import admission, people
from countersign_oidc.flask.error_view import ErrorView, answer
from countersign_oidc.flask.settings import Settings
from countersign_oidc.flask.state import NAME, State
from countersign_oidc.flask.user import User

if TYPE_CHECKING:
    from countersign_oidc._native import Transport

View = TypeVar("View", bound=Callable[..., Any])
RolesAt = Union[str, Sequence[str], Callable[[dict[str, Any]], Sequence[str]]]


class Countersign:
    """Logins and access tokens of one application.

    Each argument may be left to ``app.config``, where it is called ``COUNTERSIGN_`` and its name in capitals.

    ``issuer``, ``client_id``, ``client_secret``: the provider, and who this application is there. Without a
    ``client_id`` the application registers itself at the provider when it is first needed.
    ``base_url``: under which address people reach the application, such as ``https://notes.example``.
    ``secret_key``: what seals the cookies, at least 32 bytes; ``app.secret_key`` without it.
    ``audience``: what this API is called in access tokens; without it there is no API.
    ``roles``: where claims and tokens name roles: JSON pointers (RFC 6901), or a function of the claims.
    ``providers``: several providers by name, each with settings of its own; ``issuer`` is then none.

    Raises :exc:`~countersign_oidc.errors.SetupError` for a setting that can't be; a provider that is down
    is no reason to.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        issuer: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        base_url: str | None = None,
        secret_key: str | bytes | Sequence[str | bytes] | None = None,
        audience: str | Sequence[str] | None = None,
        roles: RolesAt | None = None,
        providers: Mapping[str, Mapping[str, Any]] | None = None,
        scope: str | None = None,
        lifetime: float | None = None,
        refresh_interval: float | None = None,
        after_login: str | None = None,
        trusted_proxies: Sequence[str] | None = None,
        transport: Transport | None = None,
        **others: Any,
    ) -> None:
        self._given: dict[str, Any] = {
            "issuer": issuer,
            "client_id": client_id,
            "client_secret": client_secret,
            "base_url": base_url,
            "secret_key": secret_key,
            "audience": audience,
            "roles": roles,
            "providers": providers,
            "scope": scope,
            "lifetime": lifetime,
            "refresh_interval": refresh_interval,
            "after_login": after_login,
            "trusted_proxies": trusted_proxies,
            "transport": transport,
            **others,
        }
        self._error_view: ErrorView | None = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Reads the settings and adds the routes below ``/auth``."""
        state = State(Settings.read(app.config, self._given), app)
        app.extensions[NAME] = state
        for number, (path, name) in enumerate(sorted(state.paths().items())):
            view = functools.partial(self._endpoint, name)
            app.add_url_rule(path, f"{NAME}_{number}", view, methods=METHODS, provide_automatic_options=False)
        if state.api is not None and state.api.metadata_path is not None:
            app.add_url_rule(state.api.metadata_path, f"{NAME}_metadata", self._metadata)

    @overload
    def login_required(self, view: View, /) -> View: ...

    @overload
    def login_required(
        self,
        provider: str | None = None,
        /,
        *,
        roles: Sequence[str] = (),
        any_role: Sequence[str] | None = None,
    ) -> Callable[[View], View]: ...

    def login_required(
        self,
        view: View | str | None = None,
        /,
        *,
        roles: Sequence[str] = (),
        any_role: Sequence[str] | None = None,
    ) -> View | Callable[[View], View]:
        """A view for people who have logged in: at any provider, or at the one that is named.

        Others are sent to the provider and come back to where they were going; scripts get 401. Who lacks a
        role gets 403. While the provider is down, a login is answered with 503 and ``Retry-After``.
        """
        provider = None if callable(view) else view

        def decorate(inner: View) -> View:
            call = _sync(inner)

            @functools.wraps(inner)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                refusal = self.require_login(provider, roles=roles, any_role=any_role)
                return call(*args, **kwargs) if refusal is None else refusal

            return cast("View", guarded)

        return decorate(view) if callable(view) else decorate

    def require_login(
        self, provider: str | None = None, *, roles: Sequence[str] = (), any_role: Sequence[str] | None = None
    ) -> Response | None:
        """The answer to whoever may not pass; None for the others. Also for ``before_request``."""
        reply = people.guard(self._state(), request.environ, provider, roles, any_role)
        return None if reply is None else self._answer(reply)

    @property
    def user(self) -> User | None:
        """Who is logged in. Nothing is read before this is asked."""
        return people.user(self._state(), request.environ)

    def user_of(self, provider: str) -> User | None:
        """Who is logged in at this provider."""
        return people.user(self._state(), request.environ, provider)

    @overload
    def token_required(self, view: View, /) -> View: ...

    @overload
    def token_required(
        self,
        /,
        *,
        scopes: Sequence[str] = (),
        any_scope: Sequence[str] | None = None,
        roles: Sequence[str] = (),
        any_role: Sequence[str] | None = None,
        claims: Mapping[str, Any] | None = None,
        max_age: int | None = None,
        acr_values: Sequence[str] | None = None,
        optional: bool = False,
    ) -> Callable[[View], View]: ...

    def token_required(
        self, view: View | None = None, /, *, optional: bool = False, **asked: Any
    ) -> View | Callable[[View], View]:
        """A view for programs with an access token that has all of these.

        Others get 401 or 403 with ``WWW-Authenticate`` (RFC 6750 section 3) and an error in JSON. With
        ``optional`` a request without any token passes; a bad token never does.
        """
        requirement = Requirement(**asked)

        def decorate(inner: View) -> View:
            call = _sync(inner)

            @functools.wraps(inner)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                refusal = admission.refusal(self._state(), requirement, optional=optional)
                return call(*args, **kwargs) if refusal is None else refusal

            return cast("View", guarded)

        return decorate if view is None else decorate(view)

    def require_token(self, *, optional: bool = False, **asked: Any) -> Response | None:
        """The same in the middle of a view, or as ``before_request``."""
        return admission.refusal(self._state(), Requirement(**asked), optional=optional)

    @property
    def token(self) -> Token | None:
        """The access token with which this request has passed."""
        return admission.token(self._state())

    def error_view(self, view: ErrorView) -> ErrorView:
        """The application's own page for a login that came to nothing. It gets a :class:`Problem`."""
        self._error_view = view
        return view

    def login_url(self, return_to: str | None = None, provider: str | None = None) -> str:
        """Where a login begins that comes back to this path; to the page at hand without one."""
        return self._state().site(provider).login_url(return_to or request.full_path.rstrip("?"))

    def logout_url(self, return_to: str = "/", provider: str | None = None) -> str:
        """Where the session ends, here and at the provider."""
        return self._state().site(provider).logout_url(return_to)

    def _endpoint(self, provider: str) -> Response:
        # One byte more than is read shows that it is too large.
        body = request.stream.read(LARGEST_FORM + 1) if request.method == "POST" else None
        reply = self._state().site(provider).endpoint(request.environ, body)
        return Response(status=404) if reply is None else self._answer(reply)

    def _metadata(self) -> Response:
        api = self._state().api
        reply = None if api is None else api.metadata()
        return Response(status=404) if reply is None else self._answer(reply)

    def _answer(self, reply: Reply) -> Response:
        return answer(reply, self._error_view)

    def _state(self) -> State:
        state = current_app.extensions.get(NAME)
        if not isinstance(state, State):
            raise SetupError("this application has no Countersign: call init_app(app) first")
        return state


def _sync(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view as a plain function; whether it is one is known from the start."""
    if not inspect.iscoroutinefunction(view):
        return view
    return lambda *args, **kwargs: current_app.ensure_sync(view)(*args, **kwargs)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LARGEST_FORM = 64 * 1024

"""``accept_token``: the decorator of views that take bearer tokens (RFC 6750)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import flask
from countersign_oidc._common.unavailable import unavailable
from countersign_oidc.errors import NetworkError, ProviderError
from werkzeug.exceptions import HTTPException

from flask_oidc.bearer import first_generation
from flask_oidc.bearer.current import KEY
from flask_oidc.bearer.errors import (
    MissingAuthorizationError,
    Refusal,
    UnsupportedTokenTypeError,
    refusal,
)
from flask_oidc.bearer.validator import IntrospectTokenValidator
from flask_oidc.sync import ready

if TYPE_CHECKING:
    from flask_oidc.bearer.validator import Scopes, Token
    from flask_oidc.extension import OpenIDConnect

View = Callable[..., Any]


class ResourceProtector:
    """``@oidc.accept_token()``, bare ``@oidc.accept_token``, or ``with oidc.accept_token.acquire(["a"]):``.

    ``accept_token(scopes=None, optional=False, **claims)``: a list of scopes asks for one of its entries, a
    text with blanks for all of its words; ``optional`` lets requests without a token pass as well, not those
    with a bad one.

    The form of 1.x, ``accept_token(require_token=False, scopes_required=None, render_errors=True)``, is told
    by its keywords or by a boolean in the first place; there all the scopes are required. Without any
    argument a token is required, as in 2.x.
    """

    def __init__(self) -> None:
        self._validators: dict[str, Any] = {}

    def register_token_validator(self, validator: Any) -> None:
        """The first one of its token type stays, as in Authlib."""
        self._validators.setdefault(validator.TOKEN_TYPE, validator)

    def __get__(self, oidc: OpenIDConnect | None, _owner: type | None = None) -> ResourceProtector:
        if oidc is None:
            return self
        own = _Of(oidc)
        own._validators.update(self._validators)
        # Found there from now on: this descriptor has no __set__.
        vars(oidc)["accept_token"] = own
        return own

    def __call__(
        self, scopes: Scopes | bool | View = None, optional: Any = False, *rest: Any, **claims: Any
    ) -> Any:
        """Decorate a view, or make the decorator."""
        if callable(scopes):
            return self()(scopes)
        asked = first_generation.recognised(scopes, optional, rest, claims)
        if asked is not None:
            return first_generation.decorator(asked, lambda: self._extension)
        if rest:
            raise TypeError("accept_token takes scopes and optional; claims are given by name")
        return self._decorator(scopes, bool(optional), claims)  # type: ignore[arg-type]

    def _decorator(self, scopes: Scopes, optional: bool, claims: dict[str, Any]) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            run = ready(view)

            @functools.wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                try:
                    self.acquire_token(scopes, **claims)
                except MissingAuthorizationError as error:
                    if not optional:
                        self.raise_error_response(error)
                except Exception as error:
                    if not _is_refusal(error):
                        raise
                    self.raise_error_response(error)
                return run(*args, **kwargs)

            return guarded

        return decorate

    @contextmanager
    def acquire(self, scopes: Scopes = None) -> Iterator[Token]:
        """The accepted token, within a view; otherwise the answer is the refusal."""
        try:
            token = self.acquire_token(scopes)
        except Exception as error:
            if not _is_refusal(error):
                raise
            self.raise_error_response(error)
        yield token

    def acquire_token(self, scopes: Scopes = None, **claims: Any) -> Any:
        """The token of this request, which has passed; it is then ``current_token`` too."""
        request = flask.request._get_current_object()  # type: ignore[attr-defined]
        validator, token_string = self.parse_request_authorization(request)
        token = self.ask(validator, token_string, request, scopes, claims)
        known = vars(flask.g._get_current_object())
        known[KEY] = known["oidc_token_info"] = token
        return token

    def parse_request_authorization(self, request: flask.Request) -> tuple[Any, str]:
        """The validator for the scheme of the header, and the token."""
        header = request.environ.get("HTTP_AUTHORIZATION")
        if not header:
            raise MissingAuthorizationError
        parts = header.split(None, 1)
        if len(parts) != 2 or not parts[1].strip():
            raise UnsupportedTokenTypeError
        return self.get_token_validator(parts[0]), parts[1]

    def get_token_validator(self, token_type: str) -> Any:
        """Of the application, where it registered any; else the engine's, for bearer tokens."""
        validator = (self._validators or _DEFAULTS).get(token_type.lower())
        if validator is None:
            raise UnsupportedTokenTypeError
        return validator

    def ask(
        self,
        validator: Any,
        token_string: str,
        request: flask.Request,
        scopes: Scopes,
        claims: dict[str, Any],
    ) -> Any:
        """Let this validator judge. Where it can't, for the provider's sake, the answer is 503."""
        try:
            validator.validate_request(request)
            token = validator.authenticate_token(token_string)
            validator.validate_token(token, scopes, request, **claims)
        except (NetworkError, ProviderError) as error:
            raise HTTPException(response=unavailable(error, json=True)) from error
        return token

    def raise_error_response(self, error: Any) -> Any:
        """End the request with this refusal."""
        raise refusal(error) from error

    @property
    def _extension(self) -> OpenIDConnect:
        from flask_oidc.bound import bound

        return bound().extension


class _Of(ResourceProtector):
    """The protector of one extension object."""

    def __init__(self, oidc: OpenIDConnect) -> None:
        super().__init__()
        self._oidc = oidc

    @property
    def _extension(self) -> OpenIDConnect:
        return self._oidc


_DEFAULTS = {IntrospectTokenValidator.TOKEN_TYPE: IntrospectTokenValidator()}


def _is_refusal(error: Exception) -> bool:
    """Ours, or an error of Authlib by its shape."""
    if isinstance(error, Refusal):
        return False
    return callable(error) and isinstance(getattr(error, "status_code", None), int)

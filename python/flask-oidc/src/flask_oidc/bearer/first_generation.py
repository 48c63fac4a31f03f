"""``accept_token`` as 1.x had it, without its open doors.

On 2.x ``accept_token(True, ["admin"])`` lets everybody in. Here a boolean in the first place, or one of
the old keywords, is what it was meant to be.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flask
from countersign_oidc._common.unavailable import unavailable
from countersign_oidc.errors import NetworkError, ProviderError
from werkzeug.exceptions import HTTPException

from flask_oidc.bearer.errors import InvalidRequestError, refusal
from flask_oidc.sync import ready

if TYPE_CHECKING:
    from flask_oidc.extension import OpenIDConnect

View = Callable[..., Any]

_KEYWORDS = frozenset({"require_token", "scopes_required", "render_errors"})


@dataclass(frozen=True)
class Asked:
    """The arguments of 1.x."""

    require_token: bool = False
    #: All of them.
    scopes_required: tuple[str, ...] = ()
    #: False: the error is returned as a dictionary, for a framework that renders it.
    render_errors: bool = True


def recognised(first: Any, second: Any, rest: tuple[Any, ...], named: dict[str, Any]) -> Asked | None:
    """The old form, or None when these are the arguments of 2.x."""
    if not isinstance(first, bool) and not _KEYWORDS & named.keys():
        return None
    given: dict[str, Any] = {}
    if isinstance(first, bool):
        given["require_token"] = first
    elif first is not None:
        raise TypeError("accept_token mixes the arguments of 1.x (require_token, …) and of 2.x (scopes, …)")
    # False is what stands here when nothing was given.
    if second is not False:
        given["scopes_required"] = second
    if rest:
        given["render_errors"], *more = rest
        if more:
            raise TypeError("accept_token takes require_token, scopes_required and render_errors")
    twice = given.keys() & named.keys()
    unknown = named.keys() - _KEYWORDS
    if twice or unknown:
        raise TypeError(f"accept_token: {', '.join(sorted(twice | unknown))} given twice or unknown")
    given.update(named)
    given["scopes_required"] = _words(given.get("scopes_required"))
    return Asked(**given)


def decorator(asked: Asked, extension: Callable[[], OpenIDConnect]) -> Callable[[View], View]:
    """The decorator that does what was asked; the extension is looked for at each request."""

    def decorate(view: View) -> View:
        run = ready(view)

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            token = _token()
            if token is not None or asked.require_token:
                try:
                    validity = extension().validate_token(token, list(asked.scopes_required))
                except (NetworkError, ProviderError) as error:
                    raise HTTPException(response=unavailable(error, json=True)) from error
                if validity is not True:
                    return _refused(validity, asked)
            return run(*args, **kwargs)

        return guarded

    return decorate


def _token() -> str | None:
    """The token of the header, the form or the query (RFC 6750 section 2): of one of them only."""
    request = flask.request
    found = [request.form.get("access_token"), request.args.get("access_token")]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.append(token.strip())
    given = [token for token in found if token]
    if len(given) > 1:
        raise refusal(InvalidRequestError())
    return given[0] if given else None


def _refused(validity: Any, asked: Asked) -> Any:
    why = str(validity) if isinstance(validity, str) else "Invalid token"
    body = {"error": "invalid_token", "error_description": why}
    headers = {"WWW-Authenticate": "Bearer"}
    if not asked.render_errors:
        return body, 401, headers
    return flask.Response(json.dumps(body), 401, headers, mimetype="application/json")


def _words(scopes: Iterable[str] | None) -> tuple[str, ...]:
    if scopes is None:
        return ()
    return tuple(scopes.split()) if isinstance(scopes, str) else tuple(scopes)

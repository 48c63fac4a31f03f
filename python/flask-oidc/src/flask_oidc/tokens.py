"""What the Flask session keeps about a login, and the engine's session made out of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import flask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countersign_oidc import _native

Token = dict[str, Any]

#: The token response, with ``expires_at`` and, as ``userinfo``, the claims of the ID token.
TOKEN = "oidc_auth_token"
#: The answer of the user info endpoint.
PROFILE = "oidc_auth_profile"
#: Where to go after the login that was begun last.
NEXT = "next"

#: A token is refreshed so many seconds before its end, that it doesn't end on its way to an API.
EARLY = 60.0


def of_session(session: _native.Session) -> Token:
    """The token as it is stored."""
    token: Token = {**session.token_response}
    if session.expires_at is not None:
        token["expires_at"] = int(session.expires_at)
    if session.refresh_token is not None:
        token["refresh_token"] = session.refresh_token
    token["userinfo"] = session.claims
    return token


def renewed(before: Mapping[str, Any], answer: Mapping[str, Any]) -> Token:
    """A token whose session is unknown, after its refresh."""
    token: Token = {**before, **answer}
    token.pop("expires_at", None)
    if "expires_at" in answer:
        token["expires_at"] = int(answer["expires_at"])
    elif answer.get("expires_in") is not None:
        token["expires_at"] = int(time.time()) + int(answer["expires_in"])
    return token


def to_session(token: Mapping[str, Any], client_id: str, issuer: str) -> _native.Session:
    """The engine's session again. :class:`ValueError` when the token names nobody."""
    from countersign_oidc import _native

    claims = token.get("userinfo")
    if not isinstance(claims, dict) or "sub" not in claims:
        claims = None
    profile = flask.session.get(PROFILE)
    if claims is None and isinstance(profile, dict) and "sub" in profile:
        # Written by hand, or by a release that kept no claims.
        claims = {"iss": issuer, "sub": profile["sub"]}
    refresh_token = token.get("refresh_token")
    id_token = token.get("id_token")
    return _native.Session.restore(
        claims=claims,
        id_token=str(id_token) if id_token and claims is None else None,
        access_token=str(token["access_token"]),
        client_id=client_id,
        refresh_token=str(refresh_token) if refresh_token else None,
        expires_at=ends_at(token),
        scope=str(token.get("scope") or "openid"),
    )


def ends_at(token: Mapping[str, Any]) -> float | None:
    """Seconds since 1970; None: the provider didn't say. :class:`ValueError` when it is no number."""
    end = token.get("expires_at")
    if end is None:
        return None
    try:
        return float(end)
    except TypeError:
        raise ValueError("expires_at of the stored token is no number") from None


def is_due(token: Mapping[str, Any]) -> bool:
    """Whether the token is over, or nearly so."""
    end = ends_at(token)
    return end is not None and end - EARLY < time.time()


def is_over(token: Mapping[str, Any]) -> bool:
    """Whether the access token serves no more."""
    end = ends_at(token)
    return end is not None and end <= time.time()


def stored() -> Token | None:
    """The token of this browser's session. None: nobody is logged in."""
    token = flask.session.get(TOKEN)
    return token if isinstance(token, dict) else None


def peek(context: Any) -> object:
    """The stored token of this request context, without marking the session as read.

    A page that doesn't depend on the login stays cacheable (no ``Vary: Cookie``) and costs nothing. Other
    kinds of sessions than dictionaries are read as ever.
    """
    known = vars(context)
    opened = known["_session"] if "_session" in known else known.get("session")
    return dict.get(opened, TOKEN) if isinstance(opened, dict) else flask.session.get(TOKEN)


def forget() -> None:
    """Nobody is logged in from here on."""
    flask.session.pop(TOKEN, None)
    flask.session.pop(PROFILE, None)

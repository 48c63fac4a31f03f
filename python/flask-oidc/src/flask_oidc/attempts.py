"""Logins under way: one session entry per ``state``, in Authlib's layout.

``_state_oidc_<state>`` = ``{"data": {redirect_uri, nonce, url, …}, "exp": seconds since 1970}``. The entries
of a login begun by the original finish here, and so do those that tests write by hand.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from countersign_oidc._common.pending import LIFETIME, MOST

if TYPE_CHECKING:
    from countersign_oidc import _native

Session = MutableMapping[str, Any]
Attempt = dict[str, Any]

PREFIX = "_state_oidc_"


def put(session: Session, pending: _native.PendingLogin, url: str, **more: Any) -> None:
    """Keep this login. ``more``: JSON values that are wanted when it comes back; None is left out."""
    data: Attempt = {"redirect_uri": pending.redirect_uri, "nonce": pending.nonce, "url": url}
    data.update({name: value for name, value in more.items() if value is not None})
    if pending.verifier:
        data["code_verifier"] = pending.verifier
    _prune(session)
    session[PREFIX + pending.state] = {"data": data, "exp": time.time() + LIFETIME}


def take(session: Session, state: str) -> tuple[Attempt, float] | None:
    """What was kept for this state, and when the login began. It serves once."""
    entry = session.pop(PREFIX + state, None)
    if not _is_living(entry):
        return None
    data, began = entry["data"], _end(entry) - LIFETIME
    now = time.time()
    return data, began if now - LIFETIME < began <= now else now


def pending(data: Attempt, state: str, *, client_id: str, issuer: str, began: float) -> _native.PendingLogin:
    """The engine's side of it. :class:`ValueError` when the entry isn't enough for one."""
    from countersign_oidc import _native

    request: dict[str, Any] = dict(parse_qsl(urlsplit(str(data.get("url") or "")).query))
    request.update(client_id=client_id, state=state)
    request.update({name: data[name] for name in ("redirect_uri", "nonce") if data.get(name)})
    verifier = data.get("code_verifier")
    return _native.PendingLogin.from_request(
        request, issuer=issuer, started_at=began, verifier=str(verifier) if verifier else None
    )


def _prune(session: Session) -> None:
    """Abandoned logins would fill the cookie: room for one more."""
    mine = {name: session[name] for name in list(session) if name.startswith(PREFIX)}
    living = sorted((name for name in mine if _is_living(mine[name])), key=lambda name: _end(mine[name]))
    for name in set(mine) - set(living[1 - MOST :]):
        session.pop(name, None)


def _is_living(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("data"), dict) and _end(entry) > time.time()


def _end(entry: Attempt) -> float:
    end = entry.get("exp", time.time() + LIFETIME)
    return float(end) if isinstance(end, (int, float)) else 0.0

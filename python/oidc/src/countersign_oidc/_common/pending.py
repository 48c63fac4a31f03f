"""Several logins at once in one Flask session: one entry per ``state``, few and short-lived.

Each tab that begins a login has its own entry, so that whichever comes back first finds its own. A cookie
holds about 4 kB, so there are at most :data:`MOST`, and the oldest goes first.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

#: Logins under way in one browser.
MOST = 8
#: Seconds that one may take.
LIFETIME = 3600

_BEGUN = "at"

Session = MutableMapping[str, Any]
Entry = dict[str, Any]


def put(session: Session, key: str, state: str, entry: Entry) -> None:
    """Keep this entry (JSON values) under ``session[key][state]``."""
    kept = _living(session, key)
    kept.pop(state, None)
    kept[state] = {**entry, _BEGUN: round(time.time(), 3)}
    session[key] = dict(list(kept.items())[-MOST:])


def get(session: Session, key: str, state: str) -> Entry | None:
    """The entry of this state, if it is still there and young enough."""
    return _living(session, key).get(state)


def newest(session: Session, key: str) -> Entry | None:
    """The entry that was put there last."""
    kept = _living(session, key)
    return kept[list(kept)[-1]] if kept else None


def take(session: Session, key: str, state: str) -> Entry | None:
    """The entry of this state, which is then gone, so that it serves once."""
    kept = _living(session, key)
    entry = kept.pop(state, None)
    if kept:
        session[key] = kept
    else:
        session.pop(key, None)
    return entry


def begun(entry: Entry) -> float:
    """When it was put there: seconds since 1970."""
    return float(entry[_BEGUN])


def _living(session: Session, key: str) -> dict[str, Entry]:
    """In the order of their beginning: a JSON session may have sorted them by name."""
    stored = session.get(key)
    if not isinstance(stored, dict):
        return {}
    now = time.time()
    young = [
        (state, entry)
        for state, entry in stored.items()
        if isinstance(entry, dict)
        and isinstance(entry.get(_BEGUN), (int, float))
        and now - LIFETIME < entry[_BEGUN] <= now + 60
    ]
    return dict(sorted(young, key=lambda item: item[1][_BEGUN]))

"""What is known of the request at hand, and of no other.

``flask.g`` would not do: requests that share an application context, as in tests and background jobs, share
it as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from countersign_oidc._native import Token, Visit
    from countersign_oidc.flask.state import State
    from countersign_oidc.flask.user import User

KEY = "countersign_oidc.flask"


@dataclass
class Memory:
    """Of one request to one application."""

    state: State
    token: Token | None = None
    #: By the name of the provider: the visit, and the person once somebody wants to know.
    users: dict[str, Visit | User | None] = field(default_factory=dict)


def memory(state: State, environ: dict[str, Any]) -> Memory:
    """Of this request. Another application that gets the same environment begins anew."""
    known = environ.get(KEY)
    if not isinstance(known, Memory) or known.state is not state:
        known = environ[KEY] = Memory(state)
    return known

"""Who makes this request: found out when something asks, and once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import after_this_request

from countersign_oidc._native import Reply, Visit
from countersign_oidc.flask.memory import memory
from countersign_oidc.flask.user import User

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from countersign_oidc.flask.state import State

Environ = dict[str, Any]


def user(state: State, environ: Environ, provider: str | None = None) -> User | None:
    """Who is logged in at this provider; without one, at the first where somebody is."""
    if provider is not None:
        return _user(state, environ, provider)
    for name in state.sites:
        somebody = _user(state, environ, name)
        if somebody is not None:
            return somebody
    return None


def guard(
    state: State, environ: Environ, provider: str | None, roles: Sequence[str], any_role: Sequence[str] | None
) -> Reply | None:
    """What to answer instead of the view; None for somebody who may see it."""
    name = provider if provider is not None else _whose(state, environ)
    site = state.site(name)
    if roles or any_role is not None:
        decision = site.guard(environ, roles=roles, any_role=any_role)
    else:
        decision = site.guard(environ)
    if isinstance(decision, Reply):
        return decision
    _keep(state, environ, name, decision)
    return None


def _whose(state: State, environ: Environ) -> str:
    """The provider at which somebody is logged in; the usual one where nobody is."""
    if len(state.sites) > 1:
        somebody = user(state, environ)
        if somebody is not None:
            return somebody.provider
    return next(iter(state.sites))


def _user(state: State, environ: Environ, name: str) -> User | None:
    known = memory(state, environ).users
    if name not in known:
        _keep(state, environ, name, state.site(name).visit(environ))
    somebody = known[name]
    if isinstance(somebody, Visit):
        session = somebody.session
        known[name] = somebody = None if session is None else User(somebody, session, name)
    return somebody


def _keep(state: State, environ: Environ, name: str, visit: Visit) -> None:
    memory(state, environ).users[name] = visit
    after_this_request(functools.partial(_complete, visit))


def _complete(visit: Visit, response: Response) -> Response:
    """Renewed cookies, and that no shared cache may give this answer to others."""
    headers = response.headers
    # Headers.get() raises and catches an error of its own for what is not there.
    own = {name.lower(): value for name, value in headers}
    for name, value in visit.headers(own.get("cache-control")):
        if name == "vary" and name in own:
            response.vary.add(value)
        elif name == "cache-control" and name in own:
            headers["Cache-Control"] = value
        else:
            headers.add(name.title(), value)
    return response

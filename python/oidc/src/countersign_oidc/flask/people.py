"""Who makes this request: found out when something asks, and once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import after_this_request, request

from countersign_oidc._native import Reply, Visit
from countersign_oidc.flask.memory import memory
from countersign_oidc.flask.user import User

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from countersign_oidc.flask.state import State


def user(state: State, provider: str | None = None) -> User | None:
    """Who is logged in at this provider; without one, at the first where somebody is."""
    if provider is not None:
        return _user(state, provider)
    for name in state.sites:
        somebody = _user(state, name)
        if somebody is not None:
            return somebody
    return None


def guard(
    state: State, provider: str | None, roles: tuple[str, ...], any_role: Sequence[str] | None
) -> Reply | None:
    """What to answer instead of the view; None for somebody who may see it."""
    name = provider if provider is not None else _whose(state)
    site = state.site(name)
    if roles or any_role is not None:
        decision = site.guard(request.environ, roles=roles, any_role=any_role)
    else:
        decision = site.guard(request.environ)
    if isinstance(decision, Reply):
        return decision
    _keep(state, name, decision)
    return None


def _whose(state: State) -> str:
    """The provider at which somebody is logged in; the usual one where nobody is."""
    if len(state.sites) > 1:
        somebody = user(state)
        if somebody is not None:
            return somebody.provider
    return next(iter(state.sites))


def _user(state: State, name: str) -> User | None:
    users = memory(state).users
    if name not in users:
        _keep(state, name, state.site(name).visit(request.environ))
    return users[name]


def _keep(state: State, name: str, visit: Visit) -> None:
    session = visit.session
    memory(state).users[name] = None if session is None else User(visit, session, name)

    def complete(response: Response) -> Response:
        for header, value in visit.headers(response.headers.get("Cache-Control")):
            if header == "cache-control":
                response.headers["Cache-Control"] = value
            elif header == "vary":
                response.vary.add(value)
            else:
                response.headers.add(header, value)
        return response

    after_this_request(complete)

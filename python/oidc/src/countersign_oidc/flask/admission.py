"""Access tokens in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from countersign_oidc._native import Reply, Requirement, Token
from countersign_oidc.errors import SetupError
from countersign_oidc.flask.error_view import answer
from countersign_oidc.flask.memory import memory

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from countersign_oidc.flask.state import State


def refusal(state: State, requirement: Requirement, *, optional: bool) -> Response | None:
    """The answer to a request that may not pass; None for one that may, and whose token is then kept."""
    if state.api is None:
        raise SetupError(
            "token_required needs an audience (COUNTERSIGN_AUDIENCE): what this API is called in tokens"
        )
    environ = request.environ
    passed = memory(state, environ).token
    if passed is not None:
        # A proof of possession is good for one look, and so is the rest.
        reply = state.api.require(passed, requirement)
        return None if reply is None else answer(reply, None)
    admitted = state.api.admit(environ, requirement, optional=optional)
    if isinstance(admitted, Reply):
        return answer(admitted, None)
    if admitted is None and not optional:
        # A CORS preflight, which brings no token. Anybody can send what looks like one, so no view runs.
        return current_app.make_default_options_response()
    memory(state, environ).token = admitted
    return None


def token(state: State) -> Token | None:
    """The token with which this request has passed."""
    return memory(state, request.environ).token

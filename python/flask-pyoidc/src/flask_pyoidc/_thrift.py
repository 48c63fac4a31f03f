"""Permanent sessions without a new cookie in every answer.

Flask signs and sends the cookie of a permanent session again with each answer, so that its lifetime begins
anew. That costs more than reading it. A cookie that was made a moment ago says nearly the same.
"""

from __future__ import annotations

import time
from typing import Any

import flask
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, bytes_to_int

#: Seconds that a cookie stays as it is, and the part of its lifetime where that is shorter.
KEPT = 60
PART = 100


class ThriftySessions(SecureCookieSessionInterface):
    """As Flask's own, but an unchanged session gets a new cookie only when the last one has some age."""

    def __init__(self) -> None:
        self._made: tuple[Any, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: flask.Flask) -> URLSafeTimedSerializer | None:
        """The same for all requests, while the secrets stay."""
        secrets = app.secret_key, tuple(app.config.get("SECRET_KEY_FALLBACKS") or ())
        made_of, serializer = self._made
        if made_of != secrets:
            serializer = super().get_signing_serializer(app)
            self._made = secrets, serializer
        return serializer

    def should_set_cookie(self, app: flask.Flask, session: SessionMixin) -> bool:
        """Whether this answer carries the cookie."""
        if not super().should_set_cookie(app, session):
            return False
        return session.modified or self._age(app) >= min(
            KEPT, app.permanent_session_lifetime.total_seconds() / PART
        )

    def _age(self, app: flask.Flask) -> float:
        """Of the cookie that came, whose signature was checked when the session was opened."""
        cookie = flask.request.cookies.get(self.get_cookie_name(app), "")
        try:
            return time.time() - bytes_to_int(base64_decode(cookie.rsplit(".", 2)[1]))
        except (IndexError, ValueError):
            return float("inf")


def spare(app: flask.Flask) -> None:
    """Let the application's sessions be thrifty, if they are Flask's own."""
    if type(app.session_interface) is SecureCookieSessionInterface:
        app.session_interface = ThriftySessions()

"""Flask's sessions with less work in each request.

Flask signs and sends the cookie of a permanent session again with each answer, so that its lifetime begins
anew, and it checks and unpacks the same cookie at each request. Here a cookie that was made a moment ago is
left as it is, and the last ones that were checked are remembered, byte for byte.
"""

from __future__ import annotations

import marshal
import time
from typing import Any

import flask
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, bytes_to_int

#: Seconds that a cookie stays as it is, and the part of its lifetime where that is shorter.
KEPT = 60
PART = 100
#: Cookies that are remembered, of 4 kB at most.
REMEMBERED = 512


class ThriftySession(SecureCookieSession):
    """A session that knows its cookie."""

    #: When it was made: seconds since 1970.
    made_at: float = 0
    #: What is in it, if that is plain.
    packed: bytes | None = None

    def is_as_it_came(self) -> bool:
        """Whether the cookie says the same. What was changed below the top is never told of by ``modified``,
        and yet Flask keeps it in a permanent session, as that one is always written.
        """
        return not self.modified and self.packed is not None and _packed(self) == self.packed


class ThriftySessions(SecureCookieSessionInterface):
    """As Flask's own. What an application sees of a session is the same."""

    session_class = ThriftySession

    def __init__(self) -> None:
        self._made: tuple[Any, URLSafeTimedSerializer | None] = (None, None)
        self._checked: dict[str, tuple[float, bytes]] = {}

    def open_session(self, app: flask.Flask, request: flask.Request) -> SecureCookieSession | None:
        """The session of the request's cookie, whose signature and age are checked."""
        serializer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not cookie:
            return super().open_session(app, request)
        checked = self._checked
        known = checked.get(cookie)
        # An older one is left to be refused by Flask.
        if known is None or int(time.time()) - known[0] > app.permanent_session_lifetime.total_seconds():
            return self._check(app, request, cookie, checked)
        session = ThriftySession(marshal.loads(known[1]))  # noqa: S302 - our own bytes, from this memory
        session.made_at, session.packed = known
        return session

    def _check(
        self, app: flask.Flask, request: flask.Request, cookie: str, checked: dict[str, tuple[float, bytes]]
    ) -> SecureCookieSession | None:
        session = super().open_session(app, request)
        if isinstance(session, ThriftySession) and session:
            session.made_at, session.packed = _made_at(cookie), _packed(session)
            if session.packed is not None:
                if len(checked) >= REMEMBERED:
                    checked.clear()
                checked[cookie] = session.made_at, session.packed
        return session

    def get_signing_serializer(self, app: flask.Flask) -> URLSafeTimedSerializer | None:
        """The same for all requests, while the secrets stay."""
        secrets = app.secret_key, tuple(app.config.get("SECRET_KEY_FALLBACKS") or ())
        made_of, serializer = self._made
        if made_of != secrets:
            serializer = super().get_signing_serializer(app)
            self._checked = {}
            self._made = secrets, serializer
        return serializer

    def should_set_cookie(self, app: flask.Flask, session: SessionMixin) -> bool:
        """Whether this answer carries the cookie."""
        if not super().should_set_cookie(app, session):
            return False
        if not isinstance(session, ThriftySession) or not session.is_as_it_came():
            return True
        lifetime = app.permanent_session_lifetime.total_seconds()
        return time.time() - session.made_at >= min(KEPT, lifetime / PART)


def spare(app: flask.Flask) -> None:
    """Let the application's sessions be thrifty, if they are Flask's own."""
    if type(app.session_interface) is SecureCookieSessionInterface:
        app.session_interface = ThriftySessions()


def _packed(session: ThriftySession) -> bytes | None:
    """The same bytes for the same content; None for what only Flask can pack, such as a date."""
    try:
        # Of this version, as later ones depend on who else holds a value.
        return marshal.dumps(dict(session), 2)
    except ValueError:
        return None


def _made_at(cookie: str) -> float:
    """The time in a cookie whose signature was checked."""
    return bytes_to_int(base64_decode(cookie.rsplit(".", 2)[1]))

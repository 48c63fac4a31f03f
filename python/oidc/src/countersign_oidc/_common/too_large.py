"""A session cookie that browsers drop is noticed when it is made.

Flask keeps the session in the cookie itself. Beyond about 4 kB browsers throw it away without a word, and
the person logs in again and again. The log then says what happened and what helps.
"""

from __future__ import annotations

import logging

import flask
from flask.sessions import SecureCookieSessionInterface

#: Bytes of name and value that every browser keeps (RFC 6265 section 6.1 asks for 4,096 with all around it).
LIMIT = 4093

logger = logging.getLogger(__name__)
_told: set[str] = set()


def notice() -> None:
    """To be called after something was stored in the session: the answer to this request is measured."""
    flask.after_this_request(_measure)


def _measure(response: flask.Response) -> flask.Response:
    app = flask.current_app
    interface = app.session_interface
    # What other interfaces put into the cookie is the name of a record on the server.
    if not isinstance(interface, SecureCookieSessionInterface):
        return response
    name = interface.get_cookie_name(app)
    serializer = interface.get_signing_serializer(app)
    if name in _told or serializer is None or not flask.session.modified:
        return response
    size = len(name) + 1 + len(serializer.dumps(dict(flask.session)))
    if size > LIMIT:
        _told.add(name)
        logger.error(
            "The session cookie %r has %d bytes; browsers drop it beyond %d, and the login is lost at the "
            "next request. Keep the session on the server (Flask-Session), or ask the provider for less: "
            "fewer scopes, fewer claims and groups in the ID token and in the user info answer.",
            name,
            size,
            LIMIT,
        )
    return response

"""What holds for every Flask application with a login: its key, its session cookie."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from .finding import Finding, ok, warning, wrong


def examine(app: Flask, https: bool) -> list[Finding]:
    """For applications that keep a login in Flask's session; ``https`` if people reach them so."""
    return [*_secret_key(app), *_cookie(app, https), *_store(app)]


def _secret_key(app: Flask) -> list[Finding]:
    key = app.secret_key
    if not key:
        return [
            wrong(
                "SECRET_KEY",
                "no SECRET_KEY is set: there can be no session, and so no login",
                "set it to the output of: python -c 'import secrets; print(secrets.token_hex(32))'",
                "SECRET_KEY",
            )
        ]
    length = len(key if isinstance(key, bytes) else str(key).encode())
    if length < _SHORTEST:
        return [
            warning(
                "SECRET_KEY",
                f"SECRET_KEY has {length} bytes: whoever guesses it can log in as anybody",
                "set it to the output of: python -c 'import secrets; print(secrets.token_hex(32))'",
                "SECRET_KEY",
            )
        ]
    return [ok("SECRET_KEY", "is set")]


def _cookie(app: Flask, https: bool) -> list[Finding]:
    config = app.config
    found = []
    same_site = str(config.get("SESSION_COOKIE_SAMESITE") or "").lower()
    if same_site == "strict":
        found.append(
            wrong(
                "session_cookie",
                "SESSION_COOKIE_SAMESITE is Strict: the browser leaves the session out when it comes back "
                "from "
                "the provider, and no login can end",
                "set it to Lax",
                "SESSION_COOKIE_SAMESITE",
            )
        )
    if not same_site:
        found.append(
            warning(
                "session_cookie",
                "SESSION_COOKIE_SAMESITE is not set",
                "set it to Lax",
                "SESSION_COOKIE_SAMESITE",
            )
        )
    if https and not config.get("SESSION_COOKIE_SECURE"):
        found.append(
            warning(
                "session_cookie",
                "SESSION_COOKIE_SECURE is off although the application is reached by https",
                "switch it on",
                "SESSION_COOKIE_SECURE",
            )
        )
    if not config.get("SESSION_COOKIE_HTTPONLY", True):
        found.append(
            warning(
                "session_cookie",
                "SESSION_COOKIE_HTTPONLY is off: scripts can read the session, and with it the tokens",
                "switch it on",
                "SESSION_COOKIE_HTTPONLY",
            )
        )
    return found or [ok("session_cookie", "is sent as it should be")]


def _store(app: Flask) -> list[Finding]:
    interface: Any = app.session_interface
    if not isinstance(interface, SecureCookieSessionInterface):
        return [ok("session", f"is kept by {type(interface).__name__}, outside the cookie")]
    return [
        warning(
            "session",
            "is kept in a signed cookie: tokens and claims stand in it, which the person can read, and a "
            "browser "
            "drops it when it has more than 4,093 bytes",
            "keep sessions on the server (Flask-Session), or ask for fewer scopes and claims",
            "SESSION_TYPE",
        )
    ]


_SHORTEST = 16

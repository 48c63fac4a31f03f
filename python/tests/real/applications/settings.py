"""What the environment says to all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Response

ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
CLIENT_SECRET = os.environ["CLIENT_SECRET"]
WARM = os.environ.get("WARM")
REDIS = os.environ.get("REDIS")
SHARED = os.environ.get("SHARED")


def keep_sessions_in_redis(app: Flask) -> None:
    """Where ``REDIS`` names one: a small cookie, and everything else on the server."""
    if REDIS is None:
        return
    import redis
    from flask_session import Session

    app.config.update(SESSION_TYPE="redis", SESSION_REDIS=redis.Redis.from_url(REDIS))
    Session(app)


def ready(app: Flask, path: str, headers: dict[str, str] | None = None) -> Flask:
    """Answers say which process they come from. ``WARM`` has this path asked for before the fork:

    what is open then, and which lock is held, is what a child must not rely on.
    """

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Pid"] = str(os.getpid())
        return response

    if WARM:
        answer = app.test_client().get(path, headers={"Accept": "text/html", **(headers or {})})
        assert answer.status_code < 400, answer.text
    return app

"""What is measured: one kind of request to one application."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from support.provider import FakeProvider

MOST_STEPS = 12


@dataclass
class Case:
    name: str
    app: Flask
    path: str
    baseline: str | None = None  # the name of another case of this side
    status: int = 200
    headers: Iterator[Mapping[str, str]] = field(default_factory=lambda: cycle([{}]))

    def environ(self) -> dict[str, Any]:
        """A request as a server hands it over (PEP 3333)."""
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT": "*/*",
            "HTTP_USER_AGENT": "bench",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **next(self.headers),
        }


def bearer(tokens: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """These, one request each, over and over."""
    return cycle([{"HTTP_AUTHORIZATION": f"Bearer {token}"} for token in tokens])


def cookie(value: str) -> Iterator[Mapping[str, str]]:
    return cycle([{"HTTP_COOKIE": value}])


def application(**config: Any) -> Flask:
    """With a view that nothing protects."""
    app = Flask("measured")
    app.config.update(SECRET_KEY="0123456789abcdef0123456789abcdef", **config)

    @app.get("/unprotected")
    def unprotected() -> str:
        return "ok"

    return app


def log_in(app: Flask, provider: FakeProvider, path: str) -> str:
    """The cookies of somebody who has logged in there."""
    client = app.test_client()
    url = path
    for _ in range(MOST_STEPS):
        answer = client.get(url, headers={"Accept": "text/html"})
        if answer.status_code == 200:
            return client.get(path).request.environ["HTTP_COOKIE"]
        url = answer.headers["Location"]
        if url.startswith(provider.metadata["authorization_endpoint"]):
            url = provider.authorize(url)
        parts = urlsplit(url)
        url = parts.path + (f"?{parts.query}" if parts.query else "")
    raise SystemExit(f"nobody can log in at {path}: it redirects to {url}")

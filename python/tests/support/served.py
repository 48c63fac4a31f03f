"""A :class:`FakeProvider` behind a real socket, for what goes out by the engine's own transport."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

from support.provider import Answer, FakeProvider, Unreachable

#: Called before the provider answers; an answer of its own goes first.
Before = Callable[[str, str, bytes], Optional[Answer]]


@contextmanager
def served(before: Before | None = None, **settings: Any) -> Iterator[FakeProvider]:
    """A provider at a free port of this machine, until the end of the block.

    What is in ``unreachable`` gets no answer: the connection is closed.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            address = provider.issuer + self.path
            own = before(self.command, self.path, body) if before else None
            try:
                status, headers, content = own or provider.handle(
                    self.command, address, dict(self.headers.items()), body
                )
            except Unreachable:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in [*headers, ("Content-Length", str(len(content)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 (the base class names it)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = FakeProvider(f"http://127.0.0.1:{server.server_address[1]}", **settings)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

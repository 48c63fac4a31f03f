"""The scripted provider behind a real socket, for applications in processes of their own."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from support.provider import FakeProvider

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serve_provider() -> Iterator[FakeProvider]:
    """A provider on a free port of the loopback; its issuer is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    provider = FakeProvider(issuer=f"http://127.0.0.1:{server.server_port}")
    server.provider = provider
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        status, answered, content = provider.handle(self.command, provider.issuer + self.path, headers, body)
        self.send_response(status)
        for name, value in answered:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_args: object) -> None:
        """Says nothing; what arrived is in the provider's ``requests``."""

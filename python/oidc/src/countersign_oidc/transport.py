"""Requests to the provider by way of ``requests``.

An application's session keeps what was set at it: proxies, certificates, adapters, headers. What belongs
to one person never gets into another one's request: neither cookies nor the credentials of ``.netrc``.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from countersign_oidc.errors import Failure, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from countersign_oidc._native import Request

__all__ = ["RequestsTransport"]


class RequestsTransport:
    """A ``transport=`` for the engine. Without a session of the application's it has one of its own."""

    def __init__(self, session: requests.Session | None = None) -> None:
        self._session = session
        self._process = os.getpid()

    def __call__(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body; :class:`TransportFailure` when there is no such answer."""
        import requests

        ends_at = time.monotonic() + request.timeout
        try:
            response = self._send(request)
        except requests.exceptions.RequestException as error:
            raise _failure(error) from None
        try:
            body = _read(response, request.limit, ends_at)
        except requests.exceptions.RequestException as error:
            raise _failure(error) from None
        finally:
            response.close()
        return response.status_code, _headers(response), body

    def _send(self, request: Request) -> requests.Response:
        import requests

        session = self._session_of_process()
        headers = {"Accept-Encoding": "identity", **dict(request.headers)}
        asked = requests.Request(request.method, request.url, headers, data=request.body, auth=_as_it_is)
        prepared = session.prepare_request(asked)
        # Those of the last person who came by.
        prepared.headers.pop("Cookie", None)
        settings = session.merge_environment_settings(prepared.url, {}, True, None, None)
        return session.send(prepared, timeout=request.timeout, allow_redirects=False, **settings)

    def _session_of_process(self) -> requests.Session:
        if self._session is None:
            import requests

            self._session = requests.Session()
        elif self._process != os.getpid():
            # Connections can't be shared with the parent process; the session makes new ones.
            self._session.close()
        self._process = os.getpid()
        return self._session

    def __repr__(self) -> str:
        return "RequestsTransport()"


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Says that the request authenticates itself: a session's own way, or ``.netrc``, would replace it."""
    return prepared


def _read(response: requests.Response, limit: int, ends_at: float) -> bytes:
    """The body as it came, up to the limits of bytes and of time."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        return b""  # Not asked for; the engine refuses it by its header, and nobody unpacks it.
    body = bytearray()
    for chunk in _chunks(response):
        body += chunk
        if len(body) > limit:
            raise TransportFailure("too_large", f"more than {limit} bytes")
        if time.monotonic() > ends_at:
            raise TransportFailure("timeout", "the answer took too long")
    return bytes(body)


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What has arrived, piece by piece: to wait for whole pieces could take as long as a server likes."""
    from urllib3.exceptions import HTTPError

    read = getattr(response.raw, "read1", None)
    if read is None:
        yield from response.iter_content(_PIECE)
        return
    try:
        while chunk := read(_PIECE):
            yield chunk
    except HTTPError as error:
        raise _failure(error) from None


def _headers(response: requests.Response) -> list[tuple[str, str]]:
    """Those that came twice stay twice, where that is known."""
    raw = getattr(response.raw, "headers", None)
    return [(str(name), str(value)) for name, value in (response.headers if raw is None else raw).items()]


def _failure(error: Exception) -> TransportFailure:
    """By kind and by the class's name: the text of such an exception has the whole address in it."""
    import requests
    import urllib3

    kinds: tuple[tuple[Failure, tuple[type[Exception], ...]], ...] = (
        ("timeout", (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)),
        ("tls", (requests.exceptions.SSLError, urllib3.exceptions.SSLError)),
        ("cut", (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError)),
    )
    for kind, classes in kinds:
        if isinstance(error, classes):
            return TransportFailure(kind, type(error).__name__)
    return TransportFailure("unreachable", type(error).__name__)


_PIECE = 65536

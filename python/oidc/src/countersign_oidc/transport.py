"""Requests to the provider by way of ``requests``.

An application's session keeps what was set at it: proxies, certificates, adapters, headers. What belongs
to one person never gets into another one's request: neither cookies nor the credentials of ``.netrc``.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from countersign_oidc.errors import Failure, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import requests

    from countersign_oidc._native import Request

__all__ = ["RequestsTransport"]


class RequestsTransport:
    """A ``transport=`` for the engine. Without a session of the application's it has one of its own."""

    def __init__(self, session: requests.Session | None = None) -> None:
        self._session = session
        self._process = os.getpid()
        self._known: dict[str, tuple[object, Any]] = {}

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
        return response.status_code, _headers_of(response), body

    def _send(self, request: Request) -> requests.Response:
        session = self._session_of_process()
        if _is_plain(session):
            return self._send_directly(session, request)
        import requests

        asked = requests.Request(
            request.method, request.url, _headers(request), data=request.body, auth=_as_it_is
        )
        prepared = session.prepare_request(asked)
        # Those of the last person who came by.
        prepared.headers.pop("Cookie", None)
        settings = session.merge_environment_settings(prepared.url, {}, True, None, None)
        return session.send(prepared, timeout=request.timeout, allow_redirects=False, **settings)

    def _send_directly(self, session: requests.Session, request: Request) -> requests.Response:
        """What a session would do with a request that is complete, in a fraction of the time."""
        import requests

        prepared = requests.PreparedRequest()
        prepared.method, prepared.url = request.method, request.url
        prepared.hooks = {"response": []}
        headers = {"accept-encoding": "identity", **dict(request.headers)}  # in lower case
        if request.method != "GET":
            prepared.body = request.body
            headers["content-length"] = str(len(request.body))
        lowered: Any = session.headers  # CaseInsensitiveDict: see _is_plain
        for name, value in lowered.lower_items():
            if name not in headers and name != "cookie":
                headers[name] = value
        prepared.headers = requests.structures.CaseInsensitiveDict()
        for name, value in headers.items():
            prepared.headers[name] = value
        adapter = session.get_adapter(request.url)
        return adapter.send(prepared, timeout=request.timeout, **self._settings(session, request.url))

    def _settings(self, session: requests.Session, url: str) -> Any:
        """Proxies and certificates, read again when something changed that they depend on."""
        origin = url[: url.find("/", 8)]
        depends_on = (
            session.trust_env,
            session.verify,
            session.cert,
            *session.proxies.items(),
            *_environment(),
        )
        known = self._known.get(origin)
        if known is None or known[0] != depends_on:
            settings = session.merge_environment_settings(url, {}, True, None, None)
            if len(self._known) >= _MOST_ORIGINS:
                self._known.clear()
            known = self._known[origin] = (depends_on, settings)
        return known[1]

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


def _is_plain(session: requests.Session) -> bool:
    """Whether nothing was put into the way of a request: no class, hook or patch of the application's."""
    import requests

    return (
        type(session) is requests.Session
        and sys.platform not in ("darwin", "win32")  # Their proxies stand elsewhere than in the environment.
        and type(session.headers) is requests.structures.CaseInsensitiveDict
        and not (session.auth or session.params or session.hooks["response"])
        and session.__dict__.keys().isdisjoint(_STEPS)
        and _is_untouched(requests.Session)
    )


def _is_untouched(session: type[requests.Session]) -> bool:
    """Whether its methods are those of ``requests``, by the place of their code: wrappers copy the rest."""
    global _untouched
    steps = [getattr(session, name, None) for name in _STEPS]
    if steps == _untouched:
        return True
    files = {getattr(getattr(step, "__code__", None), "co_filename", None) for step in steps}
    if files != {sys.modules[session.__module__].__file__}:
        return False
    _untouched = steps
    return True


def _environment() -> Iterable[object]:
    """What the environment says of proxies and certificates, at a look for each request."""
    raw = getattr(os.environ, "_data", None)  # To decode each one takes longer than all else here.
    return map(os.environ.get, _ENVIRONMENT) if raw is None else map(raw.get, _RAW_ENVIRONMENT)


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
    length = response.headers.get("Content-Length", "")
    left = int(length) if length.isdecimal() else -1
    try:
        while left and (chunk := read(_PIECE)):
            left -= len(chunk)
            yield chunk
    except HTTPError as error:
        raise _failure(error) from None


def _headers(request: Request) -> dict[str, str]:
    return {"Accept-Encoding": "identity", **dict(request.headers)}


def _headers_of(response: requests.Response) -> list[tuple[str, str]]:
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
_MOST_ORIGINS = 16
#: The way of a request through a session.
_STEPS = ("request", "prepare_request", "merge_environment_settings", "send")
_untouched: list[Any] | None = None
#: What the environment says of proxies and certificates.
_ENVIRONMENT = (
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)
_RAW_ENVIRONMENT = [os.fsencode(name) for name in _ENVIRONMENT]

"""Requests by way of an application's ``requests`` session."""

from __future__ import annotations

import functools
import gzip
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import responses
from countersign_oidc import NetworkError, ProviderError, RequestsTransport
from oidc.scene import query, relying_party
from support.served import served

WELL_KNOWN = "https://op.example.com/.well-known/openid-configuration"


@pytest.fixture
def session():
    with requests.Session() as session:
        yield session


def test_a_login_goes_through_responses(provider):
    party = relying_party(provider, transport=RequestsTransport())
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        url, pending = party.begin()
        session = party.complete(pending, query(provider.authorize(url)))
        assert party.refresh(session).subject == "alice"
    sent = provider.requests_to("token")[0]
    assert sent.basic == (provider.client_id, provider.client_secret)
    assert sent.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (requests.exceptions.ConnectTimeout("x"), "network.timeout"),
        (requests.exceptions.ReadTimeout("x"), "network.timeout"),
        (requests.exceptions.SSLError("x"), "network.tls"),
        (requests.exceptions.ConnectionError("x"), "network.unreachable"),
        (requests.exceptions.ProxyError("http://user:password@proxy"), "network.unreachable"),
        (requests.exceptions.ChunkedEncodingError("x"), "network.cut"),
    ],
)
def test_an_exception_of_requests_keeps_its_kind(provider, raised, code):
    party = relying_party(provider, transport=RequestsTransport())
    with responses.RequestsMock() as mock:
        mock.get(WELL_KNOWN, body=raised)
        with pytest.raises(NetworkError) as caught:
            party.begin()
    assert caught.value.code == code
    assert "password" not in str(caught.value)


def test_a_redirect_is_an_answer_and_not_followed(provider):
    party = relying_party(provider, transport=RequestsTransport())
    with responses.RequestsMock() as mock:
        mock.get(WELL_KNOWN, status=302, headers={"Location": "https://evil.example/"})
        with pytest.raises(ProviderError) as caught:
            party.begin()
    assert caught.value.code == "provider.redirect"


def test_a_compressed_answer_is_refused_and_not_unpacked(provider):
    party = relying_party(provider, transport=RequestsTransport())
    with responses.RequestsMock() as mock:
        packed = gzip.compress(b" " * 100_000_000)
        mock.get(WELL_KNOWN, body=packed, headers={"Content-Encoding": "gzip"})
        with pytest.raises(ProviderError) as caught:
            party.begin()
    assert caught.value.code == "provider.encoding"


def test_what_is_set_at_the_session_goes_along_but_for_credentials_and_cookies(
    session, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password thief\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with served() as provider:
        session.headers["X-Gateway"] = "g"
        session.auth = ("session", "session")
        session.cookies.set("provider", "of-somebody-else")
        provider.answer_headers["token"] = [("Set-Cookie", "sso=of-alice; Path=/")]
        party = relying_party(provider, transport=RequestsTransport(session))
        url, pending = party.begin()
        party.complete(pending, query(provider.authorize(url)))

    sent = provider.requests_to("token")[0]
    assert sent.basic == (provider.client_id, provider.client_secret)
    assert sent.headers["x-gateway"] == "g"
    assert all("cookie" not in request.headers for request in provider.requests)
    assert provider.requests_to("userinfo")[0].bearer is not None
    assert "authorization" not in provider.requests_to("discovery")[0].headers


def test_a_patch_that_was_there_first_is_passed(provider, monkeypatch):
    seen = []
    real = requests.Session.send

    @functools.wraps(real)
    def patched(self, request, **settings):
        seen.append(request.url)
        return real(self, request, **settings)

    monkeypatch.setattr("countersign_oidc.transport._untouched", None)
    monkeypatch.setattr(requests.Session, "send", patched)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        relying_party(provider, transport=RequestsTransport()).metadata()
    assert seen == [WELL_KNOWN]


@pytest.mark.parametrize("where", ["hook", "subclass", "class", "instance", "auth"])
def test_what_an_application_puts_into_the_way_is_passed(provider, monkeypatch, where):
    seen = []

    class Own(requests.Session):
        def send(self, request, **settings):
            seen.append(request.url)
            return super().send(request, **settings)

    real = requests.Session.send

    def patched(self, request, **settings):
        seen.append(request.url)
        return real(self, request, **settings)

    session = Own() if where == "subclass" else requests.Session()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        transport = RequestsTransport(session)
        relying_party(provider, transport=transport).metadata()
        seen.clear()
        if where == "hook":
            session.hooks["response"].append(lambda response, **settings: seen.append(response.url))
        elif where == "class":
            monkeypatch.setattr(requests.Session, "send", patched)
        elif where == "instance":
            monkeypatch.setattr(session, "send", lambda *a, **s: patched(session, *a, **s))
        elif where == "auth":
            session.auth = lambda request: seen.append(request.url) or request
        relying_party(provider, transport=transport).metadata()
    # A session's own credentials would replace those of the client.
    assert seen == ([] if where == "auth" else [WELL_KNOWN])


def test_a_proxy_that_is_set_later_is_used(session, monkeypatch):
    with served() as provider:
        party = relying_party(provider, transport=RequestsTransport(session))
        party.metadata()
        token = provider.opaque_token()
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        with pytest.raises(NetworkError) as caught:
            party.user_info(token, None)
        assert caught.value.code == "network.unreachable"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert party.user_info(token, None)["sub"] == "alice"
        session.proxies["http"] = provider.issuer
        with pytest.raises(ProviderError):
            party.user_info(token, None)
        assert provider.requests[-1].url.endswith(f"{provider.issuer}/userinfo"), "as to a proxy"


def test_a_missing_server_is_unreachable(session):
    with served() as provider:
        party = relying_party(provider, transport=RequestsTransport(session))
    with pytest.raises(NetworkError) as caught:
        party.begin()
    assert caught.value.code == "network.unreachable"


class Slow(BaseHTTPRequestHandler):
    """Byte by byte, or without end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.over.is_set():  # type: ignore[attr-defined]
                self.wfile.write(b" " * (1_000_000 if self.path == "/endless" else 1))
                self.wfile.flush()
                if self.path == "/drops":
                    self.server.over.wait(0.02)  # type: ignore[attr-defined]
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def slow():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.over = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


class Request:
    """What the engine hands to a transport."""

    endpoint = "test"
    method = "GET"
    headers: list[tuple[str, str]] = []
    body = b""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self.url = url
        self.timeout = timeout
        self.limit = 1000


def test_an_answer_in_drops_lasts_no_longer_than_the_limit(slow, session):
    from countersign_oidc import TransportFailure

    began = time.monotonic()
    with pytest.raises(TransportFailure) as caught:
        RequestsTransport(session)(Request(f"{slow}/drops", timeout=0.3))  # type: ignore[arg-type]
    assert caught.value.kind == "timeout"
    assert time.monotonic() - began < 5


def test_an_answer_without_end_is_too_large(slow, session):
    from countersign_oidc import TransportFailure

    with pytest.raises(TransportFailure) as caught:
        RequestsTransport(session)(Request(f"{slow}/endless"))  # type: ignore[arg-type]
    assert caught.value.kind == "too_large"


def test_a_child_process_has_connections_of_its_own(session):
    with served() as provider:
        transport = RequestsTransport(session)
        discovery = f"{provider.issuer}/.well-known/openid-configuration"
        transport(Request(discovery))  # type: ignore[arg-type]
        before = session.get_adapter(discovery).poolmanager.pools.keys()  # type: ignore[attr-defined]
        assert len(before) == 1
        child = os.fork()
        if child == 0:
            transport._session_of_process()
            left = session.get_adapter(discovery).poolmanager.pools.keys()  # type: ignore[attr-defined]
            os._exit(len(left))
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert transport(Request(discovery))[0] == 200  # type: ignore[arg-type]

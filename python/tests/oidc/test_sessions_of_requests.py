"""What an application's ``requests`` session has a say in, and what it has none in."""

from __future__ import annotations

import io

import pytest
import requests
import responses
import urllib3
from countersign_oidc import RequestsTransport, TransportFailure
from requests.adapters import HTTPAdapter
from urllib3._collections import HTTPHeaderDict

HERE = "https://op.example.com/jwks"


class Request:
    """What the engine hands to a transport."""

    endpoint = "jwks"
    method = "GET"
    headers = [("accept", "application/json")]
    body = b""
    timeout = 7.5
    limit = 1000

    def __init__(self, url=HERE):
        self.url = url


class Body(io.BytesIO):
    headers = HTTPHeaderDict([("X-Twice", "one"), ("X-Twice", "two")])
    broken = None

    def read1(self, size=-1):
        if self.broken is not None:
            raise self.broken
        return super().read1(size)


class Recorder(HTTPAdapter):
    """Answers without a network, and remembers how it was asked."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.bodies = []

    def send(self, request, **settings):
        self.seen.append((request, settings))
        self.bodies.append(Body(b"{}"))
        answer = requests.Response()
        answer.status_code = 200
        answer.url = request.url
        answer.request = request
        answer.raw = self.bodies[-1]
        return answer


class Own(requests.Session):
    """No plain session, so that it sends the requests itself."""


@pytest.fixture(params=[requests.Session, Own])
def session(request):
    with request.param() as session:
        session.mount("https://", Recorder())
        yield session


@pytest.fixture
def recorder(session):
    return session.get_adapter(HERE)


def test_a_cookie_among_the_headers_of_a_session_is_not_sent(session, recorder):
    session.headers["Cookie"] = "sso=of-somebody"
    session.headers["X-Gateway"] = "g"

    RequestsTransport(session)(Request())

    assert "cookie" not in recorder.seen[0][0].headers
    assert recorder.seen[0][0].headers["x-gateway"] == "g"


def test_the_engines_timeout_counts(session, recorder):
    RequestsTransport(session)(Request())

    assert recorder.seen[0][1]["timeout"] == 7.5


@pytest.mark.parametrize(("name", "value"), [("verify", "/ca.pem"), ("cert", "/client.pem")])
def test_a_certificate_that_is_set_later_counts(session, recorder, monkeypatch, name, value):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    transport = RequestsTransport(session)
    transport(Request())
    setattr(session, name, value)

    transport(Request())

    assert [settings[name] for _, settings in recorder.seen] == [getattr(Own(), name), value]


def test_a_proxy_is_chosen_for_each_host(session, recorder, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:1")
    monkeypatch.setenv("no_proxy", "inside.example")
    transport = RequestsTransport(session)

    for url in ("https://inside.example/a", "https://outside.example/a", "https://inside.example/b"):
        transport(Request(url))

    used = ["https" in settings["proxies"] for _, settings in recorder.seen]
    assert used == [False, True, False]


def test_an_answer_is_closed_and_its_headers_stay_twice(session, recorder):
    _, headers, body = RequestsTransport(session)(Request())

    assert body == b"{}"
    assert [value for name, value in headers if name.lower() == "x-twice"] == ["one", "two"]
    assert recorder.bodies[0].closed


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (urllib3.exceptions.ProtocolError("https://op.example.com/?code=secret"), "cut"),
        (urllib3.exceptions.ReadTimeoutError(None, "https://op.example.com/?code=secret", "x"), "timeout"),
    ],
)
def test_an_answer_that_breaks_off_is_a_failure_of_its_kind(session, recorder, monkeypatch, broken, kind):
    monkeypatch.setattr(Body, "broken", broken)

    with pytest.raises(TransportFailure) as failed:
        RequestsTransport(session)(Request())

    assert failed.value.kind == kind
    assert "secret" not in str(failed.value)
    assert recorder.bodies[0].closed


def test_what_is_remembered_of_hosts_is_bounded(recorder, session):
    transport = RequestsTransport(session)
    for number in range(50):
        transport(Request(f"https://op{number}.example.com/jwks"))

    assert len(transport._known) <= 16


@pytest.mark.parametrize("kind", [requests.Session, Own])
def test_no_session_follows_a_redirect(kind):
    with responses.RequestsMock() as mock, kind() as session:
        mock.get(HERE, status=302, headers={"Location": "https://evil.example/"})
        assert RequestsTransport(session)(Request())[0] == 302

"""A transport of the application's own: a function, called on the thread that asks."""

from __future__ import annotations

import logging
import threading

import pytest
from countersign_oidc import (
    Client,
    NetworkError,
    Provider,
    ProviderError,
    RelyingParty,
    SetupError,
    TransportFailure,
)
from oidc.scene import relying_party


def asking(provider, transport):
    return relying_party(provider, transport=transport)


def test_a_request_says_all_that_is_to_be_sent(provider):
    seen = []

    def transport(request):
        seen.append(request)
        return provider.transport(request)

    asking(provider, transport).ready()
    [discovery, keys] = seen
    assert (discovery.method, discovery.url) == ("GET", f"{provider.issuer}/.well-known/openid-configuration")
    assert (discovery.endpoint, keys.endpoint) == ("discovery document", "jwks_uri")
    assert ("accept", "application/json") in discovery.headers
    assert (discovery.body, discovery.timeout, discovery.limit) == (b"", 10.0, 1024 * 1024)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("unreachable", "network.unreachable"),
        ("timeout", "network.timeout"),
        ("tls", "network.tls"),
        ("cut", "network.cut"),
    ],
)
def test_a_failure_keeps_its_kind(provider, kind, code):
    def transport(request):
        raise TransportFailure(kind, "so it is")

    with pytest.raises(NetworkError) as caught:
        asking(provider, transport).begin()
    assert caught.value.code == code


def test_an_answer_beyond_the_limit_is_refused_whoever_read_it(provider):
    def told(request):
        raise TransportFailure("too_large", "so it is")

    def untold(request):
        return 200, [], b"x" * (request.limit + 1)

    for transport in (told, untold):
        with pytest.raises(ProviderError) as caught:
            asking(provider, transport).begin()
        assert caught.value.code == "network.too_large"


def test_any_other_exception_is_no_connection_and_its_text_is_not_shown(provider, caplog):
    caplog.set_level(logging.DEBUG, logger="countersign")

    def transport(request):
        raise LookupError("https://user:password@proxy.example")

    with pytest.raises(NetworkError, match="LookupError") as caught:
        asking(provider, transport).begin()
    assert "password" not in str(caught.value) + caplog.text
    assert "LookupError" in caplog.text


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_reaches_the_caller(provider, interruption):
    def transport(request):
        raise interruption

    party = asking(provider, transport)
    with pytest.raises(interruption):
        party.begin()


def test_nothing_of_an_interruption_is_left_behind(provider, party):
    def transport(request):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asking(provider, transport).begin()
    party.begin()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        200,
        (200, []),
        ("200", [], b""),
        (99, [], b""),
        (200, [], "text"),
        (200, [("a", 1)], b"{}"),
        (200, 5, b""),
    ],
)
def test_an_answer_of_a_wrong_form_is_an_error_of_the_network(provider, answer):
    with pytest.raises(NetworkError):
        asking(provider, lambda request: answer).begin()


def test_a_header_that_can_be_none_is_passed_over(provider):
    def transport(request):
        status, headers, body = provider.transport(request)
        return status, [("bad name", "x"), ("X-Bad", "a\nb"), *headers], body

    asking(provider, transport).ready()


def test_the_answer_of_another_thread_is_shared(provider):
    asked, go_on = threading.Event(), threading.Event()

    def transport(request):
        if request.endpoint == "discovery document":
            asked.set()
            assert go_on.wait(30)
        return provider.transport(request)

    party = asking(provider, transport)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(party.metadata())) for _ in range(8)]
    threads[0].start()
    assert asked.wait(30)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert found == [provider.metadata] * 8
    assert len(provider.requests_to("discovery")) == 1


def test_something_that_is_no_function_is_refused():
    with pytest.raises(SetupError, match="transport"):
        RelyingParty(
            Provider.discover("https://op.example"),
            Client("c"),
            "https://app.example/cb",
            transport="requests",  # type: ignore[arg-type]
        )

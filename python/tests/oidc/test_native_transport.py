"""The engine's own client."""

from __future__ import annotations

import threading

import pytest
from countersign_oidc import NetworkError, SetupError, _native
from oidc.scene import query, relying_party, resource_server
from support.served import served


def test_a_login_goes_over_a_real_connection():
    with served() as provider:
        party = relying_party(provider, transport=None)
        url, pending = party.begin()
        session = party.complete(pending, query(provider.authorize(url)))
        assert party.refresh(session).subject == "alice"
        api = resource_server(provider, transport=None)
        assert api.check(provider.mint_access_token()).subject == "alice"


def test_the_proxies_of_the_environment_are_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with served() as provider:
        relying_party(provider, transport=None).ready()


def test_another_thread_goes_on_while_one_waits_for_the_network():
    going_on, waiting = threading.Event(), threading.Event()

    def before(method, path, body):
        # This runs in a thread of Python's while another one waits in the engine.
        waiting.set()
        assert going_on.wait(30)

    with served(before) as provider:
        party = relying_party(provider, transport=None)
        thread = threading.Thread(target=party.metadata)
        thread.start()
        assert waiting.wait(30)
        going_on.set()
        thread.join(30)
        assert not thread.is_alive()


def test_the_answer_of_another_thread_is_shared():
    going_on, waiting = threading.Event(), threading.Event()

    def before(method, path, body):
        waiting.set()
        assert going_on.wait(30)

    with served(before) as provider:
        party = relying_party(provider, transport=None)
        found: list[object] = []
        threads = [threading.Thread(target=lambda: found.append(party.metadata())) for _ in range(8)]
        threads[0].start()
        assert waiting.wait(30)
        for thread in threads[1:]:
            thread.start()
        going_on.set()
        for thread in threads:
            thread.join(30)
        assert found == [provider.metadata] * 8
        assert len(provider.requests_to("discovery")) == 1


def test_any_answer_can_be_fetched_and_is_not_judged():
    with served(lambda method, path, body: (404, [("X-A", method)], body + b"!")) as provider:
        status, headers, body = _native.fetch(
            provider.issuer + "/x", method="POST", headers=[("x-b", "c")], body=b"hello"
        )
    assert (status, body) == (404, b"hello!")
    assert ("x-a", "POST") in headers
    with pytest.raises(NetworkError):
        _native.fetch(provider.issuer)


def test_a_file_without_certificates_is_refused_at_once(tmp_path, provider):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(SetupError, match=path.name) as caught:
            relying_party(provider, transport=None, ca_file=str(path))
        assert caught.value.code == "setup.transport"


def test_trust_anchors_are_not_for_a_transport_of_ones_own(provider):
    with pytest.raises(SetupError, match="ca_file"):
        relying_party(provider, ca_file="/etc/ssl/certs/ca-certificates.crt")

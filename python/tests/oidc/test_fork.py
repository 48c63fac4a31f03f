"""Processes that fork while threads are at work."""

from __future__ import annotations

import os
import threading

import pytest
from countersign_oidc import Client, Provider, TokenClient
from oidc.scene import query, relying_party, resource_server
from oidc.test_registration import registering
from support.served import served

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]


def in_child(work):
    """Runs ``work`` in a forked process; whether it came to its end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 (nothing may get past the end of the child)
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def ended_well(child):
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


@pytest.fixture
def busy():
    """Threads that do the same thing again and again while the test forks."""
    over = threading.Event()
    threads = []

    def begin(work, count=8):
        def again():
            while not over.is_set():
                work()

        threads.extend(threading.Thread(target=again) for _ in range(count))
        for thread in threads:
            thread.start()

    yield begin
    over.set()
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize("own", [True, False])
def test_a_child_checks_tokens_while_threads_of_the_parent_hammer(busy, own):
    with served() as provider:
        transport = provider.transport if own else None
        api = resource_server(provider, transport=transport)
        known = provider.mint_access_token()
        tokens = iter([provider.mint_access_token() for _ in range(500)])
        api.check(known)

        def check():
            api.check(known)
            token = next(tokens, None)
            if token is not None:
                api.check(token)

        busy(check)
        fresh = [provider.mint_access_token() for _ in range(10)]

        def work():
            for token in [known, *fresh]:
                assert api.check(token).subject == "alice"

        for _ in range(10):
            assert ended_well(in_child(work))
        assert api.check(known).subject == "alice"


def test_children_fetch_their_keys_themselves():
    with served() as provider:
        api = resource_server(provider, transport=None)
        api.check(provider.mint_access_token())
        token = provider.mint_access_token()
        children = [in_child(lambda: api.check(token)) for _ in range(3)]
        assert all(ended_well(child) for child in children)
        assert len(provider.requests_to("jwks")) == 4


def test_a_login_begun_in_the_parent_is_completed_in_a_child(busy):
    with served() as provider:
        party = relying_party(provider, transport=None)
        busy(lambda: party.begin(), count=4)
        url, pending = party.begin()
        back = query(provider.authorize(url))

        def work():
            session = party.complete(pending, back)
            assert party.refresh(session).subject == "alice"

        assert ended_well(in_child(work))


def test_a_child_does_not_register_again(provider):
    party = registering(provider)
    before = party.client()["client_id"]

    def work():
        assert party.client()["client_id"] == before
        assert provider.requests_to("registration")[1:] == []

    assert ended_well(in_child(work))


def test_a_question_that_is_under_way_at_the_fork_is_asked_anew():
    asked, go_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def before(method, path, body):
        if not asked.is_set():
            asked.set()
            assert go_on.wait(60)

    with served(before) as provider:
        party = relying_party(provider, transport=None)
        thread = threading.Thread(target=party.metadata)
        thread.start()
        assert asked.wait(60)
        child = in_child(lambda: party.metadata())
        try:
            assert ended_well(child)
        finally:
            go_on.set()
            thread.join(60)
        assert os.getpid() == parent


def test_a_child_fetches_tokens_of_its_own(provider):
    tokens = TokenClient(
        Provider.discover(provider.issuer),
        Client(provider.client_id, provider.client_secret),
        transport=provider.transport,
    )
    first = tokens.client_credentials()["access_token"]
    assert tokens.client_credentials()["access_token"] == first

    def work():
        assert tokens.client_credentials()["access_token"] != first

    assert ended_well(in_child(work))

"""Threads that come at the same time, and processes that fork."""

from __future__ import annotations

import json
import os
import threading

import pytest
from support.jwt_api import api, bearer


def test_threads_that_come_first_share_one_question_of_each_kind(provider, settings, published):
    app, _ = api(**settings)
    tokens = [published(sub=f"person-{number}") for number in range(8)]
    together = threading.Barrier(len(tokens))
    seen = []

    def come(token):
        together.wait()
        seen.append(app.test_client().get("/notes", headers=bearer(token)).status_code)

    threads = [threading.Thread(target=come, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [200] * len(tokens)
    assert len(provider.requests_to("discovery")) == 1
    assert len(provider.requests_to("jwks")) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("known", [True, False], ids=["after a request", "before any"])
def test_a_forked_worker_checks_tokens(provider, settings, published, known):
    app, jwt = api(**settings)
    get = app.test_client().get
    if known:
        assert get("/notes", headers=bearer(published())).status_code == 200
    good, bad = published(sub="bob"), published(aud="somebody-else")
    # As if another thread of the parent were asking the provider right now.
    jwt._metadata._lock.acquire()
    try:
        answers = in_a_child(
            lambda: [get("/notes", headers=bearer(token)).status_code for token in (good, bad)]
        )
    finally:
        jwt._metadata._lock.release()

    assert answers == [200, 401]


def in_a_child(work):
    """What ``work`` gives in a forked process, which ends after it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text)

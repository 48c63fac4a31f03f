"""The five signals, their senders and what they say."""

from __future__ import annotations

import pytest
from flask import session
from flask_oidc import signals

NAMES = ["before_login_redirect", "before_authorize", "after_authorize", "before_logout", "after_logout"]


@pytest.fixture
def heard(app):
    """What was sent for this application, with the session at that moment."""
    received = []
    connected = []
    for name in NAMES:

        def receive(sender, _name=name, **said):
            received.append((_name, sender, said, "oidc_auth_token" in session))

        signal = getattr(signals, name)
        signal.connect(receive)
        connected.append((signal, receive))
    yield received
    for signal, receive in connected:
        signal.disconnect(receive)


def test_a_login_is_told(heard, oidc, browser, log_in):
    log_in(browser)
    assert [name for name, *_ in heard] == ["before_login_redirect", "before_authorize", "after_authorize"]
    assert {sender for _, sender, *_ in heard} == {oidc.oauth.oidc}
    begun, arrived, done = heard
    assert begun[2] == {"redirect_uri": "http://localhost/authorize", "next": "http://localhost/private"}
    assert arrived[2] == {}
    assert done[2]["return_to"] == "http://localhost/private"
    assert done[2]["token"]["userinfo"]["sub"] == "alice"
    assert done[3], "the session holds the login"


def test_a_refused_login_is_not_told(heard, browser, provider, log_in):
    provider.id_token_claims["aud"] = "another"
    log_in(browser)
    assert "after_authorize" not in [name for name, *_ in heard]


def test_a_logout_is_told(heard, browser, log_in):
    log_in(browser)
    heard.clear()
    browser.get("/logout?reason=expired&next=/who")
    before, after = heard
    assert (before[0], before[2], before[3]) == ("before_logout", {}, True)
    assert after[2] == {"reason": "expired", "return_to": "/who"}
    assert (after[0], after[3]) == ("after_logout", False)


def test_calling_logout_is_told_once(heard, app, oidc, browser, log_in):
    @app.route("/bye")
    def bye():
        with pytest.warns(DeprecationWarning, match="logout"):
            return oidc.logout("/who")

    log_in(browser)
    heard.clear()
    browser.get("/bye", follow_redirects=True)
    assert [(name, said) for name, _, said, _ in heard] == [
        ("before_logout", {}),
        ("after_logout", {"reason": None, "return_to": "/who"}),
    ]

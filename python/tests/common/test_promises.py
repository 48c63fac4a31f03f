"""What the drop-ins share: the order of logins, whose session is used, answers that nobody keeps."""

from __future__ import annotations

import logging

import flask
import requests
from countersign_oidc._common import pending, too_large
from countersign_oidc._common.transport import chosen
from countersign_oidc._common.unavailable import unavailable
from countersign_oidc.errors import NetworkError
from flask.sessions import SecureCookieSession, SessionInterface


def test_the_newest_login_is_the_one_begun_last_in_whatever_order_a_session_keeps_them(monkeypatch):
    session = {}
    for number, state in enumerate(["c", "a", "b"]):
        monkeypatch.setattr("time.time", lambda number=number: 1_800_000_000.0 + number)
        pending.put(session, "k", state, {"of": state})
    session["k"] = dict(sorted(session["k"].items(), reverse=True))

    newest = pending.newest(session, "k")

    assert newest is not None
    assert newest["of"] == "b"


def test_a_session_that_is_kept_on_the_server_may_be_large(caplog):
    class OnTheServer(SessionInterface):
        def get_signing_serializer(self, app):
            raise AssertionError("nothing of it is in the cookie")

        def open_session(self, app, request):
            return SecureCookieSession()

        def save_session(self, app, session, response):
            pass

    app = flask.Flask("large")
    app.secret_key = "s"
    app.session_interface = OnTheServer()

    @app.route("/")
    def index():
        flask.session["large"] = "x" * 10_000
        too_large.notice()
        return "in"

    with caplog.at_level(logging.ERROR):
        assert app.test_client().get("/").text == "in"
    assert "cookie" not in caplog.text


def test_the_session_of_the_application_is_the_one_that_is_used(monkeypatch):
    monkeypatch.delenv("COUNTERSIGN_TRANSPORT", raising=False)
    with requests.Session() as session:
        transport = chosen({}, session=session)
        assert transport._session_of_process() is session


def test_nobody_keeps_the_answer_that_the_provider_is_down():
    with flask.Flask("down").test_request_context():
        assert unavailable(NetworkError("down")).headers["Cache-Control"] == "no-store"

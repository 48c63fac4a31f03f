"""``OIDC_ENABLED = False``: no provider is asked, and there is one person at most."""

from __future__ import annotations

import pytest
from flask import g, session

PROFILE = {
    "sub": "some-unique-identifier",
    "nickname": "testing-user",
    "email": "testing-user@example.com",
    "groups": ["testing-group-1", "testing-group-2"],
}


@pytest.fixture
def off(make, provider):
    provider.unreachable.add("*")

    def disabled(**more):
        return make(OIDC_ENABLED=False, OIDC_CLIENT_SECRETS=None, **more).test_client()

    yield disabled
    assert provider.requests == []


def test_everybody_is_anonymous(off):
    browser = off()
    assert browser.get("/who").text == "nobody"
    assert browser.get("/private").location.startswith("/login")
    assert browser.get("/login").status_code == 401
    assert "OIDC_TESTING_PROFILE" in browser.get("/login").text
    assert browser.get("/api", headers={"Authorization": "Bearer t"}).status_code == 401


def test_everybody_is_the_testing_person(off):
    browser = off(OIDC_TESTING_PROFILE=PROFILE)
    assert browser.get("/who").text == "some-unique-identifier"
    assert browser.get("/private").text == "private of some-unique-identifier"
    assert browser.get("/login?next=/who").location == "/who"


def test_any_token_is_the_testing_persons(off):
    browser = off(OIDC_TESTING_PROFILE=PROFILE)
    assert "openid email" in browser.get("/api", headers={"Authorization": "Bearer t"}).text
    assert browser.get("/api").status_code == 401


def test_the_user_object_has_the_profile(off):
    browser = off(OIDC_TESTING_PROFILE=PROFILE)

    @browser.application.route("/user")
    def user():
        person = g.oidc_user
        return [person.name, person.email, person.groups, person.access_token, session["oidc_auth_profile"]]

    shown = browser.get("/user").json
    assert shown[:3] == [PROFILE["nickname"], PROFILE["email"], PROFILE["groups"]]
    assert shown[3] == "testing-access-token"
    assert shown[4] == PROFILE


def test_the_person_can_be_changed_between_requests(off):
    browser = off(OIDC_TESTING_PROFILE=PROFILE)
    assert browser.get("/who").text == PROFILE["sub"]
    browser.application.config["OIDC_TESTING_PROFILE"] = {"sub": "another"}
    assert browser.get("/who").text == "another"
    browser.application.config["OIDC_TESTING_PROFILE"] = {}
    assert browser.get("/who").text == "nobody"


def test_logout_works(off):
    assert off(OIDC_TESTING_PROFILE=PROFILE).get("/logout").status_code == 302


def test_it_is_said_in_the_log(off, caplog):
    off()
    assert "OIDC_ENABLED is False" in caplog.text


def test_a_testing_profile_is_nobody_while_enabled(make):
    assert make(OIDC_TESTING_PROFILE=PROFILE).test_client().get("/who").text == "nobody"

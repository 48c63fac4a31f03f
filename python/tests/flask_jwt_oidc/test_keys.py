"""Where keys come from, how often they are asked for, and what happens while nobody answers."""

from __future__ import annotations

import time

import pytest
import responses
from countersign_oidc.errors import SetupError
from support.jwt_api import AUDIENCE, api, bearer, mint
from support.provider import FakeProvider
from support.tokens import public, rsa_key


@pytest.fixture
def get(settings):
    client = api(**settings)[0].test_client()
    return lambda token: client.get("/notes", headers=bearer(token))


def key_fetches(provider):
    return len(provider.requests_to("jwks"))


def test_nothing_is_asked_before_the_first_token(provider, settings):
    app, _ = api(**settings)

    assert app.test_client().get("/open").status_code == 200
    assert app.test_client().get("/notes").status_code == 401
    assert not provider.requests


def test_keys_are_kept_by_default(provider, get, published):
    for _ in range(3):
        assert get(published()).status_code == 200

    assert len(provider.requests_to("discovery")) == 1
    assert key_fetches(provider) == 1


@pytest.mark.parametrize("enabled", [True, False, "false"])
def test_caching_switched_off_fetches_no_more_often(provider, settings, published, enabled):
    client = api(**settings, JWT_OIDC_CACHING_ENABLED=enabled)[0].test_client()

    for _ in range(3):
        assert client.get("/notes", headers=bearer(published())).status_code == 200

    assert key_fetches(provider) == 1


@pytest.mark.parametrize("enabled", [True, False])
def test_keys_are_asked_for_again_when_they_are_old(provider, settings, published, enabled, monkeypatch):
    kept = {"JWT_OIDC_JWKS_CACHE_TIMEOUT": 1000, "JWT_OIDC_CACHING_ENABLED": enabled}
    client = api(**settings, **kept)[0].test_client()
    start = time.time()

    def fetches_at(seconds):
        monkeypatch.setattr(time, "time", lambda: start + seconds)
        token = published(exp=int(start) + 9000)
        assert client.get("/notes", headers=bearer(token)).status_code == 200
        return key_fetches(provider)

    assert [fetches_at(seconds) for seconds in (0, 990, 1010)] == [1, 1, 2]


def test_a_new_key_is_found_at_once(provider, get, published):
    assert get(published()).status_code == 200
    provider.jwks["keys"].append(public(rsa_key("key-2")))

    assert get(published(key=rsa_key("key-2"))).status_code == 200
    assert key_fetches(provider) == 2


def test_a_key_that_was_taken_back_stops_to_count(provider, get, published):
    old = published()
    assert get(old).status_code == 200
    provider.jwks["keys"] = [public(rsa_key("key-2"))]
    assert get(published(key=rsa_key("key-2"))).status_code == 200

    assert get(old).status_code == 401


def test_a_flood_of_invented_keys_is_no_flood_of_requests(provider, get, published):
    assert get(published()).status_code == 200

    for number in range(30):
        assert get(published({"kid": f"invented-{number}"})).status_code == 401

    assert key_fetches(provider) < 10
    assert get(published()).status_code == 200


def test_a_provider_that_is_down_at_the_start_is_503_until_it_is_back(
    provider, settings, published, monkeypatch
):
    provider.unreachable.add("*")
    client = api(**settings)[0].test_client()
    now = time.monotonic()

    response = client.get("/notes", headers=bearer(published()))

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.json["code"] == "provider_unavailable"
    assert client.get("/open").status_code == 200

    provider.unreachable.clear()
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert client.get("/notes", headers=bearer(published())).status_code == 200


def test_a_provider_that_is_down_is_not_asked_with_each_request(provider, settings, published):
    provider.unreachable.add("*")
    client = api(**settings)[0].test_client()

    for _ in range(20):
        assert client.get("/notes", headers=bearer(published())).status_code == 503

    assert len(provider.requests) < 5


def test_known_keys_go_on_while_the_provider_is_down(provider, get, published):
    seen = published()
    assert get(seen).status_code == 200
    provider.unreachable.add("*")

    unknown = get(published({"kid": "invented"}))

    assert unknown.status_code == 503
    assert int(unknown.headers["Retry-After"]) > 0
    assert get(seen).status_code == 200
    assert get(published(sub="bob")).status_code == 200


def test_old_keys_go_on_while_the_provider_is_down(provider, get, published, monkeypatch):
    long = {"exp": int(time.time()) + 90000}
    assert get(published(**long)).status_code == 200
    provider.unreachable.add("*")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 5000)

    assert get(published(**long, sub="bob")).status_code == 200


@pytest.mark.parametrize("answer", [(500, {}), (429, {}), (200, b"<html>"), (200, {"keys": 7}), (404, {})])
def test_an_answer_that_holds_no_keys_is_503(provider, get, published, answer):
    provider.answers["jwks"] = answer

    assert get(published()).status_code == 503


@pytest.mark.parametrize(
    "answer", [(500, {}), (200, b"<html>"), (200, []), (200, {}), (200, {"issuer": "x"})]
)
def test_an_answer_that_holds_no_metadata_is_503(provider, get, published, answer):
    provider.answers["discovery"] = answer

    assert get(published()).status_code == 503


def test_the_provider_says_when_to_come_again(provider, get, published):
    provider.answers["discovery"] = (503, {})
    provider.answer_headers["discovery"] = [("Retry-After", "77")]

    assert get(published()).headers["Retry-After"] == "77"


def test_the_provider_tells_its_issuer_and_keys_when_they_are_read(provider, settings):
    _, jwt = api(**settings)

    assert jwt.issuer == provider.issuer
    assert jwt.jwks_uri == f"{provider.issuer}/jwks"
    assert jwt.well_known_obj_cache == provider.metadata
    assert len(provider.requests_to("discovery")) == 1


def test_keys_and_issuer_can_be_set_by_hand(provider, published):
    written = {
        "JWT_OIDC_JWKS_URI": f"{provider.issuer}/jwks",
        "JWT_OIDC_ISSUER": provider.issuer,
        "JWT_OIDC_AUDIENCE": AUDIENCE,
    }
    client = api(**written)[0].test_client()

    assert client.get("/notes", headers=bearer(published())).status_code == 200
    assert client.get("/notes", headers=bearer(published(iss="https://evil.example.com"))).status_code == 401
    assert not provider.requests_to("discovery")


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({}, "JWT_OIDC_WELL_KNOWN_CONFIG"),
        ({"JWT_OIDC_JWKS_URI": "https://op.example.com/jwks"}, "JWT_OIDC_ISSUER"),
        (
            {
                "JWT_OIDC_JWKS_URI": "https://a/jwks",
                "JWT_OIDC_ISSUER": "https://a",
                "JWT_OIDC_ALGORITHMS": "HS256",
            },
            "JWT_OIDC_ALGORITHMS",
        ),
    ],
)
def test_settings_that_lack_something_open_no_door_and_are_named_in_the_log(written, named, caplog):
    client = api(JWT_OIDC_AUDIENCE=AUDIENCE, **written)[0].test_client()

    assert client.get("/notes", headers=bearer("x.y.z")).status_code == 500
    assert named in caplog.text


def test_a_clock_skew_that_is_no_number_is_named():
    with pytest.raises(SetupError, match="JWT_OIDC_CLOCK_SKEW"):
        api(JWT_OIDC_CLOCK_SKEW="soon")


def test_algorithms_are_those_of_the_settings(provider, settings, published):
    client = api(**settings, JWT_OIDC_ALGORITHMS="PS256, HS256")[0].test_client()

    assert client.get("/notes", headers=bearer(published())).status_code == 401


def test_the_key_set_can_be_looked_at(provider, settings):
    _, jwt = api(**settings)

    assert jwt.get_jwks() == provider.jwks
    assert jwt.get_rsa_key(jwt.get_jwks(), "key-1") == provider.jwks["keys"][0]
    assert jwt.get_rsa_key(jwt.get_jwks(), "other") == {}
    assert key_fetches(provider) == 3


def test_with_caching_the_key_set_is_looked_at_once(provider, settings):
    _, jwt = api(**settings, JWT_OIDC_CACHING_ENABLED=True)

    assert jwt.get_jwks() == jwt.get_jwks() == provider.jwks
    assert key_fetches(provider) == 1


def test_a_setting_that_changes_later_counts_from_then_on(settings, published):
    app, jwt = api(**settings)
    client = app.test_client()
    token = published()
    assert client.get("/notes", headers=bearer(token)).status_code == 200

    jwt.audience = "another-api"

    assert client.get("/notes", headers=bearer(token)).status_code == 401


def test_the_provider_is_asked_by_requests_where_the_settings_say_so():
    provider = FakeProvider("https://op.example.com")
    app, _ = api(
        JWT_OIDC_WELL_KNOWN_CONFIG="https://op.example.com/.well-known/openid-configuration",
        JWT_OIDC_AUDIENCE=AUDIENCE,
        COUNTERSIGN_TRANSPORT="requests",
    )
    with responses.RequestsMock() as mock:
        mock.get(provider.issuer + "/.well-known/openid-configuration", json=provider.metadata)
        mock.get(provider.metadata["jwks_uri"], json=provider.jwks)
        token = mint(iss=provider.issuer)
        assert app.test_client().get("/notes", headers=bearer(token)).status_code == 200


def test_plain_http_beyond_this_machine_is_taken_only_as_it_was_written(caplog):
    secure = FakeProvider("https://op.example.com")
    secure.metadata["jwks_uri"] = "http://op.example.com/jwks"
    client = api(
        JWT_OIDC_WELL_KNOWN_CONFIG="https://op.example.com/.well-known/openid-configuration",
        JWT_OIDC_AUDIENCE=AUDIENCE,
    )
    app, jwt = client
    jwt._learn(secure.metadata)

    assert app.test_client().get("/notes", headers=bearer("x.y.z")).status_code == 500
    assert "https" in caplog.text

"""A login from begin to session, and everything that makes it none."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from countersign_oidc import (
    Client,
    LoginRefused,
    NetworkError,
    PendingLogin,
    Provider,
    ProviderError,
    RelyingParty,
    SetupError,
)
from oidc.scene import CALLBACK, query, relying_party
from support.tokens import challenge, rsa_key
from werkzeug.datastructures import MultiDict


def parameters(url):
    return dict(parse_qsl(urlsplit(url).query))


def test_a_login_gives_a_session(provider, login):
    session = login(claims={"acr": "2"})

    assert (session.subject, session.issuer, session.client_id) == ("alice", provider.issuer, "client1")
    assert session.claims["acr"] == "2"
    assert session.user_info == provider.user_info
    assert session.access_token in provider.tokens
    assert session.token_response["token_type"] == "Bearer"
    assert session.token_response["id_token"] == session.id_token
    assert session.token_response["expires_in"] == 3600
    assert session.expires_at == pytest.approx(time.time() + 3600, abs=5)


def test_claims_are_a_new_dictionary_each_time(login):
    session = login()
    session.claims["sub"] = "mallory"
    assert session.claims["sub"] == session.subject == "alice"


def test_a_request_carries_state_nonce_and_pkce(party):
    url, pending = party.begin(
        scope="openid email",
        prompt="login",
        max_age=300,
        login_hint="alice",
        acr_values="2 3",
        ui_locales="de",
        claims={"id_token": {"email": None}},
        response_mode="form_post",
        extra={"audience": "notes", "resource": ["a", "b"], "left_out": None, "number": 1},
    )

    sent = parameters(url)
    assert sent.pop("code_challenge") == challenge(pending.verifier)
    assert sent == {
        "response_type": "code",
        "client_id": "client1",
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge_method": "S256",
        "response_mode": "form_post",
        "prompt": "login",
        "max_age": "300",
        "login_hint": "alice",
        "acr_values": "2 3",
        "ui_locales": "de",
        "claims": '{"id_token":{"email":null}}',
        "audience": "notes",
        "resource": "a b",
        "number": "1",
    }


def test_a_pending_login_can_be_kept_as_json(provider, party):
    import json

    url, pending = party.begin()
    kept = PendingLogin.from_dict(json.loads(json.dumps(pending.to_dict())))
    assert party.complete(kept, query(provider.authorize(url))).subject == "alice"


@pytest.mark.parametrize("kept", [{}, {"state": "x"}, {"state": 1}])
def test_something_else_is_no_pending_login(kept):
    with pytest.raises(ValueError, match="no login that was kept"):
        PendingLogin.from_dict(kept)


def test_a_login_can_be_completed_from_the_parameters_of_its_request(provider, party):
    url, pending = party.begin()
    kept = PendingLogin.from_request(
        parameters(url), issuer=provider.issuer, started_at=time.time(), verifier=pending.verifier
    )
    assert party.complete(kept, query(provider.authorize(url))).subject == "alice"


def test_parameters_without_nonce_are_no_login_unless_that_is_said(provider, party):
    url, pending = party.begin()
    sent = parameters(url)
    del sent["nonce"]
    known = {"issuer": provider.issuer, "started_at": time.time(), "verifier": pending.verifier}
    with pytest.raises(SetupError, match="nonce"):
        PendingLogin.from_request(sent, **known)
    kept = PendingLogin.from_request(sent, **known, nonce_unknown=True)
    assert kept.nonce is None
    assert party.complete(kept, query(provider.authorize(url))).subject == "alice"


def test_a_state_of_ones_own_is_sent_and_a_short_one_is_refused(party):
    url, pending = party.begin(state="s" * 16)
    assert parameters(url)["state"] == pending.state == "s" * 16
    assert len(pending.nonce) >= 43
    with pytest.raises(SetupError, match="state"):
        party.begin(state="s" * 15)


@pytest.mark.parametrize("name", ["state", "nonce", "code_challenge", "redirect_uri", "request"])
def test_an_extra_parameter_that_the_engine_sets_is_refused(party, name):
    with pytest.raises(SetupError, match=name):
        party.begin(extra={name: "x"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "somebody-elses-state"}, "login.state_mismatch"),
        ({"state": None}, "login.no_state"),
        ({"code": None}, "login.malformed"),
        ({"error": "access_denied"}, "login.malformed"),
    ],
)
def test_a_callback_that_answers_another_login_is_refused(login, changes, code):
    with pytest.raises(LoginRefused) as caught:
        login(**changes)
    assert (caught.value.code, caught.value.fault) == (code, "person")


def test_a_doubled_parameter_is_refused_in_a_query_and_in_a_werkzeug_dictionary(provider, party):
    url, pending = party.begin()
    back = provider.authorize(url)
    doubled = MultiDict(parse_qsl(query(back)))
    doubled.add("code", "another")
    for callback in (query(back) + "&code=another", doubled):
        with pytest.raises(LoginRefused, match='"code" more than once'):
            party.complete(pending, callback)
    assert party.complete(pending, MultiDict(parse_qsl(query(back)))).subject == "alice"


def test_a_provider_that_says_no_is_quoted(provider, party):
    url, pending = party.begin()
    with pytest.raises(LoginRefused) as caught:
        party.complete(pending, query(provider.deny(url, description="not you")))
    assert caught.value.code == "login.refused"
    assert caught.value.provider_error == "access_denied"
    assert caught.value.provider_error_description == "not you"
    assert caught.value.meaning == "The provider refused the login."


def test_a_login_older_than_an_hour_is_refused(provider, party, monkeypatch):
    url, pending = party.begin()
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(LoginRefused) as caught:
        party.complete(pending, query(provider.authorize(url)))
    assert caught.value.code == "login.expired"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "somebody-else"}, "id_token.audience"),
        ({"iss": "https://evil.example"}, "id_token.issuer"),
        ({"nonce": "another"}, "id_token.nonce"),
        ({"exp": 1_600_000_000}, "id_token.expired"),
        ({"azp": "somebody-else"}, "id_token.azp"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "id_token.hash"),
    ],
)
def test_a_wrong_id_token_is_refused(provider, login, claims, code):
    provider.id_token_claims.update(claims)
    with pytest.raises(ProviderError) as caught:
        login()
    assert (caught.value.code, caught.value.fault) == (code, "provider")


def test_an_unsigned_id_token_is_refused(provider, login):
    provider.id_token_header["alg"] = "none"
    with pytest.raises(ProviderError) as caught:
        login()
    assert caught.value.code == "jws.algorithm"


def test_an_id_token_signed_with_the_secret_is_refused(provider, login):
    provider.id_token_header["alg"] = "HS256"
    with pytest.raises(ProviderError):
        login()


def test_an_id_token_signed_with_the_secret_passes_where_the_client_is_registered_for_it(provider):
    provider.id_token_header["alg"] = "HS256"
    client = Client(provider.client_id, provider.client_secret, id_token_alg="HS256")
    party = RelyingParty(Provider.discover(provider.issuer), client, CALLBACK, transport=provider.transport)
    url, pending = party.begin()
    assert party.complete(pending, query(provider.authorize(url))).subject == "alice"


def test_an_id_token_of_a_stranger_is_refused(provider, login):
    provider.id_token_key = rsa_key("stranger")
    with pytest.raises(ProviderError) as caught:
        login()
    assert caught.value.code == "keys.unknown"


def test_user_info_about_somebody_else_is_refused(provider, login):
    provider.user_info["sub"] = "mallory"
    with pytest.raises(ProviderError) as caught:
        login()
    assert caught.value.code.startswith("user_info.")


def test_user_info_is_not_asked_where_it_is_switched_off(provider, party):
    for settings, call in (({"user_info": None}, {}), ({}, {"user_info": False})):
        party = relying_party(provider, **settings)
        url, pending = party.begin()
        session = party.complete(pending, query(provider.authorize(url)), **call)
        assert session.user_info is None
    assert provider.requests_to("userinfo") == []


def test_user_info_is_asked_by_post_where_that_is_set(provider):
    party = relying_party(provider, user_info="POST")
    url, pending = party.begin()
    party.complete(pending, query(provider.authorize(url)))
    [asked] = provider.requests_to("userinfo")
    assert asked.method == "POST"


def test_the_same_callback_twice_redeems_its_code_twice_at_the_provider_only_one_after_the_other(
    provider, party
):
    url, pending = party.begin()
    back = query(provider.authorize(url))
    party.complete(pending, back)
    with pytest.raises(ProviderError) as caught:
        party.complete(pending, back)
    assert caught.value.provider_error == "invalid_grant"


def test_a_provider_out_of_reach_is_a_network_error_and_the_next_try_works(provider, party, monkeypatch):
    provider.unreachable.add("*")
    for _ in range(2):
        with pytest.raises(NetworkError) as caught:
            party.begin()
        assert (caught.value.code, caught.value.fault) == ("network.unreachable", "network")
        assert caught.value.retry_after >= 1
    assert len(provider.requests) == 1, "nobody is asked again within the back-off"

    provider.unreachable.clear()
    later = time.time() + 2
    monkeypatch.setattr(time, "time", lambda: later)
    party.begin()


def test_a_provider_in_trouble_is_a_network_error(provider, party):
    provider.answers["discovery"] = (503, b"")
    with pytest.raises(NetworkError):
        party.begin()


def test_metadata_of_another_issuer_are_a_wrong_setting(provider, party):
    provider.metadata["issuer"] = "https://op.example.com/"
    with pytest.raises(SetupError) as caught:
        party.begin()
    assert caught.value.code == "discovery.issuer"


def test_a_slash_is_forgiven_where_that_is_set(provider):
    provider.metadata["issuer"] = provider.issuer
    typed = Provider.discover(provider.issuer + "/", forgive_slash=True)
    party = RelyingParty(
        typed, Client(provider.client_id, provider.client_secret), CALLBACK, transport=provider.transport
    )
    url, pending = party.begin()
    assert party.complete(pending, query(provider.authorize(url))).issuer == provider.issuer


def test_pkce_is_left_out_only_where_the_metadata_name_none_and_that_is_set(provider):
    party = relying_party(provider, pkce="announced")
    url, pending = party.begin()
    assert pending.verifier is None
    assert "code_challenge" not in parameters(url)
    assert party.complete(pending, query(provider.authorize(url))).subject == "alice"

    provider.metadata["code_challenge_methods_supported"] = ["S256"]
    url, pending = relying_party(provider, pkce="announced").begin()
    assert parameters(url)["code_challenge"] == challenge(pending.verifier)


def test_a_silent_login_asks_for_the_same_person(provider, party, login):
    session = login()
    url, pending = party.begin(silent_for=session)
    assert parameters(url)["prompt"] == "none"
    assert parameters(url)["id_token_hint"] == session.id_token
    provider.id_token_claims["sub"] = provider.user_info["sub"] = "mallory"
    with pytest.raises(LoginRefused) as caught:
        party.complete(pending, query(provider.authorize(url)))
    assert caught.value.code == "id_token.subject"

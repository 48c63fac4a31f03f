"""Clients that register themselves, and the file of those who don't."""

from __future__ import annotations

import pytest
from countersign_oidc import Provider, Registration, RelyingParty, SetupError, _native, register
from oidc.scene import CALLBACK, query


def registering(provider, metadata=None, **settings):
    registration = Registration(metadata or {"client_name": "Notes"}, **settings)
    return RelyingParty(
        Provider.discover(provider.issuer), registration, CALLBACK, transport=provider.transport
    )


def test_a_client_registers_itself_at_its_first_use_and_only_then(provider):
    party = registering(provider, initial_access_token="initial")
    assert provider.requests == []
    url, pending = party.begin()
    party.begin()
    [asked] = provider.requests_to("registration")
    assert asked.bearer == "initial"
    assert asked.json["client_name"] == "Notes"
    assert asked.json["redirect_uris"] == [CALLBACK]
    known = party.client()
    assert known["client_id"] == pending.client_id
    assert known["redirect_uris"] == [CALLBACK]
    assert party.complete(pending, query(provider.authorize(url))).client_id == known["client_id"]


def test_what_is_written_down_stands_in_place_of_what_is_usual(provider):
    uris = ["https://app.example/other", CALLBACK]
    registering(provider, {"redirect_uris": uris, "grant_types": ["authorization_code"]}).ready()
    [asked] = provider.requests_to("registration")
    assert asked.json["redirect_uris"] == uris
    assert asked.json["grant_types"] == ["authorization_code"]


def test_a_refused_registration_is_a_wrong_setting_and_quotes_the_provider(provider):
    provider.answers["registration"] = (400, {"error": "invalid_redirect_uri"})
    with pytest.raises(SetupError) as caught:
        registering(provider).ready()
    assert caught.value.code == "registration.refused"
    assert caught.value.provider_error == "invalid_redirect_uri"


def test_a_registration_leads_to_the_file_of_flask_oidc(provider):
    answer = register(
        Provider.discover(provider.issuer), {"redirect_uris": [CALLBACK]}, transport=provider.transport
    )
    [web] = _native.client_secrets(provider.metadata, answer).values()
    assert web["client_id"] == answer["client_id"]
    assert web["client_secret"] == answer["client_secret"]
    assert web["auth_uri"] == provider.metadata["authorization_endpoint"]
    assert web["token_uri"] == provider.metadata["token_endpoint"]
    assert web["userinfo_uri"] == provider.metadata["userinfo_endpoint"]
    assert web["issuer"] == provider.issuer


def test_an_answer_without_client_id_is_no_registration(provider):
    with pytest.raises(SetupError, match="client_id"):
        _native.client_secrets(provider.metadata, {"client_secret": "x"})

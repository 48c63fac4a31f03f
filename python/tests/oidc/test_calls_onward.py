"""Tokens for calls to other APIs."""

from __future__ import annotations

import pytest
from countersign_oidc import Client, Error, Provider, TokenClient


@pytest.fixture
def tokens(provider):
    return TokenClient(
        Provider.discover(provider.issuer),
        Client(provider.client_id, provider.client_secret),
        transport=provider.transport,
    )


def test_a_token_in_the_applications_own_name_is_kept(provider, tokens):
    first = tokens.client_credentials("mail:send", {"audience": "mail"})
    again = tokens.client_credentials("mail:send", {"audience": "mail"})
    assert first["access_token"] == again["access_token"]
    assert first["expires_at"] == again["expires_at"]
    [asked] = provider.requests_to("token")
    assert asked.form == {"grant_type": "client_credentials", "scope": "mail:send", "audience": "mail"}


def test_several_apis_can_be_named(provider, tokens):
    tokens.client_credentials(extra={"audience": ["mail", "notes"], "x": ["a", 1], "left_out": None})
    [asked] = provider.requests_to("token")
    assert asked.body == b"grant_type=client_credentials&audience=mail&audience=notes&x=a+1"


def test_a_refusal_quotes_the_provider(provider, tokens):
    provider.answers["token"] = (400, {"error": "invalid_scope"})
    with pytest.raises(Error) as caught:
        tokens.client_credentials("all")
    assert (caught.value.code, caught.value.provider_error) == ("token.not_granted", "invalid_scope")


def test_a_token_is_revoked(provider, tokens):
    token = provider.opaque_token()
    tokens.revoke(token, "access_token")
    [asked] = provider.requests_to("revocation")
    assert asked.form["token"] == token
    assert asked.form["token_type_hint"] == "access_token"
    assert token not in provider.tokens


def test_a_provider_that_revokes_nothing_is_a_wrong_setting(provider, tokens):
    del provider.metadata["revocation_endpoint"]
    with pytest.raises(Error) as caught:
        tokens.revoke("t")
    assert (caught.value.code, caught.value.fault) == ("setup.endpoint", "setup")


def test_a_refresh_token_of_no_session_is_redeemed(provider, tokens, login):
    session = login()
    answer = tokens.refresh(session.refresh_token)
    assert answer["access_token"] in provider.tokens
    assert "id_token" not in answer
    with pytest.raises(Error) as caught:
        tokens.refresh("unknown")
    assert caught.value.code == "refresh.refused"


def test_a_token_is_exchanged_for_another(provider, tokens):
    provider.answers["token"] = (
        200,
        {
            "access_token": "for-billing",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer",
            "expires_in": 60,
        },
    )
    answer = tokens.exchange("of-the-request", audience="billing", scope="read")
    assert answer["access_token"] == "for-billing"
    [asked] = provider.requests_to("token")
    assert asked.form["subject_token"] == "of-the-request"
    assert (asked.form["audience"], asked.form["scope"]) == ("billing", "read")

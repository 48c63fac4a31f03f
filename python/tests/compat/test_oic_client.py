"""The slice of pyoidc: the calls as an application writes them, and what they refuse."""

from __future__ import annotations

import threading
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import responses
from countersign_oidc.compat.oic import rndstr
from countersign_oidc.compat.oic.exception import GrantError, PyoidcError
from countersign_oidc.compat.oic.oauth2 import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    TokenErrorResponse,
)
from countersign_oidc.compat.oic.oic import Client
from countersign_oidc.compat.oic.utils.authn.client import ClientSecretBasic, ClientSecretPost
from support.provider import FakeProvider
from support.tokens import rsa_key
from werkzeug.datastructures import ImmutableMultiDict

STATE = "some-state-which-will-be-returned-unmodified"
REDIRECT_URI = "https://application.example.com/oidc-callback"


@pytest.fixture
def provider():
    return FakeProvider()


def client_of(provider):
    client = Client(
        client_authn_method={
            "client_secret_post": ClientSecretPost,
            "client_secret_basic": ClientSecretBasic,
        },
        transport=provider.transport,
    )
    client.provider_config(provider.issuer)
    client.client_id = provider.client_id
    client.client_secret = provider.client_secret
    return client


def login_url(client, nonce=None):
    args = {
        "client_id": client.client_id,
        "response_type": "code",
        "scope": "openid email profile",
        "nonce": nonce or rndstr(),
        "redirect_uri": REDIRECT_URI,
        "state": STATE,
    }
    return client.provider_info["authorization_endpoint"] + "?" + urlencode(args, True)


def callback(provider, client, **changes):
    back = provider.authorize(login_url(client), **changes)
    return dict(parse_qsl(urlsplit(back).query))


def redeem(client, response, authn_method="client_secret_post", **more):
    return client.do_access_token_request(
        scope="openid email profile",
        state=response["state"],
        request_args={"code": response["code"], "redirect_uri": REDIRECT_URI},
        authn_method=authn_method,
        **more,
    )


def logged_in(provider, client=None):
    client = client or client_of(provider)
    info = callback(provider, client)
    response = client.parse_response(AuthorizationResponse, info=info, sformat="dict")
    return client, redeem(client, response)


def test_a_login_gives_the_tokens_and_the_verified_claims(provider):
    _, tokens = logged_in(provider)

    assert tokens["id_token"]["sub"] == "alice"
    assert tokens["id_token_jwt"].count(".") == 2
    assert tokens["access_token"] in provider.tokens
    assert tokens.to_dict()["id_token"] == dict(tokens["id_token"])


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_the_client_proves_itself_as_it_is_told(provider, method):
    client = client_of(provider)
    response = client.parse_response(AuthorizationResponse, info=callback(provider, client), sformat="dict")

    redeem(client, response, authn_method=method)

    sent = provider.requests_to("token")[0]
    assert (sent.basic is None) == (method == "client_secret_post")
    assert sent.form["redirect_uri"] == REDIRECT_URI
    assert "scope" not in sent.form


def test_user_info_is_asked_by_post_and_is_a_mapping(provider):
    client, _ = logged_in(provider)

    user_info = client.do_user_info_request(state=STATE, authn_method="client_secret_post")

    assert user_info.to_dict() == provider.user_info
    assert provider.requests_to("userinfo")[0].method == "POST"


def test_a_new_client_may_redeem_the_code_that_another_one_parsed(provider):
    first = client_of(provider)
    response = first.parse_response(AuthorizationResponse, info=callback(provider, first), sformat="dict")
    second = client_of(provider)

    redeem(second, response)

    assert second.do_user_info_request(state=STATE)["email"] == "alice@example.com"


def test_a_slash_too_many_in_the_issuer_is_forgiven(provider):
    client = Client(transport=provider.transport)

    assert client.provider_config(provider.issuer + "/")["issuer"] == provider.issuer


def test_metadata_of_another_issuer_are_refused(provider):
    provider.metadata["issuer"] = "https://evil.example.com"

    with pytest.raises(PyoidcError, match="provider info issuer mismatch"):
        Client(transport=provider.transport).provider_config(provider.issuer)


def test_a_provider_that_does_not_answer_is_an_error(provider):
    provider.unreachable.add("*")

    with pytest.raises(PyoidcError) as caught:
        Client(transport=provider.transport).provider_config(provider.issuer)
    assert caught.value.code.startswith("network.")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://evil.example.com"}, "id_token.issuer"),
        ({"aud": "somebody-else"}, "id_token.audience"),
        ({"exp": 1000}, "id_token.expired"),
        ({"iat": 1000}, "id_token.issued_at"),
        ({"azp": "somebody-else"}, "id_token.azp"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "id_token.hash"),
        ({"sub": None}, "id_token.claim"),
    ],
)
def test_an_id_token_that_breaks_a_rule_is_refused(provider, claims, code):
    provider.id_token_claims.update(claims)

    with pytest.raises(PyoidcError) as caught:
        logged_in(provider)
    assert caught.value.code == code


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_an_unsigned_id_token_and_one_signed_by_a_secret_are_refused(provider, alg):
    provider.id_token_header["alg"] = alg

    with pytest.raises(PyoidcError) as caught:
        logged_in(provider)
    assert caught.value.code in ("jws.algorithm", "jws.algorithm_not_allowed")


def test_an_id_token_signed_by_a_stranger_is_refused(provider):
    provider.id_token_key = rsa_key("stranger")
    provider.id_token_header["kid"] = "key-1"

    with pytest.raises(PyoidcError) as caught:
        logged_in(provider)
    assert caught.value.code == "jws.signature"


def test_a_token_answer_without_id_token_is_refused(provider):
    provider.id_token = ""

    with pytest.raises(PyoidcError) as caught:
        logged_in(provider)
    assert caught.value.code == "token.member"


def test_a_nonce_that_is_handed_over_is_compared(provider):
    client = client_of(provider)
    nonce = rndstr(24)

    def parsed():
        back = provider.authorize(login_url(client, nonce))
        return client.parse_response(AuthorizationResponse, info=urlsplit(back).query, sformat="urlencoded")

    assert redeem(client, parsed(), nonce=nonce)["id_token"]["nonce"] == nonce
    with pytest.raises(PyoidcError) as caught:
        redeem(client, parsed(), nonce=rndstr(24))
    assert caught.value.code == "id_token.nonce"


def test_an_answer_of_another_provider_is_refused_though_only_the_code_is_handed_on(provider):
    client = client_of(provider)
    info = callback(provider, client, iss="https://evil.example.com")
    response = client.parse_response(AuthorizationResponse, info=info, sformat="dict")

    with pytest.raises(PyoidcError) as caught:
        redeem(client_of(provider), response)
    assert caught.value.code == "login.issuer"
    assert not provider.requests_to("token")


def test_user_info_about_somebody_else_is_refused(provider):
    provider.user_info["sub"] = "mallory"
    client, _ = logged_in(provider)

    with pytest.raises(PyoidcError) as caught:
        client.do_user_info_request(state=STATE)
    assert caught.value.code == "user_info.subject"


def test_a_provider_that_says_no_gives_an_error_response(provider):
    client = client_of(provider)
    back = provider.deny(login_url(client), description="not today")
    info = dict(parse_qsl(urlsplit(back).query))

    response = client.parse_response(AuthorizationResponse, info=info, sformat="dict")

    assert isinstance(response, AuthorizationErrorResponse)
    assert (response["error"], response["error_description"]) == ("access_denied", "not today")


def test_a_refused_code_gives_an_error_response_and_leaves_no_tokens_of_an_earlier_login(provider):
    client, _ = logged_in(provider)
    spent = {"code": "spent", "state": STATE}

    answer = redeem(client, spent)

    assert isinstance(answer, TokenErrorResponse)
    assert answer["error"] == "invalid_grant"
    with pytest.raises(GrantError):
        client.do_user_info_request(state=STATE)


def test_a_failed_login_leaves_no_tokens_of_an_earlier_one(provider):
    client, _ = logged_in(provider)
    provider.id_token_claims["aud"] = "somebody-else"

    with pytest.raises(PyoidcError):
        logged_in(provider, client)
    with pytest.raises(GrantError):
        client.do_user_info_request(state=STATE)


def test_a_callback_leaves_no_tokens_of_an_earlier_login(provider):
    client, _ = logged_in(provider)

    client.parse_response(AuthorizationResponse, info=callback(provider, client), sformat="dict")

    with pytest.raises(GrantError):
        client.do_user_info_request(state=STATE)


def test_another_thread_never_gets_the_tokens_of_the_same_state(provider):
    client, _ = logged_in(provider)
    seen = []

    def look():
        try:
            seen.append(client.do_user_info_request(state=STATE))
        except GrantError as error:
            seen.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert isinstance(seen[0], GrantError)
    assert client.do_user_info_request(state=STATE)["sub"] == "alice"


def test_tokens_are_forgotten_after_a_while(provider, monkeypatch):
    client, _ = logged_in(provider)
    monkeypatch.setattr("countersign_oidc.compat.oic.oic.time.monotonic", lambda: float("inf"))

    with pytest.raises(GrantError):
        client.do_user_info_request(state=STATE)


def test_a_client_keeps_a_bounded_number_of_states(provider, monkeypatch):
    monkeypatch.setattr("countersign_oidc.compat.oic.oic.MOST_GRANTS", 1)
    client, _ = logged_in(provider)
    back = provider.authorize(login_url(client).replace(STATE, "another-state-of-some-length"))
    redeem(client, dict(parse_qsl(urlsplit(back).query)))

    with pytest.raises(GrantError):
        client.do_user_info_request(state=STATE)
    assert client.do_user_info_request(state="another-state-of-some-length")["sub"] == "alice"


@pytest.mark.parametrize("missing", ["code", "state"])
def test_a_callback_that_lacks_something_is_refused(provider, missing):
    info = {"code": "c", "state": STATE}
    del info[missing]

    with pytest.raises(PyoidcError, match=missing):
        client_of(provider).parse_response(AuthorizationResponse, info=info, sformat="dict")


def test_a_doubled_parameter_is_refused(provider):
    info = ImmutableMultiDict([("code", "one"), ("code", "two"), ("state", STATE)])

    with pytest.raises(PyoidcError, match="twice"):
        client_of(provider).parse_response(AuthorizationResponse, info=info, sformat="dict")


def test_an_unknown_way_of_proving_oneself_is_refused(provider):
    client = client_of(provider)

    with pytest.raises(PyoidcError, match="client_secret_post"):
        redeem(client, {"code": "c", "state": STATE}, authn_method="private_key_jwt")


def test_a_client_without_discovery_says_what_to_call(provider):
    with pytest.raises(PyoidcError, match="provider_config"):
        redeem(Client("c", transport=provider.transport), {"code": "c", "state": STATE})


def test_the_environment_may_send_requests_by_requests(provider, monkeypatch):
    monkeypatch.setenv("COUNTERSIGN_TRANSPORT", "requests")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)
        assert Client().provider_config(provider.issuer)["issuer"] == provider.issuer
    assert len(provider.requests_to("discovery")) == 1


def test_random_texts_differ_and_have_the_length_asked_for():
    assert len({rndstr() for _ in range(100)}) == 100
    assert len(rndstr(40)) == 40
    assert rndstr(200).isalnum()


def test_no_error_repeats_code_secret_or_token(provider):
    provider.id_token_claims["aud"] = "somebody-else"
    client = client_of(provider)
    info = callback(provider, client)
    response = client.parse_response(AuthorizationResponse, info=info, sformat="dict")

    with pytest.raises(PyoidcError) as caught:
        redeem(client, response)
    text = str(caught.value) + repr(caught.value)
    assert info["code"] not in text
    assert provider.client_secret not in text
    assert not any(token in text for token in provider.tokens)

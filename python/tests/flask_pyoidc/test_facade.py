"""The facade and the handler, as applications and tests use them directly."""

from __future__ import annotations

from unittest import mock
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from countersign_oidc.errors import Error
from flask_pyoidc.auth_response_handler import (
    AuthenticationResult,
    AuthResponseErrorResponseError,
    AuthResponseHandler,
    AuthResponseMismatchingSubjectError,
    AuthResponseProcessError,
    AuthResponseUnexpectedNonceError,
    AuthResponseUnexpectedStateError,
    InvalidIdTokenError,
)
from flask_pyoidc.messages import AccessTokenResponse, IdToken
from flask_pyoidc.provider_configuration import (
    ClientMetadata,
    ClientRegistrationInfo,
    ProviderConfiguration,
    ProviderMetadata,
)
from flask_pyoidc.pyoidc_facade import PyoidcFacade
from support.tokens import unsigned

REDIRECT_URI = "http://localhost/redirect_uri"
STATE, NONCE = "a-state-of-some-length", "a-nonce-of-some-length"


def facade_of(provider, **options):
    client = ClientMetadata(provider.client_id, provider.client_secret)
    return PyoidcFacade(
        ProviderConfiguration(**{"issuer": provider.issuer, "client_metadata": client, **options}),
        REDIRECT_URI,
    )


@pytest.fixture
def facade(provider):
    return facade_of(provider)


def returned(provider, facade, request, **changes):
    back = provider.authorize(facade.login_url(request), **changes)
    return facade.parse_authentication_response(dict(parse_qsl(urlsplit(back).query)))


def test_a_login_step_by_step(provider, facade):
    request = facade.authentication_request(STATE, NONCE, {"login_hint": "alice"})
    assert request.to_dict() == {
        "client_id": "client1",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": REDIRECT_URI,
        "state": STATE,
        "nonce": NONCE,
        "login_hint": "alice",
    }
    response = returned(provider, facade, request)
    tokens = facade.exchange_authorization_code(response["code"], response["state"], {})
    assert tokens["id_token"]["nonce"] == NONCE
    facade.verify_id_token(tokens["id_token"], request)
    assert facade.userinfo_request(tokens["access_token"]).to_dict()["name"] == "Alice"


def test_the_handler_gives_the_result(provider, facade):
    request = facade.authentication_request(STATE, NONCE, {})
    result = AuthResponseHandler(facade).process_auth_response(
        returned(provider, facade, request), request, {}
    )
    assert isinstance(result, AuthenticationResult)
    assert result.id_token_claims["sub"] == result.userinfo_claims["sub"] == "alice"
    assert (result.expires_in, result.access_token in provider.tokens) == (3600, True)


def test_parameters_that_were_changed_are_sent(provider, facade):
    request = facade.authentication_request(STATE, NONCE, {})
    request["kc_idp_hint"] = "mine"
    asked = parse_qs(urlsplit(facade.login_url(request)).query)
    assert (asked["kc_idp_hint"], asked["state"]) == (["mine"], [STATE])
    handler = AuthResponseHandler(facade)
    assert handler.process_auth_response(returned(provider, facade, request), request, {}).access_token


@pytest.mark.parametrize(
    ("break_it", "expected"),
    [
        (lambda provider: provider.id_token_claims.update(nonce="other"), AuthResponseUnexpectedNonceError),
        (lambda provider: provider.id_token_header.update(alg="none"), InvalidIdTokenError),
        (lambda provider: provider.id_token_claims.update(aud="other"), InvalidIdTokenError),
        (lambda provider: provider.user_info.update(sub="mallory"), AuthResponseMismatchingSubjectError),
        (
            lambda provider: provider.answers.update(token=(400, {"error": "invalid_grant"})),
            AuthResponseErrorResponseError,
        ),
        (lambda provider: provider.answers.update(token=(200, b"")), AuthResponseProcessError),
    ],
)
def test_the_handler_says_what_is_wrong(provider, facade, break_it, expected):
    request = facade.authentication_request(STATE, NONCE, {})
    response = returned(provider, facade, request)
    break_it(provider)
    with pytest.raises(expected):
        AuthResponseHandler(facade).process_auth_response(response, request, {})


def test_the_handler_says_that_the_state_is_another(provider, facade):
    request = facade.authentication_request(STATE, NONCE, {})
    response = returned(provider, facade, request, state="another-state-of-some-length")
    with pytest.raises(AuthResponseUnexpectedStateError):
        AuthResponseHandler(facade).process_auth_response(response, request, {})


def test_the_handler_says_what_the_provider_said(provider, facade):
    request = facade.authentication_request(STATE, NONCE, {})
    response = facade.parse_authentication_response({"error": "access_denied", "state": STATE})
    with pytest.raises(AuthResponseErrorResponseError) as refused:
        AuthResponseHandler(facade).process_auth_response(response, request, {})
    assert refused.value.error_response["error"] == "access_denied"


def test_every_refusal_is_a_value_error():
    assert issubclass(AuthResponseProcessError, ValueError)


def test_a_mocked_facade_works_in_the_handler():
    client = mock.MagicMock()
    client.exchange_authorization_code.return_value = AccessTokenResponse(
        access_token="at", expires_in=7, id_token=IdToken(sub="x"), id_token_jwt="jwt"
    )
    client.userinfo_request.return_value = {"sub": "x"}
    result = AuthResponseHandler(client).process_auth_response(
        {"state": STATE, "code": "c"}, {"state": STATE}, {}
    )
    assert result == AuthenticationResult("at", 7, {"sub": "x"}, "jwt", {"sub": "x"}, None)


def test_a_mocked_facade_does_not_hide_an_error_of_the_provider():
    with pytest.raises(AuthResponseErrorResponseError):
        AuthResponseHandler(mock.MagicMock()).process_auth_response({"error": "access_denied"}, {}, {})


def test_an_id_token_that_nobody_verified_is_refused(provider, facade):
    """A facade whose exchange was replaced gives its ID token to the engine's judgement all the same."""

    class Careless(PyoidcFacade):
        def exchange_authorization_code(self, authorization_code, state, extra_token_args=None):
            claims = {"iss": provider.issuer, "sub": "alice", "aud": "client1"}
            return AccessTokenResponse(access_token="at", id_token=claims, id_token_jwt=unsigned(claims))

    careless = Careless(facade._provider_configuration, REDIRECT_URI)
    request = careless.authentication_request(STATE, NONCE, {})
    with pytest.raises(InvalidIdTokenError):
        AuthResponseHandler(careless).process_auth_response(
            returned(provider, careless, request), request, {}
        )


def test_a_check_that_an_application_adds_is_heard(world):
    class Strict(PyoidcFacade):
        def verify_id_token(self, id_token, auth_request):
            super().verify_id_token(id_token, auth_request)
            if id_token.get("hd") != "example.com":
                raise InvalidIdTokenError("another organisation")

    configuration = world.auth._provider_configurations["default"]
    world.auth.clients = {"default": Strict(configuration, world.auth._redirect_uri_config.full_uri)}
    browser = world.browser()
    assert world.log_in(browser).status_code == 200
    assert world.log_in(browser, hd="example.com").status_code == 302


def test_the_parsing_of_the_response_can_be_overridden(world):
    class Tolerant(PyoidcFacade):
        def parse_authentication_response(self, response_params):
            params = {name: value for name, value in response_params.items() if name != "bogus"}
            return super().parse_authentication_response(params)

    configuration = world.auth._provider_configurations["default"]
    world.auth.clients = {"default": Tolerant(configuration, world.auth._redirect_uri_config.full_uri)}
    browser = world.browser()
    browser.get(world.provider.authorize(world.begin(browser), bogus="1"))
    assert browser.get("/").status_code == 200


def test_a_login_that_nobody_began_is_refused(facade):
    with pytest.raises(AuthResponseUnexpectedStateError):
        facade.exchange_authorization_code("code", "never-begun-state", {})


def test_logins_that_never_come_back_are_forgotten(facade):
    for number in range(100):
        facade.authentication_request(f"{STATE}-{number}", NONCE, {})
    assert len(facade._logins) == 64


def test_tokens_for_the_application_itself(provider, facade):
    tokens = facade.client_credentials_grant(scope=["read", "write"], audience="api")
    assert tokens.to_dict()["access_token"] == tokens["access_token"]
    assert "token_type" in tokens
    asked = provider.requests_to("token")[0]
    assert asked.form == {"grant_type": "client_credentials", "scope": "read write", "audience": "api"}
    assert asked.basic == (provider.client_id, provider.client_secret)


def test_a_refusal_of_tokens_for_the_application_is_a_mapping(provider, facade):
    provider.answers["token"] = (400, {"error": "invalid_scope"})
    assert facade.client_credentials_grant(scope="x").to_dict() == {"error": "invalid_scope"}


def test_tokens_for_a_refresh_token(provider, facade):
    provider.refresh_tokens["rt"] = {}
    tokens = facade.refresh_token("rt")
    assert tokens["access_token"] in provider.tokens
    assert "id_token" not in tokens
    assert facade.refresh_token("wrong").to_dict() == {"error": "invalid_grant"}


def test_user_info_that_is_refused(provider, facade):
    provider.answers["userinfo"] = (401, {"error": "invalid_token"})
    with pytest.raises(Error):
        facade.userinfo_request("x")


def test_the_facts(provider):
    facade = facade_of(provider, session_refresh_interval_seconds=9)
    assert facade.session_refresh_interval_seconds == 9
    assert facade.provider_end_session_endpoint == "https://op.example.com/logout"
    assert facade.post_logout_redirect_uris is None
    assert facade._client.client_id == "client1"
    assert facade.is_registered()


def test_what_nobody_asks_for_is_not_fetched(provider):
    facade_of(provider)
    assert provider.requests == []


def registering(provider, **info):
    configuration = ProviderConfiguration(
        issuer=provider.issuer, client_registration_info=ClientRegistrationInfo(**info)
    )
    return configuration, PyoidcFacade(configuration, REDIRECT_URI)


def test_a_client_is_registered_once(provider):
    configuration, facade = registering(
        provider, client_name="mine", post_logout_redirect_uris=["http://localhost/x"]
    )
    assert not facade.is_registered()
    facade.register()
    facade.register()
    assert facade.is_registered()
    assert len(provider.requests_to("registration")) == 1
    sent = provider.requests_to("registration")[0].json
    assert sent["application_type"] == "web"
    assert sent["redirect_uris"] == [REDIRECT_URI]
    assert sent["response_types"] == ["code"]
    assert configuration.registered_client_metadata["client_id"] == "client1"
    assert facade.post_logout_redirect_uris == ["http://localhost/x"]


@pytest.mark.parametrize(("raw", "expected"), [(False, "dG9r"), (True, "tok")])
def test_the_registration_token_is_sent_in_base64_unless_set_otherwise(provider, raw, expected):
    _, facade = registering(provider, registration_token="tok")
    facade._client.config = {"OIDC_RAW_REGISTRATION_TOKEN": raw}
    facade.register()
    request = provider.requests_to("registration")[0]
    assert request.bearer == expected
    assert "registration_token" not in request.json


def test_a_missing_jwks_uri_is_looked_up(provider):
    written = ProviderMetadata(
        issuer=provider.issuer,
        authorization_endpoint=provider.metadata["authorization_endpoint"],
        token_endpoint=provider.metadata["token_endpoint"],
    )
    facade = facade_of(provider, issuer=None, provider_metadata=written)
    request = facade.authentication_request(STATE, NONCE, {})
    handler = AuthResponseHandler(facade)
    assert handler.process_auth_response(returned(provider, facade, request), request, {}).id_token_claims
    assert written["token_endpoint"] == provider.metadata["token_endpoint"]


def test_a_provider_without_any_keys_is_a_named_setting(provider):
    provider.answers["discovery"] = (404, b"")
    written = ProviderMetadata(
        issuer=provider.issuer, authorization_endpoint="https://op.example.com/authorize"
    )
    facade = facade_of(provider, issuer=None, provider_metadata=written)
    with pytest.raises(ValueError, match="jwks_uri"):
        facade.authentication_request(STATE, NONCE, {})


def test_hs256_is_accepted_where_the_client_is_registered_for_it(provider):
    client = ClientMetadata(provider.client_id, provider.client_secret, id_token_signed_response_alg="HS256")
    provider.id_token_header["alg"] = "HS256"
    facade = facade_of(provider, client_metadata=client)
    request = facade.authentication_request(STATE, NONCE, {})
    handler = AuthResponseHandler(facade)
    assert handler.process_auth_response(returned(provider, facade, request), request, {}).id_token_claims


def test_nothing_secret_is_in_a_repr(provider, facade):
    provider.refresh_tokens["rt"] = {}
    shown = [repr(facade.refresh_token("rt")), repr(facade._client), repr(facade._provider_configuration)]
    secrets = [provider.client_secret, *provider.tokens]
    assert not [secret for secret in secrets for text in shown if secret in text]

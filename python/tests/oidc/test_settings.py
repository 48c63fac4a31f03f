"""Wrong settings are told at once, in words that name them."""

from __future__ import annotations

import sys

import pytest
from countersign_oidc import (
    Client,
    Introspection,
    Provider,
    Registration,
    RelyingParty,
    Requirement,
    ResourceServer,
    SetupError,
    TokenClient,
    TrustedIssuer,
)
from support.tokens import pem, rsa_key

PROVIDER = Provider.discover("https://op.example")
CLIENT = Client("web", "secret")
METADATA = {
    "issuer": "https://op.example",
    "authorization_endpoint": "https://op.example/authorize",
    "token_endpoint": "https://op.example/token",
    "jwks_uri": "https://op.example/jwks",
}


def party(**changes):
    settings = {"provider": PROVIDER, "client": CLIENT, "redirect_uri": "https://app.example/cb", **changes}
    return RelyingParty(**settings)


def api(**changes):
    return ResourceServer(**{"audiences": ["a"], "issuers": [TrustedIssuer(PROVIDER)], **changes})


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Provider.discover("op.example"), "issuer"),
        (lambda: Provider.discover("http://op.example"), "issuer"),
        (lambda: Provider.discover("https://op.example?a=b"), "issuer"),
        (lambda: Provider.discover("https://op.example", metadata_url="here"), "metadata_url"),
        (lambda: Provider.discover("https://op.example", reached_at="there"), "reached_at"),
        (lambda: Provider.written({}), "issuer"),
        (lambda: Provider.written({"issuer": "https://op.example"}), "authorization_endpoint"),
        (lambda: Provider.written({**METADATA, "token_endpoint": 5}), "token_endpoint"),
        (lambda: Provider.written({**METADATA, "token_endpoint": "http://op.example"}), "token_endpoint"),
        (lambda: Provider.written({**METADATA, "jwks": []}), "jwks"),
        (lambda: Provider.written({**METADATA, "x": object()}), "metadata"),
        (lambda: Provider.written([]), "metadata"),
        (lambda: Provider.named("", jwks={"keys": []}), "issuer"),
        (lambda: Provider.named("x"), "jwks"),
        (lambda: Provider.named("x", jwks={"keys": []}, jwks_uri="https://op.example/jwks"), "jwks"),
        (lambda: Provider.named("x", jwks_uri="keys"), "jwks_uri"),
        (lambda: Client(""), "client_id"),
        (lambda: Client("web", auth_method="client_secret_basic"), "client_secret"),
        (lambda: Client("web", "s", auth_method="magic"), "auth_method"),
        (lambda: Client("web", auth_method="private_key_jwt"), "private_key_pem"),
        (lambda: Client("web", private_key_pem="nonsense"), "private_key_pem"),
        (lambda: Client("web", "s", id_token_alg="none"), "id_token_alg"),
        (lambda: Client("web", "s", user_info_alg="RS257"), "user_info_alg"),
        (lambda: Registration([]), "metadata"),
        (lambda: party(redirect_uri="/cb"), "redirect_uri"),
        (lambda: party(redirect_uri="http://app.example/cb"), "redirect URI"),
        (lambda: party(redirect_uri="https://app.example/cb#x"), "redirect URI"),
        (lambda: party(client="web"), "client"),
        (lambda: party(user_info="PUT"), "user_info"),
        (lambda: party(pkce="never"), "pkce"),
        (lambda: party(clock_skew=-1.0), "clock_skew"),
        (lambda: party(clock_skew=float("nan")), "clock_skew"),
        (lambda: party(trusted_audiences="one"), "trusted_audiences"),
        (lambda: party().begin(response_mode="fragment"), "response_mode"),
        (lambda: party().begin(redirect_uri="cb"), "redirect_uri"),
        (lambda: party().begin(extra={"x": float("inf")}), "extra"),
        (lambda: party().begin(claims={1: 2}), "claims"),
        (lambda: party().complete(None, ""), "pending"),
        (lambda: api(audiences="notes"), "audiences"),
        (lambda: api(audiences=[]), "audience"),
        (lambda: api(issuers=[]), "issuer"),
        (lambda: api(issuers=[TrustedIssuer(PROVIDER), TrustedIssuer(PROVIDER)]), "twice"),
        (lambda: api(resource="notes"), "resource"),
        (lambda: TrustedIssuer(PROVIDER, algorithms=["none"]), "algorithms"),
        (lambda: TrustedIssuer(PROVIDER, algorithms=[]), "algorithms"),
        (lambda: api(issuers=[TrustedIssuer(PROVIDER, algorithms=["HS256"])]), "HS256"),
        (lambda: TrustedIssuer(PROVIDER, profile="rfc"), "profile"),
        (lambda: TrustedIssuer(PROVIDER, roles="roles"), "roles"),
        (lambda: TrustedIssuer(PROVIDER, roles=[]), "roles"),
        (lambda: TrustedIssuer(PROVIDER, introspection_only=True), "introspection"),
        (lambda: TrustedIssuer(PROVIDER, audience_rule="some"), "audience_rule"),
        (lambda: Introspection(CLIENT, endpoint="here"), "endpoint"),
        (lambda: Introspection(CLIENT, keep=-1.0), "keep"),
        (lambda: Requirement(scopes="read"), "scopes"),
        (lambda: Requirement(any_role=[1]), "any_role"),
        (lambda: Requirement(claims={"tenant": "a"}), "claims"),
        (lambda: TokenClient(PROVIDER, CLIENT).revoke("t", "id_token"), "hint"),
    ],
)
def test_a_wrong_setting_names_itself(make, named):
    with pytest.raises((SetupError, TypeError)) as refused:
        make()
    # For a wrong type, Python tells the argument's name from 3.11 on only, where exceptions have notes.
    if isinstance(refused.value, SetupError) or sys.version_info >= (3, 11):
        assert named in "\n".join([str(refused.value), *getattr(refused.value, "__notes__", [])])


def test_a_setup_error_is_a_value_error_with_its_code():
    with pytest.raises(ValueError, match="client_id") as caught:
        Client("")
    assert isinstance(caught.value, SetupError)
    assert (caught.value.code, caught.value.fault) == ("setup.option", "setup")


def test_plain_http_is_possible_where_it_is_said(caplog):
    Provider.discover("http://localhost:8080")
    Provider.discover("http://op.internal", allow_http=True)
    Provider.written({"issuer": "http://op.internal"}, sparse=True, allow_http=True)
    RelyingParty(PROVIDER, CLIENT, "http://localhost/cb")
    RelyingParty(PROVIDER, CLIENT, "http://app.internal/cb", allow_http_redirect=True)
    assert "danger" in caplog.text


def test_a_client_authenticates_by_what_it_has():
    shown = {
        'Client("web", none)': Client("web"),
        'Client("web", client_secret_basic)': Client("web", "s"),
        'Client("web", client_secret_post)': Client("web", "s", auth_method="client_secret_post"),
        'Client("web", client_secret_jwt)': Client("web", "s", auth_method="client_secret_jwt"),
        'Client("web", private_key_jwt)': Client("web", private_key_pem=pem(rsa_key()), key_id="k"),
    }
    assert {repr(client) for client in shown.values()} == set(shown)


def test_everything_can_be_constructed_while_the_provider_is_down():
    party()
    api()
    TokenClient(PROVIDER, CLIENT)

"""What must never be seen."""

from __future__ import annotations

import logging
import traceback

import pytest
from countersign_oidc import (
    Client,
    Error,
    Introspection,
    PendingLogin,
    Provider,
    Registration,
    Requirement,
    Session,
    SetupError,
    TokenClient,
    TrustedIssuer,
)
from oidc.scene import query, relying_party
from support.tokens import pem, rsa_key

SECRET = "hush-hush-hush-hush"


def test_no_object_shows_a_secret(provider, party, api, login):
    session = login()
    _, pending = party.begin()
    token = provider.mint_access_token()
    client = Client("web", SECRET)
    things = [
        client,
        Client("web", private_key_pem=pem(rsa_key())),
        Registration({"client_secret": SECRET}, initial_access_token=SECRET),
        Provider.discover(provider.issuer),
        pending,
        session,
        party,
        api,
        api.check(token),
        Introspection(client),
        TrustedIssuer(Provider.discover(provider.issuer), introspection=Introspection(client)),
        Requirement(scopes=["read"]),
        TokenClient(Provider.discover(provider.issuer), client),
    ]
    secrets = [
        SECRET,
        provider.client_secret,
        "PRIVATE KEY",
        token,
        session.access_token,
        session.refresh_token,
        session.id_token,
        pending.state,
        pending.nonce,
        pending.verifier,
    ]
    for thing in things:
        for shown in (repr(thing), str(thing)):
            assert shown.startswith(type(thing).__name__)
            assert not [secret for secret in secrets if secret is not None and secret in shown]


def test_a_request_shows_neither_query_nor_headers_nor_body(provider):
    shown = []

    def transport(request):
        shown.append(repr(request))
        return provider.transport(request)

    party = relying_party(provider, transport=transport)
    url, pending = party.begin()
    party.complete(pending, query(provider.authorize(url)))
    assert f"Request(POST {provider.issuer}/token)" in shown


def test_errors_and_logs_hold_no_secret(provider, party, caplog):
    caplog.set_level(logging.DEBUG)
    _, pending = party.begin()
    code = "the-authorization-code"
    provider.answers["token"] = (
        400,
        {"error": "invalid_grant", "error_description": f"{code} {provider.client_secret}"},
    )
    with pytest.raises(Error) as caught:
        party.complete(pending, f"code={code}&state={pending.state}")
    told = "".join(traceback.format_exception(None, caught.value, None)) + caplog.text
    told += repr(vars(caught.value))
    for secret in (code, provider.client_secret, pending.state, pending.nonce, pending.verifier):
        assert secret is not None
        assert secret not in told
    assert "invalid_grant" in told


@pytest.mark.parametrize(
    "make",
    [
        lambda: Client("web", auth_method="private_key_jwt", private_key_pem=SECRET),
        lambda: PendingLogin.from_dict({"state": SECRET}),
        lambda: Session.restore(id_token=SECRET, access_token=SECRET, client_id="c"),
        lambda: Client(SECRET, auth_method="none", id_token_alg="none"),
    ],
)
def test_a_wrong_argument_is_not_repeated(make):
    with pytest.raises(ValueError, match=r".") as caught:
        make()
    assert SECRET not in str(caught.value)


def test_what_the_engine_tells_is_heard_under_one_name(provider, party, caplog):
    provider.answers["discovery"] = (500, b"")
    with pytest.raises(Error):
        party.begin()
    [told] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert told.name == "countersign"
    assert "provider.status" in told.getMessage()


def test_a_logger_that_fails_does_not_fail_a_login(party, monkeypatch):
    def broken(*arguments, **keywords):
        raise LookupError("no disk")

    raised = []
    monkeypatch.setattr("sys.unraisablehook", lambda told: raised.append(told.exc_value))
    monkeypatch.setattr(logging.getLogger("countersign"), "log", broken)
    party.begin()
    assert raised
    with pytest.raises(SetupError):
        party.begin(state="short")

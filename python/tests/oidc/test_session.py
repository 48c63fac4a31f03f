"""Sessions: renewed, kept, restored, ended."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from countersign_oidc import Error, LoginRefused, NetworkError, ProviderError, Session
from oidc.scene import relying_party
from support.tokens import rsa_key, signed


def test_a_session_is_renewed(provider, party, login):
    session = login()
    renewed = party.refresh(session)
    assert renewed.subject == "alice"
    assert renewed.access_token != session.access_token
    assert renewed.refreshed == 1
    assert renewed.started_at == session.started_at
    [_, sent] = provider.requests_to("token")
    assert sent.form["grant_type"] == "refresh_token"


def test_a_session_is_renewed_once_however_often_the_old_one_comes(provider, party, login):
    session = login()
    tokens = {party.refresh(session).access_token for _ in range(5)}
    assert len(tokens) == 1
    assert len(provider.requests_to("token")) == 2


def test_a_refused_renewal_ends_the_session(provider, party, login):
    session = login()
    provider.refresh_tokens.clear()
    with pytest.raises(Error) as caught:
        party.refresh(session)
    assert caught.value.code == "refresh.refused"
    assert caught.value.provider_error == "invalid_grant"


def test_silence_does_not_end_a_session(provider, party, login):
    session = login()
    provider.unreachable.add("token")
    with pytest.raises(NetworkError):
        party.refresh(session)
    provider.unreachable.clear()
    assert party.refresh(session).refreshed == 1


def test_a_session_without_refresh_token_cannot_be_renewed(provider, party, login):
    provider.token_response["refresh_token"] = None
    session = login()
    assert session.refresh_token is None
    with pytest.raises(Error) as caught:
        party.refresh(session)
    assert caught.value.code == "refresh.none"


def test_a_renewed_id_token_about_somebody_else_is_refused(provider, party, login):
    session = login()
    provider.id_token_claims["sub"] = "mallory"
    with pytest.raises(Error) as caught:
        party.refresh(session)
    assert caught.value.code == "refresh.subject"


def test_a_session_can_be_kept_as_bytes(login):
    session = login()
    kept = Session.from_record(session.to_record())
    assert kept is not None
    assert (kept.claims, kept.user_info) == (session.claims, session.user_info)
    assert (kept.access_token, kept.refresh_token) == (session.access_token, session.refresh_token)
    assert kept.id_token == session.id_token


@pytest.mark.parametrize("record", [b"", b"\x01", b"\x09garbage", b"\x01\x00\x00\x00\x02{}"])
def test_something_else_is_no_record(record):
    assert Session.from_record(record) is None


def test_a_session_is_restored_from_its_parts_and_renewed(provider, party, login):
    before = login()
    session = Session.restore(
        claims=before.claims,
        id_token=before.id_token,
        access_token=before.access_token,
        refresh_token=before.refresh_token,
        client_id=before.client_id,
        expires_at=before.expires_at,
        user_info=before.user_info,
        started_at=before.started_at,
    )
    assert (session.subject, session.claims) == ("alice", before.claims)
    assert party.refresh(session).subject == "alice"


def test_a_session_is_restored_from_claims_where_the_token_cannot_be_read(provider, party, login):
    before = login()
    for token in (None, "no token"):
        session = Session.restore(
            claims={"iss": provider.issuer, "sub": "alice", "iat": 1_700_000_000},
            id_token=token,
            access_token=before.access_token,
            refresh_token=before.refresh_token,
            client_id=before.client_id,
        )
        assert (session.subject, session.id_token) == ("alice", "")
        assert session.started_at == 1_700_000_000
        assert "id_token" not in session.token_response


@pytest.mark.parametrize("claims", [None, {}, {"sub": "alice"}, {"iss": "https://op.example.com"}])
def test_claims_without_issuer_or_subject_are_no_session(claims):
    with pytest.raises(ValueError, match=r"iss or sub|neither claims"):
        Session.restore(claims=claims, access_token="a", client_id="c")


def test_a_renewal_of_a_restored_session_for_somebody_else_is_refused(provider, party, login):
    before = login()
    session = Session.restore(
        claims={"iss": provider.issuer, "sub": "bob"},
        access_token=before.access_token,
        refresh_token=before.refresh_token,
        client_id=before.client_id,
    )
    with pytest.raises(Error) as caught:
        party.refresh(session)
    assert caught.value.code == "refresh.subject"


def test_the_logout_address_names_the_session(provider, party, login):
    session = login()
    url = party.logout_url(
        session,
        post_logout_redirect_uri="https://app.example/bye",
        state="s",
        extra={"revoke_tokens": 1},
    )
    assert url is not None
    assert url.startswith(provider.metadata["end_session_endpoint"])
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "id_token_hint": session.id_token,
        "client_id": "client1",
        "post_logout_redirect_uri": "https://app.example/bye",
        "state": "s",
        "revoke_tokens": "1",
    }


def test_a_hint_that_was_kept_apart_goes_along_unjudged(party):
    url = party.logout_url(id_token_hint="long.since.over")
    assert url is not None
    assert "id_token_hint=long.since.over" in url


def test_a_provider_without_logout_has_no_address(provider, party):
    del provider.metadata["end_session_endpoint"]
    assert party.logout_url() is None


def logout_token(provider, key=None, **changes):
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": provider.client_id,
        "iat": now,
        "exp": now + 60,
        "jti": f"j-{time.perf_counter_ns()}",
        "sub": "alice",
        "sid": "s1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return signed(claims, key or provider.key, {"typ": "logout+jwt"})


def test_a_logout_token_says_which_sessions_are_over(provider, party):
    claims = party.verify_logout_token(logout_token(provider))
    assert (claims["sub"], claims["sid"], claims["iss"]) == ("alice", "s1", provider.issuer)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"nonce": "n"},
        {"events": {}},
        {"sub": None, "sid": None},
        {"exp": 1_600_000_000, "iat": 1_600_000_000 - 60},
    ],
)
def test_a_wrong_logout_token_is_refused(provider, party, changes):
    with pytest.raises((ProviderError, LoginRefused)) as caught:
        party.verify_logout_token(logout_token(provider, **changes))
    assert caught.value.code.startswith("logout_token.")


def test_a_logout_token_of_a_stranger_is_refused(provider, party):
    with pytest.raises(ProviderError):
        party.verify_logout_token(logout_token(provider, key=rsa_key("stranger")))


def test_a_logout_token_is_good_once(provider, party):
    token = logout_token(provider)
    party.verify_logout_token(token)
    with pytest.raises(Error) as caught:
        party.verify_logout_token(token)
    assert caught.value.code == "logout_token.replay"


def test_user_info_is_compared_with_the_subject(provider, party, login):
    session = login()
    assert party.user_info(session.access_token, "alice") == provider.user_info
    assert party.user_info(session.access_token, None) == provider.user_info
    with pytest.raises(ProviderError) as caught:
        party.user_info(session.access_token, "mallory")
    assert caught.value.code == "user_info.subject"
    with pytest.raises(ProviderError) as caught:
        party.user_info("unknown", None)
    assert caught.value.code == "user_info.refused"


def test_the_metadata_and_the_client_can_be_read(provider):
    party = relying_party(provider)
    assert party.metadata() == provider.metadata
    assert party.client() == {"client_id": "client1", "client_secret": provider.client_secret}
    assert (party.issuer, party.redirect_uri) == (provider.issuer, "https://app.example/callback")
    party.ready()

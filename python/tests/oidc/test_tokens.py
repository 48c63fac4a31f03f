"""May this token pass?"""

from __future__ import annotations

import time

import pytest
from countersign_oidc import (
    Client,
    Introspection,
    NetworkError,
    Provider,
    Requirement,
    ResourceServer,
    SetupError,
    TokenRefused,
    TrustedIssuer,
)
from oidc.scene import resource_server
from support.tokens import public, rsa_key, tampered, unsigned


def refused(check, *arguments):
    with pytest.raises(TokenRefused) as caught:
        check(*arguments)
    return caught.value


def test_a_good_token_passes(provider, api):
    token = provider.mint_access_token(scope="read write", roles=["editor"])
    passed = api.check(token)
    assert (passed.subject, passed.issuer, passed.raw) == ("alice", provider.issuer, token)
    assert (passed.scopes, passed.roles) == (["read", "write"], ["editor"])
    assert passed.claims["client_id"] == "client1"
    assert passed.expires_at == pytest.approx(time.time() + 600, abs=5)
    assert passed.has_scope("read")
    assert not passed.has_scope("admin")
    assert passed.has_role("editor")
    assert not passed.has_role("admin")
    assert api.check_header(f"bearer {token}").subject == "alice"


def test_keys_are_fetched_once(provider, api):
    for _ in range(3):
        api.check(provider.mint_access_token())
    assert [request.endpoint for request in provider.requests] == ["discovery", "jwks"]
    assert api.cached == 3


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "somebody-else"}, "access_token.audience"),
        ({"aud": None}, "access_token.audience"),
        ({"iss": "https://evil.example"}, "access_token.issuer"),
        ({"exp": 1_600_000_000}, "access_token.expired"),
        ({"exp": None}, "access_token.claim"),
        ({"nbf": 4_000_000_000}, "access_token.not_before"),
    ],
)
def test_a_wrong_token_is_refused(provider, api, claims, code):
    error = refused(api.check, provider.mint_access_token(**claims))
    assert (error.code, error.status, error.error) == (code, 401, "invalid_token")
    assert error.challenges[0].startswith('Bearer error="invalid_token"')


def test_an_unsigned_token_is_refused(provider, api):
    good = provider.mint_access_token()
    claims = api.check(good).claims
    assert refused(api.check, unsigned(claims)).code == "jws.algorithm"


def test_a_tampered_token_is_refused_after_the_good_one_passed(provider, api):
    good = provider.mint_access_token()
    api.check(good)
    assert refused(api.check, tampered(good, sub="mallory")).code == "jws.signature"
    assert refused(api.check, good[:-4] + "AAAA").code == "jws.signature"


def test_a_token_of_a_stranger_is_refused_and_a_new_key_is_found(provider, api):
    api.check(provider.mint_access_token())
    assert refused(api.check, provider.mint_access_token(key=rsa_key("stranger"))).code == "keys.unknown"

    provider.jwks = {"keys": [public(provider.key), public(rsa_key("new"))]}
    assert api.check(provider.mint_access_token(key=rsa_key("new"))).subject == "alice"


def test_an_id_token_is_no_access_token(provider):
    strict = resource_server(provider, issuer={"profile": "rfc9068"})
    error = refused(strict.check, provider.mint_id_token())
    assert error.status == 401


@pytest.mark.parametrize(
    ("header", "status", "error"),
    [
        (None, 401, None),
        ("", 401, None),
        ("Basic YTpi", 401, None),
        ("Bearer", 400, "invalid_request"),
        ("Bearer ", 400, "invalid_request"),
        ("Bearer a b", 400, "invalid_request"),
        ("Bearer ü", 400, "invalid_request"),
        ("Bearer \udcff", 400, "invalid_request"),
        ("Bearer a\r\nX: y", 400, "invalid_request"),
        ("Bearer abc", 401, "invalid_token"),
    ],
)
def test_a_header_without_good_token_gets_its_challenge(api, header, status, error):
    caught = refused(api.check_header, header)
    assert (caught.status, caught.error) == (status, error)
    assert caught.challenges[0].startswith("Bearer")
    assert (caught.error_description is None) == (error is None)


@pytest.mark.parametrize("token", ["", "a b", "ü", "\udcff", "a" * 100_000])
def test_something_else_than_a_token_is_a_wrong_request(api, token):
    assert refused(api.check, token).status == 400


def test_a_challenge_names_realm_and_metadata(provider):
    api = resource_server(provider, realm="notes", resource="https://api.example/notes")
    [challenge] = refused(api.check_header, None).challenges
    where = "https://api.example/.well-known/oauth-protected-resource/notes"
    assert challenge == f'Bearer realm="notes", resource_metadata="{where}"'
    metadata = api.metadata()
    assert metadata is not None
    assert metadata["resource"] == "https://api.example/notes"
    assert metadata["authorization_servers"] == [provider.issuer]
    assert resource_server(provider).metadata() is None


def test_what_is_asked_of_a_token_is_asked_of_one_seen_before_as_well(provider, api):
    token = provider.mint_access_token(scope="read", roles=["editor"], tenant="a", acr="1")
    passed = api.check(token)
    met = [
        Requirement(scopes=["read"], roles=["editor"]),
        Requirement(any_scope=["write", "read"], any_role=["admin", "editor"]),
        Requirement(claims={"/tenant": "a"}, acr_values=["1", "2"]),
    ]
    unmet = [
        (Requirement(scopes=["read", "write"]), 403, "bearer.scope"),
        (Requirement(any_scope=[]), 403, "bearer.scope"),
        (Requirement(roles=["admin"]), 403, "bearer.role"),
        (Requirement(any_role=[]), 403, "bearer.role"),
        (Requirement(claims={"/tenant": "b"}), 403, "bearer.claim"),
        (Requirement(acr_values=["2"]), 401, "bearer.step_up"),
        (Requirement(max_age=60), 401, "bearer.step_up"),
    ]
    for requirement in met:
        api.check(token, requirement)
        api.require(passed, requirement)
    for requirement, status, code in unmet:
        for ask in (lambda r=requirement: api.check(token, r), lambda r=requirement: api.require(passed, r)):
            error = refused(ask)
            assert (error.status, error.code) == (status, code)


def test_roles_are_found_where_they_are_said_to_be(provider):
    token = provider.mint_access_token(realm_access={"roles": ["a"]}, groups=["b"], own={"roles": "c"})
    for place, roles in [
        ("/groups", ["b"]),
        (["/groups", "/own/roles"], ["b", "c"]),
        (lambda claims: [role.upper() for role in claims["groups"]], ["B"]),
        (lambda claims: None, []),
        (None, ["a"]),
    ]:
        api = resource_server(provider, issuer={"roles": place})
        assert api.check(token).roles == roles
        api.check(token, Requirement(roles=roles))
        assert refused(api.check, token, Requirement(roles=["z"])).code == "bearer.role"


def test_an_exception_of_a_role_function_is_the_applications_own_and_opens_no_door(provider):
    def broken(claims):
        raise LookupError("a mistake")

    api = resource_server(provider, issuer={"roles": broken})
    token = provider.mint_access_token()
    for _ in range(2):
        with pytest.raises(LookupError, match="a mistake"):
            api.check(token, Requirement(any_role=["admin"]))
    passed = api.check(token)
    for ask in (lambda: passed.has_role("admin"), lambda: passed.roles):
        with pytest.raises(LookupError, match="a mistake"):
            ask()
    assert api.check(token).subject == "alice", "nothing of it is left behind"


def test_a_role_function_that_gives_something_else_is_told_so(provider):
    api = resource_server(provider, issuer={"roles": lambda claims: "admin"})
    with pytest.raises(SetupError, match="roles"):
        api.check(provider.mint_access_token(), Requirement(roles=["admin"]))


def test_a_provider_out_of_reach_lets_nobody_pass_and_what_is_known_goes_on(provider, api, monkeypatch):
    provider.unreachable.add("*")
    token = provider.mint_access_token()
    with pytest.raises(NetworkError) as caught:
        api.check(token)
    assert caught.value.retry_after is not None

    provider.unreachable.clear()
    later = time.time() + 2
    monkeypatch.setattr(time, "time", lambda: later)
    api.check(token)
    provider.unreachable.add("*")
    assert api.check(token).subject == "alice"


def introspecting(provider, only=False, client=None, **settings):
    asked = Introspection(client or Client(provider.client_id, provider.client_secret), **settings)
    return resource_server(provider, issuer={"introspection": asked, "introspection_only": only})


def test_an_opaque_token_is_asked_about(provider):
    api = introspecting(provider, token_type_hint="access_token")
    token = provider.opaque_token(scope="read")
    passed = api.check(token, Requirement(scopes=["read"]))
    assert passed.subject == "alice"
    asked = provider.requests_to("introspection")[0]
    assert asked.form["token_type_hint"] == "access_token"
    assert asked.basic == (provider.client_id, provider.client_secret)


def test_an_answer_is_not_kept_unless_that_is_set(provider):
    token = provider.opaque_token()
    for keep, questions in ((0.0, 3), (30.0, 1)):
        provider.requests.clear()
        api = introspecting(provider, keep=keep)
        for _ in range(3):
            api.check(token)
        assert len(provider.requests_to("introspection")) == questions


def test_a_revoked_token_is_refused(provider):
    api = introspecting(provider)
    token = provider.opaque_token()
    api.check(token)
    provider.revoked(token)
    assert refused(api.check, token).code == "access_token.inactive"


def test_an_answer_about_a_token_for_somebody_else_is_refused_unless_that_is_set(provider):
    token = provider.opaque_token(aud="somebody-else")
    assert refused(introspecting(provider).check, token).code == "access_token.audience"
    assert introspecting(provider, any_audience=True).check(token).subject == "alice"


def test_an_answer_can_be_seen_as_it_came(provider):
    api = introspecting(provider)
    token = provider.opaque_token(custom=[1, {"a": None}])
    answer = api.introspect(token)
    assert answer is not None
    assert answer["custom"] == [1, {"a": None}]
    assert api.introspect("unknown") is None


def test_the_profile_of_a_token_is_asked_for_once(provider, api):
    token = provider.mint_access_token()
    provider.tokens[token] = {}
    passed = api.check(token)
    for _ in range(2):
        assert api.user_info(passed) == provider.user_info
    assert len(provider.requests_to("userinfo")) == 1


def test_a_name_that_is_no_address_can_be_an_issuer(provider):
    keys = {"keys": [public(rsa_key())]}
    issuer = TrustedIssuer(Provider.named("any text", jwks=keys))
    api = ResourceServer(["client1"], [issuer])
    assert api.check(provider.mint_access_token(iss="any text")).issuer == "any text"
    assert refused(api.check, provider.mint_access_token(iss="any Text")).code == "access_token.issuer"


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_short_keys_are_refused_unless_a_test_suite_says_so(provider):
    short = rsa_key("short", 1024)
    keys, token = {"keys": [public(short)]}, provider.mint_access_token(iss="tests", key=short)

    def api(**settings):
        return ResourceServer(["client1"], [TrustedIssuer(Provider.named("tests", jwks=keys, **settings))])

    assert refused(api().check, token).status == 401
    assert api(unsafe_test_keys=True).check(token).subject == "alice"


def test_what_older_libraries_ask_of_a_token_can_be_asked(provider):
    bare, named = provider.mint_access_token(aud=None), provider.mint_access_token(aud="other")
    nobody = resource_server(provider, issuer={"audience_rule": "nobody"})
    assert nobody.check(bare).subject == "alice"
    assert refused(nobody.check, named).code == "access_token.audience"
    either = resource_server(provider, issuer={"audience_rule": "any"})
    assert either.check(bare).subject == either.check(named).subject == "alice"
    kid = resource_server(provider, issuer={"needs_kid": True})
    unnamed = provider.mint_access_token(header={"kid": None})
    assert refused(kid.check, unnamed).status == 401
    assert resource_server(provider).check(unnamed).subject == "alice"


def test_several_issuers_are_told_apart(provider, api):
    other = Provider.written(
        {"issuer": "https://other.example", "jwks": {"keys": [public(rsa_key("other"))]}}, sparse=True
    )
    issuers = [TrustedIssuer(Provider.discover(provider.issuer)), TrustedIssuer(other)]
    api = ResourceServer(["client1"], issuers, transport=provider.transport)
    theirs = provider.mint_access_token(iss="https://other.example", key=rsa_key("other"))
    assert api.check(provider.mint_access_token()).issuer == provider.issuer
    assert api.check(theirs).issuer == "https://other.example"
    crossed = provider.mint_access_token(iss="https://other.example")
    assert refused(api.check, crossed).status == 401


def test_a_token_for_tests_is_signed_by_the_key_that_is_given(provider, api):
    from countersign_oidc import _native
    from support.tokens import pem

    claims = {"iss": provider.issuer, "aud": "client1", "sub": "bob", "exp": int(time.time()) + 60}
    token = _native.sign_for_tests(claims, {"kid": "key-1", "typ": "JWT"}, pem(provider.key))
    assert api.check(token).subject == "bob"
    header, read = _native.unverified(token)
    assert (header, read) == ({"alg": "RS256", "kid": "key-1", "typ": "JWT"}, claims)

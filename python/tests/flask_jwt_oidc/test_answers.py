"""Status, code, description and challenge, row by row."""

from __future__ import annotations

import time

import pytest
from support.jwt_api import TEST_MODE, api, claims, mint
from support.tokens import encoded, rsa_key, tampered, unsigned

FORM = "Invalid header. Use an RS256 signed JWT Access Token"
PARSE = "Unable to parse authentication token."
CLAIMS = "incorrect claims, please check the audience and issuer"


def answer_of(response):
    return response.status_code, response.json["code"], response.json["description"]


def test_a_good_token_passes_and_its_claims_are_at_hand(get):
    response = get(mint())

    assert response.status_code == 200
    assert response.json == claims(iat=response.json["iat"], exp=response.json["exp"])


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_in_any_case(get, scheme):
    assert get(authorization=f"{scheme} {mint()}").status_code == 200


@pytest.mark.parametrize(
    ("authorization", "code", "description"),
    [
        (None, "authorization_header_missing", "Authorization header is expected"),
        ("", "authorization_header_missing", "Authorization header is expected"),
        ("Basic YTpi", "invalid_header", "Authorization header must start with Bearer"),
        ("   ", "invalid_header", "Authorization header must start with Bearer"),
        ("Bearer", "invalid_header", "Token not found after Bearer"),
        ("Bearer ", "invalid_header", "Token not found after Bearer"),
        ("Bearer a b", "invalid_header", "Authorization header is an invalid token structure"),
        ("Bearer a\tb", "invalid_header", FORM),
    ],
)
def test_a_header_without_one_token_is_refused(get, authorization, code, description):
    response = get(authorization=authorization)

    assert answer_of(response) == (401, code, description)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def late(name):
    return {name: int(time.time()) + 300}


@pytest.mark.parametrize(
    ("token", "code", "description"),
    [
        (lambda: "garbage", "invalid_header", FORM),
        (lambda: "a.b.c", "invalid_header", FORM),
        (lambda: mint({"alg": "HS256"}, key=secret()), "invalid_header", FORM),
        (lambda: without_alg(), "invalid_header", FORM),
        (lambda: mint({"kid": "other"}), "invalid_header", "Unable to find jwks key referenced in token"),
        (lambda: mint({"kid": "key-1"}, key=rsa_key("stranger")), "invalid_header", PARSE),
        (lambda: tampered(mint(), sub="mallory"), "invalid_header", PARSE),
        (lambda: mint({"crit": ["b64"], "b64": True}), "invalid_header", PARSE),
        (lambda: unsigned(claims(), {"kid": "key-1"}), "invalid_header", PARSE),
        (lambda: mint({"alg": "RS512"}, key=any_alg()), "invalid_header", PARSE),
        (lambda: mint(**late("nbf")), "invalid_header", PARSE),
        (lambda: mint(**late("iat")), "invalid_header", PARSE),
        (lambda: mint(aud="somebody-else"), "invalid_header", PARSE),
        (lambda: mint(iss="https://evil.example.com"), "invalid_header", PARSE),
        (lambda: mint(aud=None), "invalid_claims", CLAIMS),
        (lambda: mint(iss=None), "invalid_claims", CLAIMS),
        (lambda: mint(exp=None), "invalid_claims", "the token has no expiry (exp)"),
        (lambda: mint(exp=int(time.time())), "token_expired", "token has expired"),
        (
            lambda: mint(nonce="n-0S6_WzA2Mj"),
            "invalid_header",
            "this is no access token; send the access token",
        ),
    ],
    ids=lambda value: None if callable(value) else str(value)[:24],
)
def test_a_token_that_breaks_a_rule_is_refused(get, token, code, description):
    response = get(token())

    assert answer_of(response) == (401, code, description)
    assert 'error="invalid_' in response.headers["WWW-Authenticate"]


def test_the_same_token_is_refused_once_it_is_over(get, monkeypatch):
    token = mint()
    assert get(token).status_code == 200

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)

    assert answer_of(get(token))[:2] == (401, "token_expired")


def test_the_clock_may_be_given_some_room():
    app, _ = api(**TEST_MODE, JWT_OIDC_CLOCK_SKEW=30)
    get = app.test_client().get

    def status(ago):
        token = mint(exp=int(time.time()) - ago)
        return get("/notes", headers={"Authorization": f"Bearer {token}"}).status_code

    assert status(ago=20) == 200
    assert status(ago=40) == 401


def test_one_audience_of_several_is_enough(get):
    assert get(mint(aud=["somebody-else", "notes-api"])).status_code == 200


def test_a_token_without_subject_passes(get):
    assert get(mint(sub=None)).status_code == 200


def with_cookie(token, name="oidc-jwt"):
    return {"Cookie": f"{name}={token}"}


@pytest.fixture
def bare(app):
    """A client that leaves the cookie to the test; older Werkzeugs set cookies in another way."""
    return app.test_client(use_cookies=False)


def test_the_cookie_is_read_where_it_is_asked_for(bare):
    assert answer_of(bare.get("/cookie")) == (
        401,
        "authorization_cookie_missing",
        "Authorization cookie is expected",
    )
    assert bare.get("/cookie", headers=with_cookie(mint())).status_code == 200
    over = bare.get("/cookie", headers=with_cookie(mint(exp=1000)))
    assert answer_of(over)[:2] == (401, "token_expired")


def test_a_cookie_does_not_open_what_asks_for_the_header(bare):
    assert bare.get("/notes", headers=with_cookie(mint())).status_code == 401


def test_the_name_of_the_cookie_is_read_with_each_request(app, bare):
    app.config["JWT_OIDC_AUTH_COOKIE_NAME"] = "badge"

    assert bare.get("/cookie", headers=with_cookie(mint(), "badge")).status_code == 200
    assert bare.get("/cookie", headers=with_cookie(mint())).status_code == 401


def test_an_error_handler_of_the_application_answers():
    def handler(error):
        return {"said": error.error["code"], "status": error.status_code}, 418

    app, _ = api(**TEST_MODE, JWT_OIDC_AUTH_ERROR_HANDLER=handler)

    response = app.test_client().get("/notes")

    assert (response.status_code, response.json) == (
        418,
        {"said": "authorization_header_missing", "status": 401},
    )


def test_neither_answer_nor_log_repeats_the_token(get, caplog):
    caplog.set_level("DEBUG")
    for token in (mint(exp=1000), mint(aud="x"), tampered(mint(), sub="mallory")):
        response = get(token)
        shown = caplog.text + response.text + str(response.headers)
        assert not any(part in shown for part in token.split("."))


def secret():
    from joserfc.jwk import OctKey

    return OctKey.import_key("a secret that is known to both sides")


def any_alg():
    """The known key, free to sign by another algorithm."""
    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(rsa_key().as_pem(private=True))
    return RSAKey.import_key({**key.as_dict(private=True), "kid": "key-1"})


def without_alg():
    _, payload, signature = mint().split(".")
    return ".".join([encoded(b'{"kid":"key-1"}'), payload, signature])

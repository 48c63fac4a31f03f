"""Tokens that somebody made who has no key."""

from __future__ import annotations

import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from support.jwt_api import api, bearer, claims, mint
from support.tokens import ec_key, encoded, public, rsa_key, signed, unsigned

stranger = rsa_key("stranger")
PUBLISHED = public(rsa_key())
PEM = rsa_key().as_pem(private=False).decode()


def forged(header):
    return signed(claims(), stranger, {"kid": "key-1", **header})


def with_secret(secret):
    """By hand: no library lends itself to this any more."""
    header = {"alg": "HS256", "kid": "key-1", "typ": "JWT"}
    text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims()))
    return f"{text}.{encoded(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


def by_the_real_key(header, payload):
    """Signed rightly, over what no library writes."""
    header = {"alg": "RS256", "kid": "key-1", "typ": "JWT", **header}
    text = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    key = load_pem_private_key(rsa_key().as_pem(private=True), None)
    return f"{text}.{encoded(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


GOOD = json.dumps(claims()).encode()
FORGED = {
    "unsigned": unsigned(claims(), {"kid": "key-1"}),
    "unsigned in other letters": unsigned(claims(), {"kid": "key-1", "alg": "nOnE"}),
    "signed by a stranger under a known name": forged({}),
    "with the public key as secret": with_secret(PEM),
    "with the JWK as secret": with_secret(json.dumps(PUBLISHED)),
    "bringing its own key": forged({"jwk": public(stranger)}),
    "naming where its key is": forged({"jku": "https://evil.example/jwks", "x5u": "https://evil.example/x"}),
    "under a path as name": forged({"kid": "../../../../dev/null"}),
    "with nothing as secret": with_secret(""),
    "by a key of another kind": signed(claims(), ec_key(), {"kid": "key-1"}),
    "demanding an extension": by_the_real_key({"crit": ["exp2"], "exp2": 1}, GOOD),
    "with an unencoded payload": by_the_real_key(
        {"crit": ["b64"], "b64": True}, json.dumps(claims()).encode()
    ),
    "with a signature cut short": mint()[:-4],
    "with more behind it": mint() + "AAAA",
    "in five parts": mint() + ".a.b",
    "of letters beyond base64url": mint().replace("_", "/") + "=",
    "naming its claims twice": by_the_real_key({}, GOOD[:-1] + b', "sub": "root"}'),
    "too long": "a" * 300_000 + ".b.c",
}


@pytest.mark.parametrize("how", list(FORGED))
def test_a_forged_token_is_refused(get, how):
    answer = get(FORGED[how])
    assert answer.status_code == 401, how
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert get(FORGED[how], path="/both").status_code == 401


def test_the_good_token_beside_them_passes(get):
    assert get(mint()).status_code == 200
    assert get(by_the_real_key({}, GOOD)).status_code == 200


def test_a_setting_that_names_weak_algorithms_opens_no_door():
    for named in ("HS256,RS256", "none,RS256", ["RS256", "HS512"]):
        app, jwt = api(
            JWT_OIDC_JWKS_URI="https://login.example.com/jwks",
            JWT_OIDC_ISSUER="https://login.example.com/realms/notes",
            JWT_OIDC_AUDIENCE="notes-api",
            JWT_OIDC_ALGORITHMS=named,
        )
        jwt._fetch_jwks_from_url = lambda: {"keys": [PUBLISHED]}
        client = app.test_client()
        for how in ("unsigned", "with the public key as secret", "with the JWK as secret"):
            assert client.get("/notes", headers=bearer(FORGED[how])).status_code in (401, 500), (named, how)

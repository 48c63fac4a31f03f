"""Keys and tokens for tests, minted with joserfc and cryptography."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Union

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

Json = dict[str, Any]
Key = Union[RSAKey, ECKey, OctKey, OKPKey]


@functools.cache
def rsa_key(kid: str = "key-1", bits: int = 2048) -> RSAKey:
    """The RSA key of that name: made once per process, as making one takes a tenth of a second."""
    return RSAKey.generate_key(bits, {"kid": kid, "use": "sig", "alg": "RS256"})


@functools.cache
def ec_key(kid: str = "ec-1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def public(key: Key) -> Json:
    """The public half, as a key set shows it."""
    return dict(key.as_dict(private=False))


def pem(key: RSAKey) -> str:
    return key.as_pem(private=True).decode()


def signed(claims: Mapping[str, Any], key: Key, header: Mapping[str, Any] | None = None) -> str:
    """A compact JWS of these claims. A member of ``header`` that is None is left out."""
    kid = key.as_dict(private=False).get("kid") if not isinstance(key, OctKey) else None
    alg = {"RSA": "RS256", "EC": "ES256", "oct": "HS256", "OKP": "Ed25519"}[key.key_type]
    members: Json = {"alg": alg, "typ": "JWT", "kid": kid, **(header or {})}
    members = {name: value for name, value in members.items() if value is not None}
    if members.get("alg") in (None, "none"):
        return unsigned(claims, members)
    registry = jws.JWSRegistry(algorithms=[members["alg"]], strict_check_header=False)
    return jws.serialize_compact(members, json.dumps(claims).encode(), key, registry=registry)


def unsigned(claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """A token of algorithm ``none`` (RFC 7518 section 3.6): everybody must refuse it."""
    members = {"alg": "none", **(header or {})}
    return f"{encoded(json.dumps(members).encode())}.{encoded(json.dumps(claims).encode())}."


def tampered(token: str, **claims: Any) -> str:
    """The token with other claims and the old signature."""
    header, payload, signature = token.split(".")
    changed = {**json.loads(decoded(payload)), **claims}
    return f"{header}.{encoded(json.dumps(changed).encode())}.{signature}"


def claims_of(token: str) -> Json:
    claims: Json = json.loads(decoded(token.split(".")[1]))
    return claims


def half_hash(value: str) -> str:
    """``at_hash`` and ``c_hash`` for the algorithms with SHA-256 (Core section 3.1.3.6)."""
    return encoded(hashlib.sha256(value.encode()).digest()[:16])


def challenge(verifier: str) -> str:
    """The PKCE challenge by S256 (RFC 7636 section 4.2)."""
    return encoded(hashlib.sha256(verifier.encode()).digest())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

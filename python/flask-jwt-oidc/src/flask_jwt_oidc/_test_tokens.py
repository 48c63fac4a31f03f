"""Tokens for the test suites of applications. Nothing here takes part in checking one."""

from __future__ import annotations

import base64
import calendar
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from countersign_oidc import _native
from countersign_oidc.errors import SetupError

#: Seconds that a token without ``exp`` is good for, as one that never ends is refused.
LIFETIME = 3600


def token(claims: Mapping[str, Any], header: Mapping[str, Any], private_key_pem: str | bytes) -> str:
    """A token with these claims, signed with RS256."""
    pem = private_key_pem.decode() if isinstance(private_key_pem, bytes) else private_key_pem
    written = {name: _numeric_date(value) for name, value in claims.items()}
    written.setdefault("exp", int(time.time()) + LIFETIME)
    try:
        return _native.sign_for_tests(written, header, pem)
    except SetupError as refused:
        return _by_small_key(written, header, pem, refused)


def _by_small_key(claims: Mapping[str, Any], header: Mapping[str, Any], pem: str, refused: SetupError) -> str:
    """The engine makes no signature with RSA keys below 2,048 bits, and many test suites bring one."""
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise SetupError(
            f"JWT_OIDC_TEST_PRIVATE_KEY_PEM can't be used: {refused}. An RSA key below 2,048 bits needs the "
            "extra 'test': pip install countersign-flask-jwt-oidc[test]"
        ) from None
    try:
        key = load_pem_private_key(pem.strip().encode(), None)
    except (TypeError, ValueError):
        raise refused from None
    if not isinstance(key, RSAPrivateKey):
        raise refused
    signed = f"{_part({**header, 'alg': 'RS256'})}.{_part(claims)}"
    return f"{signed}.{_base64url(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _numeric_date(value: Any) -> Any:
    return calendar.timegm(value.utctimetuple()) if isinstance(value, datetime) else value

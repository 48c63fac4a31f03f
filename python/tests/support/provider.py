"""A provider that answers from a script, without a network.

It serves three doors at once: the ``responses`` library, the engine's ``transport=`` and, for other
ways of HTTP, :meth:`FakeProvider.handle`. One login in a test::

    provider = FakeProvider("https://op.example.com")

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        provider.register(mock)  # or: transport=provider.transport
        sent = browser.get("/")  # 302 to the provider
        back = provider.authorize(sent.headers["Location"])  # what the provider sends the browser back to
        browser.get(back)

    provider.requests_to("token")[0].form  # what was sent there

Each thing can be broken by itself, before or during a login::

    provider.id_token_claims["aud"] = "somebody-else"  # None leaves a claim out
    provider.id_token_header["alg"] = "none"  # "HS256" signs with the client's secret
    provider.id_token_key = rsa_key("stranger")  # signed by a key that isn't published
    provider.id_token = "garbage"  # the whole token; "" leaves it out of the answer
    provider.token_response["expires_in"] = "3600"  # members of the answer; None leaves one out
    provider.user_info["sub"] = "mallory"
    provider.metadata.pop("jwks_uri")
    provider.answers["token"] = (400, {"error": "invalid_grant"})  # any endpoint: see ENDPOINTS
    provider.answers["userinfo"] = (200, b"<html>")
    provider.unreachable.add("discovery")  # or "*": nothing answers

Tokens can be had without a login: ``mint_id_token(nonce=…)``, ``mint_access_token(scope=…)``,
``opaque_token(scope=…)`` (known to introspection until ``revoked``).
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from joserfc.jwk import OctKey

from support.tokens import Json, challenge, half_hash, public, rsa_key, signed, unsigned

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What ``answers``, ``unreachable`` and ``requests_to`` call the endpoints, and where each one is.
ENDPOINTS = {
    "discovery": "/.well-known/openid-configuration",
    "jwks": "/jwks",
    "token": "/token",
    "userinfo": "/userinfo",
    "introspection": "/introspect",
    "registration": "/register",
    "revocation": "/revoke",
}

Answer = tuple[int, list[tuple[str, str]], bytes]


class Unreachable(Exception):
    """Nothing answered at this address."""


@dataclass
class Recorded:
    """A request that arrived."""

    endpoint: str
    method: str
    url: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Json:
        read: Json = json.loads(self.body)
        return read

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def basic(self) -> tuple[str, str] | None:
        """Client id and secret out of the Authorization header (RFC 6749 section 2.3.1)."""
        scheme, _, credentials = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        user, _, password = base64.b64decode(credentials).decode().partition(":")
        return unquote(user), unquote(password)

    @property
    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" else None


@dataclass
class Issued:
    """An authorization code on its way."""

    parameters: dict[str, str]
    claims: Json


@dataclass
class FakeProvider:
    issuer: str = "https://op.example.com"
    client_id: str = "client1"
    client_secret: str = "secret1-secret1-secret1-secret1-secret1"
    subject: str = "alice"

    metadata: Json = field(default_factory=dict)
    jwks: Json = field(default_factory=dict)
    key: Any = None
    user_info: Json = field(default_factory=dict)

    id_token: str | None = None
    id_token_claims: Json = field(default_factory=dict)
    id_token_header: Json = field(default_factory=dict)
    id_token_key: Any = None
    token_response: Json = field(default_factory=dict)
    registration_response: Json = field(default_factory=dict)

    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    answer_headers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    check_client: bool = True

    requests: list[Recorded] = field(default_factory=list)
    tokens: dict[str, Json] = field(default_factory=dict)
    codes: dict[str, Issued] = field(default_factory=dict)
    refresh_tokens: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        base = self.issuer.rstrip("/")
        self.key = self.key or rsa_key()
        self.jwks = self.jwks or {"keys": [public(self.key)]}
        self.user_info = self.user_info or {
            "sub": self.subject,
            "name": "Alice",
            "email": "alice@example.com",
        }
        self.metadata = self.metadata or {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/authorize",
            "end_session_endpoint": f"{base}/logout",
            "jwks_uri": f"{base}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **{
                f"{name}_endpoint": base + ENDPOINTS[name]
                for name in ENDPOINTS
                if name not in ("discovery", "jwks")
            },
        }

    # Three doors.

    def transport(self, request: Any) -> Answer:
        """For ``transport=`` of the engine."""
        from countersign_oidc.errors import TransportFailure

        try:
            return self.handle(request.method, request.url, dict(request.headers), bytes(request.body))
        except Unreachable as nothing:
            raise TransportFailure("unreachable", str(nothing)) from nothing

    def register(self, mock: Any) -> None:
        """For ``responses``: ``mock`` is the module or a ``RequestsMock``."""
        from requests.exceptions import ConnectionError as NoConnection

        def answer(request: Any) -> tuple[int, list[tuple[str, str]], bytes]:
            body = request.body or b""
            headers = {str(name): str(value) for name, value in request.headers.items()}
            try:
                return self.handle(
                    request.method, request.url, headers, body.encode() if isinstance(body, str) else body
                )
            except Unreachable as nothing:
                raise NoConnection(str(nothing)) from nothing

        for method in ("GET", "POST"):
            for path in ENDPOINTS.values():
                mock.add_callback(method, self.issuer.rstrip("/") + path, answer, content_type=None)

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request; raises :class:`Unreachable`."""
        path = url.partition("?")[0][len(self.issuer.rstrip("/")) :]
        endpoint = next((name for name, where in ENDPOINTS.items() if where == path), path)
        lowered = {name.lower(): value for name, value in headers.items()}
        request = Recorded(endpoint, method, url, lowered, body)
        self.requests.append(request)
        if "*" in self.unreachable or endpoint in self.unreachable:
            raise Unreachable(f"nothing answers at {url}")
        status, content = self._answer(request)
        extra = self.answer_headers.get(endpoint, [])
        if isinstance(content, bytes):
            return status, [("Content-Type", "text/html"), *extra], content
        return status, [("Content-Type", "application/json"), *extra], json.dumps(content).encode()

    def requests_to(self, endpoint: str) -> list[Recorded]:
        return [request for request in self.requests if request.endpoint == endpoint]

    # The person's side.

    def authorize(self, url: str, *, claims: Mapping[str, Any] | None = None, **changes: str | None) -> str:
        """The person says yes at this authorization address: where the browser is sent back to.

        ``changes`` are parameters of the callback to replace, or to leave out (None).
        """
        asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        assert url.startswith(self.metadata["authorization_endpoint"]), url
        code = secrets.token_urlsafe(12)
        self.codes[code] = Issued(asked, dict(claims or {}))
        return self._callback(asked, {"code": code, **changes})

    def deny(
        self, url: str, error: str = "access_denied", description: str | None = None, **changes: str | None
    ) -> str:
        """The person says no, or the provider does: where the browser is sent back to."""
        asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        return self._callback(asked, {"error": error, "error_description": description, **changes})

    @staticmethod
    def _callback(asked: Mapping[str, str], parameters: Mapping[str, str | None]) -> str:
        merged = {"state": asked.get("state"), **parameters}
        query = urlencode({name: value for name, value in merged.items() if value is not None})
        return f"{asked['redirect_uri']}?{query}"

    # Tokens.

    def mint_id_token(self, *, access_token: str | None = None, **claims: Any) -> str:
        now = int(time.time())
        whole: Json = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 600,
            "at_hash": half_hash(access_token) if access_token else None,
            **claims,
            **self.id_token_claims,
        }
        whole = {name: value for name, value in whole.items() if value is not None}
        if self.id_token_header.get("alg") == "none":
            return unsigned(whole, self.id_token_header)
        if str(self.id_token_header.get("alg", "")).startswith("HS"):
            secret = OctKey.import_key(self.client_secret)
            return signed(whole, secret, self.id_token_header)
        return signed(whole, self.id_token_key or self.key, self.id_token_header)

    def mint_access_token(
        self, *, header: Mapping[str, Any] | None = None, key: Any = None, **claims: Any
    ) -> str:
        """A JWT access token (RFC 9068) for the audience ``client_id`` unless said otherwise."""
        now = int(time.time())
        whole: Json = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "client_id": self.client_id,
            "iat": now,
            "exp": now + 600,
            "jti": secrets.token_hex(8),
            **claims,
        }
        whole = {name: value for name, value in whole.items() if value is not None}
        return signed(whole, key or self.key, {"typ": "at+jwt", **(header or {})})

    def opaque_token(self, **claims: Any) -> str:
        """A token that only introspection understands (RFC 7662)."""
        now = int(time.time())
        token = secrets.token_urlsafe(16)
        whole: Json = {
            "active": True,
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "client_id": self.client_id,
            "token_type": "Bearer",
            "scope": "openid",
            "iat": now,
            "exp": now + 600,
            **claims,
        }
        self.tokens[token] = {name: value for name, value in whole.items() if value is not None}
        return token

    def revoked(self, token: str) -> None:
        self.tokens.pop(token, None)

    # The endpoints.

    def _answer(self, request: Recorded) -> tuple[int, Any]:
        if request.endpoint in self.answers:
            return self.answers[request.endpoint]
        if request.endpoint == "discovery":
            return 200, self.metadata
        if request.endpoint == "jwks":
            return 200, self.jwks
        if request.endpoint == "token":
            return self._token(request)
        if request.endpoint == "userinfo":
            token = request.bearer or request.form.get("access_token", "")
            return (200, self.user_info) if token in self.tokens else (401, {"error": "invalid_token"})
        if request.endpoint == "introspection":
            return 200, self.tokens.get(request.form["token"], {"active": False})
        if request.endpoint == "revocation":
            self.tokens.pop(request.form["token"], None)
            return 200, {}
        if request.endpoint == "registration":
            return self._register(request)
        return 404, b"no such page"

    def _token(self, request: Recorded) -> tuple[int, Any]:
        form = request.form
        if self.check_client and self._credentials(request) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        grant_type = form.get("grant_type")
        if grant_type == "client_credentials":
            return self._tokens({"scope": form.get("scope", "")}, None)
        if grant_type == "refresh_token":
            claims = self.refresh_tokens.get(form.get("refresh_token", ""))
            return (400, {"error": "invalid_grant"}) if claims is None else self._tokens({}, claims)
        issued = self.codes.pop(form.get("code", ""), None)
        if grant_type != "authorization_code" or issued is None:
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        asked = issued.parameters
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "another redirect_uri"}
        if "code_challenge" in asked and challenge(form.get("code_verifier", "")) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "another code_verifier"}
        return self._tokens({}, {"nonce": asked.get("nonce"), **issued.claims})

    def _tokens(self, members: Json, claims: Json | None) -> tuple[int, Any]:
        access_token = self.opaque_token(scope=members.get("scope") or "openid profile email")
        answer: Json = {"access_token": access_token, "token_type": "Bearer", "expires_in": 3600, **members}
        if claims is not None:
            refresh_token = secrets.token_urlsafe(12)
            self.refresh_tokens[refresh_token] = {name: claims[name] for name in claims if name != "nonce"}
            answer["refresh_token"] = refresh_token
            answer["id_token"] = (
                self.mint_id_token(access_token=access_token, **claims)
                if self.id_token is None
                else self.id_token
            )
        answer.update(self.token_response)
        return 200, {name: value for name, value in answer.items() if value not in (None, "")}

    def _credentials(self, request: Recorded) -> tuple[str, str]:
        return request.basic or (request.form.get("client_id", ""), request.form.get("client_secret", ""))

    def _register(self, request: Recorded) -> tuple[int, Any]:
        answer = {
            **request.json,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "client_id_issued_at": int(time.time()),
            "client_secret_expires_at": 0,
            **self.registration_response,
        }
        return 201, {name: value for name, value in answer.items() if value is not None}

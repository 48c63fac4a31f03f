"""The extension module: the engine of countersign, as plain calls.

Every call that may wait for the network releases the interpreter lock and blocks the calling thread
only. Everything is safe to share between threads and survives ``fork()``. Times are seconds since 1970.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, final

__version__: Final[str]

Json = dict[str, Any]

@final
class Request:
    """One request to a provider, as a transport gets it."""

    @property
    def endpoint(self) -> str: ...  # "token endpoint", for messages
    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def timeout(self) -> float: ...  # seconds for the whole answer
    @property
    def limit(self) -> int: ...  # bytes of the body

# Status, headers, body. Raises TransportFailure (countersign_oidc.errors), or anything else for "no connection".
# It follows no redirect and decompresses nothing.
Transport = Callable[[Request], tuple[int, Iterable[tuple[str, str]], bytes]]

@final
class Provider:
    @staticmethod
    def discover(
        issuer: str,
        *,
        metadata_url: str | None = None,  # instead of the issuer's well-known address
        forgive_slash: bool = False,  # a slash at the end of the issuer may be too many or too few; afterwards exact
        sparse: bool = False,  # an endpoint is demanded when it is used, not before
        allow_http: bool = False,
        reached_at: str | None = None,
    ) -> Provider: ...
    @staticmethod
    def written(
        metadata: Mapping[str, Any],  # may hold "jwks"
        *,
        sparse: bool = False,
        allow_http: bool = False,
        reached_at: str | None = None,
        unsafe_test_keys: bool = False,  # RSA keys from 1,024 bits in "jwks", for test suites
    ) -> Provider: ...
    @staticmethod
    def named(
        issuer: str,  # any text, compared as it is
        *,
        jwks: Mapping[str, Any] | None = None,
        jwks_uri: str | None = None,
        allow_http: bool = False,
        unsafe_test_keys: bool = False,
    ) -> Provider: ...  # nothing but a name and its keys: enough for a ResourceServer
    @property
    def issuer(self) -> str: ...

@final
class Client:
    def __new__(
        cls,
        client_id: str,
        client_secret: str | None = None,
        *,
        auth_method: str | None = None,  # client_secret_basic when there is a secret, else none
        private_key_pem: str | None = None,
        key_id: str | None = None,
        id_token_alg: str | None = None,  # the one algorithm expected; without it all asymmetric ones announced
        user_info_alg: str | None = None,
    ) -> Client: ...
    @property
    def client_id(self) -> str: ...

@final
class Registration:
    """A client that registers itself at its first use."""

    def __new__(cls, metadata: Mapping[str, Any], *, initial_access_token: str | None = None) -> Registration: ...

@final
class PendingLogin:
    """One login under way. To be kept where only the browser that began it can bring it back."""

    @property
    def state(self) -> str: ...
    @property
    def nonce(self) -> str | None: ...  # None: nobody kept it
    @property
    def issuer(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def redirect_uri(self) -> str: ...
    @property
    def started_at(self) -> float: ...
    @property
    def verifier(self) -> str | None: ...  # PKCE, RFC 7636
    def to_dict(self) -> Json: ...  # JSON values only
    @staticmethod
    def from_dict(kept: Mapping[str, Any]) -> PendingLogin: ...  # ValueError when it is none
    @staticmethod
    def from_request(
        request: Mapping[str, Any],  # the parameters of the authorization request: client_id, state, nonce, redirect_uri, scope, max_age, acr_values, claims…
        *,
        issuer: str,
        started_at: float,
        verifier: str | None = None,
        nonce_unknown: bool = False,  # weaker: nobody kept the nonce, so none is compared
    ) -> PendingLogin: ...

@final
class Session:
    """What is known after a login."""

    @property
    def subject(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def claims(self) -> Json: ...  # of the ID token; a new dict each time
    @property
    def id_token(self) -> str: ...  # compact
    @property
    def user_info(self) -> Json | None: ...
    @property
    def access_token(self) -> str: ...
    @property
    def refresh_token(self) -> str | None: ...
    @property
    def expires_at(self) -> float | None: ...  # of the access token
    @property
    def scope(self) -> str: ...
    @property
    def token_response(self) -> Json: ...  # as the provider sent it: access_token, token_type, expires_in, id_token, … and what else it said
    @property
    def started_at(self) -> float: ...
    @property
    def checked_at(self) -> float: ...
    @property
    def refreshed(self) -> int: ...
    def to_record(self) -> bytes: ...
    @staticmethod
    def from_record(record: bytes) -> Session | None: ...  # only from a store that authenticates what it returns; None for what was restored from claims alone
    @staticmethod
    def restore(
        *,
        claims: Mapping[str, Any] | None = None,
        id_token: str | None = None,  # the claims of this one count when both are given and it can be read
        access_token: str,
        client_id: str,
        refresh_token: str | None = None,
        expires_at: float | None = None,
        scope: str = "openid",
        user_info: Mapping[str, Any] | None = None,
        started_at: float | None = None,
    ) -> Session: ...  # from a store that the caller trusts, such as Flask's signed session; ValueError without iss and sub

@final
class RelyingParty:
    def __new__(
        cls,
        provider: Provider,
        client: Client | Registration,
        redirect_uri: str,
        *,
        scope: str = "openid profile email",
        user_info: str | None = "GET",  # the method, or None: don't ask
        trusted_audiences: Iterable[str] | None = None,
        clock_skew: float = 60.0,
        pkce: str = "always",  # or "announced": where the metadata names S256
        transport: Transport | None = None,  # None: the engine's own
        ca_file: str | None = None,  # trust anchors besides the system's, for the engine's own transport
        allow_http_redirect: bool = False,  # a redirect URI by plain http beyond the loopback; logged
    ) -> RelyingParty: ...
    @property
    def issuer(self) -> str: ...
    @property
    def redirect_uri(self) -> str: ...
    def begin(
        self,
        *,
        scope: str | None = None,
        redirect_uri: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        login_hint: str | None = None,
        acr_values: str | None = None,
        ui_locales: str | None = None,
        claims: Mapping[str, Any] | None = None,
        response_mode: str | None = None,
        extra: Mapping[str, Any] | None = None,  # further parameters; one that has an argument above is refused (SetupError)
        state: str | None = None,  # chosen by the caller; at least 16 characters
        nonce: str | None = None,
        silent_for: Session | None = None,  # prompt=none for this person
    ) -> tuple[str, PendingLogin]: ...
    def complete(
        self,
        pending: PendingLogin,
        callback: str | Mapping[str, str],  # the query, or its parameters
        *,
        user_info: bool | None = None,  # False: don't ask this time
    ) -> Session: ...
    def refresh(self, session: Session) -> Session: ...
    def user_info(self, access_token: str, subject: str | None) -> Json: ...  # compared with the subject; None: about whoever the token is
    def logout_url(
        self,
        session: Session | None = None,
        *,
        id_token_hint: str | None = None,
        post_logout_redirect_uri: str | None = None,
        state: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> str | None: ...  # None: the provider offers none
    def verify_logout_token(self, logout_token: str) -> Json: ...  # back-channel logout: its claims (iss, sub, sid, jti, iat, exp)
    def metadata(self) -> Json: ...
    def client(self) -> Json: ...  # client_id, client_secret, and for a registered one the whole answer
    def ready(self) -> None: ...

@final
class Introspection:
    def __new__(
        cls,
        client: Client,
        *,
        endpoint: str | None = None,
        bearer: bool = False,  # the token itself is the credential
        keep: float = 0.0,  # seconds an answer is kept at most, never past the token's end
        any_audience: bool = False,  # tokens for others pass too (the provider decides who may ask)
        may_lack_audience: bool = False,
        token_type_hint: str | None = None,
        jwts_too: bool = True,
    ) -> Introspection: ...

@final
class TrustedIssuer:
    def __new__(
        cls,
        provider: Provider,
        *,
        audiences: Sequence[str] | None = None,
        algorithms: Sequence[str] | None = None,
        profile: str = "any",  # or "rfc9068"
        roles: str | Sequence[str] | Callable[[Json], Sequence[str]] | None = None,  # JSON pointers (RFC 6901), or a function of the claims
        introspection: Introspection | None = None,
        introspection_only: bool = False,
        audience_rule: str = "ours",  # "nobody": a token that names an audience is refused; "any" (weaker): nobody looks
        needs_kid: bool = False,  # a token without kid is refused
    ) -> TrustedIssuer: ...

@final
class Requirement:
    def __new__(
        cls,
        *,
        scopes: Iterable[str] | None = None,  # all of them
        any_scope: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,  # all of them
        any_role: Iterable[str] | None = None,
        claims: Mapping[str, Any] | None = None,  # JSON pointer to value
        max_age: int | None = None,
        acr_values: Iterable[str] | None = None,
    ) -> Requirement: ...

@final
class Token:
    @property
    def subject(self) -> str | None: ...
    @property
    def issuer(self) -> str: ...
    @property
    def claims(self) -> Json: ...  # a new dict each time
    @property
    def scopes(self) -> list[str]: ...
    @property
    def roles(self) -> list[str]: ...
    @property
    def expires_at(self) -> float | None: ...
    @property
    def raw(self) -> str: ...
    def has_scope(self, scope: str) -> bool: ...
    def has_role(self, role: str) -> bool: ...

@final
class ResourceServer:
    def __new__(
        cls,
        audiences: Sequence[str],
        issuers: Sequence[TrustedIssuer],
        *,
        clock_skew: float = 60.0,
        realm: str | None = None,
        resource: str | None = None,  # RFC 9728: the API's own address
        transport: Transport | None = None,
        ca_file: str | None = None,
        cache_bytes: int = 67108864,
    ) -> ResourceServer: ...
    def check(self, token: str, requirement: Requirement | None = None) -> Token: ...  # raises TokenRefused and the others
    def check_header(self, authorization: str | None, requirement: Requirement | None = None) -> Token: ...
    def require(self, token: Token, requirement: Requirement) -> None: ...
    def user_info(self, token: Token) -> Json: ...
    def introspect(self, token: str) -> Json | None: ...  # the answer as it came, unjudged; None: not active
    def metadata(self) -> Json | None: ...
    def ready(self) -> None: ...
    @property
    def cached(self) -> int: ...

@final
class Reply:
    """An answer that is sent as it is."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...  # Set-Cookie among them, each on its own
    @property
    def body(self) -> bytes: ...
    @property
    def error(self) -> Json | None: ...  # for a page of one's own: error, error_description, code, meaning, reason, fault, status, try_again

@final
class Visit:
    """A request with or without somebody behind it."""

    @property
    def session(self) -> Session | None: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def claims(self) -> Json | None: ...  # of the ID token, overlaid by those of UserInfo; a new dict each time
    @property
    def roles(self) -> list[str]: ...
    @property
    def trouble(self) -> Reply | None: ...  # what to answer where the session is needed and can't be used now
    def headers(self, cache_control: str | None = None) -> list[tuple[str, str]]: ...  # for the application's answer, which has this Cache-Control

@final
class Site:
    """Logins of people with a browser, and sessions in sealed cookies."""

    def __new__(
        cls,
        relying_party: RelyingParty,
        base_url: str,
        secrets: Sequence[bytes],  # at least 32 bytes each; the first seals, all open
        *,
        prefix: str | None = None,  # of the cookies' names
        routes: Mapping[str, str] | None = None,  # login, logout, logged_out, backchannel_logout; the callback is where the redirect URI says
        lifetime: float = 43200.0,
        refresh_interval: float | None = None,  # seconds after which the provider is asked silently
        login: Mapping[str, Any] | None = None,  # parameters of every login
        logout: Mapping[str, Any] | None = None,
        after_login: str | None = None,
        roles: str | Sequence[str] | Callable[[Json], Sequence[str]] | None = None,
        trusted_proxies: Iterable[str] | None = None,
        shared_folder: str | None = None,  # where the processes of one machine tell each other of sessions that ended
        allow_http: bool = False,
    ) -> Site: ...
    @property
    def paths(self) -> list[str]: ...
    def endpoint(self, environ: dict[str, Any], body: bytes | None = None) -> Reply | None: ...  # None: not one of its paths
    def visit(self, environ: dict[str, Any]) -> Visit: ...
    def guard(
        self, environ: dict[str, Any], *, roles: Sequence[str] | None = None, any_role: Sequence[str] | None = None
    ) -> Visit | Reply: ...
    def login_url(self, return_to: str) -> str: ...
    def logout_url(self, return_to: str) -> str: ...

@final
class Api:
    """Access tokens in requests."""

    def __new__(
        cls,
        server: ResourceServer,
        *,
        base_url: str | None = None,
        trusted_proxies: Iterable[str] | None = None,
        allow_http: bool = False,
    ) -> Api: ...
    def admit(
        self, environ: dict[str, Any], requirement: Requirement | None = None, *, optional: bool = False
    ) -> Token | Reply | None: ...  # None: may pass without a token (a CORS preflight; or none came and it is optional)
    def require(self, token: Token, requirement: Requirement) -> Reply | None: ...
    @property
    def metadata_path(self) -> str | None: ...
    def metadata(self) -> Reply | None: ...

@final
class TokenClient:
    def __new__(
        cls, provider: Provider, client: Client, *, transport: Transport | None = None, ca_file: str | None = None
    ) -> TokenClient: ...
    def client_credentials(self, scope: str | None = None, extra: Mapping[str, Any] | None = None) -> Json: ...
    def exchange(self, subject_token: str, *, audience: str | None = None, scope: str | None = None) -> Json: ...
    def refresh(self, refresh_token: str, scope: str = "openid") -> Json: ...  # of no session here; any ID token in the answer is left aside
    def revoke(self, token: str, hint: str | None = None) -> None: ...

def discover(provider: Provider, *, transport: Transport | None = None, ca_file: str | None = None) -> Json: ...
def register(
    provider: Provider,
    metadata: Mapping[str, Any],
    *,
    initial_access_token: str | None = None,
    transport: Transport | None = None,
    ca_file: str | None = None,
) -> Json: ...  # the provider's whole answer
def client_secrets(provider_metadata: Mapping[str, Any], registration: Mapping[str, Any]) -> Json: ...  # the file of Flask-OIDC, {"web": …}
def fetch(request_url: str, *, method: str = "GET", headers: Sequence[tuple[str, str]] | None = None, body: bytes | None = None, transport: Transport | None = None, ca_file: str | None = None) -> tuple[int, list[tuple[str, str]], bytes]: ...  # by the engine's own transport and its limits
def local_path(target: str, origin: str) -> str | None: ...  # path and query of a safe return address at this origin, read as a browser does; else None
def unverified(token: str) -> tuple[Json, Json]: ...  # header and claims, nothing checked: to show, never to decide; ValueError
def sign_for_tests(claims: Mapping[str, Any], header: Mapping[str, Any], private_key_pem: str) -> str: ...  # RS256, keys from 2,048 bits
def codes() -> dict[str, tuple[str, str]]: ...  # code: (fault, meaning)

"""The client: the calls of pyoidc, the checks of countersign.

Two things can't be checked here, as these calls don't carry them: that ``state`` is the one that this
browser was sent away with, which is the application's to do, and the ``nonce``. Whoever hands the
nonce of the request to :meth:`Client.do_access_token_request` has it compared. All else is: the
signature, ``alg``, ``iss``, ``aud``, ``azp``, ``exp``, ``iat``, ``at_hash``, and that UserInfo is about
the same person.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from countersign_oidc import _native
from countersign_oidc._common.transport import chosen
from countersign_oidc.compat.oic import oauth2
from countersign_oidc.compat.oic.exception import GrantError, PyoidcError
from countersign_oidc.compat.oic.message import Message
from countersign_oidc.compat.oic.utils.authn.client import CLIENT_AUTHN_METHOD, ClientAuthnMethod
from countersign_oidc.errors import Error

if TYPE_CHECKING:
    from countersign_oidc._native import Session, Transport

__all__ = ["AccessTokenResponse", "AuthorizationResponse", "Client", "OpenIDSchema"]

AccessTokenResponse = oauth2.AccessTokenResponse
AuthorizationResponse = oauth2.AuthorizationResponse

#: Of how many states one client keeps the tokens, and for how many seconds.
MOST_GRANTS = 100
GRANT_SECONDS = 600.0


class ProviderConfigurationResponse(Message):
    """The provider's metadata (OpenID Connect Discovery 1.0 section 3)."""


class IdToken(Message):
    """The claims of a verified ID token."""


class OpenIDSchema(Message):
    """What UserInfo says (OpenID Connect Core 1.0 section 5.3.2)."""


class Client:
    """One application at one provider.

    ``transport`` says by which way requests go; without it the environment variable
    ``COUNTERSIGN_TRANSPORT`` does, as ``native`` (the engine's own, the default) or ``requests``.
    """

    def __init__(
        self,
        client_id: str = "",
        client_authn_method: Mapping[str, type[ClientAuthnMethod]] | None = None,
        *,
        transport: Transport | None = None,
    ) -> None:
        self.client_id = client_id
        self.client_secret: str | None = None
        self.provider_info: Message = ProviderConfigurationResponse()
        self.client_authn_method = dict(client_authn_method or CLIENT_AUTHN_METHOD)
        self._transport = transport or chosen({}, default="native")
        # What one thread redeems is for the request that it serves: with the same state in every
        # login, another one would get somebody else's tokens.
        self._grants = _Grants()

    def provider_config(self, issuer: str) -> Message:
        """Ask the provider what it offers; ``provider_info`` from then on."""
        try:
            provider = _native.Provider.discover(issuer, forgive_slash=True, sparse=True)
            found = _native.discover(provider, transport=self._transport)
        except Error as error:
            if error.code == "discovery.issuer":
                _raise(error, "provider info issuer mismatch: ")
            _raise(error)
        self.provider_info = ProviderConfigurationResponse(found)
        return self.provider_info

    def parse_response(self, response: type[Message], info: Any = "", sformat: str = "json") -> Message:
        """The callback's parameters; an error response where the provider says ``error``."""
        read = oauth2.parameters(info, sformat)
        self._grants.forget(read.get("state"))
        if "error" in read:
            return oauth2.AuthorizationErrorResponse(read)
        missing = [name for name in ("code", "state") if not read.get(name)]
        if missing:
            raise PyoidcError(f"the callback carries no {' and no '.join(missing)}")
        return response({**read, "code": oauth2.Code.of(read)})

    def do_access_token_request(
        self,
        *,
        state: str = "",
        scope: str = "openid",
        request_args: Mapping[str, Any] | None = None,
        authn_method: str = "client_secret_basic",
        nonce: str | None = None,
    ) -> Message:
        """Redeem the code and verify the ID token that comes.

        ``request_args`` holds ``code`` and ``redirect_uri``. ``nonce`` is that of the authorization
        request: without it, an ID token of another login at this client can't be told from this one's.
        """
        self._grants.forget(state)
        args = dict(request_args or {})
        for name in ("code", "redirect_uri"):
            if not isinstance(args.get(name), str):
                raise PyoidcError(f"request_args should hold {name!r}, which is not there")
        code = args["code"]
        callback = {**getattr(code, "came_with", {}), "code": str(code), "state": state}
        login = {
            "client_id": self.client_id,
            "redirect_uri": args["redirect_uri"],
            "response_type": "code",
            "scope": _text(scope),
            "state": state,
        }
        if nonce is not None:
            login["nonce"] = nonce
        try:
            pending = _native.PendingLogin.from_request(
                login,
                issuer=self._issuer(),
                started_at=time.time(),
                nonce_unknown=nonce is None,
            )
            party = self._party(args["redirect_uri"], authn_method, None)
            session = party.complete(pending, callback)
        except Error as error:
            if error.code == "token.refused" and error.provider_error:
                return _refusal(error)
            _raise(error)
        self._grants.keep(state, session, args["redirect_uri"])
        return _answer(session)

    def do_user_info_request(
        self, method: str = "POST", *, state: str = "", authn_method: str = "client_secret_basic"
    ) -> OpenIDSchema:
        """Ask who it is whose tokens were got for this state, here and by this thread."""
        grant = self._grants.find(state)
        party = self._party(grant.redirect_uri, authn_method, method)
        try:
            return OpenIDSchema(party.user_info(grant.session.access_token, grant.session.subject))
        except Error as error:
            _raise(error)

    def _party(self, redirect_uri: str, authn_method: str, user_info: str | None) -> _native.RelyingParty:
        known = self.client_authn_method.get(authn_method)
        if known is None:
            names = ", ".join(sorted(self.client_authn_method))
            raise PyoidcError(
                f"authn_method should be one of the constructor's ({names}), not {authn_method!r}"
            )
        try:
            return _native.RelyingParty(
                _native.Provider.written(self.provider_info, sparse=True),
                _native.Client(self.client_id, self.client_secret, auth_method=known.method),
                redirect_uri,
                user_info=user_info,
                transport=self._transport,
                allow_http_redirect=True,
            )
        except Error as error:
            _raise(error)

    def _issuer(self) -> str:
        issuer = self.provider_info.get("issuer")
        if not isinstance(issuer, str):
            raise PyoidcError("provider_config has to be called first")
        return issuer


class _Grants(threading.local):
    """What one thread got, by state."""

    def __init__(self) -> None:
        self._kept: dict[str, _Grant] = {}

    def keep(self, state: str, session: Session, redirect_uri: str) -> None:
        self._kept[state] = _Grant(session, redirect_uri, time.monotonic() + GRANT_SECONDS)
        while len(self._kept) > MOST_GRANTS:
            del self._kept[next(iter(self._kept))]

    def forget(self, state: str | None) -> None:
        """A login that begins anew, or fails, leaves nothing of the one before."""
        self._kept.pop(state or "", None)

    def find(self, state: str) -> _Grant:
        grant = self._kept.get(state)
        if grant is None or time.monotonic() >= grant.until:
            raise GrantError("this client and thread have got no tokens for this state lately")
        return grant


class _Grant(NamedTuple):
    session: Session
    redirect_uri: str
    until: float


def _answer(session: Session) -> AccessTokenResponse:
    answer = AccessTokenResponse(session.token_response)
    answer["id_token"] = IdToken(session.claims)
    answer["id_token_jwt"] = session.id_token
    return answer


def _refusal(error: Error) -> Message:
    refusal = oauth2.TokenErrorResponse(error=error.provider_error)
    if error.provider_error_description:
        refusal["error_description"] = error.provider_error_description
    return refusal


def _text(scope: Any) -> str:
    return scope if isinstance(scope, str) else " ".join(scope)


def _raise(error: Error, before: str = "") -> NoReturn:
    raised = PyoidcError(f"{before}{error}")
    raised.code = error.code
    raise raised from error

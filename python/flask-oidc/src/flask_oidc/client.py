"""``g._oidc_auth`` and ``oidc.oauth.oidc``: the client at the provider, by the names of Authlib's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import flask
from countersign_oidc.errors import SetupError

from flask_oidc import attempts, tokens
from flask_oidc.errors import LoginFailed

if TYPE_CHECKING:
    import requests
    from countersign_oidc import _native
    from werkzeug.wrappers import Response

    from flask_oidc.engine import Engine
    from flask_oidc.tokens import Token

#: Arguments of the authorization request that the engine knows by name.
_NAMED = frozenset(
    {
        "scope",
        "prompt",
        "max_age",
        "login_hint",
        "acr_values",
        "ui_locales",
        "claims",
        "response_mode",
        "state",
        "nonce",
    }
)

#: Claims of OpenID Connect Core section 5.1.
_STANDARD = frozenset(
    {
        "sub",
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "email_verified",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "phone_number_verified",
        "address",
        "updated_at",
    }
)

#: Seconds for a request to an API.
_TIMEOUT = 30


class UserInfo(dict[str, Any]):
    """Claims as a dictionary; the standard ones are attributes too, None where they are missing."""

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        if name in _STANDARD:
            return None
        raise AttributeError(name)


class OidcClient:
    """The client of one application. Sender of the signals."""

    name = "oidc"

    def __init__(self, engine: Engine, app: flask.Flask) -> None:
        self._engine = engine
        self._app = app
        self.client_id = engine.settings.client_id

    def load_server_metadata(self) -> dict[str, Any]:
        """The provider's metadata (RFC 8414), fetched at first use and kept."""
        return self._engine.metadata()

    @property
    def server_metadata(self) -> dict[str, Any]:
        """The same, by Authlib's other name."""
        return self.load_server_metadata()

    # The login.

    def authorize_redirect(self, redirect_uri: str | None = None, **parameters: Any) -> Response:
        """Send the browser to the provider. Parameters that the engine doesn't know go along as they are."""
        return flask.redirect(self.create_authorization_url(redirect_uri, **parameters)["url"])

    def create_authorization_url(
        self,
        redirect_uri: str | None = None,
        *,
        return_to: str | None = None,
        custom: Any = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Begin a login: its address at the provider. ``return_to`` and ``custom`` are kept for its end."""
        settings = self._engine.settings
        given = {**settings.authorize_params, **parameters}
        if settings.hosted_domain:
            given.setdefault("hd", settings.hosted_domain)
        named = {name: given.pop(name) for name in _NAMED & given.keys()}
        url, pending = self._relying_party().begin(
            redirect_uri=redirect_uri or self.redirect_uri(), extra=given or None, **named
        )
        attempts.put(flask.session, pending, url, next=return_to, custom=custom)
        return {"url": url, "state": pending.state, "nonce": pending.nonce}

    def authorize_access_token(self) -> Token:
        """Finish the login that this request brings back; raises an error of :mod:`countersign_oidc.errors`.

        The token holds, as ``userinfo``, the claims of the verified ID token. What was kept with the attempt
        is then in ``g._oidc_attempt``.
        """
        query = flask.request.args
        state = query.get("state", "")
        kept = attempts.take(flask.session, state)
        if kept is None:
            # Shown as the provider said it; nobody is logged in by that.
            if "error" in query:
                raise LoginFailed(query["error"], query.get("error_description", ""))
            raise _no_such_login("CSRF Warning! State not equal in request and response.")
        data, began = kept
        party = self._relying_party()
        try:
            pending = attempts.pending(
                data, state, client_id=self.client_id, issuer=party.issuer, began=began
            )
        except (ValueError, TypeError) as error:
            raise _no_such_login("The login that was begun here can't be read.") from error
        # As it came: a parameter that is there twice is for the engine to refuse.
        came = flask.request.query_string.decode("ascii", "replace")
        session = party.complete(pending, came, user_info=False)
        flask.g._oidc_attempt = data
        token = tokens.of_session(session)
        token["userinfo"] = UserInfo(token["userinfo"])
        return token

    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to."""
        config = self._app.config
        if config["OIDC_OVERWRITE_REDIRECT_URI"]:
            return str(config["OIDC_OVERWRITE_REDIRECT_URI"])
        if config["OIDC_RESOURCE_SERVER_ONLY"]:
            return urljoin(flask.request.url_root, "authorize")
        if config["OIDC_CALLBACK_ROUTE"]:
            return urljoin(flask.request.url_root, str(config["OIDC_CALLBACK_ROUTE"]).lstrip("/"))
        return flask.url_for("oidc_auth.authorize", _external=True)

    # The tokens.

    def userinfo(self, *, token: Mapping[str, Any] | str | None = None) -> UserInfo:
        """Ask who this token is about (Core section 5.3); compared with the ID token that came with it."""
        held = self._token(token)
        claims = held.get("userinfo")
        subject = claims.get("sub") if isinstance(claims, Mapping) else None
        return UserInfo(self._relying_party().user_info(held["access_token"], subject))

    def refresh(self, token: Mapping[str, Any]) -> Token:
        """A new token for this one, by its refresh token (Core section 12)."""
        party = self._relying_party()
        try:
            session = tokens.to_session(token, self.client_id, party.issuer)
        except ValueError:
            # It names nobody, as where a login was accepted without an ID token.
            scope = str(token.get("scope") or self._engine.settings.scope)
            answer = self._engine.token_client().refresh(str(token["refresh_token"]), scope)
            return tokens.renewed(token, answer)
        return tokens.of_session(party.refresh(session))

    def introspect_token(self, token_string: str) -> dict[str, Any] | None:
        """What the provider says about it (RFC 7662), unjudged; None when it isn't active."""
        return self._engine.resource_server().introspect(token_string)

    # Requests to APIs, with the token.

    def request(
        self, method: str, url: str, token: Mapping[str, Any] | str | None = None, **kwargs: Any
    ) -> requests.Response:
        """As ``requests.request``, with this access token, or the person's of this session."""
        import requests

        base = self._app.config.get("OIDC_API_BASE_URL")
        headers = {**(kwargs.pop("headers", None) or {})}
        headers["Authorization"] = f"Bearer {self._token(token)['access_token']}"
        timeout = kwargs.pop("timeout", _TIMEOUT)
        address = urljoin(base, url) if base else url
        return requests.request(method, address, headers=headers, timeout=timeout, **kwargs)

    def get(self, url: str, **kwargs: Any) -> requests.Response:
        """A GET request: see :meth:`request`."""
        return self.request("GET", url, **kwargs)

    def options(self, url: str, **kwargs: Any) -> requests.Response:
        """A OPTIONS request: see :meth:`request`."""
        return self.request("OPTIONS", url, **kwargs)

    def head(self, url: str, **kwargs: Any) -> requests.Response:
        """A HEAD request: see :meth:`request`."""
        return self.request("HEAD", url, **kwargs)

    def post(self, url: str, **kwargs: Any) -> requests.Response:
        """A POST request: see :meth:`request`."""
        return self.request("POST", url, **kwargs)

    def put(self, url: str, **kwargs: Any) -> requests.Response:
        """A PUT request: see :meth:`request`."""
        return self.request("PUT", url, **kwargs)

    def patch(self, url: str, **kwargs: Any) -> requests.Response:
        """A PATCH request: see :meth:`request`."""
        return self.request("PATCH", url, **kwargs)

    def delete(self, url: str, **kwargs: Any) -> requests.Response:
        """A DELETE request: see :meth:`request`."""
        return self.request("DELETE", url, **kwargs)

    def _token(self, token: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
        if isinstance(token, str):
            return {"access_token": token}
        # A proxy, such as current_token, may hold nothing.
        held = token if token else tokens.stored()
        if not held or not held.get("access_token"):
            raise SetupError("there is no access token: nobody is logged in, and no token= was given")
        return held

    def _relying_party(self) -> _native.RelyingParty:
        return self._engine.relying_party(self.redirect_uri)


class OAuth:
    """``oidc.oauth``: where applications find the client by its name."""

    def __init__(self, client: OidcClient) -> None:
        self.oidc = client

    def create_client(self, name: str) -> OidcClient | None:
        """The client of this name: there is one, ``oidc``."""
        return self.oidc if name == OidcClient.name else None


def _no_such_login(why: str) -> LoginFailed:
    return LoginFailed("mismatching_state", why, code="login.state_mismatch")

"""From what the browser brought back to who it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from countersign_oidc.errors import Error, NetworkError

if TYPE_CHECKING:
    from flask_pyoidc.pyoidc_facade import PyoidcFacade

logger = logging.getLogger(__name__)


class AuthResponseProcessError(ValueError):
    """This login can't be completed."""


class AuthResponseUnexpectedStateError(AuthResponseProcessError):
    """The answer belongs to another login."""


class InvalidIdTokenError(AuthResponseProcessError):
    """The ID token doesn't prove who this is."""


#: The name before 3.7.
AuthResponseUnexpectedNonceError = InvalidIdTokenError


class AuthResponseMismatchingSubjectError(AuthResponseProcessError):
    """The user info answer is about somebody else."""


class AuthResponseErrorResponseError(AuthResponseProcessError):
    """The provider refused; ``error_response`` holds its ``error`` and ``error_description``."""

    def __init__(self, error_response: Mapping[str, Any]) -> None:
        super().__init__(error_response.get("error_description") or error_response.get("error"))
        self.error_response = dict(error_response)


class AuthenticationResult(NamedTuple):
    """What a login gave."""

    access_token: str | None
    expires_in: int | None
    id_token_claims: dict[str, Any] | None
    id_token_jwt: str | None
    userinfo_claims: dict[str, Any] | None
    refresh_token: str | None


class AuthResponseHandler:
    """Takes one login to its end, by the methods of the facade."""

    def __init__(self, client: PyoidcFacade) -> None:
        self._client = client

    def process_auth_response(
        self,
        auth_response: Mapping[str, Any],
        auth_request: Mapping[str, Any],
        extra_token_args: Mapping[str, Any] | None = None,
    ) -> AuthenticationResult:
        """Raise :class:`AuthResponseProcessError`, or return who it is.

        The engine compares state and nonce, exchanges the code and verifies the ID token in one step; the
        other methods are called so that an application's own versions of them are heard too.
        """
        try:
            with engine_errors_translated():
                self._client.expect(auth_request, auth_response)
                tokens = self._client.exchange_authorization_code(
                    auth_response.get("code", ""), auth_response.get("state", ""), extra_token_args or {}
                )
        except AuthResponseErrorResponseError:
            if "error" in auth_response:
                raise AuthResponseErrorResponseError(auth_response) from None
            raise
        finally:
            self._client.expect_nothing()
        if "error" in auth_response:
            raise AuthResponseErrorResponseError(auth_response)
        if "error" in tokens:
            raise AuthResponseErrorResponseError(tokens)
        id_token = tokens.get("id_token")
        if id_token is None:
            raise InvalidIdTokenError("The token answer has no ID token.")
        with engine_errors_translated():
            self._client.verify_id_token(id_token, auth_request)
            userinfo = self._client.userinfo_request(tokens["access_token"])
        return AuthenticationResult(
            access_token=tokens["access_token"],
            expires_in=tokens.get("expires_in"),
            id_token_claims=dict(id_token),
            id_token_jwt=tokens.get("id_token_jwt"),
            userinfo_claims=self._of_the_same_person(userinfo, id_token),
            refresh_token=tokens.get("refresh_token"),
        )

    @staticmethod
    def expect_fragment_encoded_response(auth_request: Mapping[str, Any]) -> bool:
        """Whether the answer would come in the fragment: only the implicit and hybrid flows do that."""
        response_type = auth_request.get("response_type", "code")
        words = response_type.split() if isinstance(response_type, str) else list(response_type)
        return words != ["code"]

    @staticmethod
    def _of_the_same_person(
        userinfo: Mapping[str, Any] | None, id_token: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        if userinfo is None:
            return None
        if "error" in userinfo and "sub" not in userinfo:
            raise AuthResponseErrorResponseError(userinfo)
        if userinfo.get("sub") != id_token.get("sub"):
            raise AuthResponseMismatchingSubjectError(
                "The 'sub' of the user info answer is not that of the ID token."
            )
        return dict(userinfo)


class engine_errors_translated:  # noqa: N801 - reads as a sentence where it is used
    """The engine's errors as the exceptions of this module. A network failure stays what it is."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Error) and not isinstance(error, NetworkError):
            logger.error("The login was not completed: %s", error)
            raise _translated(error) from error


def _translated(error: Error) -> AuthResponseProcessError:
    story = error.code.split(".")[0]
    if error.provider_error:
        said = {"error": error.provider_error, "error_description": error.provider_error_description}
        return AuthResponseErrorResponseError({name: text for name, text in said.items() if text})
    if error.code in ("login.state_mismatch", "login.unknown_state", "login.no_state"):
        return AuthResponseUnexpectedStateError(error.meaning)
    if error.code == "user_info.subject":
        return AuthResponseMismatchingSubjectError(error.meaning)
    if story in ("id_token", "jws", "key", "keys"):
        return InvalidIdTokenError(error.meaning)
    return AuthResponseProcessError(error.meaning)

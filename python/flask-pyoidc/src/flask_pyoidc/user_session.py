"""The logged-in user, as kept in Flask's session under the keys that applications read."""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping
from typing import Any, cast


class UninitialisedSession(Exception):
    """No provider is known of this session: nobody logged in or began to."""


class UserSession:
    """A view of the session storage: nothing is kept here. All times are seconds since 1970."""

    KEYS = [
        "access_token",
        "access_token_expires_at",
        "current_provider",
        "id_token",
        "id_token_jwt",
        "last_authenticated",
        "last_session_refresh",
        "userinfo",
        "refresh_token",
    ]

    def __init__(self, session_storage: MutableMapping[str, Any], provider_name: str | None = None) -> None:
        self._session_storage = session_storage
        stored = session_storage.get("current_provider")
        if stored is None and provider_name is None:
            raise UninitialisedSession("The session holds no provider; give 'provider_name'.")
        # Whoever logged in at one provider is nobody at another.
        if provider_name is not None and stored != provider_name:
            self.clear()
            session_storage["current_provider"] = provider_name

    def is_authenticated(self) -> bool:
        """Whether somebody logged in with this browser."""
        return self._session_storage.get("last_authenticated") is not None

    def should_refresh(self, refresh_interval_seconds: float | None = None) -> bool:
        """Whether the provider is to be asked again: the interval has passed since the last answer."""
        if refresh_interval_seconds is None or not self.is_authenticated():
            return False
        last: float = self._session_storage.get("last_session_refresh") or 0
        return last + refresh_interval_seconds < time.time()

    def update(
        self,
        *,
        access_token: str | None = None,
        expires_in: float | None = None,
        id_token: Mapping[str, Any] | None = None,
        id_token_jwt: str | None = None,
        userinfo: Mapping[str, Any] | None = None,
        refresh_token: str | None = None,
    ) -> None:
        """Store what a login or a refresh gave; what is None stays as it was. ``expires_in`` in seconds."""
        now = int(time.time())
        authenticated_at = (id_token or {}).get("auth_time", now)
        values = {
            "access_token": access_token,
            "access_token_expires_at": None if expires_in is None else now + int(expires_in),
            "id_token": id_token,
            "id_token_jwt": id_token_jwt,
            "userinfo": userinfo,
            "refresh_token": refresh_token,
            "last_authenticated": authenticated_at,
            "last_session_refresh": now,
        }
        self._session_storage.update({key: value for key, value in values.items() if value is not None})

    def clear(self) -> None:
        """Forget the user; other keys of the application stay."""
        for key in self.KEYS:
            self._session_storage.pop(key, None)

    @property
    def access_token(self) -> str | None:
        """For requests to APIs in the name of the user."""
        return cast("str | None", self._session_storage.get("access_token"))

    @property
    def access_token_expires_at(self) -> float | None:
        """Seconds since 1970; None where the provider did not say."""
        return cast("float | None", self._session_storage.get("access_token_expires_at"))

    @property
    def refresh_token(self) -> str | None:
        """For a new access token."""
        return cast("str | None", self._session_storage.get("refresh_token"))

    @property
    def id_token(self) -> dict[str, Any] | None:
        """The claims."""
        return cast("dict[str, Any] | None", self._session_storage.get("id_token"))

    @property
    def id_token_jwt(self) -> str | None:
        """The token itself, in its compact form."""
        return cast("str | None", self._session_storage.get("id_token_jwt"))

    @property
    def userinfo(self) -> dict[str, Any] | None:
        """What the user info endpoint said."""
        return cast("dict[str, Any] | None", self._session_storage.get("userinfo"))

    @property
    def current_provider(self) -> str | None:
        """The name of the provider where the user logged in."""
        return cast("str | None", self._session_storage.get("current_provider"))

    @property
    def last_authenticated(self) -> float | None:
        """When the user gave proof of who it is: seconds since 1970."""
        return cast("float | None", self._session_storage.get("last_authenticated"))

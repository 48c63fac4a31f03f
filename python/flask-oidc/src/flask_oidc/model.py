"""The person at the browser, as ``g.oidc_user``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import flask

from flask_oidc.tokens import PROFILE

if TYPE_CHECKING:
    from flask_oidc.extension import OpenIDConnect


class User:
    """What is known about the person. Nothing is read before it is asked for.

    ``profile`` and what comes out of it raise :class:`RuntimeError` where ``OIDC_USER_INFO_ENABLED`` is
    False: nobody asked the provider then.
    """

    def __init__(self, ext: OpenIDConnect) -> None:
        self._ext = ext

    @property
    def logged_in(self) -> bool:
        """Whether somebody is."""
        return self._ext.user_loggedin

    @property
    def access_token(self) -> str | None:
        """For requests to APIs on the person's behalf."""
        return self._ext.get_access_token()

    @property
    def refresh_token(self) -> str | None:
        """None where the provider gave none."""
        return self._ext.get_refresh_token()

    @property
    def profile(self) -> dict[str, Any]:
        """The answer of the user info endpoint (Core section 5.3.2); empty for an anonymous visitor."""
        if not flask.current_app.config["OIDC_USER_INFO_ENABLED"]:
            raise RuntimeError("User info is disabled in configuration (OIDC_USER_INFO_ENABLED)")
        return cast("dict[str, Any]", flask.session.get(PROFILE) or {})

    @property
    def name(self) -> str | None:
        """The nickname."""
        return cast("str | None", self.profile.get("nickname"))

    @property
    def email(self) -> str | None:
        """As the provider knows it."""
        return cast("str | None", self.profile.get("email"))

    @property
    def groups(self) -> list[str]:
        """Empty where the provider names none."""
        return cast("list[str]", self.profile.get("groups") or [])

    @property
    def unique_id(self) -> str | None:
        """``sub``: who this is, at this provider, for ever."""
        return cast("str | None", self.profile.get("sub"))

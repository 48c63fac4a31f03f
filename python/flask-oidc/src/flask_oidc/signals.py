"""Signals of login and logout. The sender is the client, ``g._oidc_auth``."""

from __future__ import annotations

from blinker import Namespace

_oidc = Namespace()

#: Before the browser is sent to the provider: ``redirect_uri``, ``next``.
before_login_redirect = _oidc.signal("before-login-redirect")
#: The browser is back; nothing has been checked.
before_authorize = _oidc.signal("before-authorize")
#: The person is logged in: ``token``, ``return_to``.
after_authorize = _oidc.signal("after-authorize")
#: The person is still logged in, for the last time.
before_logout = _oidc.signal("before-logout")
#: The session holds nobody any more: ``reason`` (``"expired"`` or None), ``return_to``.
after_logout = _oidc.signal("after-logout")

__all__ = ["after_authorize", "after_logout", "before_authorize", "before_login_redirect", "before_logout"]

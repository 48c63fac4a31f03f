"""The token of the request at hand."""

from __future__ import annotations

from typing import Any, cast

from flask import g
from werkzeug.local import LocalProxy

#: Where Authlib's ``current_token`` looks, so that both proxies show the same token.
KEY = "authlib_server_oauth2_token"


def _current() -> dict[str, Any] | None:
    return cast("dict[str, Any] | None", g.get(KEY))


#: The accepted token as a mapping: what introspection said, or the claims, and ``access_token``. None (false)
#: where the view is open to everybody and no token came.
current_token: Any = LocalProxy(_current)

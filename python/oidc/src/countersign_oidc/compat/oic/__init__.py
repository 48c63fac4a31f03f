"""The slice of pyoidc that a login by hand needs: discovery, the callback, tokens, UserInfo.

Applications change their import lines, ``oic`` to ``countersign_oidc.compat.oic``, and nothing else::

    from countersign_oidc.compat.oic import rndstr
    from countersign_oidc.compat.oic.oic import Client
    from countersign_oidc.compat.oic.oauth2 import AuthorizationResponse
    from countersign_oidc.compat.oic.utils.authn.client import ClientSecretBasic, ClientSecretPost

New applications do better with :class:`countersign_oidc.RelyingParty` or
:class:`countersign_oidc.flask.Countersign`, which draw and compare ``state`` and ``nonce`` themselves.
"""

from __future__ import annotations

import secrets
import string

__all__ = ["rndstr"]

_LETTERS = string.ascii_letters + string.digits


def rndstr(size: int = 16) -> str:
    """Letters and digits that nobody can guess; 16 of them hold 95 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(size))

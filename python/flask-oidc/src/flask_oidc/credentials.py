"""What 1.x kept about each person, still found where its applications look for it.

``oidc.credentials_store[sub]`` was the JSON text of an oauth2client object. Now the tokens are in the
session; without a store of the application's own, the view shows those of the person at the browser.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask_oidc import tokens

if TYPE_CHECKING:
    from flask_oidc.tokens import Token


class MemoryCredentials(dict[str, str]):
    """Credentials of everybody who logged in, by ``sub``, for the life of the process."""


class SessionCredentials(Mapping[str, str]):
    """The credentials of the person at the browser, and of nobody else."""

    def __getitem__(self, subject: str) -> str:
        token = tokens.stored()
        if token is None or subject_of(token) != subject:
            raise KeyError(subject)
        return as_json(token)

    def __iter__(self) -> Iterator[str]:
        token = tokens.stored()
        subject = subject_of(token) if token is not None else None
        return iter([subject] if subject else [])

    def __len__(self) -> int:
        return len(list(iter(self)))


def subject_of(token: Token) -> str | None:
    """``sub`` of whom the token came for."""
    claims = token.get("userinfo")
    return str(claims["sub"]) if isinstance(claims, dict) and "sub" in claims else None


def as_json(token: Token) -> str:
    """The members that oauth2client wrote, but not the client's secret."""
    end = tokens.ends_at(token)
    expiry = None
    if end is not None:
        expiry = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    known: dict[str, Any] = {
        "_class": "OAuth2Credentials",
        "_module": "oauth2client.client",
        "access_token": token.get("access_token"),
        "client_id": None,
        "client_secret": None,
        "refresh_token": token.get("refresh_token"),
        "token_expiry": expiry,
        "token_uri": None,
        "user_agent": None,
        "revoke_uri": None,
        "id_token": token.get("userinfo"),
        "id_token_jwt": token.get("id_token"),
        "token_response": {name: value for name, value in token.items() if name != "userinfo"},
        "scopes": str(token.get("scope") or "").split(),
        "token_info_uri": None,
        "invalid": False,
    }
    return json.dumps(known)

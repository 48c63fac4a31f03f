"""Who is logged in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from countersign_oidc._native import Session, Visit


class User:
    """A person who has logged in: what the provider says of them, read when it is asked for."""

    def __init__(self, visit: Visit, session: Session, provider: str) -> None:
        self._visit = visit
        #: Tokens and times; ``session.access_token`` calls an API in this person's name.
        self.session = session
        #: The name of the provider in the settings; "" where there is only one.
        self.provider = provider

    @property
    def subject(self) -> str:
        """``sub``: unique at the issuer and never given to another, unlike names and addresses."""
        return self.session.subject

    @property
    def issuer(self) -> str:
        """``iss``: who vouches for the subject."""
        return self.session.issuer

    @cached_property
    def claims(self) -> dict[str, Any]:
        """What the ID token says, overlaid by what UserInfo says."""
        return self._visit.claims or {}

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles, from where the setting ``roles`` says that they stand."""
        return frozenset(self._visit.roles)

    @property
    def name(self) -> str:
        """What to call this person; the subject where the provider knows no name."""
        for claim in ("name", "preferred_username", "email"):
            value = self.claims.get(claim)
            if isinstance(value, str) and value:
                return value
        return self.subject

    @property
    def email(self) -> str | None:
        """``email``; whether it was verified stands in the claim ``email_verified``."""
        value = self.claims.get("email")
        return value if isinstance(value, str) else None

    def get(self, claim: str, default: Any = None) -> Any:
        """One claim."""
        return self.claims.get(claim, default)

    def __getitem__(self, claim: str) -> Any:
        return self.claims[claim]

    def __repr__(self) -> str:
        return f"User({self.subject!r})"

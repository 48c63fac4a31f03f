"""What the browser or the API's client is told when something is refused."""

from __future__ import annotations

from countersign_oidc.errors import Error, LoginRefused

#: Characters of a provider's own words that are shown.
_SHOWN = 400


def _printable(text: str) -> str:
    """What RFC 6749 section 4.1.2.1 allows, so that nobody writes lines into the log."""
    return "".join(char for char in text[:_SHOWN] if " " <= char <= "~")


class LoginFailed(LoginRefused):
    """A callback that belongs to no login under way here, an error that the provider sent, or a person who
    may not come in.

    ``error`` and ``description`` are named as in RFC 6749 section 4.1.2.1.
    """

    def __init__(self, error: str, description: str = "", *, code: str = "login.refused") -> None:
        error, description = _printable(error), _printable(description)
        super().__init__(f"{error}: {description}" if description else error)
        self.code = code
        self.error = error
        self.description = description
        self.provider_error = error
        self.provider_error_description = description or None


class SessionOver(LoginRefused):
    """The stored token is over and can't be refreshed: the person logs in again."""

    code = "refresh.none"
    meaning = "This sign-in can't be renewed."


def described(error: Error) -> str:
    """``error: description``: the provider's words where it had some, ours otherwise."""
    if error.provider_error:
        said = (error.provider_error, error.provider_error_description or "")
    else:
        said = (error.code, error.meaning)
    return ": ".join(words[:_SHOWN] for words in said if words)

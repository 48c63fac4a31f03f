"""What comes from a provider, as a mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from countersign_oidc.compat.oic.exception import PyoidcError


class Message(dict[str, Any]):
    """A dictionary that can also be written down."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, all the way down."""
        return {name: _plain(value) for name, value in self.items()}

    def to_json(self) -> str:
        """As a JSON text."""
        return json.dumps(self.to_dict())

    def to_urlencoded(self) -> str:
        """As a query."""
        return urlencode(self.to_dict(), doseq=True)


def parameters(info: Any, sformat: str) -> dict[str, str]:
    """The parameters of a response. One that came twice is refused (RFC 6749 section 3.1)."""
    pairs: list[tuple[str, Any]]
    if sformat == "urlencoded" and isinstance(info, str):
        pairs = list(parse_qsl(info.partition("?")[2] or info, keep_blank_values=True))
    elif sformat == "dict" and hasattr(info, "lists"):  # of Werkzeug: request.args
        pairs = [(name, value) for name, values in info.lists() for value in values]
    elif sformat == "dict" and isinstance(info, Mapping):
        pairs = [(name, one) for name, value in info.items() for one in _each(value)]
    else:
        raise PyoidcError(
            f"a response is read as 'dict' from a mapping or as 'urlencoded' from a text, not as {sformat!r} "
            f"from {type(info).__name__}"
        )
    read: dict[str, str] = {}
    for name, value in pairs:
        if name in read:
            raise PyoidcError(f"the response has the parameter {name!r} twice")
        read[name] = str(value)
    return read


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value

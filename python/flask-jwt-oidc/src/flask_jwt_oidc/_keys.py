"""Where the keys come from: the provider's metadata and its key set, each asked for when it is needed.

How often the keys are asked for is the engine's affair. What it asks goes through the methods of
:class:`~flask_jwt_oidc.JwtManager` that applications patch.
"""

from __future__ import annotations

import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from countersign_oidc import _native
from countersign_oidc.errors import Error, NetworkError, TransportFailure

if TYPE_CHECKING:
    from countersign_oidc._native import Request, Transport

#: Seconds between two attempts to read the metadata of a provider that does not answer.
PAUSE = 5.0


class KeysUnavailable(NetworkError):
    """The provider's metadata or keys can't be had now."""

    code = "network.unreachable"
    meaning = "The provider can't be asked for its keys."

    def __init__(self, why: str, *, status: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.retry_after = retry_after


def asked(url: str, transport: Transport | None) -> dict[str, Any]:
    """The JSON object at this address, within the engine's limits and time, by no redirect."""
    try:
        status, headers, body = _native.fetch(
            url, headers=[("accept", "application/json")], transport=transport
        )
    except Error as error:
        raise KeysUnavailable(f"{url}: {error}", retry_after=error.retry_after) from error
    if status != 200:
        said = {name.lower(): value for name, value in headers}.get("retry-after", "")
        raise KeysUnavailable(
            f"{url} answered with status {status} instead of 200",
            status=status,
            retry_after=int(said) if said.isascii() and said.isdigit() else None,
        )
    return json_object(url, body)


def json_object(url: str, body: bytes | str) -> dict[str, Any]:
    """The object that this text is."""
    try:
        read = json.loads(body)
    except ValueError:
        raise KeysUnavailable(f"{url} should answer with JSON, and does not") from None
    if not isinstance(read, dict):
        raise KeysUnavailable(f"{url} should answer with a JSON object, not with {type(read).__name__}")
    return read


class Metadata:
    """The provider's metadata: read once, by one thread, when they are first needed."""

    def __init__(self, url: str, read: Callable[[str], Mapping[str, Any]]) -> None:
        self._url = url
        self._read = read
        self._lock = threading.Lock()
        self._document: dict[str, Any] | None = None
        self._failed: KeysUnavailable | None = None
        self._again_at = 0.0
        _ALL.add(self)

    def document(self) -> dict[str, Any]:
        """What the provider says of itself. Raises :class:`KeysUnavailable`."""
        if self._document is not None:
            return self._document
        with self._lock:
            if self._document is None:
                self._document = self._ask()
            return self._document

    def _ask(self) -> dict[str, Any]:
        if self._failed is not None and time.monotonic() < self._again_at:
            raise self._failed
        try:
            document = dict(self._read(self._url))
            for name in ("issuer", "jwks_uri"):
                if not isinstance(document.get(name), str):
                    raise KeysUnavailable(f"{self._url} should say its {name!r}, and does not")
            return document
        except KeysUnavailable as error:
            failed = error
        except Exception as error:  # noqa: BLE001 (whatever a replaced urlopen raises means the same)
            failed = KeysUnavailable(f"{self._url}: {type(error).__name__}")
        self._failed, self._again_at = failed, time.monotonic() + PAUSE
        raise failed

    def forget_threads(self) -> None:
        """After a fork: whoever held the lock is not in this process."""
        self._lock = threading.Lock()


class KeyMemory:
    """The key set that was seen last, for whoever asks :meth:`JwtManager.get_jwks`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, name: str) -> Any:
        """What is kept under this name, if it isn't too old."""
        until, value = self._kept.get(name, (0.0, None))
        return value if time.monotonic() < until else None

    def set(self, name: str, value: Any) -> None:
        """Keep it."""
        self._kept[name] = (time.monotonic() + self._seconds, value)

    def delete(self, name: str) -> None:
        """Forget it."""
        self._kept.pop(name, None)


class Keeper(Protocol):
    """Whoever knows where the keys are."""

    cache: Any

    def get_jwks(self) -> Mapping[str, Any]:
        """The key set."""
        ...


class KeyTransport:
    """Answers the engine's question for keys with what the manager's methods bring."""

    def __init__(self, keeper: Keeper, seconds: float) -> None:
        self._keeper = weakref.ref(keeper)
        self._seconds = seconds

    def __call__(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        """One answer; an old one never, as the engine asks when it needs another."""
        keeper = self._keeper()
        if keeper is None:
            raise TransportFailure("unreachable", f"nobody is left to ask {request.endpoint}")
        if keeper.cache is not None:
            keeper.cache.delete("jwks")
        try:
            body = json.dumps(keeper.get_jwks()).encode()
        except KeysUnavailable as error:
            if error.status is None:
                raise TransportFailure("unreachable", str(error)) from error
            wait = [("retry-after", str(error.retry_after))] if error.retry_after else []
            return error.status, wait, b""
        return 200, [("content-type", "application/json"), ("cache-control", self._age())], body

    def _age(self) -> str:
        return f"max-age={int(self._seconds)}"


_ALL: weakref.WeakSet[Metadata] = weakref.WeakSet()


def _forget_threads() -> None:
    for metadata in list(_ALL):
        metadata.forget_threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)

"""Making something once, by whichever thread needs it first, in every process anew."""

from __future__ import annotations

import os
import threading
import weakref


class Once:
    """A lock around the making. A child process gets it free, even if a thread of its parent held it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        _all.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


_all: weakref.WeakSet[Once] = weakref.WeakSet()


def _renew() -> None:
    for once in list(_all):
        once._lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)

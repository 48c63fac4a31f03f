"""A person with cookies, one request at a time and each over a connection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

if TYPE_CHECKING:
    from support.provider import FakeProvider

#: Seconds after which a worker counts as hanging.
LONGEST_ANSWER = 30
MOST_STEPS = 12


class Browser:
    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.pids: dict[str, str] = {}  # path: the process that answered last

    def get(self, url: str, **headers: str) -> requests.Response:
        """One answer, no redirect followed. An address of this host goes to the application's port."""
        parts = urlsplit(urljoin(self.base + "/", url))
        here = f"{self.base}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        answer = self.session.get(
            here,
            headers={"Accept": "text/html", "Connection": "close", **headers},
            allow_redirects=False,
            timeout=LONGEST_ANSWER,
        )
        self.pids[parts.path] = answer.headers.get("X-Pid", "")
        return answer

    def log_in(self, provider: FakeProvider, path: str) -> requests.Response:
        """Goes to a protected page; at the provider's, the person says yes."""
        url = path
        for _ in range(MOST_STEPS):
            answer = self.get(url)
            if not answer.is_redirect:
                return answer
            url = answer.headers["Location"]
            if url.startswith(provider.metadata["authorization_endpoint"]):
                url = provider.authorize(url)
        raise AssertionError(f"{path} redirects for ever, at last to {url}")

"""Introspection without a network: the answer comes from below `requests`, where sockets begin."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from support.provider import FakeProvider


def answer_in_process(provider: FakeProvider) -> None:
    """From now on; everything else still goes over the loopback."""
    send = HTTPAdapter.send
    content = json.dumps(
        {
            "active": True,
            "sub": provider.subject,
            "aud": provider.client_id,
            "client_id": provider.client_id,
            "scope": "openid profile",
            "exp": 4102444800,
            "iss": provider.issuer,
        }
    ).encode()

    def answering(self: HTTPAdapter, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        if not request.url.endswith("/introspect"):
            return send(self, request, *arguments, **options)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        raw = HTTPResponse(io.BytesIO(content), headers, 200, preload_content=False)
        return self.build_response(request, raw)

    HTTPAdapter.send = answering

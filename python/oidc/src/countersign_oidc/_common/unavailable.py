"""The answer while the provider can't be reached: 503, and when to come again (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from countersign_oidc.errors import Error, NetworkError, ProviderError

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

#: Seconds, where nobody said when to come again.
RETRY_AFTER = 10

_PAGE = """<!doctype html>
<html lang=en>
<title>503 Service Unavailable</title>
<h1>Service Unavailable</h1>
<p>{sentence} Please try again in {seconds} seconds.</p>
"""

logger = logging.getLogger(__name__)


def is_unavailable(error: BaseException) -> TypeGuard[Error]:
    """Whether waiting may help: nothing answered, or the provider itself is in trouble."""
    if isinstance(error, NetworkError):
        return True
    return isinstance(error, ProviderError) and error.retry_after is not None


def unavailable(error: Error, *, json: bool | None = None) -> Response:
    """503 with ``Retry-After``. ``json=None`` asks the request what it accepts."""
    logger.warning("The provider can't be used now: %s [%s]", error, error.code)
    seconds = error.retry_after or RETRY_AFTER
    sentence = "The login service can't be reached at the moment."
    if json is None:
        accepted = request.accept_mimetypes
        json = accepted["application/json"] > accepted["text/html"]
    if json:
        response: Response = jsonify(error="temporarily_unavailable", error_description=sentence)
    else:
        response = Response(
            _PAGE.format(sentence=html.escape(sentence), seconds=seconds), mimetype="text/html"
        )
    response.status_code = 503
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response

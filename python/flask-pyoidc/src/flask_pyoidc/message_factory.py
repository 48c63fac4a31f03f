"""The messages of the client credentials grant (RFC 6749 section 4.4), under the name that they had."""

from __future__ import annotations

from typing import NamedTuple

from flask_pyoidc.messages import AccessTokenResponse, Message


class CCAccessTokenRequest(Message):
    """A token request of a client for itself."""


class MessageTuple(NamedTuple):
    """What is sent to an endpoint, and what comes back."""

    request_cls: type[Message]
    response_cls: type[Message]


class CCMessageFactory:
    """Which messages the client credentials grant uses."""

    token_endpoint = MessageTuple(CCAccessTokenRequest, AccessTokenResponse)

"""Client authentication (OpenID Connect Core 1.0 section 9): names for the engine's own."""

from __future__ import annotations


class ClientAuthnMethod:
    """One way for a client to prove who it is; the engine carries it out."""

    #: As in ``token_endpoint_auth_method``.
    method = ""


class ClientSecretBasic(ClientAuthnMethod):
    """Id and secret in the ``Authorization`` header."""

    method = "client_secret_basic"


class ClientSecretPost(ClientAuthnMethod):
    """Id and secret in the form."""

    method = "client_secret_post"


#: What a client knows that is not told otherwise.
CLIENT_AUTHN_METHOD: dict[str, type[ClientAuthnMethod]] = {
    "client_secret_basic": ClientSecretBasic,
    "client_secret_post": ClientSecretPost,
}

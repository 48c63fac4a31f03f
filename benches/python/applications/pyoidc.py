"""flask_pyoidc."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration

from applications.case import Case, application, bearer, cookie, log_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from support.provider import FakeProvider


def cases(provider: FakeProvider, *, is_drop_in: bool) -> Iterable[Case]:
    app = site(provider)
    person = log_in(app, provider, "/private")
    token = bearer([provider.opaque_token()])
    yield Case("pyoidc/unprotected", app, "/unprotected")
    yield Case("pyoidc/unprotected/cookie", app, "/unprotected", "pyoidc/unprotected", headers=cookie(person))
    yield Case("oidc_auth/live", app, "/private", "pyoidc/unprotected", headers=cookie(person))
    yield Case("oidc_auth/anonymous", app, "/private", "pyoidc/unprotected", 302)
    yield Case("token_auth/introspected", app, "/api", "pyoidc/unprotected", headers=token)
    if is_drop_in:
        remembering = site(provider, OIDC_INTROSPECTION_CACHE=300)
        yield Case("token_auth/cached", remembering, "/api", "pyoidc/unprotected", headers=token)
        native = site(provider, COUNTERSIGN_TRANSPORT="native")
        yield Case("token_auth/introspected_natively", native, "/api", "pyoidc/unprotected", headers=token)


def site(provider: FakeProvider, **config: Any) -> Flask:
    """With a page for people and one for programs."""
    client = ClientMetadata(provider.client_id, provider.client_secret)
    configuration = ProviderConfiguration(issuer=provider.issuer, client_metadata=client)
    app = application(OIDC_REDIRECT_URI="http://localhost/redirect_uri", **config)
    auth = OIDCAuthentication({"op": configuration}, app)

    @app.get("/private")
    @auth.oidc_auth("op")
    def private() -> str:
        return "ok"

    @app.get("/api")
    @auth.token_auth("op")
    def api() -> str:
        return "ok"

    return app

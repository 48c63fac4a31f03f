"""flask_pyoidc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration

from applications.case import Case, application, bearer, cookie, log_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.provider import FakeProvider


def cases(provider: FakeProvider) -> Iterable[Case]:
    client = ClientMetadata(provider.client_id, provider.client_secret)
    configuration = ProviderConfiguration(issuer=provider.issuer, client_metadata=client)
    app = application(OIDC_REDIRECT_URI="http://localhost/redirect_uri")
    auth = OIDCAuthentication({"op": configuration}, app)

    @app.get("/private")
    @auth.oidc_auth("op")
    def private() -> str:
        return "ok"

    @app.get("/api")
    @auth.token_auth("op")
    def api() -> str:
        return "ok"

    person = log_in(app, provider, "/private")
    yield Case("pyoidc/unprotected", app, "/unprotected")
    yield Case("pyoidc/reads-session", app, "/reads-session", "pyoidc/unprotected", headers=cookie(person))
    yield Case("oidc_auth/live", app, "/private", "pyoidc/unprotected", headers=cookie(person))
    yield Case("oidc_auth/anonymous", app, "/private", "pyoidc/unprotected", 302)
    yield Case("token_auth/introspected", app, "/api", "pyoidc/unprotected", headers=bearer(["opaque-token"]))

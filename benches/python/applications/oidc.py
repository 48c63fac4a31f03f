"""flask_oidc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_oidc import OpenIDConnect

from applications.case import Case, application, bearer, cookie, log_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.provider import FakeProvider


def cases(provider: FakeProvider) -> Iterable[Case]:
    client = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    app = application(OIDC_CLIENT_SECRETS={"web": {"issuer": provider.issuer, **client}})
    bare = application()
    oidc = OpenIDConnect(app)

    @app.get("/private")
    @oidc.require_login
    def private() -> str:
        return "ok"

    @app.get("/api")
    @oidc.accept_token()
    def api() -> str:
        return "ok"

    person = log_in(app, provider, "/private")
    yield Case("oidc/bare", bare, "/unprotected")
    yield Case("oidc/reads-session", bare, "/reads-session", "oidc/bare", headers=cookie(person))
    yield Case("public/anonymous", app, "/unprotected", "oidc/bare")
    yield Case("public/logged_in", app, "/unprotected", "oidc/bare", headers=cookie(person))
    yield Case("require_login/live", app, "/private", "oidc/bare", headers=cookie(person))
    yield Case("accept_token/introspected", app, "/api", "oidc/bare", headers=bearer(["opaque-token"]))

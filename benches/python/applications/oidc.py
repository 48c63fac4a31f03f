"""flask_oidc."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_oidc import OpenIDConnect

from applications.case import Case, application, bearer, cookie, log_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from support.provider import FakeProvider


def cases(provider: FakeProvider, *, is_drop_in: bool) -> Iterable[Case]:
    app, bare = site(provider), application()
    person = log_in(app, provider, "/private")
    yield Case("oidc/bare", bare, "/unprotected")
    # Flask reads a session whose cookie comes along, whether or not anybody asks for it.
    yield Case("oidc/bare/cookie", bare, "/unprotected", "oidc/bare", headers=cookie(person))
    yield Case("public/anonymous", app, "/unprotected", "oidc/bare")
    yield Case("public/logged_in", app, "/unprotected", "oidc/bare/cookie", headers=cookie(person))
    yield Case("require_login/live", app, "/private", "oidc/bare", headers=cookie(person))
    token = bearer([provider.opaque_token()])
    yield Case("accept_token/introspected", app, "/api", "oidc/bare", headers=token)
    if is_drop_in:
        remembering = site(provider, OIDC_INTROSPECTION_CACHE=300)
        yield Case("accept_token/cached", remembering, "/api", "oidc/bare", headers=token)
        native = site(provider, COUNTERSIGN_TRANSPORT="native")
        yield Case("accept_token/introspected_natively", native, "/api", "oidc/bare", headers=token)


def site(provider: FakeProvider, **config: Any) -> Flask:
    """With a page for people and one for programs."""
    client = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    app = application(OIDC_CLIENT_SECRETS={"web": {"issuer": provider.issuer, **client}}, **config)
    oidc = OpenIDConnect(app)

    @app.get("/private")
    @oidc.require_login
    def private() -> str:
        return "ok"

    @app.get("/api")
    @oidc.accept_token()
    def api() -> str:
        return "ok"

    return app

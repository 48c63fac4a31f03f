"""countersign_oidc.flask, which has no original; its session is a cookie of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countersign_oidc.flask import Countersign

from applications.case import Case, application, bearer, cookie, log_in
from applications.jwt_api import NEVER_SEEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.provider import FakeProvider

API = "https://api.example.com"


def cases(provider: FakeProvider) -> Iterable[Case]:
    app = application()
    auth = Countersign(
        app,
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        base_url="http://localhost",
        audience=API,
    )

    @app.get("/private")
    @auth.login_required
    def private() -> str:
        return "ok"

    @app.get("/api")
    @auth.token_required(scopes=["notes:read"])
    def api() -> str:
        return "ok"

    person = log_in(app, provider, "/private")
    claims = {"aud": API, "scope": "notes:read"}
    seen = provider.mint_access_token(**claims)
    new = [provider.mint_access_token(**claims) for _ in range(NEVER_SEEN)]

    yield Case("modern/unprotected", app, "/unprotected")
    yield Case("modern/public/logged_in", app, "/unprotected", "modern/unprotected", headers=cookie(person))
    yield Case("modern/login_required/live", app, "/private", "modern/unprotected", headers=cookie(person))
    yield Case("modern/token_required/seen", app, "/api", "modern/unprotected", headers=bearer([seen]))
    yield Case("modern/token_required/new", app, "/api", "modern/unprotected", headers=bearer(new))

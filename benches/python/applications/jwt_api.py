"""flask_jwt_oidc: RS256 with 2,048 bits, keys at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_jwt_oidc import JwtManager

from applications.case import Case, application, bearer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.provider import FakeProvider

#: More than the rounds of a run ask for, so that each is seen once.
NEVER_SEEN = 4000


def cases(provider: FakeProvider, *, is_drop_in: bool) -> Iterable[Case]:
    del is_drop_in
    app = application(
        JWT_OIDC_WELL_KNOWN_CONFIG=f"{provider.issuer}/.well-known/openid-configuration",
        JWT_OIDC_AUDIENCE=provider.client_id,
        JWT_OIDC_CACHING_ENABLED=True,
        JWT_OIDC_JWKS_CACHE_TIMEOUT=100_000,
        JWT_ROLE_CALLBACK=lambda claims: claims["realm_access"]["roles"],
    )
    jwt = JwtManager(app)

    @app.get("/auth")
    @jwt.requires_auth
    def auth() -> str:
        return "ok"

    @app.get("/roles")
    @jwt.requires_roles(["editor"])
    def roles() -> str:
        return "ok"

    claims = {"realm_access": {"roles": ["editor", "viewer"]}}
    seen = provider.mint_access_token(**claims)
    new = [provider.mint_access_token(**claims) for _ in range(NEVER_SEEN)]
    broken = seen[:-8] + ("AAAAAAAA" if not seen.endswith("AAAAAAAA") else "BBBBBBBB")

    yield Case("jwt/unprotected", app, "/unprotected")
    for path in ["auth", "roles"]:
        name = f"requires_{path}"
        yield Case(f"{name}/seen", app, f"/{path}", "jwt/unprotected", headers=bearer([seen]))
    yield Case("requires_auth/new", app, "/auth", "jwt/unprotected", headers=bearer(new))
    yield Case("requires_auth/bad_signature", app, "/auth", "jwt/unprotected", 401, bearer([broken]))

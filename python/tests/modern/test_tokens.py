from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from countersign_oidc import SetupError
from countersign_oidc.flask import Countersign
from flask import Flask
from support.provider import FakeProvider
from support.tokens import rsa_key, tampered, unsigned
from werkzeug.test import TestResponse


def get(app: Flask, path: str, token: str | None, **more: Any) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return app.test_client().get(path, headers=headers, **more)


def test_a_token_with_the_scope_passes(app: Flask, provider: FakeProvider) -> None:
    token = provider.mint_access_token(aud="notes-api", scope="notes:read notes:write")
    for _ in range(2):
        answer = get(app, "/api/notes", token)
        assert (answer.status_code, answer.json) == (200, {"sub": "alice"})
    assert len(provider.requests_to("jwks")) == 1


def test_a_token_without_the_scope_is_answered_with_403(app: Flask, provider: FakeProvider) -> None:
    answer = get(app, "/api/notes", provider.mint_access_token(aud="notes-api", scope="other"))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert 'scope="notes:read"' in answer.headers["WWW-Authenticate"]


def test_a_request_without_a_token_is_asked_for_one(app: Flask) -> None:
    answer = get(app, "/api/notes", None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "error=" not in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "bad",
    [
        lambda p: p.mint_access_token(aud="another-api", scope="notes:read"),
        lambda p: p.mint_access_token(aud="notes-api", scope="notes:read", exp=1),
        lambda p: p.mint_access_token(aud="notes-api", scope="notes:read", iss="https://evil.example"),
        lambda p: p.mint_access_token(aud="notes-api", scope="notes:read", key=rsa_key("stranger")),
        lambda p: tampered(p.mint_access_token(aud="notes-api", scope="other"), scope="notes:read"),
        lambda p: unsigned(
            {"iss": p.issuer, "aud": "notes-api", "scope": "notes:read", "exp": 9_999_999_999}
        ),
        lambda p: p.mint_id_token(aud="notes-api", nonce="n", scope="notes:read"),
        lambda p: "no.token.atall",
    ],
)
@pytest.mark.parametrize("path", ["/api/notes", "/api/open"])
def test_a_bad_token_never_passes(
    app: Flask, provider: FakeProvider, bad: Callable[[FakeProvider], str], path: str
) -> None:
    answer = get(app, path, bad(provider))
    assert answer.status_code == 401, answer.text
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_an_optional_token_may_be_absent(app: Flask, provider: FakeProvider) -> None:
    assert get(app, "/api/open", None).json == {"sub": None}
    assert get(app, "/api/open", provider.mint_access_token(aud="notes-api")).json == {"sub": "alice"}


def test_roles_stand_where_the_setting_says(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, _ = build(audience="notes-api", roles="/groups")
    assert (
        get(app, "/api/editor", provider.mint_access_token(aud="notes-api", groups=["editor"])).text
        == "editor"
    )
    answer = get(app, "/api/editor", provider.mint_access_token(aud="notes-api", roles=["editor"]))
    assert answer.status_code == 403


def test_a_failing_role_function_is_a_500_and_no_open_door(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    def roles(claims: dict[str, Any]) -> list[str]:
        raise RuntimeError("the database of roles is down")

    app, _ = build(audience="notes-api", roles=roles)
    answer = get(app, "/api/editor", provider.mint_access_token(aud="notes-api"))
    assert answer.status_code == 500


def test_keys_that_cannot_be_had_are_answered_with_503(app: Flask, provider: FakeProvider) -> None:
    provider.unreachable.add("*")
    answer = get(app, "/api/notes", provider.mint_access_token(aud="notes-api", scope="notes:read"))
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_a_second_demand_is_made_of_the_same_token(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, auth = build(audience="notes-api")

    @app.get("/api/deep")
    @auth.token_required(scopes=["notes:read"])
    def deep() -> Any:
        refusal = auth.require_token(scopes=["notes:admin"])
        return refusal if refusal is not None else "in"

    assert (
        get(app, "/api/deep", provider.mint_access_token(aud="notes-api", scope="notes:read")).status_code
        == 403
    )
    both = provider.mint_access_token(aud="notes-api", scope="notes:read notes:admin")
    assert get(app, "/api/deep", both).text == "in"


def test_opaque_tokens_are_asked_about_where_that_is_set(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, _ = build(audience="notes-api", introspection=True)
    token = provider.opaque_token(aud="notes-api", scope="notes:read")
    assert get(app, "/api/notes", token).status_code == 200
    assert get(app, "/api/notes", "unknown").status_code == 401
    without, _ = build(audience="notes-api")
    assert get(without, "/api/notes", token).status_code == 401


def test_an_application_without_an_audience_has_no_api(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, _ = build()
    app.testing = True
    with pytest.raises(SetupError, match="COUNTERSIGN_AUDIENCE"):
        get(app, "/api/notes", provider.mint_access_token(aud="notes-api", scope="notes:read"))


def test_metadata_of_the_api_are_published_at_its_address(
    build: Callable[..., tuple[Flask, Countersign]], provider: FakeProvider
) -> None:
    app, _ = build(audience="notes-api", resource="https://notes.example/api")
    answer = app.test_client().get("/.well-known/oauth-protected-resource/api")
    assert answer.json["resource"] == "https://notes.example/api"
    assert answer.json["authorization_servers"] == [provider.issuer]

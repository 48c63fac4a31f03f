"""The application of the documentation of flask-jwt-oidc, as it was written for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.jwt_api import AUDIENCE, bearer

EXAMPLE = Path(__file__).parents[2] / "examples" / "flask_jwt_oidc"


@pytest.fixture
def get(settings, monkeypatch):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JWT_OIDC_CLIENT_SECRET", "keycloak-client-secret")
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in ("app", "config"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import app

    yield app.app.test_client().get
    for name in ("app", "config"):
        sys.modules.pop(name, None)


def with_role(published, *roles):
    return bearer(published(aud=AUDIENCE, realm_access={"roles": list(roles)}))


def test_the_endpoint_for_whoever_has_a_token(get, published):
    assert get("/api/secure").status_code == 401
    response = get("/api/secure", headers=with_role(published))
    assert response.status_code == 200
    assert "You provided a valid Bearer JWT" in response.json["message"]


def test_the_endpoint_that_asks_for_a_role_in_its_body(get, published):
    path = "/api/secured-and-roles"
    assert get(path).status_code == 401
    response = get(path, headers=with_role(published, "somebody"))
    assert (response.status_code, response.json["code"]) == (403, "Unauthorized")
    assert get(path, headers=with_role(published, "names_editor")).status_code == 200


def test_the_endpoint_that_asks_for_a_role_by_its_decorator(get, published):
    path = "/api/secured-decorated-roles"
    assert get(path).status_code == 401
    assert get(path, headers=with_role(published, "n")).json["code"] == "missing_required_roles"
    assert get(path, headers=with_role(published, "names_editor")).status_code == 200

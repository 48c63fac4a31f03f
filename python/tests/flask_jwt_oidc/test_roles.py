"""Roles: decorators, calls in all three orders, and the callback of the application."""

from __future__ import annotations

import pytest
from flask import g
from flask_jwt_oidc import AuthError, JwtManager
from support.jwt_api import TEST_MODE, api, bearer, mint


def with_roles(*roles):
    return mint(realm_access={"roles": list(roles)})


@pytest.mark.parametrize(
    ("path", "roles", "status"),
    [
        ("/both", ["reader", "editor"], 200),
        ("/both", ["reader"], 401),
        ("/both", [], 401),
        ("/either", ["editor"], 200),
        ("/either", ["chief", "x"], 200),
        ("/either", ["reader"], 401),
    ],
)
def test_roles_decide(get, path, roles, status):
    assert get(with_roles(*roles), path).status_code == status


def test_missing_roles_are_told_apart(get):
    assert get(with_roles(), "/both").json == {
        "code": "missing_required_roles",
        "description": "Missing the role(s) required to access this endpoint",
    }
    response = get(with_roles(), "/either")
    assert response.json == {
        "code": "missing_a_valid_role",
        "description": "Missing a role required to access this endpoint",
    }
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_without_a_token_roles_are_not_looked_at(get):
    assert get(None, "/both").json["code"] == "authorization_header_missing"


@pytest.fixture
def asked():
    """The manager, in a request of somebody who is a reader and an editor."""
    app, jwt = api(**TEST_MODE)
    with app.test_request_context("/", headers=bearer(with_roles("reader", "editor"))):
        jwt._require_auth_validation()
        yield jwt


CHIEF = {"realm_access": {"roles": ["chief"]}}


def test_0_7_asks_with_the_roles_alone(asked):
    assert asked.validate_roles(["reader", "editor"])
    assert not asked.validate_roles(["reader", "chief"])
    assert asked.contains_role(["chief", "reader"])
    assert not asked.contains_role(["chief"])


def test_0_8_asks_with_the_claims_first(asked):
    assert asked.validate_roles(CHIEF, ["chief"])
    assert not asked.validate_roles(CHIEF, ["reader"])
    assert asked.contains_role(CHIEF, ["chief", "reader"])
    assert not asked.contains_role(CHIEF, ["reader"])


def test_0_9_asks_with_the_claims_last(asked):
    assert asked.validate_roles(["chief"], CHIEF)
    assert not asked.validate_roles(["reader"], claims=CHIEF)
    assert asked.contains_role(["chief", "reader"], CHIEF)
    assert not asked.contains_role(["reader"], claims=CHIEF)


def test_a_text_is_one_role_and_no_letters(asked):
    assert asked.validate_roles("reader")
    assert asked.contains_role("editor")
    assert not asked.validate_roles("r")
    assert not asked.contains_role("reader editor")
    assert asked.validate_roles("chief", CHIEF)
    assert asked.contains_role(CHIEF, "chief")


def test_no_role_is_always_there_and_one_of_none_never(asked):
    assert asked.validate_roles([])
    assert not asked.contains_role([])


def test_a_decorator_takes_a_text_as_one_role():
    app, jwt = api(**TEST_MODE)

    @app.route("/chief")
    @jwt.requires_roles("chief")
    def chief():
        return "chief"

    get = app.test_client().get
    assert get("/chief", headers=bearer(with_roles("chief"))).status_code == 200
    assert get("/chief", headers=bearer(with_roles("c", "h", "i", "e", "f"))).status_code == 401


@pytest.mark.parametrize("name", ["requires_roles", "has_one_of_roles"])
def test_roles_from_an_iterator_are_asked_for_with_every_request(name):
    app, jwt = api(**TEST_MODE)
    app.add_url_rule("/chief", view_func=getattr(jwt, name)(role for role in ["chief"])(lambda: "chief"))
    get = app.test_client().get

    for _ in range(2):
        assert get("/chief", headers=bearer(with_roles("chief"))).status_code == 200
        assert get("/chief", headers=bearer(with_roles("reader"))).status_code == 401


@pytest.mark.parametrize("name", ["requires_roles", "has_one_of_roles"])
def test_a_decorator_without_its_roles_is_refused_where_it_stands(name):
    _, jwt = api(**TEST_MODE)

    with pytest.raises(TypeError):
        getattr(jwt, name)(lambda: "a view")


def test_a_callback_that_gives_a_text_gives_one_role():
    app, _ = api(**TEST_MODE | {"JWT_ROLE_CALLBACK": lambda claims: claims["role"]})
    get = app.test_client().get

    assert get("/either", headers=bearer(mint(role="chief"))).status_code == 200
    assert get("/either", headers=bearer(mint(role="chiefs"))).status_code == 401


def test_roles_in_a_view_without_decorator_are_those_of_a_checked_token():
    app, jwt = api(**TEST_MODE)

    @app.route("/undecorated")
    def undecorated():
        return "yes" if jwt.contains_role(["editor"]) else "no"

    get = app.test_client().get
    assert get("/undecorated", headers=bearer(with_roles("editor"))).text == "yes"
    assert get("/undecorated", headers=bearer(with_roles("reader"))).text == "no"
    assert get("/undecorated", headers=bearer(with_roles("editor")[:-8] + "AAAAAAAA")).status_code == 401
    assert get("/undecorated").status_code == 401


@pytest.mark.parametrize("path", ["/both", "/either"])
def test_an_exception_in_the_callback_is_a_logged_500_and_no_open_door(get, path, caplog):
    response = get(mint(realm_access=None), path)

    assert response.status_code == 500
    assert "realm_access" in caplog.text


@pytest.mark.parametrize("given", [None, 7])
def test_a_callback_that_gives_no_list_is_a_500_and_no_open_door(given):
    app, _ = api(**TEST_MODE | {"JWT_ROLE_CALLBACK": lambda claims: given})

    assert app.test_client().get("/both", headers=bearer(mint())).status_code == 500


def test_a_missing_callback_is_named_in_the_log(caplog):
    app, _ = api(**TEST_MODE | {"JWT_ROLE_CALLBACK": None})

    assert app.test_client().get("/both", headers=bearer(mint())).status_code == 500
    assert "JWT_ROLE_CALLBACK" in caplog.text


def test_a_view_may_raise_its_own_error():
    app, jwt = api(**TEST_MODE)

    @app.route("/own")
    @jwt.requires_auth
    def own():
        raise AuthError({"code": "Unauthorized", "description": "Not for you"}, 403)

    response = app.test_client().get("/own", headers=bearer(mint()))

    assert (response.status_code, response.json["code"]) == (403, "Unauthorized")
    assert "WWW-Authenticate" not in response.headers


def test_a_subclass_that_adds_a_rule_is_asked():
    class Careful(JwtManager):
        def contains_role(self, roles, claims=None):
            return "suspended" not in self._roles_of(claims) and super().contains_role(roles, claims)

    from flask import Flask

    app = Flask("careful")
    app.config.update(TEST_MODE, JWT_ROLE_CALLBACK=lambda claims: claims["realm_access"]["roles"])
    jwt = Careful(app)

    @app.route("/either")
    @jwt.has_one_of_roles(["editor"])
    def either():
        return g.jwt_oidc_token_info["sub"]

    get = app.test_client().get
    assert get("/either", headers=bearer(with_roles("editor"))).text == "alice"
    assert get("/either", headers=bearer(with_roles("editor", "suspended"))).status_code == 401

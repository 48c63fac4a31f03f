"""Validators of an application's own, and claims that are asked for by name."""

from __future__ import annotations

import pytest
from flask_oidc import IntrospectTokenValidator, OpenIDConnect
from flask_oidc.bearer.errors import InvalidTokenError
from flask_oidc.bearer.protector import ResourceProtector


def get(app, provider, path="/api", **claims):
    headers = {"Authorization": f"Bearer {provider.opaque_token(**claims)}"}
    return app.test_client().get(path, headers=headers)


def test_a_validator_may_refuse_the_request_itself(app, oidc, provider):
    class Careful(IntrospectTokenValidator):
        def validate_request(self, request):
            if "X-Gateway" not in request.headers:
                raise InvalidTokenError

    oidc.accept_token.register_token_validator(Careful())

    assert get(app, provider).status_code == 401


def test_the_validator_that_was_registered_first_stays(app, oidc, provider):
    class Nobody(IntrospectTokenValidator):
        def validate_token(self, token, scopes, request, **claims):
            raise InvalidTokenError

    oidc.accept_token.register_token_validator(Nobody())
    oidc.accept_token.register_token_validator(IntrospectTokenValidator())

    assert get(app, provider).status_code == 401


def test_a_validator_of_a_class_is_asked_by_its_objects(make, provider):
    class Nobody(IntrospectTokenValidator):
        def validate_token(self, token, scopes, request, **claims):
            raise InvalidTokenError

    class Own(OpenIDConnect):
        accept_token = ResourceProtector()

    Own.accept_token.register_token_validator(Nobody())

    assert get(make(oidc=Own()), provider).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "claims", "status"),
    [
        ({"essential": True}, {"tenant": None}, 401),
        ({"essential": True}, {"tenant": "any"}, 200),
        ({"essential": False, "value": "t1"}, {"tenant": None}, 200),
        ({"value": "t1"}, {"tenant": "t2"}, 401),
        ({"value": "t1"}, {"tenant": "t1"}, 200),
        ({"values": ["t1", "t2"]}, {"tenant": "t3"}, 401),
        ("t1", {"tenant": "not-t1-at-all"}, 401),
        (["t1", "t2"], {"tenant": ["t0", "t2"]}, 200),
    ],
)
def test_a_claim_is_wanted_as_it_is_said(app, oidc, provider, wanted, claims, status):
    app.add_url_rule("/claims", "claims", oidc.accept_token(tenant=wanted)(lambda: "in"))

    assert get(app, provider, "/claims", **claims).status_code == status


@pytest.mark.parametrize("answer", [(500, {"error": "server_error"}), (200, b"<html>"), (200, {})])
def test_a_useless_introspection_answer_is_a_503(app, provider, answer):
    provider.answers["introspection"] = answer
    down = get(app, provider)
    assert (down.status_code, "Retry-After" in down.headers) == (503, True)

"""Callbacks as frameworks hand them over."""

from __future__ import annotations

import pytest
from countersign_oidc.compat.oic.exception import PyoidcError
from countersign_oidc.compat.oic.oauth2 import AuthorizationResponse
from countersign_oidc.compat.oic.oic import Client

STATE = "a-state-of-some-length"


@pytest.mark.parametrize(
    "info", [{"code": ["good", "bad"], "state": [STATE]}, {"code": "good", "state": [STATE, STATE]}]
)
def test_a_parameter_with_two_values_is_refused(info):
    with pytest.raises(PyoidcError, match="twice"):
        Client().parse_response(AuthorizationResponse, info=info, sformat="dict")


def test_a_parameter_with_one_value_in_a_list_is_that_value():
    info = {"code": ["good"], "state": [STATE]}
    response = Client().parse_response(AuthorizationResponse, info=info, sformat="dict")
    assert (response["code"], response["state"]) == ("good", STATE)

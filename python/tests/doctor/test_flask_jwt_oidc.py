from __future__ import annotations

APPLICATION = """
    from flask import Flask, jsonify
    from flask_jwt_oidc import AuthError, JwtManager

    app = Flask(__name__)
    app.config["JWT_OIDC_WELL_KNOWN_CONFIG"] = "https://op.example/realms/notes/.well-known/openid-configuration"
    app.config["JWT_OIDC_AUDIENCE"] = "notes-api"
    app.config["JWT_ROLE_CALLBACK"] = lambda claims: claims["realm_access"]["roles"]
    jwt = JwtManager(app)

    @app.route("/api")
    @jwt.requires_roles(["editor"])
    def api():
        raise AuthError({"code": "x", "description": "y"}, 403)
"""


def test_a_good_api_is_called_well(look, found):
    report = look(APPLICATION)
    assert [finding for finding in report.findings if finding.level == "wrong"] == []
    assert report.to_dict()["providers"] == [{"issuer": "https://op.example/realms/notes"}]
    assert found(report, "SECRET_KEY") == [], "an API keeps no session"


def test_an_api_that_takes_tokens_for_others_is_warned_of(look, found):
    source = APPLICATION.replace('app.config["JWT_OIDC_AUDIENCE"] = "notes-api"', "")
    assert found(look(source), "audience")[0][0] == "warning"


def test_symmetric_algorithms_and_none_are_wrong(look, found):
    for names in ("HS256", "RS256,none"):
        source = APPLICATION.replace("jwt = ", f'app.config["JWT_OIDC_ALGORITHMS"] = "{names}"\n    jwt = ')
        assert found(look(source), "algorithms")[0][0] == "wrong", names


def test_roles_without_a_place_in_the_token_are_wrong(look, found):
    source = APPLICATION.replace('app.config["JWT_ROLE_CALLBACK"]', "ignored")
    assert found(look(source), "roles")[0][0] == "wrong"


def test_a_text_as_roles_is_named(look, found):
    source = APPLICATION.replace('["editor"]', '"editor"')
    assert "one role" in found(look(source), "roles")[0][1]


def test_an_issuer_by_half_is_wrong(look, found):
    source = APPLICATION.replace("JWT_OIDC_WELL_KNOWN_CONFIG", "JWT_OIDC_JWKS_URI")
    assert "JWT_OIDC_ISSUER" in found(look(source), "providers")[0][1]


def test_test_mode_is_warned_of(look, found):
    source = APPLICATION.replace("jwt = ", 'app.config["JWT_OIDC_TEST_MODE"] = True\n    jwt = ')
    assert found(look(source), "JWT_OIDC_TEST_MODE")[0][0] == "warning"


def test_an_old_order_of_arguments_is_recognised(look):
    source = (
        APPLICATION
        + """
    with app.app_context():
        jwt.validate_roles({"roles": []}, ["editor"])
    """
    )
    assert look(source).facts[0].generation == "0.8"

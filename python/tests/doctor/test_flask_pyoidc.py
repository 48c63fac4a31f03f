from __future__ import annotations

NEW = """
    from flask import Flask
    from flask_pyoidc import OIDCAuthentication
    from flask_pyoidc.provider_configuration import *

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="0123456789abcdef0123456789abcdef",
        OIDC_REDIRECT_URI="https://notes.example/redirect_uri",
    )
    configuration = ProviderConfiguration(
        issuer="https://op.example",
        client_metadata=ClientMetadata("notes", "very-secret-of-notes"),
        auth_request_params={"scope": ["openid", "profile"]},
        session_refresh_interval_seconds=900,
    )
    auth = OIDCAuthentication({"default": configuration})

    def create_app():
        auth.init_app(app)
        return app

    @app.route("/")
    @auth.oidc_auth("default")
    def index():
        return "hello"

    @auth.error_view
    def error(error=None, error_description=None):
        return error
"""

OLD = """
    import flask
    from flask import Flask, jsonify
    from flask_pyoidc.flask_pyoidc import OIDCAuthentication

    app = Flask(__name__)
    app.config.update(SERVER_NAME="notes.example", SECRET_KEY="0123456789abcdef0123456789abcdef")
    client_info = {"client_id": "notes", "client_secret": "very-secret-of-notes"}
    auth = OIDCAuthentication(app, issuer="https://op.example", client_registration_info=client_info)

    @app.route("/")
    @auth.oidc_auth
    def index():
        return jsonify(id_token=flask.session["id_token"])
"""


def test_the_newest_generation_is_told_by_its_configurations(look, found):
    report = look(NEW, name="create_app()")
    assert report.facts[0].generation == "3.x"
    [provider] = report.to_dict()["providers"]
    assert provider == {
        "issuer": "https://op.example",
        "client_id": "notes",
        "client_auth": "client_secret_basic",
        "redirect_uris": ["https://notes.example/redirect_uri"],
        "scope": "openid profile",
    }
    assert [finding for finding in report.findings if finding.level == "wrong"] == []
    assert "very-secret-of-notes" not in str(report.to_dict())


def test_the_oldest_generation_is_told_by_its_first_argument(look, found):
    report = look(OLD)
    assert report.facts[0].generation == "1.x"
    [provider] = report.to_dict()["providers"]
    assert provider["redirect_uris"] == ["http://notes.example/redirect_uri"]
    assert found(report, "redirect_uri")[0][0] == "wrong", "plain http"
    https = OLD.replace(
        'SERVER_NAME="notes.example"', 'SERVER_NAME="notes.example", PREFERRED_URL_SCHEME="https"'
    )
    assert found(look(https), "redirect_uri")[0][0] == "ok"
    assert any("can't be imported" in difference.before for difference in report.differences)


def test_a_provider_that_is_never_asked_at_import(look):
    source = NEW.replace("https://op.example", "https://nobody.invalid")
    assert look(source).to_dict()["providers"][0]["issuer"] == "https://nobody.invalid"


def test_the_implicit_flow_is_named_as_not_built(look, found):
    source = NEW.replace('"scope": ["openid", "profile"]', '"response_type": "id_token token"')
    assert found(look(source), "response_type")[0][0] == "wrong"


def test_written_metadata_without_keys_are_wrong(look, found):
    source = NEW.replace(
        'issuer="https://op.example",',
        'provider_metadata=ProviderMetadata(issuer="https://op.example", authorization_endpoint="https://op.example/a",'
        ' token_endpoint="http://op.example/t"),',
    )
    messages = [message for level, message in found(look(source), "providers") if level == "wrong"]
    assert any("jwks_uri" in message for message in messages)
    assert any("plain http" in message for message in messages)


def test_a_login_without_error_view_is_told(look, found):
    assert found(look(NEW), "error_view") == []
    assert found(look(OLD), "error_view")[0][0] == "warning"


def test_only_what_concerns_the_application_is_listed(look):
    names = [difference.name for difference in look(NEW).differences]
    assert "PKCE" in names
    assert not any("token_auth" in name for name in names)
    with_api = (
        NEW
        + """
    @app.route("/api")
    @auth.token_auth("default", scopes_required=["read"])
    def api():
        return "api"
    """
    )
    assert any("token_auth" in difference.name for difference in look(with_api).differences)

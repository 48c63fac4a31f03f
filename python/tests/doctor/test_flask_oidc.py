from __future__ import annotations

import json
import sys

SECRETS = {
    "web": {
        "client_id": "notes",
        "client_secret": "very-secret-of-notes",
        "issuer": "https://op.example",
        "redirect_uris": ["https://notes.example/authorize"],
    }
}

APPLICATION = """
    from flask import Flask, g, session
    from flask_oidc import OpenIDConnect

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="0123456789abcdef0123456789abcdef",
        OIDC_CLIENT_SECRETS="client_secrets.json",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=True,
        OIDC_OVERWRITE_REDIRECT_URI="https://notes.example/authorize",
    )
    oidc = OpenIDConnect(app)

    @app.route("/")
    @oidc.require_login
    def index():
        return "hello"
"""


def test_a_good_application_is_called_well_and_its_provider_named(look, found):
    report = look(APPLICATION, client_secrets=json.dumps(SECRETS))
    assert [finding for finding in report.findings if finding.level == "wrong"] == []
    [package] = report.to_dict()["packages"]
    assert package == {"name": "flask_oidc", "generation": "2.x"}
    [provider] = report.to_dict()["providers"]
    assert provider == {
        "issuer": "https://op.example",
        "client_id": "notes",
        "client_auth": "client_secret_post",
        "redirect_uris": ["https://notes.example/authorize"],
        "scope": "openid email",
    }


def test_no_secret_is_told(look):
    source = APPLICATION.replace("https://notes", "https://me:hunter2@notes")
    report = json.dumps(look(source, client_secrets=json.dumps(SECRETS)).to_dict())
    for secret in ("very-secret-of-notes", "0123456789abcdef", "hunter2"):
        assert secret not in report


def test_what_fails_open_in_2x_is_named(look, found):
    source = (
        APPLICATION
        + """
    @app.route("/api")
    @oidc.accept_token(True, ["admin"])
    def api():
        return "api"
    """
    )
    report = look(source, client_secrets=json.dumps(SECRETS))
    assert report.facts[0].generation == "1.x"
    [(level, message)] = found(report, "accept_token")
    assert level == "warning"
    assert "without a token" in message
    assert any("accept_token(True" in difference.name for difference in report.differences)


def test_a_token_that_nobody_needs_is_named(look, found):
    source = (
        APPLICATION
        + """
    @app.route("/api")
    @oidc.accept_token(scopes_required=["admin"])
    def api():
        return "api"
    """
    )
    messages = [
        message for _, message in found(look(source, client_secrets=json.dumps(SECRETS)), "accept_token")
    ]
    assert any("lets everybody pass" in message for message in messages)


def test_a_missing_or_broken_client_file_is_wrong(look, found):
    assert found(look(APPLICATION), "client_secrets")[0][0] == "wrong"
    assert "not JSON" in found(look(APPLICATION, client_secrets="{"), "client_secrets")[0][1]
    assert "form" in found(look(APPLICATION, client_secrets="[]"), "client_secrets")[0][1]
    lacking = json.dumps({"web": {"client_id": "notes"}})
    assert "client_secret" in found(look(APPLICATION, client_secrets=lacking), "client_secrets")[0][1]


def test_a_client_file_that_everybody_can_read_is_warned_of(look, found, tmp_path):
    look(APPLICATION, client_secrets=json.dumps(SECRETS))
    (tmp_path / "client_secrets.json").chmod(0o644)
    assert found(look(APPLICATION), "client_secrets")[0][0] == "warning"
    (tmp_path / "client_secrets.json").chmod(0o600)
    assert found(look(APPLICATION), "client_secrets")[0][0] == "ok"


def test_settings_that_are_unknown_or_without_effect_are_named(look, found):
    source = APPLICATION.replace(
        "oidc = OpenIDConnect(app)",
        "app.config.update(OIDC_CLIENT_SECRET_FILE='x', OIDC_COOKIE_SECURE=False)\n"
        "    oidc = OpenIDConnect(app)",
    )
    messages = [message for _, message in found(look(source, client_secrets=json.dumps(SECRETS)), "settings")]
    assert any("OIDC_CLIENT_SECRET_FILE is no setting" in message for message in messages)
    assert any("OIDC_COOKIE_SECURE has no effect" in message for message in messages)


def test_a_callback_of_1x_that_is_registered_still_is_named(look, found):
    old = json.dumps(SECRETS).replace("/authorize", "/oidc_callback")
    source = APPLICATION.replace('OIDC_OVERWRITE_REDIRECT_URI="https://notes.example/authorize",', "")
    wrong = [
        message
        for level, message in found(look(source, client_secrets=old), "redirect_uri")
        if level == "wrong"
    ]
    assert "/oidc_callback" in wrong[0]
    kept = source.replace("SECRET_KEY=", 'OIDC_CALLBACK_ROUTE="/oidc_callback", SECRET_KEY=')
    levels = [level for level, _ in found(look(kept, client_secrets=old), "redirect_uri")]
    assert "wrong" not in levels


def test_plain_http_on_the_way_is_wrong(look, found):
    http = json.dumps(SECRETS).replace("https://op", "http://op")
    assert ("wrong") in [level for level, _ in found(look(APPLICATION, client_secrets=http), "providers")]
    source = APPLICATION.replace("https://notes.example/authorize", "http://notes.example/authorize")
    report = look(source, client_secrets=json.dumps(SECRETS))
    assert found(report, "redirect_uri")[0][0] == "wrong"


def test_a_session_that_can_not_work_is_wrong(look, found):
    secrets = json.dumps(SECRETS)
    no_key = APPLICATION.replace('SECRET_KEY="0123456789abcdef0123456789abcdef",', "")
    assert found(look(no_key, client_secrets=secrets), "SECRET_KEY")[0][0] == "wrong"
    short = APPLICATION.replace("0123456789abcdef0123456789abcdef", "dev")
    assert found(look(short, client_secrets=secrets), "SECRET_KEY")[0][0] == "warning"
    strict = APPLICATION.replace('SAMESITE="Lax"', 'SAMESITE="Strict"')
    assert found(look(strict, client_secrets=secrets), "session_cookie")[0][0] == "wrong"
    in_clear = APPLICATION.replace("SESSION_COOKIE_SECURE=True", "SESSION_COOKIE_SECURE=False")
    assert found(look(in_clear, client_secrets=secrets), "session_cookie")[0][0] == "warning"


def test_everybody_logged_in_is_warned_of(look, found):
    source = APPLICATION.replace(
        "oidc = OpenIDConnect(app)",
        "app.config.update(OIDC_ENABLED=False, OIDC_TESTING_PROFILE={'email': 'a@b'})\n"
        "    oidc = OpenIDConnect(app)",
    )
    assert found(look(source), "OIDC_ENABLED")[0][0] == "warning"


def test_an_import_of_authlib_is_told(look, found, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "authlib"]:
        monkeypatch.delitem(sys.modules, name)
    source = APPLICATION + "\n    from authlib.integrations.flask_oauth2 import current_token\n"
    [(level, message)] = found(look(source, client_secrets=json.dumps(SECRETS)), "imports")
    assert level == "warning"
    assert "authlib" in message

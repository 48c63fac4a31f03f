from __future__ import annotations

APPLICATION = """
    from flask import Flask
    from countersign_oidc.flask import Countersign

    app = Flask(__name__)
    app.secret_key = "0123456789abcdef0123456789abcdef"
    auth = Countersign(
        app,
        issuer="https://op.example",
        client_id="notes",
        client_secret="very-secret-of-notes",
        base_url="https://notes.example",
    )
"""


def test_an_application_with_our_own_face_has_nothing_to_swap(look, found):
    report = look(APPLICATION)
    assert report.differences == []
    assert [finding for finding in report.findings if finding.level != "ok"] == []
    assert report.to_dict()["providers"] == [
        {
            "issuer": "https://op.example",
            "client_id": "notes",
            "client_auth": "client_secret_basic",
            "redirect_uris": ["https://notes.example/auth/callback"],
            "scope": "openid profile email",
        }
    ]
    assert "very-secret" not in str(report.to_dict())


def test_an_application_that_registers_itself_is_told(look, found):
    source = APPLICATION.replace('client_id="notes",', "").replace(
        'client_secret="very-secret-of-notes",', ""
    )
    assert found(look(source), "registration")[0][0] == "warning"

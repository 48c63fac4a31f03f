"""The example of Flask-OIDC's documentation, with a view for bearer tokens.

    oidc-register http://127.0.0.1:9000 http://localhost:5000    # writes client_secrets.json
    flask --app app run

``countersign provider --listen 127.0.0.1:9000`` is a provider to try it with. Instead of the file the
environment may say ``OIDC_ISSUER``, ``OIDC_CLIENT_ID`` and ``OIDC_CLIENT_SECRET``.
"""

from __future__ import annotations

import json
import os
import secrets

from flask import Flask, g, session
from flask_oidc import OpenIDConnect, current_token
from markupsafe import escape

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY") or secrets.token_hex(16)
app.config["OIDC_SCOPES"] = os.environ.get("OIDC_SCOPES", "openid profile email")
if "OIDC_ISSUER" in os.environ:
    app.config["OIDC_CLIENT_SECRETS"] = {
        "web": {
            "issuer": os.environ["OIDC_ISSUER"],
            "client_id": os.environ["OIDC_CLIENT_ID"],
            "client_secret": os.environ.get("OIDC_CLIENT_SECRET"),
        }
    }
else:
    app.config["OIDC_CLIENT_SECRETS"] = os.environ.get("OIDC_CLIENT_SECRETS", "client_secrets.json")

oidc = OpenIDConnect(app)


@app.route("/")
def index() -> str:
    if oidc.user_loggedin:
        return f"Welcome {escape(session['oidc_auth_profile'].get('email'))}"
    return "Not logged in"


@app.route("/private")
@oidc.require_login
def private() -> str:
    return f"Welcome {escape(session['oidc_auth_profile'].get('email'))}"


@app.route("/alt")
def alternative() -> str:
    # This uses the user instance at g.oidc_user instead
    if g.oidc_user.logged_in:
        return f"Welcome {escape(g.oidc_user.profile.get('email'))}"
    return "Not logged in"


@app.route("/api")
@oidc.accept_token(scopes=["profile"])
def api() -> str:
    profile = g._oidc_auth.userinfo(token=current_token)
    return json.dumps(f"Welcome {profile['sub']}")

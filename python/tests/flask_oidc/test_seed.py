"""The examples of Flask-OIDC's own documentation, as people have them in their applications."""

from __future__ import annotations

import json

import pytest
from flask import Flask

EXAMPLE = """
from flask_oidc import OpenIDConnect
oidc = OpenIDConnect(app)

from flask import g, session

@app.route('/')
def index():
    if oidc.user_loggedin:
        return 'Welcome %s' % session["oidc_auth_profile"].get('email')
    else:
        return 'Not logged in'

@app.route('/login')
@oidc.require_login
def login():
    return 'Welcome %s' % session["oidc_auth_profile"].get('email')

@app.route('/alt')
def alternative():
    # This uses the user instance at g.oidc_user instead
    if g.oidc_user.logged_in:
        return 'Welcome %s' % g.oidc_user.profile.get('email')
    else:
        return 'Not logged in'
"""

ANY_TOKEN = """
import json
from authlib.integrations.flask_oauth2 import current_token

@app.route('/api')
@oidc.accept_token()
def my_api():
    return json.dumps(f'Welcome {current_token["sub"]}')
"""

SCOPED_TOKEN = """
import json
from flask import g
from authlib.integrations.flask_oauth2 import current_token

@app.route('/api')
@oidc.accept_token(scopes=['profile'])
def my_api():
    profile = g._oidc_auth.userinfo(token=current_token)
    return json.dumps(f'Welcome {profile["fullname"]}')
"""


@pytest.fixture
def run(config):
    def execute(*sources):
        app = Flask("documented")
        app.config.update(config)
        names = {"app": app}
        for source in sources:
            exec(compile(source, "documentation", "exec"), names)
        return app.test_client()

    return execute


def test_the_basic_client(run, log_in):
    browser = run(EXAMPLE)
    assert browser.get("/").text == "Not logged in"
    assert browser.get("/alt").text == "Not logged in"
    assert log_in(browser, "/login?next=/alt").location == "/alt"
    assert browser.get("/").text == "Welcome alice@example.com"
    assert browser.get("/alt").text == "Welcome alice@example.com"


def test_the_resource_server(run, provider):
    browser = run(EXAMPLE, ANY_TOKEN)
    token = provider.opaque_token()
    answer = browser.get("/api", headers={"Authorization": f"Bearer {token}"})
    assert json.loads(answer.text) == "Welcome alice"
    assert browser.get("/api").status_code == 401


def test_the_resource_server_with_scopes(run, provider):
    provider.user_info["fullname"] = "Alice A."
    browser = run(EXAMPLE, SCOPED_TOKEN)
    token = provider.opaque_token(scope="openid profile")
    answer = browser.get("/api", headers={"Authorization": f"Bearer {token}"})
    assert json.loads(answer.text) == "Welcome Alice A."
    other = provider.opaque_token(scope="openid")
    assert browser.get("/api", headers={"Authorization": f"Bearer {other}"}).status_code == 403

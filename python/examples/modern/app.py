"""Notes: people log in with a browser, programs come with an access token.

Run it beside the development provider::

    countersign provider &
    FLASK_COUNTERSIGN_ISSUER=http://127.0.0.1:9000 flask --app app run
"""

from __future__ import annotations

import secrets
from typing import Any

from countersign_oidc.flask import Countersign, Problem
from flask import Flask, render_template_string
from markupsafe import escape

app = Flask(__name__)
app.config.from_mapping(
    SECRET_KEY=secrets.token_hex(),  # sessions end with the process; one of your own lets them last
    COUNTERSIGN_BASE_URL="http://127.0.0.1:5000",
    COUNTERSIGN_AUDIENCE="api",
)
app.config.from_prefixed_env()
auth = Countersign(app, client_name="Notes")

PAGE = """<!doctype html>
<title>Notes</title>
{% if user %}<p>Hello {{ user.name }}. <a href="{{ logout }}">Sign out</a>
{% else %}<p>Nobody is here. <a href="{{ login }}">Sign in</a>{% endif %}
"""


@app.get("/")
def home() -> str:
    return render_template_string(PAGE, user=auth.user, login=auth.login_url(), logout=auth.logout_url())


@app.get("/profile")
@auth.login_required
def profile() -> dict[str, Any]:
    return auth.user.claims


@app.get("/editor")
@auth.login_required(roles=["editor"])
def editor() -> str:
    return f"{escape(auth.user.name)} may edit."


@app.get("/api/notes")
@auth.token_required(scopes=["notes:read"])
def notes() -> dict[str, Any]:
    return {"notes": ["Buy milk."], "of": auth.token.subject}


@auth.error_view
def sign_in_failed(problem: Problem) -> str:
    return render_template_string(
        "<!doctype html><title>Notes</title><h1>That did not work</h1><p>{{ problem.error_description }}"
        '<p><a href="{{ problem.try_again }}">Try again</a>',
        problem=problem,
    )

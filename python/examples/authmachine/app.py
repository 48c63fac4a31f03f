"""AuthMachine's demo application: login with permissions, logout that revokes, status of the token."""

import requests
from countersign_oidc import Client, Error, PendingLogin, Provider, RelyingParty
from flask import Flask, jsonify, redirect, request, session, url_for
from settings import (
    APPLICATION_URL,
    AUTHMACHINE_CLIENT_ID,
    AUTHMACHINE_CLIENT_SECRET,
    AUTHMACHINE_SCOPE,
    AUTHMACHINE_URL,
    SECRET_KEY,
)

app = Flask(__name__)
app.secret_key = SECRET_KEY
authmachine = RelyingParty(
    Provider.discover(AUTHMACHINE_URL, forgive_slash=True),
    Client(AUTHMACHINE_CLIENT_ID, AUTHMACHINE_CLIENT_SECRET, auth_method="client_secret_post"),
    f"{APPLICATION_URL}/oidc-callback",
    scope=AUTHMACHINE_SCOPE,
    user_info="POST",
)


@app.route("/")
def index():
    return jsonify(session.get("user_info"))


@app.route("/login")
def login():
    url, pending = authmachine.begin(claims={"authmachine_permissions": ["object1", "object2"]})
    session["login"] = pending.to_dict()
    return redirect(url)


@app.route("/oidc-callback")
def auth_callback():
    if "login" not in session:
        return redirect(url_for("login"))
    person = authmachine.complete(PendingLogin.from_dict(session.pop("login")), request.args)
    session["user_info"] = person.user_info
    session["access_token"] = person.access_token
    return redirect(url_for("index"))


@app.route("/logout")
def logout():
    callback = APPLICATION_URL + url_for("auth_logout_callback")
    further = {"scope": AUTHMACHINE_SCOPE, "revoke_tokens": "1"}
    return redirect(authmachine.logout_url(post_logout_redirect_uri=callback, extra=further))


@app.route("/oidc-logout-callback")
def auth_logout_callback():
    session.clear()
    return redirect(url_for("index"))


@app.route("/token-status")
def check_token_revoked_status():
    form = {
        "client_id": AUTHMACHINE_CLIENT_ID,
        "client_secret": AUTHMACHINE_CLIENT_SECRET,
        "access_token": session.get("access_token"),
        "grant_type": "check_token_revoked",
    }
    answer = requests.post(authmachine.metadata()["token_endpoint"], data=form, timeout=10)
    return jsonify(revoked=answer.json().get("revoked", False) if answer.status_code == 200 else None)


@app.errorhandler(Error)
def refused(error):
    return f"{error.meaning} ({error.code})", 503 if error.fault == "network" else 401

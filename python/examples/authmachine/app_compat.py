"""The same application in the calls of pyoidc: the snippets of AuthMachine's guide, put together.

Their import lines are changed, and what they leave out is filled in: the class that their ``self`` means.
"""

# The snippets stay as they were written.
# ruff: noqa: D101, D102, PTH118, RET504, RET505, SIM401
# fmt: off
import json
import os
from urllib.parse import urlencode

import requests
from countersign_oidc.compat.oic import rndstr
from countersign_oidc.compat.oic.exception import PyoidcError
from countersign_oidc.compat.oic.oauth2 import AuthorizationResponse
from countersign_oidc.compat.oic.oic import Client
from countersign_oidc.compat.oic.utils.authn.client import ClientSecretBasic, ClientSecretPost
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


def get_client():
    client = Client(client_authn_method={
        'client_secret_post': ClientSecretPost,
        'client_secret_basic': ClientSecretBasic
    })
    client.provider_config(AUTHMACHINE_URL)
    client.client_id = AUTHMACHINE_CLIENT_ID
    client.client_secret = AUTHMACHINE_CLIENT_SECRET
    return client


def get_authorization_url(client):
    nonce = rndstr()

    args = {
        'client_id': client.client_id,
        'response_type': 'code',
        'scope': 'openid email profile',
        'claims': json.dumps({
            'authmachine_permissions': ['object1', 'object2'],
        }),
       'nonce': nonce,
       'redirect_uri': f'{APPLICATION_URL}/oidc-callback',
       'state': 'some-state-which-will-be-returned-unmodified'
    }
    return client.provider_info['authorization_endpoint'] + '?' + urlencode(args, True)


class AuthMachineClient:
    def __init__(self, host):
        self.host = host
        self.client = get_client()

    def get_authorization_response(self, client):
        authorization_response = client.parse_response(
            AuthorizationResponse,
            info=request.args,
            sformat='dict')
        return authorization_response

    def get_access_token(self, client, aresp):
        args = {
            'code': aresp['code'],
            'client_id': client.client_id,
            'client_secret': client.client_secret,
            'redirect_uri': f'{APPLICATION_URL}/oidc-callback',
        }

        return client.do_access_token_request(
            scope='openid email profile',
            state=aresp['state'],
            request_args=args,
            authn_method='client_secret_post')

    def get_userinfo(self, authorization_response):
        client = get_client()
        tokens = self.get_access_token(client, authorization_response)
        user_info = client.do_user_info_request(
            state=authorization_response['state'],
            authn_method='client_secret_post')
        session['access_token'] = tokens['access_token']
        return user_info.to_dict()

    def get_logout_url(self):
        args = {
            'scope': AUTHMACHINE_SCOPE,
            'post_logout_redirect_uri': self.host + url_for('auth_logout_callback'),
            'state': 'some-state-which-will-be-returned-unmodified',
            'revoke_tokens': 1
        }
        url = self.client.provider_info['end_session_endpoint'] + '?' + urlencode(args, True)
        return url

    def check_token_revoked_status(self, access_token):
        args = {
            'client_id': self.client.client_id,
            'client_secret': self.client.client_secret,
            'access_token': access_token,
            'grant_type': 'check_token_revoked',
        }
        response = requests.request(method="POST",
                                    url=os.path.join(AUTHMACHINE_URL, "oidc/token"),
                                    data=args)

        if response.status_code == 200:
            data = response.json()
            return data["revoked"] if "revoked" in data else False
        else:
            return None


@app.route('/')
def index():
    return jsonify(session.get('user_info'))


@app.route('/login')
def login():
    client = get_client()
    return redirect(get_authorization_url(client))


@app.route('/oidc-callback')
def auth_callback():
    authmachine = AuthMachineClient(APPLICATION_URL)
    aresp = authmachine.get_authorization_response(authmachine.client)
    session['user_info'] = authmachine.get_userinfo(aresp)
    return redirect(url_for('index'))


@app.route('/logout')
def logout():
    return redirect(AuthMachineClient(APPLICATION_URL).get_logout_url())


@app.route('/oidc-logout-callback')
def auth_logout_callback():
    session.clear()
    return redirect(url_for('index'))


@app.route('/token-status')
def token_status():
    status = AuthMachineClient(APPLICATION_URL).check_token_revoked_status(session['access_token'])
    return jsonify(revoked=status)


@app.errorhandler(PyoidcError)
def refused(error):
    return f'The login failed ({error.code})', 401

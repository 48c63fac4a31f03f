"""The way to the provider and back: section 2.2.1 of the catalogue, and what is made better."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
from flask import Flask
from flask_oidc import OpenIDConnect
from support.provider import FakeProvider
from support.tokens import rsa_key


def query(url):
    return dict(parse_qsl(urlsplit(url).query))


def states(session):
    return [name for name in session if name.startswith("_state_oidc_")]


def test_an_anonymous_visitor_is_sent_to_login_and_then_to_the_provider(browser, provider):
    first = browser.get("/private?page=2")
    assert first.status_code == 302
    assert first.location == "/login?next=" + quote_plus("http://localhost/private?page=2")
    second = browser.get(first.location)
    assert second.status_code == 302
    asked = query(second.location)
    assert second.location.startswith(provider.metadata["authorization_endpoint"] + "?")
    assert asked.keys() == {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce"}
    assert asked["response_type"] == "code"
    assert asked["client_id"] == provider.client_id
    assert asked["redirect_uri"] == "http://localhost/authorize"
    assert asked["scope"] == "openid email"


def test_nothing_is_asked_of_the_provider_before_a_login(make, provider):
    make().test_client().get("/")
    assert provider.requests == []


def test_a_login_ends_where_it_began(browser, provider, log_in):
    back = log_in(browser, "/private?page=2")
    assert back.status_code == 302
    assert back.location == "http://localhost/private?page=2"
    assert browser.get(back.location).text == "private of alice"
    assert [request.endpoint for request in provider.requests] == ["discovery", "token", "jwks", "userinfo"]


def test_the_session_has_the_keys_that_applications_read(browser, provider, log_in, stored):
    log_in(browser)
    session = stored(browser)
    assert session.keys() == {"oidc_auth_token", "oidc_auth_profile"}
    assert session["oidc_auth_profile"] == provider.user_info
    token = session["oidc_auth_token"]
    assert token["userinfo"]["sub"] == "alice"
    assert token["userinfo"]["iss"] == provider.issuer
    assert token["token_type"] == "Bearer"
    assert abs(token["expires_at"] - time.time() - 3600) < 10
    assert {"access_token", "refresh_token", "id_token", "expires_in"} <= token.keys()


def test_the_client_authenticates_in_the_body(browser, provider, log_in):
    log_in(browser)
    form = provider.requests_to("token")[0].form
    assert form["grant_type"] == "authorization_code"
    assert form["client_id"] == provider.client_id
    assert form["client_secret"] == provider.client_secret
    assert form["redirect_uri"] == "http://localhost/authorize"
    assert "code_verifier" not in form


def test_client_secret_basic_is_used_where_it_is_set(make, provider, log_in):
    browser = make(OIDC_INTROSPECTION_AUTH_METHOD="client_secret_basic").test_client()
    log_in(browser)
    assert provider.requests_to("token")[0].basic == (provider.client_id, provider.client_secret)


def test_pkce_is_used_where_the_provider_announces_it(make, provider, sent_away, stored):
    provider.metadata["code_challenge_methods_supported"] = ["S256"]
    browser = make().test_client()
    url = sent_away(browser)
    assert query(url)["code_challenge_method"] == "S256"
    kept = stored(browser)
    assert kept[states(kept)[0]]["data"]["code_verifier"]
    assert browser.get(provider.authorize(url)).status_code == 302
    assert provider.requests_to("token")[0].form["code_verifier"]


def test_the_attempt_is_kept_in_authlibs_layout(browser, sent_away, stored):
    url = sent_away(browser)
    kept = stored(browser)
    assert kept["next"] == "http://localhost/private"
    attempt = kept["_state_oidc_" + query(url)["state"]]
    assert abs(attempt["exp"] - time.time() - 3600) < 10
    assert attempt["data"]["redirect_uri"] == "http://localhost/authorize"
    assert attempt["data"]["nonce"] == query(url)["nonce"]
    assert attempt["data"]["url"] == url


def test_an_attempt_written_by_hand_is_enough_to_finish_a_login(browser, provider, stored):
    asked = "?redirect_uri=http%3A%2F%2Flocalhost%2Fauthorize&nonce=n0"
    url = provider.metadata["authorization_endpoint"] + asked
    with browser.session_transaction() as session:
        session["_state_oidc_dummy_state"] = {
            "data": {"redirect_uri": "http://localhost/authorize", "nonce": "n0", "url": url},
            "exp": time.time() + 3600,
        }
        session["next"] = "/who"
    back = browser.get(provider.authorize(url, state="dummy_state"))
    assert (back.status_code, back.location) == (302, "/who")
    assert stored(browser)["oidc_auth_profile"]["sub"] == "alice"
    assert "next" not in stored(browser)


def test_each_tab_returns_to_its_own_page(browser, provider, sent_away):
    one, two = sent_away(browser, "/private?tab=1"), sent_away(browser, "/private?tab=2")
    assert browser.get(provider.authorize(one)).location == "http://localhost/private?tab=1"
    assert browser.get(provider.authorize(two)).location == "http://localhost/private?tab=2"


def test_abandoned_logins_do_not_pile_up(browser, provider, sent_away, stored):
    urls = [sent_away(browser, f"/private?{n}") for n in range(12)]
    assert len(states(stored(browser))) == 8
    assert browser.get(provider.authorize(urls[-8])).status_code == 302
    assert browser.get(provider.authorize(urls[0])).status_code == 401


def test_an_attempt_serves_once(browser, provider, sent_away):
    url = sent_away(browser)
    browser.get(provider.authorize(url))
    again = browser.get(provider.authorize(url))
    assert again.status_code == 401
    assert "mismatching_state: CSRF Warning! State not equal in request and response." in again.text


def test_an_attempt_of_another_browser_is_refused(app, provider, sent_away):
    stolen = provider.authorize(sent_away(app.test_client()))
    victim = app.test_client()
    sent_away(victim)
    assert victim.get(stolen).status_code == 401
    assert victim.get("/who").text == "nobody"


def test_an_attempt_that_is_over_is_refused(browser, provider, sent_away):
    url = sent_away(browser)
    with browser.session_transaction() as session:
        key = states(session)[0]
        session[key] = {**session[key], "exp": time.time() - 1}
    assert browser.get(provider.authorize(url)).status_code == 401


def test_a_callback_without_a_state_is_refused(browser, sent_away):
    sent_away(browser)
    assert browser.get("/authorize?code=c").status_code == 401
    assert browser.get("/authorize").status_code == 401


def test_an_error_of_the_provider_is_shown(browser, provider, sent_away):
    back = browser.get(provider.deny(sent_away(browser), "access_denied", "No, <thanks>"))
    assert back.status_code == 401
    assert back.mimetype == "text/html"
    assert "access_denied: No, &lt;thanks&gt;" in back.text


def test_an_error_without_a_login_under_way_is_shown_and_logs_nobody_in(browser):
    back = browser.get("/authorize?error=dummy_error&error_description=Dummy+Error&code=c")
    assert back.status_code == 401
    assert "dummy_error: Dummy Error" in back.text
    assert browser.get("/who").text == "nobody"


def test_a_refused_code_is_shown(browser, provider, sent_away):
    provider.answers["token"] = (400, {"error": "invalid_grant", "error_description": "too late"})
    back = browser.get(provider.authorize(sent_away(browser)))
    assert back.status_code == 401
    assert "invalid_grant: too late" in back.text


def _unsigned(provider):
    provider.id_token_header["alg"] = "none"


def _by_secret(provider):
    provider.id_token_header["alg"] = "HS256"


def _by_a_stranger(provider):
    provider.id_token_key = rsa_key("stranger")


def _claims(**claims):
    def break_it(provider):
        provider.id_token_claims.update(claims)

    return break_it


def _missing(provider):
    provider.id_token = ""


def _of_somebody_else(provider):
    provider.user_info["sub"] = "mallory"


BROKEN = {
    "unsigned": _unsigned,
    "signed with the client secret": _by_secret,
    "signed by a stranger": _by_a_stranger,
    "of another issuer": _claims(iss="https://evil.example.com"),
    "for another client": _claims(aud="another"),
    "for several, with a strange azp": _claims(aud=["client1", "another"], azp="another"),
    "expired": _claims(exp=int(time.time()) - 3600),
    "issued in the future": _claims(iat=int(time.time()) + 3600),
    "with another nonce": _claims(nonce="another"),
    "without a nonce": _claims(nonce=None),
    "of another access token": _claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "without an end": _claims(exp=None),
    "missing": _missing,
    "contradicted by the user info": _of_somebody_else,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_bad_id_token_is_a_401_and_logs_nobody_in(browser, provider, sent_away, stored, how):
    BROKEN[how](provider)
    back = browser.get(provider.authorize(sent_away(browser)))
    assert back.status_code == 401, how
    assert "oidc_auth_token" not in stored(browser)
    assert "oidc_auth_profile" not in stored(browser)


@pytest.mark.parametrize("endpoint", ["token", "userinfo", "jwks"])
def test_a_provider_that_goes_down_during_a_login_is_a_503(browser, provider, sent_away, endpoint):
    url = sent_away(browser)
    provider.unreachable.add(endpoint)
    back = browser.get(provider.authorize(url))
    assert back.status_code == 503
    assert int(back.headers["Retry-After"]) > 0
    assert browser.get("/who").text == "nobody"


def test_an_application_starts_while_its_provider_is_down(make, provider, log_in, sent_away):
    provider.unreachable.add("*")
    browser = make().test_client()
    assert browser.get("/").text == "public"
    down = browser.get(browser.get("/private").location)
    assert down.status_code == 503
    assert int(down.headers["Retry-After"]) > 0
    provider.unreachable.clear()
    log_in(browser)
    assert browser.get("/private").text == "private of alice"


def test_metadata_of_another_issuer_are_refused(make, provider, caplog):
    provider.metadata["issuer"] = "https://evil.example.com"
    app = make(TESTING=False)
    assert app.test_client().get("/login").status_code == 500
    assert "calls itself by another name" in caplog.text


def test_clock_skew_is_honoured(make, provider, log_in):
    provider.id_token_claims["exp"] = int(time.time()) - 100
    assert log_in(make().test_client()).status_code == 401
    assert log_in(make(OIDC_CLOCK_SKEW=200).test_client()).status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.com/",
        "//evil.example.com/",
        "/\\evil.example.com",
        "\\\\evil.example.com",
        "http:evil.example.com",
        "javascript:alert(1)",
        "https://localhost@evil.example.com/",
        "/\t/evil.example.com",
    ],
)
def test_a_login_returns_to_no_other_host(browser, provider, sent_away, elsewhere):
    back = browser.get(provider.authorize(sent_away(browser, "/login?next=" + quote_plus(elsewhere))))
    assert back.location in ("http://localhost/", "/evil.example.com")


def test_a_scope_of_several_words_is_asked_for(make, sent_away):
    url = sent_away(make(OIDC_SCOPES="openid profile groups").test_client())
    assert query(url)["scope"] == "openid profile groups"


def test_user_info_can_be_left_out(make, provider, log_in, stored):
    browser = make(OIDC_USER_INFO_ENABLED=False).test_client()
    log_in(browser)
    assert provider.requests_to("userinfo") == []
    assert stored(browser).keys() == {"oidc_auth_token"}


def test_the_profile_of_the_person_before_is_gone(make, provider, log_in, stored):
    app = make()
    browser = app.test_client()
    log_in(browser)
    app.config["OIDC_USER_INFO_ENABLED"] = False
    log_in(browser, "/login")
    assert "oidc_auth_profile" not in stored(browser)


def test_further_parameters_go_along(make, sent_away):
    url = sent_away(make(OIDC_AUTHORIZE_PARAMS={"prompt": "login", "kc_idp_hint": "x"}).test_client())
    assert query(url)["prompt"] == "login"
    assert query(url)["kc_idp_hint"] == "x"


def test_a_wrong_client_secret_is_a_401_that_says_so(make, provider, log_in):
    answer = log_in(make(OIDC_CLIENT_SECRET="wrong", TESTING=False).test_client())
    assert answer.status_code == 401
    assert "invalid_client" in answer.text


def test_a_missing_user_info_endpoint_is_explained_in_the_log(make, config, provider, log_in, caplog):
    del provider.metadata["userinfo_endpoint"], config["OIDC_CLIENT_SECRETS"]["web"]["userinfo_uri"]
    assert log_in(make(TESTING=False).test_client()).status_code == 500
    assert "userinfo" in caplog.text.replace(" ", "").replace("_", "").lower()


@pytest.mark.filterwarnings("ignore:The .too-large. cookie:UserWarning")
def test_a_cookie_that_browsers_would_drop_is_explained(make, provider, log_in, caplog):
    provider.user_info["groups"] = [f"{number}-{number * 7919}" for number in range(1000)]
    log_in(make(SESSION_COOKIE_NAME="too-large").test_client())
    assert "Flask-Session" in caplog.text


# Where the routes are.


def test_a_prefix_stands_before_the_routes(make, provider, sent_away):
    browser = make(prefix="/oidc").test_client()
    assert browser.get("/private").location.startswith("/oidc/login?next=")
    url = sent_away(browser)
    assert query(url)["redirect_uri"] == "http://localhost/oidc/authorize"
    assert browser.get(provider.authorize(url)).location == "http://localhost/private"
    assert browser.get("/login").status_code == 404


def test_an_application_factory_may_decorate_first(config, provider, log_in):
    oidc = OpenIDConnect()
    app = Flask("late")

    @app.route("/private")
    @oidc.require_login
    def private():
        return oidc.get_access_token()

    app.config.update(config)
    oidc.init_app(app)
    browser = app.test_client()
    log_in(browser)
    assert browser.get("/private").text in provider.tokens


def test_one_extension_serves_two_applications(make, provider, config, log_in, sent_away):
    oidc = OpenIDConnect()
    other = FakeProvider(client_id="client2")
    secrets = {"web": {**config["OIDC_CLIENT_SECRETS"]["web"], "client_id": other.client_id}}
    first, second = make(oidc=oidc), make(oidc=oidc, OIDC_CLIENT_SECRETS=secrets)
    assert query(sent_away(second.test_client()))["client_id"] == "client2"
    assert query(sent_away(first.test_client()))["client_id"] == "client1"


def test_the_callback_of_the_first_generation_works(browser, provider, sent_away):
    back = provider.authorize(sent_away(browser)).replace("/authorize?", "/oidc_callback?")
    with pytest.warns(DeprecationWarning, match="/oidc_callback route is deprecated, please use /authorize"):
        on = browser.get(back)
    assert on.status_code == 302
    assert on.location == back.replace("/oidc_callback?", "/authorize?").replace("http://localhost", "")
    assert browser.get(on.location).location == "http://localhost/private"


def test_a_callback_route_of_ones_own_is_the_redirect_uri(make, provider, log_in, sent_away):
    with pytest.warns(DeprecationWarning, match="OIDC_CALLBACK_ROUTE"):
        browser = make(OIDC_CALLBACK_ROUTE="/cb").test_client()
    url = sent_away(browser)
    assert query(url)["redirect_uri"] == "http://localhost/cb"
    with pytest.warns(DeprecationWarning, match="/cb route"):
        on = browser.get(provider.authorize(url))
    assert browser.get(on.location).location == "http://localhost/private"
    assert provider.requests_to("token")[0].form["redirect_uri"] == "http://localhost/cb"


def test_a_redirect_uri_of_ones_own_is_sent(make, provider, sent_away):
    uri = "https://outside.example.com/app/authorize"
    browser = make(OIDC_OVERWRITE_REDIRECT_URI=uri).test_client()
    url = sent_away(browser)
    assert query(url)["redirect_uri"] == uri
    back = provider.authorize(url).replace("https://outside.example.com/app", "")
    assert browser.get(back).location == "http://localhost/private"


def test_the_old_name_of_the_redirect_uri_counts(make, sent_away):
    with pytest.warns(DeprecationWarning, match="OVERWRITE_REDIRECT_URI"):
        app = make(OVERWRITE_REDIRECT_URI="https://outside.example.com/cb")
    assert query(sent_away(app.test_client()))["redirect_uri"] == "https://outside.example.com/cb"


def test_a_sub_path_is_kept(make, provider):
    app = make(APPLICATION_ROOT="/sub")
    browser = app.test_client()
    base = {"base_url": "http://localhost/sub"}
    first = browser.get("/private", **base)
    assert first.location == "/sub/login?next=" + quote_plus("http://localhost/sub/private")
    url = browser.get(first.location.replace("/sub", "", 1), **base).location
    assert query(url)["redirect_uri"] == "http://localhost/sub/authorize"


def test_a_resource_server_has_no_routes_of_login(make):
    app = make(OIDC_RESOURCE_SERVER_ONLY=True)
    for path in ("/login", "/authorize", "/logout", "/oidc_callback"):
        assert app.test_client().get(path).status_code == 404

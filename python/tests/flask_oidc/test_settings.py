"""Settings: what is read, what is refused, and what 1.x knew."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask_oidc import OpenIDConnect
from flask_oidc.model import User
from support.provider import FakeProvider


def test_defaults_are_where_applications_read_them(app, provider):
    assert app.config["OIDC_CLIENT_ID"] == provider.client_id
    assert app.config["OIDC_CLIENT_SECRET"] == provider.client_secret
    assert app.config["OIDC_SCOPES"] == "openid email"
    assert app.config["OIDC_CLOCK_SKEW"] == 60
    assert app.config["OIDC_USER_INFO_ENABLED"] is True
    assert app.config["OIDC_INTROSPECTION_AUTH_METHOD"] == "client_secret_post"
    assert app.config["OIDC_SERVER_METADATA_URL"] == provider.issuer + "/.well-known/openid-configuration"
    assert app.extensions["_oidc_user_class"] is User


def test_the_client_may_come_out_of_a_file(make, config, tmp_path, log_in, oidc):
    path = tmp_path / "client_secrets.json"
    path.write_text(json.dumps(config["OIDC_CLIENT_SECRETS"]))
    for where in (path, str(path)):
        assert log_in(make(OIDC_CLIENT_SECRETS=where).test_client()).status_code == 302


def test_the_secrets_are_at_hand(oidc, provider):
    assert oidc.client_secrets["client_id"] == provider.client_id


def test_a_subclass_may_bring_the_secrets(make, provider, log_in):
    class FromVault(OpenIDConnect):
        def load_secrets(self, app):
            return {
                "client_id": provider.client_id,
                "client_secret": provider.client_secret,
                "issuer": provider.issuer,
            }

    assert log_in(make(oidc=FromVault(), OIDC_CLIENT_SECRETS=None).test_client()).status_code == 302


def test_settings_go_before_the_file(make, log_in, provider):
    provider.client_id, provider.client_secret = "other", "other-secret"
    browser = make(OIDC_CLIENT_ID="other", OIDC_CLIENT_SECRET="other-secret").test_client()
    assert log_in(browser).status_code == 302


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"OIDC_CLIENT_SECRETS": None}, "OIDC_CLIENT_SECRETS"),
        ({"OIDC_CLIENT_SECRETS": {}}, "OIDC_CLIENT_SECRETS"),
        ({"OIDC_CLIENT_SECRETS": {"client_id": "flat"}}, "web"),
        ({"OIDC_CLIENT_SECRETS": {"web": {"issuer": "https://op.example.com"}}}, "client_id"),
        ({"OIDC_CLIENT_SECRETS": {"web": {"client_id": "c"}}}, "issuer"),
        ({"OIDC_SCOPES": "email"}, "openid"),
        ({"OIDC_INTROSPECTION_AUTH_METHOD": "none"}, "OIDC_INTROSPECTION_AUTH_METHOD"),
        ({"OIDC_CLOCK_SKEW": "soon"}, "OIDC_CLOCK_SKEW"),
        ({"OIDC_ACCESS_TOKEN_PARAMS": {"a": "b"}}, "OIDC_ACCESS_TOKEN_PARAMS"),
        ({"COUNTERSIGN_TRANSPORT": "pigeon"}, "COUNTERSIGN_TRANSPORT"),
    ],
)
def test_a_wrong_setting_is_a_value_error_that_names_it(make, settings, expected):
    with pytest.raises(ValueError, match=expected):
        make(**settings)


def test_a_missing_file_is_named(make, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json"):
        make(OIDC_CLIENT_SECRETS=str(tmp_path / "nowhere.json"))


def test_a_broken_file_is_named(make, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match=r"broken\.json"):
        make(OIDC_CLIENT_SECRETS=str(tmp_path / "broken.json"))


def test_a_list_of_scopes_is_joined_with_a_warning(make, sent_away):
    with pytest.warns(DeprecationWarning, match="OIDC_SCOPES"):
        app = make(OIDC_SCOPES=["openid", "profile"])
    assert "scope=openid+profile" in sent_away(app.test_client())


@pytest.mark.parametrize(
    "name",
    [
        "OIDC_ID_TOKEN_COOKIE_NAME",
        "OIDC_ID_TOKEN_COOKIE_PATH",
        "OIDC_ID_TOKEN_COOKIE_TTL",
        "OIDC_COOKIE_SECURE",
        "OIDC_OPENID_REALM",
        "OIDC_USERINFO_URL",
    ],
)
def test_settings_without_effect_are_named(make, name):
    with pytest.warns(DeprecationWarning, match=name):
        make(**{name: "x"})


def test_an_unknown_application_is_told_what_is_missing():
    with Flask("other").test_request_context(), pytest.raises(RuntimeError, match="init_app"):
        OpenIDConnect().get_access_token() or OpenIDConnect.accept_token._extension


def test_a_text_that_says_false_is_false(make):
    app = make(OIDC_ENABLED="false", OIDC_RESOURCE_SERVER_ONLY="no", OIDC_USER_INFO_ENABLED="1")
    assert app.config["OIDC_ENABLED"] is False
    assert app.config["OIDC_RESOURCE_SERVER_ONLY"] is False
    assert app.config["OIDC_USER_INFO_ENABLED"] is True
    with pytest.raises(ValueError, match="OIDC_ENABLED"):
        make(OIDC_ENABLED="perhaps")


# Where the provider is.


def test_a_slash_at_the_end_of_the_issuer_may_be_too_many(make, config, provider, log_in):
    config["OIDC_CLIENT_SECRETS"]["web"]["issuer"] = provider.issuer + "/"
    assert log_in(make().test_client()).status_code == 302


def test_metadata_may_be_elsewhere(make, provider, log_in):
    browser = make(
        OIDC_SERVER_METADATA_URL=provider.issuer + "/.well-known/openid-configuration"
    ).test_client()
    assert log_in(browser).status_code == 302


def test_the_metadata_address_is_enough(make, config, provider, log_in):
    del config["OIDC_CLIENT_SECRETS"]["web"]["issuer"]
    browser = make(
        OIDC_SERVER_METADATA_URL=provider.issuer + "/.well-known/openid-configuration"
    ).test_client()
    assert log_in(browser).status_code == 302


def test_endpoints_of_the_file_count_where_the_metadata_say_nothing(make, config, provider, log_in):
    config["OIDC_CLIENT_SECRETS"]["web"]["token_introspection_uri"] = provider.issuer + "/introspect"
    del provider.metadata["userinfo_endpoint"], provider.metadata["introspection_endpoint"]
    browser = make().test_client()
    assert log_in(browser).status_code == 302
    answer = browser.get("/api", headers={"Authorization": f"Bearer {provider.opaque_token()}"})
    assert answer.status_code == 200


def test_the_metadata_go_before_the_file(make, config, provider, log_in):
    config["OIDC_CLIENT_SECRETS"]["web"]["token_uri"] = "https://moved.example.com/token"
    assert log_in(make().test_client()).status_code == 302


def test_the_file_is_enough_where_nothing_can_be_discovered(make, config, provider, log_in):
    provider.answers["discovery"] = (404, b"nothing here")
    assert make().test_client().get("/login").status_code == 503
    config["OIDC_CLIENT_SECRETS"]["web"]["jwks_uri"] = provider.metadata["jwks_uri"]
    assert log_in(make().test_client()).status_code == 302


def test_endpoints_can_be_overridden(make, provider, sent_away, log_in):
    url = provider.issuer + "/authorize?tenant=1"
    assert "tenant=1" in sent_away(make(OIDC_AUTHORIZE_URL=url).test_client())
    provider.metadata["token_endpoint"] = "https://wrong.example.com/token"
    assert log_in(make(OIDC_ACCESS_TOKEN_URL=provider.issuer + "/token").test_client()).status_code == 302


def test_a_public_client_has_no_secret(make, config, provider, log_in):
    del config["OIDC_CLIENT_SECRETS"]["web"]["client_secret"]
    provider.check_client = False
    provider.metadata["code_challenge_methods_supported"] = ["S256"]
    assert log_in(make().test_client()).status_code == 302
    assert "client_secret" not in provider.requests_to("token")[0].form


# What 2.x refused to know any more.


def test_an_unverified_email_is_turned_away(make, provider, log_in):
    browser = make(OIDC_REQUIRE_VERIFIED_EMAIL=True).test_client()
    for where in (provider.id_token_claims, provider.user_info):
        for said in (None, "true", False):
            where["email_verified"] = said
            assert log_in(browser).status_code == 401, said
        where["email_verified"] = True
        assert log_in(browser).status_code == 302
        del where["email_verified"]
        browser.get("/logout")


def test_an_account_of_another_domain_is_turned_away(make, provider, log_in, sent_away):
    browser = make(OIDC_GOOGLE_APPS_DOMAIN="example.com").test_client()
    assert "hd=example.com" in sent_away(browser)
    refused = log_in(browser)
    assert refused.status_code == 401
    assert OpenIDConnect.WRONG_GOOGLE_APPS_DOMAIN in refused.text
    provider.id_token_claims["hd"] = "example.com.evil.example"
    assert log_in(browser).status_code == 401
    provider.id_token_claims["hd"] = "example.com"
    assert log_in(browser).status_code == 302


def test_an_issuer_that_is_not_among_the_valid_ones_is_turned_away(make, provider, log_in):
    assert log_in(make(OIDC_VALID_ISSUERS=["https://other.example.com"]).test_client()).status_code == 401
    valid = [provider.issuer, "op.example.com"]
    assert log_in(make(OIDC_VALID_ISSUERS=valid).test_client()).status_code == 302
    assert log_in(make(OIDC_VALID_ISSUERS=provider.issuer).test_client()).status_code == 302


def test_google_is_known_by_its_address(make):
    secrets = {"web": {"client_id": "c", "auth_uri": "https://accounts.google.com/o/oauth2/auth"}}
    app = make(OIDC_CLIENT_SECRETS=secrets)
    assert app.config["OIDC_SERVER_METADATA_URL"].startswith("https://accounts.google.com/.well-known/")


def test_the_engines_own_transport_can_be_chosen(make, provider):
    browser = make(COUNTERSIGN_TRANSPORT="native", OIDC_SERVER_METADATA_URL=None, TESTING=False).test_client()
    assert browser.get("/login").status_code in (500, 503)
    assert provider.requests == []


def test_the_provider_of_another_application_is_not_touched(make):
    other = FakeProvider("https://other.example.com")
    make().test_client().get("/login")
    assert other.requests == []

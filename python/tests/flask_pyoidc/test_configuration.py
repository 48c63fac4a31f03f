"""What applications write down: providers, clients, settings and their names."""

from __future__ import annotations

import importlib
import time
from unittest import mock

import pytest
import requests
from flask_pyoidc.message_factory import CCMessageFactory
from flask_pyoidc.provider_configuration import (
    ClientMetadata,
    ClientRegistrationInfo,
    ClientSettings,
    OIDCData,
    ProviderConfiguration,
    ProviderMetadata,
)
from flask_pyoidc.redirect_uri_config import RedirectUriConfig
from flask_pyoidc.user_session import UninitialisedSession, UserSession


def test_a_star_import_brings_the_names_that_it_brought():
    names: dict[str, object] = {}
    exec("from flask_pyoidc.provider_configuration import *", names)
    expected = {"Client", "ClientMetadata", "ClientRegistrationInfo", "ClientSettings", "OIDCData"}
    expected |= {"ProviderConfiguration", "ProviderMetadata", "collections", "logger", "logging", "requests"}
    assert expected <= set(names)


def test_oidc_data_is_a_mapping_that_is_always_true():
    data = ClientMetadata("id", "secret", x=1)
    assert dict(data) == data.to_dict() == {"client_id": "id", "client_secret": "secret", "x": 1}
    assert data.copy(client_id="other")["client_id"] == "other"
    data["y"] = 2
    del data["x"]
    assert (len(data), "x" in data, data.get("y")) == (3, False, 2)
    assert OIDCData()
    assert not len(OIDCData())


@pytest.mark.parametrize("show", [str, repr])
def test_secrets_are_masked(show):
    assert "s3cret" not in show(ClientMetadata("id", "s3cret"))
    assert "s3cret" not in show(ClientRegistrationInfo(registration_token="s3cret"))


def test_provider_metadata_by_position():
    names = ["issuer", "authorization_endpoint", "jwks_uri", "token_endpoint", "userinfo_endpoint"]
    names += ["introspection_endpoint", "registration_endpoint"]
    metadata = ProviderMetadata(*names, end_session_endpoint="end")
    assert {name: metadata[name] for name in names} == {name: name for name in names}
    assert metadata["end_session_endpoint"] == "end"


@pytest.mark.parametrize(
    "arguments",
    [{}, {"issuer": "https://op.example.com"}, {"client_metadata": ClientMetadata("x")}],
)
def test_a_configuration_needs_a_provider_and_a_client(arguments):
    with pytest.raises(ValueError, match="Specify"):
        ProviderConfiguration(**arguments)


def test_a_configuration_has_the_attributes_that_are_used():
    session = requests.Session()
    metadata = ClientMetadata("id")
    configuration = ProviderConfiguration(
        "https://op.example.com",
        client_metadata=metadata,
        userinfo_http_method="POST",
        auth_request_params={"scope": ["openid"]},
        session_refresh_interval_seconds=9,
        requests_session=session,
    )
    assert configuration.userinfo_endpoint_method == "POST"
    assert configuration.auth_request_params == {"scope": ["openid"]}
    assert configuration.session_refresh_interval_seconds == 9
    assert configuration.client_settings.requests_session is session
    assert configuration.client_settings.timeout == ProviderConfiguration.DEFAULT_REQUEST_TIMEOUT == 5
    assert configuration.registered_client_metadata is configuration._client_metadata is metadata
    assert configuration._provider_metadata is None
    assert configuration._client_registration_info is None


def test_the_requests_session_of_the_application_is_used(provider):
    from flask_pyoidc.pyoidc_facade import PyoidcFacade

    session = requests.Session()
    configuration = ProviderConfiguration(
        provider.issuer, client_metadata=ClientMetadata("id", "secret"), requests_session=session
    )
    with mock.patch.object(session, "send", wraps=session.send) as sent:
        PyoidcFacade(configuration, "http://localhost/x").authentication_request(None, None, {})
    assert sent.call_count == 1


def test_ensure_provider_metadata_fetches_them(provider):
    from flask_pyoidc.pyoidc_facade import PyoidcFacade

    configuration = ProviderConfiguration(provider.issuer, client_metadata=ClientMetadata("id", "secret"))
    facade = PyoidcFacade(configuration, "http://localhost/x")
    configuration.ensure_provider_metadata(facade._client)
    configuration.ensure_provider_metadata(facade._client)
    assert configuration._provider_metadata["token_endpoint"] == provider.metadata["token_endpoint"]
    assert len(provider.requests_to("discovery")) == 1


def test_a_private_authority_and_a_client_certificate_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("VERIFY_SSL", "/etc/own-ca.pem")
    monkeypatch.setenv("CLIENT_CERT", "/etc/client.pem")
    session = ClientSettings(requests_session=requests.Session()).session()
    assert (session.verify, session.cert) == ("/etc/own-ca.pem", "/etc/client.pem")


def test_what_the_session_says_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("VERIFY_SSL", "/etc/own-ca.pem")
    monkeypatch.setenv("CLIENT_CERT", "/etc/client.pem")
    given = requests.Session()
    given.verify, given.cert = "/etc/mine.pem", "/etc/my-client.pem"
    session = ClientSettings(requests_session=given).session()
    assert (session.verify, session.cert) == ("/etc/mine.pem", "/etc/my-client.pem")


@pytest.mark.parametrize("value", ["false", "False", "0", "no"])
def test_certificates_are_checked_whatever_the_environment_says(monkeypatch, caplog, value):
    monkeypatch.setenv("VERIFY_SSL", value)
    session = ClientSettings(requests_session=requests.Session()).session()
    assert session.verify is True
    assert "not obeyed" in caplog.text


@pytest.mark.parametrize("value", ["true", "1", ""])
def test_certificates_are_checked_where_the_environment_says_so(monkeypatch, caplog, value):
    monkeypatch.setenv("VERIFY_SSL", value)
    assert ClientSettings(requests_session=requests.Session()).session().verify is True
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("config", "full_uri", "endpoint"),
    [
        ({"OIDC_REDIRECT_URI": "https://x.com/a/b"}, "https://x.com/a/b", "a/b"),
        ({"OIDC_REDIRECT_URI": "https://x.com/"}, "https://x.com/", ""),
        ({"OIDC_REDIRECT_URI": "https://x.com"}, "https://x.com", ""),
    ],
)
def test_the_redirect_uri_is_read(config, full_uri, endpoint):
    read = RedirectUriConfig.from_config(config)
    assert read == RedirectUriConfig(full_uri, endpoint)
    assert repr(read) == f"({full_uri}, {endpoint})"


@pytest.mark.parametrize(
    ("config", "full_uri", "endpoint"),
    [
        ({"SERVER_NAME": "x.com:80"}, "http://x.com:80/redirect_uri", "redirect_uri"),
        ({"SERVER_NAME": "x", "PREFERRED_URL_SCHEME": "https"}, "https://x/redirect_uri", "redirect_uri"),
        ({"OIDC_REDIRECT_DOMAIN": "d", "SERVER_NAME": "x"}, "http://d/redirect_uri", "redirect_uri"),
        ({"OIDC_REDIRECT_DOMAIN": "d", "OIDC_REDIRECT_ENDPOINT": "/a/b"}, "http://d/a/b", "a/b"),
    ],
)
def test_the_older_settings_are_read_with_a_warning(config, full_uri, endpoint):
    with pytest.deprecated_call():
        assert RedirectUriConfig.from_config(config) == RedirectUriConfig(full_uri, endpoint)


@pytest.mark.parametrize("config", [{}, {"OIDC_REDIRECT_ENDPOINT": "x"}])
def test_without_an_address_there_is_an_error(config):
    with pytest.raises(ValueError, match="OIDC_REDIRECT_URI"):
        RedirectUriConfig.from_config(config)


def test_a_session_without_provider_is_uninitialised():
    with pytest.raises(UninitialisedSession):
        UserSession({})


def test_another_provider_clears_the_user_and_nothing_else():
    storage = {"current_provider": "one", "access_token": "x", "last_authenticated": 1, "other": 2}
    assert not UserSession(storage, "two").is_authenticated()
    assert storage == {"current_provider": "two", "other": 2}


def test_a_user_session_is_updated_and_cleared():
    storage: dict[str, object] = {"other": 2}
    session = UserSession(storage, "one")
    assert not session.is_authenticated()
    now = int(time.time())
    session.update(
        access_token="at",
        expires_in=10,
        id_token={"auth_time": 7},
        id_token_jwt="jwt",
        userinfo={"a": 1},
        refresh_token="rt",
    )
    assert session.is_authenticated()
    assert (session.access_token, session.refresh_token, session.id_token_jwt) == ("at", "rt", "jwt")
    assert (session.id_token, session.userinfo) == ({"auth_time": 7}, {"a": 1})
    assert now + 10 <= session.access_token_expires_at <= now + 20
    assert (session.last_authenticated, session.current_provider) == (7, "one")
    assert now <= storage["last_session_refresh"] <= now + 10
    session.clear()
    assert storage == {"other": 2}


def test_the_interval_decides_when_to_ask_again(monkeypatch):
    session = UserSession({}, "one")
    assert not session.should_refresh(0)
    session.update(access_token="at")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert session.should_refresh(90)
    assert not session.should_refresh(120)
    assert not session.should_refresh()


def test_the_message_factory_has_its_messages():
    request, response = CCMessageFactory.token_endpoint
    assert response(access_token="x").to_dict() == {"access_token": "x"}
    assert request(grant_type="client_credentials").to_urlencoded() == "grant_type=client_credentials"


@pytest.mark.parametrize(
    "module",
    [
        "auth_response_handler",
        "flask_pyoidc",
        "message_factory",
        "provider_configuration",
        "pyoidc_facade",
        "redirect_uri_config",
        "user_session",
    ],
)
def test_every_module_is_there(module):
    assert importlib.import_module(f"flask_pyoidc.{module}")

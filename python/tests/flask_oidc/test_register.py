"""``oidc-register`` and the modules ``discovery`` and ``registration`` of 1.x."""

from __future__ import annotations

import json
import stat

import pytest
import responses
from countersign_oidc.errors import Error
from flask_oidc.discovery import discover_OP_information
from flask_oidc.register_command import main
from flask_oidc.registration import RegistrationError, check_redirect_uris, register_client
from support.provider import FakeProvider


@pytest.fixture
def provider():
    fake = FakeProvider("https://myprovider.example.com")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        fake.register(mock)
        yield fake


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


URLS = ["https://myprovider.example.com/", "https://myapplication.example.com/authorize"]


def test_the_documented_command_writes_client_secrets(provider, inside, capsys):
    assert main(URLS) == 0
    written = json.loads((inside / "client_secrets.json").read_text())["web"]
    assert written["client_id"] == provider.client_id
    assert written["client_secret"] == provider.client_secret
    assert written["issuer"] == provider.issuer
    assert written["auth_uri"] == provider.metadata["authorization_endpoint"]
    assert written["token_uri"] == provider.metadata["token_endpoint"]
    assert written["userinfo_uri"] == provider.metadata["userinfo_endpoint"]
    assert written["token_introspection_uri"] == provider.metadata["introspection_endpoint"]
    assert written["redirect_uris"] == ["https://myapplication.example.com/authorize"]
    assert "client_secrets.json" in capsys.readouterr().out


def test_what_is_asked_for_fits_the_extension(provider):
    main(URLS)
    assert provider.requests_to("registration")[0].json == {
        "redirect_uris": ["https://myapplication.example.com/authorize"],
        "application_type": "web",
        "token_endpoint_auth_method": "client_secret_post",
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
    }


def test_the_file_is_readable_by_its_owner_alone(provider, inside):
    main(URLS)
    assert stat.S_IMODE((inside / "client_secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("application", "redirect_uri"),
    [
        ("https://app.example.com", "https://app.example.com/authorize"),
        ("https://app.example.com/", "https://app.example.com/authorize"),
        ("https://app.example.com/oidc_callback", "https://app.example.com/oidc_callback"),
        ("https://app.example.com/sub/authorize", "https://app.example.com/sub/authorize"),
        ("http://localhost:5000", "http://localhost:5000/authorize"),
    ],
)
def test_the_address_of_the_application_will_do(provider, application, redirect_uri):
    assert main([URLS[0], application]) == 0
    assert provider.requests_to("registration")[0].json["redirect_uris"] == [redirect_uri]


def test_the_options_of_1_x(provider, inside):
    options = ["--token-introspection-uri", "https://x.example.com/i", "--output-file", "out.json", "--debug"]
    assert main([*URLS, *options]) == 0
    written = json.loads((inside / "out.json").read_text())
    assert written["web"]["token_introspection_uri"] == "https://x.example.com/i"


def test_an_existing_file_is_left_alone(provider, inside, capsys):
    (inside / "client_secrets.json").write_text("precious")
    assert main(URLS) == 2
    assert (inside / "client_secrets.json").read_text() == "precious"
    assert "client_secrets.json" in capsys.readouterr().err
    assert provider.requests == []


def test_a_wrong_command_line_is_2():
    with pytest.raises(SystemExit) as stopped:
        main(["https://myprovider.example.com/"])
    assert stopped.value.code == 2


def test_a_callback_by_http_is_refused(provider, capsys):
    assert main([URLS[0], "http://app.example.com/authorize"]) == 2
    assert "https" in capsys.readouterr().err
    assert provider.requests == []


def test_a_refusal_of_the_provider_is_3(provider, inside, capsys):
    provider.answers["registration"] = (
        400,
        {"error": "invalid_redirect_uri", "error_description": "not this one"},
    )
    assert main(URLS) == 3
    assert "invalid_redirect_uri: not this one" in capsys.readouterr().err
    assert not (inside / "client_secrets.json").exists()


def test_a_provider_without_registration_is_3(provider, capsys):
    del provider.metadata["registration_endpoint"]
    assert main(URLS) == 3
    assert "register by hand" in capsys.readouterr().err


def test_a_provider_that_is_down_is_4(provider, capsys):
    provider.unreachable.add("*")
    assert main(URLS) == 4
    assert "network.unreachable" in capsys.readouterr().err


def test_a_provider_by_another_name_is_5(provider, capsys):
    provider.metadata["issuer"] = "https://evil.example.com"
    assert main(URLS) == 5
    assert "another name" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_5(provider, inside, capsys):
    assert main([*URLS, "--output-file", "nowhere/client_secrets.json"]) == 5
    assert "nowhere" in capsys.readouterr().err


# The modules.


def test_discovery_gives_the_metadata(provider):
    found = discover_OP_information("https://myprovider.example.com")
    assert found["token_endpoint"] == provider.metadata["token_endpoint"]


def test_discovery_fails_where_nothing_is(provider):
    provider.unreachable.add("*")
    with pytest.raises(Error):
        discover_OP_information("https://myprovider.example.com")


def test_registration_gives_the_file(provider):
    secrets = register_client(provider.metadata, ["https://app.example.com/authorize"])
    assert secrets["web"]["client_id"] == provider.client_id


def test_registration_fails_by_the_providers_words(provider):
    provider.answers["registration"] = (400, {"error": "invalid_client_metadata", "error_description": "why"})
    with pytest.raises(RegistrationError) as refused:
        register_client(provider.metadata, ["https://app.example.com/authorize"])
    assert refused.value.error == "invalid_client_metadata"
    assert refused.value.error_description == "why"


@pytest.mark.parametrize(
    ("uris", "kind"),
    [
        (["https://app.example.com/cb"], "web"),
        (["http://localhost:8080/cb"], "native"),
        (["http://127.0.0.1/cb", "com.example.app:/cb"], "native"),
    ],
)
def test_the_kind_of_client_follows_from_its_redirect_uris(uris, kind):
    assert check_redirect_uris(uris) == kind
    assert check_redirect_uris(uris, kind) == kind


@pytest.mark.parametrize(
    ("uris", "kind"),
    [
        ([], None),
        (["http://app.example.com/cb"], None),
        (["/cb"], None),
        (["https://app.example.com/cb", "http://localhost/cb"], None),
        (["https://app.example.com/cb"], "native"),
        (["https://app.example.com/cb"], "desktop"),
    ],
)
def test_redirect_uris_that_do_not_belong_together_are_refused(uris, kind):
    with pytest.raises(ValueError, match=r"redirect URI|client|https|absolute"):
        check_redirect_uris(uris, kind)

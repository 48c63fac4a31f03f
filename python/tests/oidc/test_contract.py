"""What the module has, and the rest that stands by itself."""

from __future__ import annotations

import countersign_oidc
import pytest
from countersign_oidc import _native


def test_every_name_that_is_promised_is_there():
    for name in countersign_oidc.__all__:
        assert getattr(countersign_oidc, name) is not None


def test_every_code_has_its_fault_and_its_meaning():
    codes = _native.codes()
    assert codes["login.state_mismatch"] == ("person", "This answer belongs to another login.")
    assert {fault for fault, _ in codes.values()} == {"person", "provider", "network", "setup", "bug"}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/notes?page=2", "/notes?page=2"),
        ("https://app.example/notes?page=2#end", "/notes?page=2"),
        ("https://app.example", "/"),
        ("https://app.example:443/a", "/a"),
        ("/ä b", "/%C3%A4%20b"),
        ("notes", "/notes"),
        ("?a=b", "/?a=b"),
        ("/a/../b", "/b"),
        # Without slashes it is a path, to a browser that is here by the same scheme.
        ("https:notes", "/notes"),
    ],
)
def test_a_return_address_of_ones_own_is_its_path(target, path):
    assert _native.local_path(target, "https://app.example/") == path


@pytest.mark.parametrize(
    "target",
    [
        "",
        "//evil.example",
        "///evil.example",
        r"\\evil.example",
        r"/\evil.example",
        "/\t/evil.example",
        "\n//evil.example",
        " //evil.example",
        "https://evil.example/",
        "https://app.example@evil.example/",
        "https://user@app.example/",
        "https://app.example.evil.example/",
        "http://app.example/",
        "https://app.example:8443/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%2f/evil.example",
        "/%5cevil.example",
        "/.//evil.example",
        "/" + "a" * 5000,
    ],
)
def test_a_return_address_elsewhere_is_none(target):
    assert _native.local_path(target, "https://app.example/") is None


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "e30.e30", "e30..", "ü.e30.x"])
def test_something_else_is_no_token_to_look_at(token):
    with pytest.raises(ValueError, match=r"."):
        _native.unverified(token)

from __future__ import annotations

import pytest
from countersign_oidc._common import settings, transport


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), ("true", True), ("Yes", True), ("0", False), ("off", False), ("", False)],
)
def test_a_flag_is_read_as_people_write_it(value, expected):
    assert settings.flag({"X": value}, "X", default=not expected) is expected


def test_a_flag_that_is_neither_is_refused_by_name():
    with pytest.raises(ValueError, match="X must be true or false"):
        settings.flag({"X": "perhaps"}, "X", default=True)


def test_what_is_none_counts_as_unset():
    assert settings.flag({"X": None}, "X", default=True) is True
    assert settings.first({"X": None, "Y": 1}, "X", "Y") == 1


@pytest.mark.parametrize(("value", "expected"), [(5, 5.0), ("5", 5.0), (0, 0.0), (None, 9.0)])
def test_seconds_are_read(value, expected):
    assert settings.seconds({"X": value}, "X", default=9) == expected


@pytest.mark.parametrize("value", [-1, "x", True, float("nan"), float("inf"), [1]])
def test_seconds_that_are_none_are_refused_by_name(value):
    with pytest.raises(ValueError, match="X must be a number of seconds"):
        settings.seconds({"X": value}, "X", default=9)


@pytest.mark.parametrize("value", ["a b", ["a", "b"], ("a", "b")])
def test_words_are_read(value):
    assert settings.words({"X": value}, "X") == ("a", "b")


def test_words_that_are_none_are_refused_by_name():
    with pytest.raises(ValueError, match="X must be a list of words"):
        settings.words({"X": 7}, "X")


def test_the_transport_is_requests_unless_set_otherwise(monkeypatch):
    monkeypatch.delenv("COUNTERSIGN_TRANSPORT", raising=False)
    assert callable(transport.chosen({}))
    assert transport.chosen({}, default="native") is None
    assert transport.chosen({"COUNTERSIGN_TRANSPORT": "native"}) is None


def test_the_environment_goes_before_the_setting(monkeypatch):
    monkeypatch.setenv("COUNTERSIGN_TRANSPORT", "native")
    assert transport.chosen({"COUNTERSIGN_TRANSPORT": "requests"}) is None


def test_an_unknown_transport_is_refused_by_name(monkeypatch):
    monkeypatch.delenv("COUNTERSIGN_TRANSPORT", raising=False)
    with pytest.raises(ValueError, match="COUNTERSIGN_TRANSPORT must be 'requests' or 'native'"):
        transport.chosen({"COUNTERSIGN_TRANSPORT": "curl"})

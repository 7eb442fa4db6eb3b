"""Mistakes in the operator's words, and the key that was probably meant."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings.models import Settings
from gateway.settings.section import Section
from gateway.settings.wording import keys_of, meant, said, where_of


def sayings(value: object, model: type[Section] = Settings) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)
    errors = caught.value.errors(include_url=False, include_input=False)
    return {where_of(error): said(error, model) for error in errors}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("node", "1", "must be a whole number"),
        ("node", 1.5, "must be a whole number"),
        ("node", True, "must be a whole number"),
        ("node", -1, "must be 0 or above"),
        ("node", 32, "must be below 32"),
        ("drain_seconds", "1", "must be a number"),
        ("drain_seconds", float("inf"), "must be 600.0 or below"),
        ("listen", {}, "must be a list"),
        ("listen", (), "must have more entries: at least 1"),
        ("include", tuple("x" for _ in range(1_001)), "must have less entries: at most 1000"),
        ("carriers", (), "must be a mapping of keys to values"),
        ("log", 5, "must be a mapping of keys to values"),
        ("system_id", 5, "must be text, in quotes if it looks like something else"),
        ("system_id", "a b", "must match ^[!-~]{1,15}$"),
        ("nod", 5, "there is no such key; did you mean 'node'?"),
        ("qqqqqq", 5, "there is no such key"),
    ],
)
def test_one_value_at_the_top(key: str, value: object, message: str) -> None:
    assert sayings({key: value})[key,] == message


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (("log", "level"), "loud", "must be 'debug', 'info', 'warning' or 'error'"),
        (("log", "levels"), "info", "there is no such key; did you mean 'level'?"),
        (("store", "directory"), "", "must be longer: at least 1 characters"),
        (("store", "directory"), "x" * 4_097, "must be shorter: at most 4096 characters"),
        (("portability", "ported_files"), (5,), "must be the name of a file"),
        (("routes", "Bad Key"), "a", "must match ^[a-z0-9][a-z0-9_-]{0,30}$"),
        (("carriers", "a", "text", "gsm7"), "no", "must be true or false"),
        (("carriers", "a", "pace", "segments_per_second"), 0, "must be above 0.0"),
        (("carriers", "a", "text", "concatenation"), "udh", "must be 'udh8', 'udh16', 'sar' or 'payload'"),
        (("customers", "a", "throttle", "burst_segment"), 5, "there is no such key; did you mean 'burst_segments'?"),
    ],
)
def test_one_value_below(where: tuple[str, ...], value: object, message: str) -> None:
    nested: Any = value
    for key in reversed(where):
        nested = {key: nested}
    found = sayings(nested)
    index: tuple[str | int, ...] = (*where, 0) if isinstance(value, tuple) else where
    assert found[index] == message


def test_what_is_missing() -> None:
    assert sayings({})["listen",] == "must be given"


def test_no_value_shows_in_a_message() -> None:
    secret = "s3cret-and-too-long"
    for value in (secret, {secret: secret}, {"file": secret, "env": secret}, (secret,), {"env": secret}):
        told = sayings({"customers": {"a": {"password": value}}})
        assert secret not in "".join(told.values())


def test_keys_are_found_below_lists_and_names() -> None:
    assert "listen" in keys_of(Settings, ())
    assert keys_of(Settings, ("metrics",)) == ("host", "port")
    assert keys_of(Settings, ("listen", 0, "tls"))[:2] == ("certificate", "key")
    assert "count" in keys_of(Settings, ("carriers", "docomo", "binds", 3))
    assert keys_of(Settings, ("customers", "a", "throttle")) == ("segments_per_second", "burst_segments", "above")
    assert keys_of(Settings, ("node",)) == ()
    assert keys_of(Settings, ("absent", "more", 0)) == ()


def test_what_was_meant() -> None:
    assert meant("windw", ["window", "pace"]) == "; did you mean 'window'?"
    assert meant("x", ["window"]) == ""
    assert meant("x", []) == ""

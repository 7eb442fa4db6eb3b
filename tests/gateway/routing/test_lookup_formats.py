"""Answers of look-up services: as they are, and as they should not be."""

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Names, Said
from gateway.routing.lookup_formats import FORMATS, Reading, fill, read, request, tree

NAMES = Names({"44010": "one", "310260": "two", "Brand X": "three"})
MOMENT = 1_704_164_645_000  # 2024-01-02T03:04:05Z

# What each service answers for a ported number, by the fields that it is known to have.
ANSWERS: dict[str, tuple[object, Answer]] = {
    "plain": (
        {"brand": "Brand X", "mccmnc": "44010", "ported": True, "as_of": "2024-01-02T03:04:05Z"},
        Answer(Said.KNOWN, "s", "three", Ported.YES, MOMENT, "Brand X"),
    ),
    "hlr-lookups": (
        {
            "query_status": "OK",
            "mccmnc": "44010",
            "is_ported": True,
            "ported_network_name": "Other",
            "timestamp": "2024-01-02T03:04:05+0000",
        },
        Answer(Said.KNOWN, "s", "one", Ported.YES, MOMENT, "44010"),
    ),
    "hlr-lookups-nt": (
        {
            "number_type": "MOBILE",
            "query_status": "OK",
            "is_possibly_ported": False,
            "mccmnc": "44010",
            "original_network_name": "Other",
            "timestamp": "2024-01-02 03:04:05.866283+00",
        },
        Answer(Said.KNOWN, "s", "one", Ported.NO, MOMENT, "44010"),
    ),
    "hlrlookup": (
        {
            "body": {
                "results": [
                    {
                        "error": "NONE",
                        "original_network_details": {"name": "Brand X", "mccmnc": "44020"},
                        "current_network": "AVAILABLE",
                        "current_network_details": {"name": "Other", "mccmnc": "44010"},
                        "is_ported": "YES",
                        "timestamp": "2024-01-02T03:04:05Z",
                        "telephone_number_type": "MOBILE",
                    }
                ]
            }
        },
        Answer(Said.KNOWN, "s", "one", Ported.YES, MOMENT, "44010"),
    ),
    "telnyx": (
        {
            "data": {
                "carrier": {"mobile_country_code": 310, "mobile_network_code": 260, "name": "X"},
                "portability": {"ported_status": "Y", "ported_date": "2024-01-02T03:04:05", "spid": "1"},
            }
        },
        Answer(Said.KNOWN, "s", "two", Ported.YES, MOMENT, "310260"),
    ),
    "twilio": (
        {
            "line_type_intelligence": {
                "mobile_country_code": "440",
                "mobile_network_code": "10",
                "carrier_name": "Brand X",
            }
        },
        Answer(Said.KNOWN, "s", "three", Ported.UNKNOWN, 0, "Brand X"),
    ),
    "sinch": (
        {"line": {"carrier": "?", "mobileCountryCode": "440", "mobileNetworkCode": "10", "ported": True}},
        Answer(Said.KNOWN, "s", "one", Ported.YES, 0, "44010"),
    ),
    "alibaba": (
        {"Code": "OK", "Data": {"Mcc": "440", "Mnc": "10", "Ported": False}},
        Answer(Said.KNOWN, "s", "one", Ported.NO, 0, "44010"),
    ),
    "tmt-live": (
        {"819012345678": {"mcc": "440", "mnc": "10", "ported": True, "error": 0}},
        Answer(Said.KNOWN, "s", "one", Ported.YES, 0, "44010"),
    ),
    "tmt-velocity": (
        {"current_carrier": {"mcc": "440", "mnc": "10", "name": "?"}, "ported": True, "status": 0},
        Answer(Said.KNOWN, "s", "one", Ported.YES, 0, "44010"),
    ),
    "seven-mnp": (
        {"mnp": {"mccmnc": "44010", "network": "Brand X", "isPorted": True}},
        Answer(Said.KNOWN, "s", "three", Ported.YES, 0, "Brand X"),
    ),
    "seven-hlr": (
        {"current_carrier": {"network_code": "44010", "name": None}, "ported": "ported"},
        Answer(Said.KNOWN, "s", "one", Ported.YES, 0, "44010"),
    ),
    "ovh": (
        {"operatorCode": "440,10", "ported": True, "datetime": "2024-01-02T03:04:05Z"},
        Answer(Said.KNOWN, "s", "one", Ported.YES, MOMENT, "440,10"),
    ),
}


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "budgetsms"])
def test_what_each_service_says(name: str) -> None:
    content, answer = ANSWERS[name]
    assert read(FORMATS[name].reading, 200, orjson.dumps(content), NAMES, "s") == answer


@pytest.mark.parametrize(
    ("line", "said", "carrier"),
    [
        (b"OK 440 10 0.012\n", Said.KNOWN, "one"),
        (b"OK 440 10", Said.KNOWN, "one"),
        (b"OK 999 99 1", Said.UNKNOWN, ""),
        (b"ERR 2001", Said.UNKNOWN, ""),
    ],
)
def test_a_line_of_text(line: bytes, said: Said, carrier: str) -> None:
    answer = read(FORMATS["budgetsms"].reading, 200, line, NAMES, "s")
    assert answer is not None
    assert (answer.said, answer.carrier) == (said, carrier)


@pytest.mark.parametrize("line", [b"", b"OK", b"<html>", b"OK 440 1", b"OK 440 10 0.1 more", b"\xff" * 300])
def test_another_line_is_no_answer(line: bytes) -> None:
    assert read(FORMATS["budgetsms"].reading, 200, line, NAMES, "s") is None


@pytest.mark.parametrize(
    "octets", [b"", b"{", b"null", b"7", b"[]", b"[1]", b'"x"', b"\xff\xfe", b"{'a': 1}", b"[" * 5000]
)
def test_garbage_is_no_answer(octets: bytes) -> None:
    assert read(FORMATS["plain"].reading, 200, octets, NAMES, "s") is None


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 401, 403, 500, 503, 0])
def test_other_statuses_are_no_answer_but_404_is_one(status: int) -> None:
    assert read(FORMATS["plain"].reading, status, b'{"brand": "Brand X"}', NAMES, "s") is None
    assert read(FORMATS["plain"].reading, 404, b"<html>", NAMES, "s") == Answer(Said.UNKNOWN, "s")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"brand": "?", "ported": False}, Said.AT_HOME),
        ({"brand": "?", "ported": "No"}, Said.AT_HOME),
        ({"ported": 0}, Said.AT_HOME),
        ({"brand": "?", "ported": True}, Said.UNKNOWN),
        ({"brand": "?", "ported": None}, Said.UNKNOWN),
        ({"brand": ["Brand X"]}, Said.UNKNOWN),
        ({"brand": {"Brand X": 1}}, Said.UNKNOWN),
        ({"brand": "Brand X" + " " * 300}, Said.KNOWN),
        ({"brand": "x" * 300, "mccmnc": 44010}, Said.KNOWN),
        ({"mcc": "440"}, Said.UNKNOWN),
        ({"mcc": 440, "mnc": 10}, Said.KNOWN),
        ({}, Said.UNKNOWN),
    ],
)
def test_what_follows_from_pieces(content: object, said: Said) -> None:
    answer = read(FORMATS["plain"].reading, 200, orjson.dumps(content), NAMES, "s")
    assert answer is not None
    assert answer.said is said


def test_a_routing_number_names_the_carrier_before_anything_else() -> None:
    names = Names({"LRN:14156226": "four", "44010": "one"})
    content = {"query_status": "OK", "mccmnc": "44010", "is_ported": True, "extra": "LRN:14156226"}
    answer = read(FORMATS["hlr-lookups"].reading, 200, orjson.dumps(content), names, "s")
    assert answer is not None
    assert (answer.carrier, answer.brand) == ("four", "LRN:14156226")


def test_a_look_up_that_did_not_go_well_is_unknown() -> None:
    content = {"query_status": "FAILED", "mccmnc": "44010"}
    assert read(FORMATS["hlr-lookups"].reading, 200, orjson.dumps(content), NAMES, "s") == Answer(Said.UNKNOWN, "s")
    assert read(FORMATS["hlr-lookups"].reading, 200, b'{"mccmnc": "44010"}', NAMES, "s") == Answer(Said.UNKNOWN, "s")


@pytest.mark.parametrize(
    ("form", "at", "changed", "said"),
    [
        ("hlr-lookups-nt", "", {"is_possibly_ported": True}, Said.UNKNOWN),
        ("hlr-lookups-nt", "", {"is_possibly_ported": None}, Said.UNKNOWN),
        ("hlr-lookups-nt", "", {"mccmnc": None}, Said.AT_HOME),
        ("hlr-lookups-nt", "", {"number_type": "LANDLINE"}, Said.UNKNOWN),
        ("hlr-lookups-nt", "", {"number_type": "MOBILE_OR_LANDLINE"}, Said.KNOWN),
        ("hlr-lookups-nt", "", {"query_status": "FAILED"}, Said.UNKNOWN),
        ("hlrlookup", "body.results.0", {"error": "INVALID"}, Said.UNKNOWN),
        ("hlrlookup", "body.results.0", {"telephone_number_type": "LANDLINE"}, Said.UNKNOWN),
        ("hlrlookup", "body.results.0", {"current_network_details": None}, Said.UNKNOWN),
        ("hlrlookup", "body.results.0", {"current_network_details": [], "is_ported": "NO"}, Said.AT_HOME),
        ("hlrlookup", "body", {"results": []}, Said.UNKNOWN),
        ("hlrlookup", "body", {"results": None}, Said.UNKNOWN),
        ("alibaba", "", {"Code": "isv.INVALID_PARAMETERS"}, Said.UNKNOWN),
        ("alibaba", "Data", {"Mcc": "", "Mnc": ""}, Said.AT_HOME),
        ("alibaba", "Data", {"Mcc": "", "Mnc": "", "Ported": True}, Said.UNKNOWN),
    ],
)
def test_numbers_of_another_sort_and_answers_in_part(form: str, at: str, changed: dict[str, Any], said: Said) -> None:
    content: Any = orjson.loads(orjson.dumps(ANSWERS[form][0]))
    inner = content
    for step in filter(None, at.split(".")):
        inner = inner[int(step)] if step.isdecimal() else inner[step]
    inner.update(changed)
    answer = read(FORMATS[form].reading, 200, orjson.dumps(content), NAMES, "s")
    assert answer is not None
    assert answer.said is said


@pytest.mark.parametrize(
    ("written", "as_of"),
    [
        (1704164645, MOMENT),
        ("1704164645000", MOMENT),
        ("2024-01-02", 1_704_153_600_000),
        ("2024-01-02T12:04:05+09:00", MOMENT),
        ("02.01.2024", 0),
        ("", 0),
        (-5, 0),
        ("9" * 40, 0),
        ("0001-01-01T00:00:00+14:00", 0),
    ],
)
def test_moments(written: object, as_of: int) -> None:
    answer = read(FORMATS["plain"].reading, 200, orjson.dumps({"as_of": written}), NAMES, "s")
    assert answer is not None
    assert answer.as_of == as_of


def test_paths_lead_through_lists_and_first_entries() -> None:
    reading = Reading(names=("a.*.b.1.c",))
    assert read(reading, 200, b'{"a": {"any": {"b": [0, {"c": "Brand X"}]}}}', NAMES, "s").carrier == "three"  # type: ignore[union-attr]
    assert read(reading, 200, b'{"a": [{"b": [0]}]}', NAMES, "s").carrier == ""  # type: ignore[union-attr]
    assert read(reading, 200, b'{"a": {}}', NAMES, "s").carrier == ""  # type: ignore[union-attr]
    assert read(Reading(names=("0.x",)), 200, b'[{"x": "Brand X"}]', NAMES, "s").carrier == ""  # type: ignore[union-attr]


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["brand", "mccmnc", "ported", "as_of", "mcc", "mnc", "x"]), inside, max_size=5
        )
    ),
    max_leaves=12,
)


@given(json, st.sampled_from(sorted(FORMATS)))
def test_no_json_makes_it_raise(content: object, name: str) -> None:
    read(FORMATS[name].reading, 200, orjson.dumps(content), NAMES, "s")


@given(st.binary(max_size=60), st.sampled_from(sorted(FORMATS)), st.integers(100, 599))
def test_no_octets_make_it_raise(octets: bytes, name: str, status: int) -> None:
    read(FORMATS[name].reading, status, octets, NAMES, "s")


def test_requests() -> None:
    url = fill("https://x.example/{key}/{number}?to={plus}", "key", "s/e&c{plus}")
    asked = request("POST", url, (("number", "{plus}"), ("type", "mnp"), ("bare", "{number}")), b"8190")
    assert asked.url == "https://x.example/s%2Fe%26c%7Bplus%7D/8190?to=%2B8190"
    assert orjson.loads(asked.body) == {"number": "+8190", "type": "mnp", "bare": "8190"}
    assert request("GET", "https://x.example/{number}", (), b"81").body == b""


def test_bodies_by_paths() -> None:
    asked = request("POST", "https://x.example", FORMATS["hlrlookup"].body, b"8190", (("a", "b"),))
    assert orjson.loads(asked.body) == {
        "api_key": "{key}",
        "api_secret": "{secret}",
        "requests": [{"telephone_number": "8190"}],
    }
    assert asked.headers == (("a", "b"),)
    assert tree([("a.1", "y"), ("a.0", "x"), ("b.0.c.d", "z"), ("0", "w")]) == {
        "a": ["x", "y"],
        "b": [{"c": {"d": "z"}}],
        "0": "w",
    }


@pytest.mark.parametrize("paths", [("a", "a.b"), ("a.b", "a"), ("a.0.b", "a.0"), ("a.0", "a.0.b")])
def test_paths_that_do_not_go_together(paths: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="another path"):
        tree((path, "x") for path in paths)


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_made_of_paths(name: str) -> None:
    one = FORMATS[name]
    paths = [path for paths in one.reading[:7] for path in paths]
    assert all(re.fullmatch(r"[\w*]+(\.[\w*]+)*", path) for path in paths)
    assert (one.method == "POST") == bool(one.body)
    assert all(value == value.lower() for value in one.reading.done)

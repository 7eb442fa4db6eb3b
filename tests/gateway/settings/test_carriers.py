"""A carrier's profile: what belongs together is judged together."""

from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from gateway.segmenter.rules import Concatenation, TextRule
from gateway.settings.carriers import CarrierSettings
from gateway.smpp.limits import SessionLimits
from tests.gateway.settings.issued import issue

BIND: dict[str, Any] = {"host": "127.0.0.1", "port": 2775, "system_id": "gw", "password": "pw"}
TEXT: dict[str, Any] = {
    "first": 70, "following": 67, "concatenation": "udh8", "max_characters": 134, "units": (70, 134),
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "title": "One",
    "text": TEXT,
    "binds": (BIND,),
    "session": {"window": 10},
    "pace": {"segments_per_second": 10, "burst_segments": 5},
    "receipts": {"id_in_response": "hex", "id_in_receipt": "decimal"},
    "errors": {"temporary": (0x58,)},
    "in_doubt": "fail",
}


def profile(**changes: object) -> CarrierSettings:
    return CarrierSettings.model_validate(WHOLE | changes)


def refused(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        profile(**changes)
    return str([(error["loc"], error["msg"]) for error in caught.value.errors(include_input=False)])


def test_the_text_section_is_the_segmenters_rule() -> None:
    expected = TextRule(70, 67, Concatenation.UDH8, 134, units=(70, 134))
    assert profile().text.rule() == expected


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"units": (70, 70, 134)}, "ascend"),
        ({"units": (0, 134)}, "ascend"),
        ({"units": (70, 133)}, "must reach max_characters, 134"),
        ({"units": ()}, "units"),
        ({"first": 1}, "greater than or equal to 2"),
        ({"following": 1}, "greater than or equal to 2"),
        ({"max_segments": 256}, "less than or equal to 255"),
        ({"concatenation": "udh"}, "concatenation"),
        ({"replacements": {"ab": "c"}}, "single characters"),
    ],
)
def test_a_text_section_that_cannot_be_kept(change: dict[str, object], says: str) -> None:
    assert says in refused(text=TEXT | change)


@pytest.mark.parametrize(("modes", "sound"), [
    (["transceiver"], True), (["transmitter", "receiver"], True), (["receiver", "transceiver"], True),
    (["transmitter"], False), (["receiver"], False), (["receiver", "receiver"], False),
])  # fmt: skip
def test_binds_go_both_ways(modes: list[str], sound: bool) -> None:
    binds = tuple(BIND | {"mode": mode} for mode in modes)
    if sound:
        assert len(profile(binds=binds).binds) == len(modes)
    else:
        assert "no bind" in refused(binds=binds)


def test_ids_that_could_never_be_equal_are_refused() -> None:
    for response, receipt in (("text", "hex"), ("decimal", "text")):
        assert "both ids must be text" in refused(receipts={"id_in_response": response, "id_in_receipt": receipt})
    same = profile(receipts={"id_in_response": "text", "id_in_receipt": "text"})
    assert same.receipts.id_in_receipt == "text"


def test_timers() -> None:
    limits = profile(session={"window": 7, "response_seconds": 5}).session.limits()
    assert limits == SessionLimits(send_window=7, enquire_link_seconds=30.0, response_seconds=5.0)
    assert "reconnect_min" in refused(session={"window": 7, "reconnect_min_seconds": 5.0, "reconnect_max_seconds": 4.0})


@pytest.mark.parametrize("version", [0x33, 0x34, 0x50])
def test_versions(version: int) -> None:
    assert profile(binds=(BIND | {"interface_version": version},)).binds[0].interface_version == version
    assert "interface_version" in refused(binds=(BIND | {"interface_version": version + 2},))


PLACE: dict[str, Any] = {"system_id": "gw", "password": "pw"}
HOSTS: tuple[dict[str, Any], ...] = ({"host": "a.example", "port": 1}, {"host": "b.example", "port": 2})


def test_hosts_in_order_and_their_short_form() -> None:
    assert profile(binds=(PLACE | {"hosts": HOSTS},)).binds[0].places() == (("a.example", 1), ("b.example", 2))
    assert profile().binds[0].places() == (("127.0.0.1", 2775),)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ({}, "either host and port, or hosts"),
        ({"hosts": ()}, "either host and port, or hosts"),
        ({"host": "a", "port": 1, "hosts": HOSTS}, "either host and port, or hosts"),
        ({"host": "a"}, "host and port belong together"),
        ({"port": 1, "hosts": HOSTS}, "host and port belong together"),
        ({"hosts": HOSTS * 9}, "at most 16"),
        ({"hosts": HOSTS, "tls": {"certificate": "c.pem"}}, "certificate and key belong together"),
    ],
)
def test_a_bind_that_leads_nowhere(place: dict[str, Any], says: str) -> None:
    assert says in refused(binds=(PLACE | place,))


def test_tls_towards_the_carrier(tmp_path: Path) -> None:
    files = issue(tmp_path, trustme.CA())
    tls = profile(binds=(BIND | {"tls": files._asdict()},)).binds[0].tls
    assert tls is not None
    assert tls.ca == files.ca
    assert profile().binds[0].tls is None


def test_its_files_are_judged_like_those_of_a_listener(tmp_path: Path) -> None:
    files = issue(tmp_path, trustme.CA())
    for change, says in (
        ({"ca": files.key}, "holds no certificates"),
        ({"ca": tmp_path / "absent.pem"}, "cannot be read"),
        ({"certificate": files.key}, "holds no certificate"),
        ({"certificate": files.ca}, "does not open the certificate"),
        ({"key": files.ca}, "does not open the certificate"),
    ):
        assert says in refused(binds=(BIND | {"tls": files._asdict() | change},))


OUTBIND: dict[str, Any] = {"host": "127.0.0.1", "port": 2776, "allow_from": ("192.0.2.0/24",), "system_id": "centre"}


def test_a_carrier_that_calls_us() -> None:
    for mode in ("receiver", "transceiver"):
        bind = profile(binds=(BIND, PLACE | {"outbind": OUTBIND, "mode": mode})).binds[1]
        assert bind.outbind is not None
        assert bind.outbind.password is None
        assert bind.places() == ()


@pytest.mark.parametrize(
    ("bind", "says"),
    [
        (BIND | {"outbind": OUTBIND}, "or hosts, or outbind"),
        (PLACE | {"hosts": HOSTS, "outbind": OUTBIND}, "or hosts, or outbind"),
        (PLACE | {"outbind": OUTBIND, "mode": "transmitter"}, "receiver or transceiver"),
        (PLACE | {"outbind": OUTBIND, "tls": {}}, "plain TCP"),
        (PLACE | {"outbind": OUTBIND | {"allow_from": ()}}, "allow_from"),
        (PLACE | {"outbind": OUTBIND | {"system_id": "sixteen-octets-x"}}, "system_id"),
        (PLACE | {"outbind": OUTBIND | {"password": "nine-octs"}}, "password"),
    ],
)
def test_a_call_that_cannot_be(bind: dict[str, Any], says: str) -> None:
    assert says in refused(binds=(BIND, bind))

"""Receipts of every shape, read again by hand."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from simulators import wire
from simulators.receipts import PLAIN, Shape, Told, Written, write

AT = datetime(2026, 11, 24, 20, 15, 9, tzinfo=UTC)
TOLD = Told(b"BEE", "UNDELIV", "001", AT, AT + timedelta(seconds=61))


def written(form: Any = "text_and_tlvs", seed: int = 1, **shape: Any) -> Written:
    return write(TOLD, form, Shape.model_validate(shape), Random(seed))


def test_the_plain_one_is_that_of_the_appendix() -> None:
    expected = wire.receipt_text(b"BEE", "UNDELIV", "001", "2611242015", "2611242016")
    assert write(TOLD, "text", PLAIN, Random(1)) == (expected, b"", wire.ESM_RECEIPT)
    assert write(TOLD, "tlvs", PLAIN, Random(1)) == (b"", wire.receipt_tlvs(b"BEE", "UNDELIV", "001"), 4)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("10", b"2611242015"),
        ("12", b"261124201509"),
        ("14", b"20261124201509"),
        ("absolute", b"261124201509000+"),
        ("zeros", b"0000000000"),
    ],
)
def test_dates(dates: str, expected: bytes) -> None:
    assert b"submit date:" + expected + b" " in written(dates=dates).text


@pytest.mark.parametrize(("hours", "expected"), [(9, b"261124201509036+"), (-3.5, b"261124201509014-")])
def test_absolute_dates_name_their_offset(hours: float, expected: bytes) -> None:
    there = timezone(timedelta(hours=hours))
    told = TOLD._replace(submitted=AT.replace(tzinfo=there))
    assert b"submit date:" + expected in write(told, "text", Shape(dates="absolute"), Random(1)).text


def test_labels_are_left_out_shuffled_and_in_capitals() -> None:
    text = written(leave_out=["sub", "dlvrd", "text"], capitals=True).text
    assert text == b"ID:BEE SUBMIT DATE:2611242015 DONE DATE:2611242016 STAT:UNDELIV ERR:001"
    orders = {written(shuffled=True, seed=seed).text for seed in range(5)}
    assert len(orders) > 1
    assert {b" ".join(sorted(text.split(b" "))) for text in orders} == {b" ".join(sorted(written().text.split(b" ")))}


def test_text_in_message_payload_and_a_nul() -> None:
    found = written(in_payload=True, nul=True)
    assert found.text == b""
    assert wire.parse_tlvs(found.tlvs)[wire.MESSAGE_PAYLOAD] == written().text + b"\0"


def test_tlvs_only_beside_unknown_ones_and_another_class() -> None:
    found = written(form="tlvs", unknown_tlvs=True, esm_class=0x44)
    assert (found.text, found.esm_class) == (b"", 0x44)
    tlvs = wire.parse_tlvs(found.tlvs)
    assert tlvs[wire.RECEIPTED_MESSAGE_ID] == b"BEE\0"
    assert set(tlvs) > {wire.RECEIPTED_MESSAGE_ID, wire.MESSAGE_STATE, wire.NETWORK_ERROR_CODE}

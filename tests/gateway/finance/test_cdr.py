"""The record's fields: every one of the billing record is told, numbers are masked, the page is up to date."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.finance.cdr import FIELDS, SEGMENT_FIELDS, described, masked
from gateway.finance.source import Segment
from gateway.store.contract import BillingRecord
from tests.gateway.finance.desk import failed, record

PAGE = Path(__file__).parents[3] / "docs" / "records.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8").endswith(f"-->\n\n{described()}")


def test_every_field_of_the_billing_record_is_told() -> None:
    assert {one.name for one in FIELDS} == {*BillingRecord._fields, "result"}
    names = [one.name for one in (*FIELDS, *SEGMENT_FIELDS)]
    assert len(set(names)) == len(names)
    assert all(one.meaning.endswith(".") for one in (*FIELDS, *SEGMENT_FIELDS))


def test_each_reads_its_own() -> None:
    one = record(0x1BE09066B800000, 3, kind="otp", sent_at=0)
    row = {field.name: field.read(one, 4) for field in FIELDS}
    same = set(BillingRecord._fields) - {"message_id", "destination_addr", "sent_at"}
    assert {name: row[name] for name in same} == {name: getattr(one, name) for name in same}
    assert (row["message_id"], row["destination_addr"]) == ("01be09066b800000", "********5678")
    assert row["sent_at"] is None
    assert row["result"] == "delivered"
    segment = Segment(failed(1), 2, 5, "a1", "069")
    assert [field.read(segment) for field in SEGMENT_FIELDS] == [2, "UNDELIVERABLE", "a1", "069"]


@pytest.mark.parametrize(
    ("number", "visible", "shown"),
    [
        ("819012345678", 4, "********5678"),
        ("819012345678", 0, "*" * 12),
        ("1234", 4, "****"),
        ("12", 4, "**"),
        ("", 4, ""),
    ],
)
def test_masks(number: str, visible: int, shown: str) -> None:
    assert masked(number, visible) == shown


@given(number=st.text("0123456789", max_size=20), visible=st.integers(0, 20))
def test_a_mask_never_shows_more_than_it_may(number: str, visible: int) -> None:
    shown = masked(number, visible)
    assert len(shown) == len(number)
    assert len(shown.replace("*", "")) <= visible
    assert number.endswith(shown.replace("*", ""))

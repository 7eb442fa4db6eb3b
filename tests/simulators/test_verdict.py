"""The demo's judge finds each thing that can be wrong, and nothing where all is well."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulators.customer import Receipt, Sent
from simulators.phone import Segment
from simulators.records import HOT
from simulators.samples import BLOCK, REFUSED, UNDELIVERABLE, Sample
from simulators.verdict import Record, Result, judge, read_records
from tests.simulators.store_files import write_done

TEXT = "お支払い"
SAMPLE = Sample("保険料", "09030000001", "docomo", BLOCK, "short_message", TEXT, 4, 1, 1)


class Day(NamedTuple):
    """One message's traces; a test spoils one of them."""

    sample: Sample
    sent: Sent
    records: list[Record]
    segments: list[Segment]

    def judge(self) -> Result:
        (result,) = judge([self.sent], [self.sample], self.records, self.segments)
        return result


def segment(text: str = TEXT, smsc: str = "docomo", status: int = 0, stat: str = "DELIVRD") -> Segment:
    return Segment(
        smsc, "", "1", "05012345678", "819030000001", False, False, 8, text.encode("utf_16_be"), status, stat
    )


def good() -> Day:
    receipt = Receipt("0a", "DELIVRD", "000", "0a", 2)
    sent = Sent(SAMPLE.submission, [0], ["0a"], [receipt], 1)
    record = Record("819030000001", "docomo", BLOCK, 4, 1, 1, "DELIVERED", 1_000)
    return Day(SAMPLE, sent, [record], [segment()])


def test_a_good_day_has_no_complaints() -> None:
    result = good().judge()
    assert result.complaints == ()
    assert result[1:-1] == ("docomo", BLOCK, 4, 1, 1, "DELIVERED", 1_000)


def test_other_messages_do_not_count() -> None:
    day = good()
    day.records.append(day.records[0]._replace(destination_addr="819030000002"))
    day.segments.append(segment()._replace(destination="819030000002"))
    assert day.judge().complaints == ()


def test_a_segment_that_the_carrier_refused_and_got_again_is_one() -> None:
    day = good()
    day.segments.insert(0, segment(status=0x58, stat=""))
    assert day.judge().complaints == ()


def changed(**fields: Any) -> Callable[[Day], None]:
    def spoil(day: Day) -> None:
        day.records[0] = day.records[0]._replace(**fields)

    return spoil


def receipt(**fields: Any) -> Callable[[Day], None]:
    def spoil(day: Day) -> None:
        day.sent.receipts[0] = day.sent.receipts[0]._replace(**fields)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (changed(carrier="au"), "carrier: au, not docomo"),
        (changed(known_by="ported numbers"), "known by: ported numbers"),
        (changed(characters=5), "characters: 5, not 4"),
        (changed(segments=2), "segments in the record: 2, not 1"),
        (changed(units=2), "units: 2, not 1"),
        (changed(outcome="EXPIRED"), "state: EXPIRED, not DELIVERED"),
        (changed(charge_sen=0), "sen: 0, not 1000"),
        (lambda day: day.records.append(day.records[0]), "billing records: 2, not 1"),
        (lambda day: day.records.clear(), "billing records: 0, not 1"),
        (lambda day: day.segments.append(segment()), "segments that the carrier saw: 2"),
        (lambda day: day.segments.clear(), "the phone shows nothing"),
        (lambda day: day.segments.__setitem__(0, segment(smsc="au")), "segments went to au"),
        (lambda day: day.segments.__setitem__(0, segment("お支払")), "not what was sent"),
        (lambda day: day.sent.receipts.clear(), "receipts: 0 for 1 message ids"),
        (lambda day: day.sent.receipts.append(day.sent.receipts[0]), "receipts: 2 for 1 message ids"),
        (receipt(stat="UNDELIV"), "the receipt says UNDELIV, not DELIVRD"),
        (receipt(tlv_message_id="0b"), "name different ids"),
        (lambda day: day.sent.statuses.__setitem__(0, 0x58), "answered 0x58, not 0x00"),
        (lambda day: day.sent.statuses.clear(), "answered nothing, not 0x00"),
    ],
)
def test_each_thing_that_can_be_wrong_is_told(spoil: Callable[[Day], None], complaint: str) -> None:
    day = good()
    spoil(day)
    assert any(complaint in one for one in day.judge().complaints), day.judge().complaints


def test_an_undeliverable_message_is_on_no_phone_and_costs_nothing() -> None:
    day = good()
    sample = SAMPLE._replace(state=UNDELIVERABLE)
    record = day.records[0]._replace(outcome=UNDELIVERABLE, charge_sen=0)
    failed = Sent(sample.submission, [0], ["0a"], [Receipt("0a", "UNDELIV", "001", "0a", 5)], 1)
    assert Day(sample, failed, [record], [segment(stat="UNDELIV")]).judge().complaints == ()
    billed = Day(sample, failed, [record._replace(charge_sen=1_000)], [segment(stat="UNDELIV")]).judge()
    assert billed.complaints == ("sen: 1000, not 0",)
    shown = Day(sample, failed, [record], [segment()]).judge()
    assert shown.complaints == ("the phone shows 1 messages, and not what was sent",)


def test_a_refusal_has_the_right_status_and_no_record() -> None:
    sample = SAMPLE._replace(state=REFUSED, carrier="", known_by="", segments=0, units=0)
    refused = Day(sample, Sent(sample.submission, [0x0B], [], [], 1), [], [])
    assert (refused.judge().complaints, refused.judge().state) == ((), "REFUSED 0x0B")
    wrong = refused._replace(sent=Sent(sample.submission, [0x0A], [], [], 1))
    assert wrong.judge().complaints == ("answered 0x0A, not 0x0B",)
    billed = refused._replace(records=good().records)
    assert "billing records: 1, not 0" in billed.judge().complaints


def test_records_are_read_without_touching_the_file(tmp_path: Path) -> None:
    store = tmp_path / "a store?"
    record = good().records[0]
    write_done(store, [record._asdict()])
    (store / HOT).chmod(0o400)
    assert read_records(store) == [record]
    with pytest.raises(sqlite3.OperationalError):
        read_records(tmp_path / "none")
    assert not (tmp_path / "none").exists()

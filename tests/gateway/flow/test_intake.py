"""What the message is: carrier, text, segments, units, validity."""

import csv
from pathlib import Path
from typing import Any

import pytest

from gateway.smpp.pdu import SubmitSm
from tests.gateway.flow.world import AU_NUMBER, DOCOMO_NUMBER, START_MS, World, message, settings

ORACLE = Path(__file__).parents[2] / "data" / "segments_1_660.csv"


def accepted(world: World, pdu: SubmitSm) -> Any:
    """The row that the store has of it."""
    world.submit(world.customer(), pdu)
    (row,) = world.store.disk.messages.values()
    return row


def test_whose_number_it_is() -> None:
    row = accepted(World(), message(AU_NUMBER))
    assert (row.carrier, row.known_by, row.ported) == ("two", "number block", "unknown")
    assert row.e164 == b"818050000001"
    assert row.destination_addr == AU_NUMBER


def test_a_ported_number(tmp_path: Path) -> None:
    ported = tmp_path / "ported.csv"
    ported.write_text(f"number,carrier\n{DOCOMO_NUMBER.decode()},two\n", encoding="utf-8")
    names = {"NTT Docomo": "one", "KDDI": "two"}
    world = World(settings(portability={"library_names": names, "ported_files": [str(ported)]}))
    row = accepted(world, message(DOCOMO_NUMBER))
    assert (row.carrier, row.known_by, row.ported) == ("two", "ported numbers", "ported")


@pytest.mark.parametrize(
    "row", list(csv.DictReader(ORACLE.read_text(encoding="utf-8").splitlines()))[::7], ids=lambda row: row["units"]
)
def test_units_are_those_of_the_table(row: dict[str, str]) -> None:
    length = int(row["units"])
    stored = accepted(World(), message(characters=length))
    assert (stored.units, stored.segments, stored.characters) == (int(row["docomo"]), int(row["docomo"]), length)


@pytest.mark.parametrize(
    ("asked", "hours"),
    [(b"", 72), (b"000000120000000R", 12), (b"000010000000000R", 72), (b"261124100000000+", 1)],
)
def test_validity_is_what_was_asked_within_the_profile(asked: bytes, hours: int) -> None:
    world = World(now=0.0)
    world.now = 9 * 3600.0  # 09:00 UTC
    row = accepted(world, message(validity_period=asked))
    assert row.submitted_at == START_MS + 9 * 3_600_000
    assert row.expires_at - row.submitted_at == hours * 3_600_000


def test_binary_is_untouched() -> None:
    row = accepted(World(), message(short_message=b"\x00\xff\xd8\x00" * 40, data_coding=4))
    assert row.binary
    assert row.text == b"\x00\xff\xd8\x00" * 40
    assert (row.segments, row.units) == (2, 2)

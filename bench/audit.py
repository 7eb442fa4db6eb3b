"""What a run lost, doubled or billed wrongly: what was acknowledged, against what the sink saw and the store recorded.

Recordings are the text files that the load client and the sink write, or those of `smppload`.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.arrivals import Reached
from bench.configuration import Expected
from simulators import records, wire

OUTCOME = "DELIVERED"
RECORDS = "SELECT message_id, destination_addr, units, outcome, charge_sen FROM billing_record"


class Submission(NamedTuple):
    """A positive response, and how many receipts came for its message_id; None when the recording doesn't tell."""

    message_id: str
    receipts: int | None


class Record(NamedTuple):
    """A billing record, as far as it is judged."""

    message_id: int
    destination: str
    units: int
    outcome: str
    charge_sen: int


Acknowledged = Mapping[str, list[Submission]]  # by destination


def read_acknowledged(path: Path) -> dict[str, list[Submission]]:
    """Lines `destination message_id [receipts]`."""
    acknowledged: dict[str, list[Submission]] = {}
    with path.open(encoding="ascii") as lines:
        for line in lines:
            destination, message_id, *receipts = line.split()
            one = Submission(message_id, int(receipts[0]) if receipts else None)
            acknowledged.setdefault(destination, []).append(one)
    return acknowledged


def read_reached(path: Path) -> dict[str, Reached]:
    """Lines `destination segments doubled`, by destination."""
    with path.open(encoding="ascii") as lines:
        rows = (line.split() for line in lines)
        return {row[0]: Reached(row[0], int(row[1]), int(row[2])) for row in rows}


def read_smppload_record(path: Path) -> dict[str, Reached]:
    """The same from what `smppload smsc --record` writes. Segments are told apart by their text, without the header."""
    texts: dict[str, set[str]] = {}
    doubled: dict[str, int] = {}
    with path.open(encoding="ascii") as lines:
        for line in lines:
            _, _, _, destination, esm_class, _, _, _, payload, _, status, *_ = line.split("\t")
            if int(status):
                continue
            place = ""
            if int(esm_class) & wire.ESM_UDHI:  # a new reference is no new segment
                end = 2 + 2 * int(payload[:2], 16)
                place, payload = payload[end - 4 : end], payload[end:]
            seen = texts.setdefault(destination, set())
            if (segment := place + payload) in seen:
                doubled[destination] = doubled.get(destination, 0) + 1
            seen.add(segment)
    return {key: Reached(key, len(seen), doubled.get(key, 0)) for key, seen in texts.items()}


def read_records(store: Path) -> list[Record]:
    """All billing records of the store in a directory."""
    with closing(records.connect(store)) as connection:
        return [Record(*row) for row in connection.execute(RECORDS)]


def lost(acknowledged: Acknowledged, reached: Mapping[str, Reached], segments: int, parts: int, receipts: bool) -> int:
    """Messages that were acknowledged (all `parts` of them) and did not reach the sink whole, or lack a receipt."""
    count = 0
    for destination, submissions in acknowledged.items():
        if len(submissions) < parts:
            continue
        there = reached.get(destination)
        arrived = there is not None and there.segments >= segments
        told = not receipts or all(one.receipts != 0 for one in submissions)
        count += not (arrived and told)
    return count


def doubled(reached: Iterable[Reached]) -> int:
    """Segments that reached the sink once more."""
    return sum(one.doubled for one in reached)


def billed_wrong(recorded: Iterable[Record], acknowledged: Acknowledged, expected: Expected, parts: int) -> int:
    """Acknowledged messages without exactly one right record, and records of nothing that was acknowledged.

    A message that came in parts has an id of its own, so its record is found by the destination, which is
    different for each message of a run.
    """
    found: dict[str, list[Record]] = {}
    for record in recorded:
        found.setdefault(record.destination, []).append(record)
    wrong = 0
    for destination, submissions in acknowledged.items():
        own = found.pop(destination, [])
        if len(submissions) >= parts:
            wrong += not (len(own) == 1 and _right(own[0], submissions, expected, parts))
    return wrong + sum(map(len, found.values()))


def _right(record: Record, submissions: list[Submission], expected: Expected, parts: int) -> bool:
    of_this_message = parts > 1 or f"{record.message_id:016x}" == submissions[0].message_id
    return of_this_message and (record.units, record.outcome, record.charge_sen) == (
        expected.units,
        OUTCOME,
        expected.charge_sen,
    )

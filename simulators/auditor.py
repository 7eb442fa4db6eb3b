"""The auditor: what a customer was promised, against what the carriers' phones saw and what the store recorded.

It knows nothing else, and reads the store with its own SQL. Each thing that is wrong is a finding of one kind; the
verdict is good when there is none, and no more came twice than was in doubt.
"""

import json
import sqlite3
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import click

from simulators import phone
from simulators.evidence import Arrival, Case, Record, Stored, arrivals_of, cases, certain, number, read_store
from simulators.journal import Entry, Received, read_journal
from simulators.serve import read_record
from simulators.table import lines

GOOD, BAD, UNREADABLE = 0, 1, 2
DELIVERED, REJECTED, EXPIRED, UNKNOWN = "DELIVERED", "REJECTED", "EXPIRED", "UNKNOWN"
OUTCOME_OF = {
    "DELIVRD": DELIVERED,
    "UNDELIV": "UNDELIVERABLE",
    "EXPIRED": EXPIRED,
    "REJECTD": REJECTED,
    "DELETED": "DELETED",
    "UNKNOWN": UNKNOWN,
}
WITHOUT_WORD = frozenset({EXPIRED, REJECTED, "DELETED", UNKNOWN})  # how a message may end that no carrier judged
MOST_PRINTED = 50


class Kind(Enum):
    """What can be wrong."""

    LOST = "lost"
    DAMAGED = "damaged on the phone"
    BILLED_TWICE = "billed twice"
    BILLED_WRONG = "billed wrongly"
    RECEIPT_MISSING = "receipts missing"
    RECEIPT_DOUBLED = "receipts doubled"
    RECEIPT_WRONG = "receipts wrong"


class Finding(NamedTuple):
    """One thing that is wrong; `what` names the customer's message or id, never its text."""

    kind: Kind
    what: str
    why: str


class Terms(NamedTuple):
    """What the customer agreed to: by carrier the greatest length of 1, 2, ... units, and the price of a unit."""

    units: Mapping[str, Sequence[int]]
    unit_price_sen: int


@dataclass
class Verdict:
    """What came out."""

    promised: int = 0
    delivered: int = 0
    waiting: int = 0
    doubled: int = 0  # segments that the phone got once more
    given_up: int = 0  # ended without the carrier's word although the carrier had it
    in_doubt: int = 0  # the gateway's own count
    repeats_allowed: int = 0  # receipts that came again, and their acknowledgement may have been lost
    findings: list[Finding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not self.findings and self.doubled + self.given_up <= self.in_doubt

    def add(self, kind: Kind, what: str, why: str) -> None:
        """Something is wrong."""
        self.findings.append(Finding(kind, what, why))

    def figures(self) -> dict[str, int]:
        """All counts by what they count."""
        found = Counter(one.kind for one in self.findings)
        return {
            "promised": self.promised,
            "delivered": self.delivered,
            "waiting": self.waiting,
            **{kind.value: found[kind] for kind in Kind},
            "doubled on the phone": self.doubled,
            "given up": self.given_up,
            "in doubt": self.in_doubt,
            "receipts repeated, allowed": self.repeats_allowed,
        }

    def as_json(self) -> str:
        """The figures and every finding, one line."""
        findings = [{"kind": one.kind.value, "what": one.what, "why": one.why} for one in self.findings]
        return json.dumps({"good": self.good, **self.figures(), "findings": findings}, ensure_ascii=False)

    def as_table(self) -> list[str]:
        """The figures in columns, the first findings, and the verdict."""
        rows = [(name, str(number)) for name, number in self.figures().items()]
        told = [f"{one.kind.value}: {one.what}: {one.why}" for one in self.findings[:MOST_PRINTED]]
        left = len(self.findings) - len(told)
        told += [f"and {left} more"] if left else []
        if self.doubled + self.given_up > self.in_doubt:
            told.append(f"doubled or given up: {self.doubled + self.given_up}, above the {self.in_doubt} in doubt")
        return [*lines(("", "messages"), rows, (1,)), *told, "GOOD" if self.good else "BAD"]


def audit(
    entries: Sequence[Entry],
    segments: Iterable[phone.Segment],
    stored: Stored,
    terms: Terms,
    in_doubt: int = 0,
    *,
    gives_up: bool = False,
) -> Verdict:
    """Judge. `in_doubt` is the gateway's own count of segments; with `gives_up` its policy is to end such messages as
    UNKNOWN or EXPIRED, whether the carrier has them or not."""
    verdict = Verdict(in_doubt=in_doubt)
    all_cases = cases(entries)
    by_destination: dict[str, list[Case]] = {}
    for case in all_cases:
        by_destination.setdefault(case.destination, []).append(case)
    taken: dict[str, list[phone.Segment]] = {}
    for segment in segments:
        taken.setdefault(segment.destination, []).append(segment)
    records: dict[str, list[Record]] = {}
    for record in stored.records:
        records.setdefault(record.destination, []).append(record)
    ended: dict[str, Record] = {}
    for destination in dict.fromkeys([*by_destination, *taken, *records]):
        own = by_destination.get(destination, [])
        seen = taken.get(destination, [])
        arrivals = list(arrivals_of(segment for segment in seen if not segment.status))
        _phones(verdict, own, arrivals, destination)
        for case, record in _paired(verdict, own, records.get(destination, []), destination):
            ended[case.name] = record
            mine = [one for one in arrivals if one.text in {case.text, None}]
            _billed(
                verdict, case, record, mine, refused=any(one.status for one in seen), terms=terms, gives_up=gives_up
            )
    for case in all_cases:
        _kept(verdict, case, ended.get(case.name), stored)
    _receipts(verdict, entries, all_cases, ended, stored)
    return verdict


def _phones(verdict: Verdict, own: Sequence[Case], arrivals: Sequence[Arrival], destination: str) -> None:
    """What a phone got against what was sent to it: once for each message that was promised, or may have been taken."""
    allowed = Counter(case.text for case in own if case.ids or case.unheard)
    for one in arrivals:
        if one.text is None:
            verdict.doubled += one.doubled
        elif one.text not in allowed:
            verdict.add(Kind.DAMAGED, destination, "the phone shows what nobody sent to it")
        elif len(one.copies) > 1:
            verdict.doubled += one.doubled
    for text, count in allowed.items():
        same = [one for one in arrivals if one.text == text]
        single = sum(len(one.copies[1]) for one in same if len(one.copies) == 1)
        several = [one for one in same if len(one.copies) > 1]
        verdict.doubled += max(0, single - count) if single else 0
        verdict.doubled += sum(len(one.copies) for one in several[count:])


def _paired(
    verdict: Verdict, own: Sequence[Case], records: Sequence[Record], destination: str
) -> Iterator[tuple[Case, Record]]:
    """Each message with its record: by id when it went whole, else any record of its destination."""
    left = list(records)
    open_cases = [case for case in own if case.ids or case.unheard]
    pairs: list[tuple[Case, Record]] = []
    for case in open_cases.copy():
        ids = {number(one) for one in case.ids.values()}
        mine = [record for record in left if record.message_id in ids]
        if mine:
            pairs.append((case, mine[0]))
            open_cases.remove(case)
            left = [record for record in left if record not in mine]
            for _ in mine[1:]:
                verdict.add(Kind.BILLED_TWICE, case.what, "its id stands in more than one record")
    rest = [case for case in open_cases if case.ids and case.parts > 1]
    rest += [case for case in open_cases if case.unheard and case not in rest]
    pairs += zip(rest, left, strict=False)
    left = left[len(rest) :]
    for record in left:
        if pairs:
            why = f"record {record.message_id:016x} is one more than was sent there"
            verdict.add(Kind.BILLED_TWICE, destination, why)
        else:
            verdict.add(
                Kind.BILLED_WRONG, destination, f"record {record.message_id:016x} is for nothing that was taken"
            )
    yield from pairs


def _billed(
    verdict: Verdict,
    case: Case,
    record: Record,
    arrivals: Sequence[Arrival],
    *,
    refused: bool,
    terms: Terms,
    gives_up: bool,
) -> None:
    """A record against what the carrier decided, and its amount against the terms."""
    whole = [one for one in arrivals if one.text is not None]
    copies = [segments for one in whole or arrivals for segments in one.copies.values()]
    possible: set[str] = set()
    sure = bool(whole) and all(any(one.stat == "DELIVRD" for one in segments) for segments in copies)
    if sure:
        possible.add(DELIVERED)
        verdict.delivered += record.outcome == DELIVERED
    failed = {OUTCOME_OF.get(one.stat, UNKNOWN) for segments in copies for one in segments} - {DELIVERED}
    possible |= failed
    if refused or (failed and not whole):
        possible.add(REJECTED)
    if not copies:
        possible |= WITHOUT_WORD
    if record.outcome not in possible:
        if gives_up and record.outcome in {EXPIRED, UNKNOWN}:
            verdict.given_up += 1
        else:
            words = " or ".join(sorted(possible)) or "nothing"
            verdict.add(Kind.BILLED_WRONG, case.what, f"recorded as {record.outcome}, the carrier decided {words}")
    characters = len(case.text.encode("utf_16_be")) // 2
    steps = terms.units.get(arrivals[0].smsc) if arrivals else None
    units = record.units if steps is None else 1 + bisect_left(steps, characters)
    if units != record.units and case.whole:
        verdict.add(Kind.BILLED_WRONG, case.what, f"{record.units} units, not {units}")
    charge = units * terms.unit_price_sen if record.outcome == DELIVERED else 0
    if charge != record.charge_sen and case.whole:
        verdict.add(Kind.BILLED_WRONG, case.what, f"{record.charge_sen} sen, not {charge}")
    if record.outcome == DELIVERED and not whole and case.whole:
        verdict.add(Kind.DAMAGED, case.what, "recorded as delivered, and the phone doesn't show all of it")


def _kept(verdict: Verdict, case: Case, record: Record | None, stored: Stored) -> None:
    """A promise ends in a record, or it still waits."""
    if not case.ids:
        return
    verdict.promised += 1
    alive = all(number(one) in stored.alive for one in case.ids.values())
    if record is None and alive:
        verdict.waiting += 1
    elif record is None:
        verdict.add(Kind.LOST, case.what, "it has no record and waits nowhere")
    elif any(number(one) in stored.alive for one in case.ids.values()):
        verdict.add(Kind.BILLED_WRONG, case.what, "it has a record and is alive")


def _receipts(
    verdict: Verdict, entries: Sequence[Entry], all_cases: Sequence[Case], ended: Mapping[str, Record], stored: Stored
) -> None:
    """Each id that was promised has its receipt, once unless the acknowledgement may have been lost; and it is true."""
    case_of = {message_id: case for case in all_cases for message_id in case.ids.values()}
    came: dict[str, list[int]] = {}
    stats: dict[str, set[str]] = {}
    for place, one in enumerate(entries):
        if isinstance(one, Received):
            came.setdefault(one.message_id, []).append(place)
            stats.setdefault(one.message_id, set()).add(one.stat)
    sure = certain(entries)
    _repeats(verdict, came, sure, case_of)
    strangers = [message_id for message_id in came if message_id not in case_of]
    allowed = sum(case.unheard for case in all_cases)
    for message_id in strangers[allowed:]:
        verdict.add(Kind.RECEIPT_WRONG, message_id, "its id was never promised")
    for message_id, case in case_of.items():
        waits = number(message_id) in stored.owed
        if message_id in came:
            _true(verdict, case, stats[message_id], ended.get(case.name))
        elif case.receipt and case.name in ended and not waits:
            verdict.add(Kind.RECEIPT_MISSING, case.what, "its receipt neither came nor waits")
        if waits and any(place in sure for place in came.get(message_id, ())):
            verdict.add(Kind.RECEIPT_DOUBLED, case.what, "it was acknowledged, and waits to come again")


def _repeats(
    verdict: Verdict, came: Mapping[str, list[int]], sure: Mapping[int, int], case_of: Mapping[str, Case]
) -> None:
    for message_id, places in came.items():
        known = min((sure[place] for place in places if place in sure), default=places[-1])
        against = sum(1 for place in places if place > known)
        if against:
            what = case_of[message_id].what if message_id in case_of else message_id
            verdict.add(Kind.RECEIPT_DOUBLED, what, f"{against} came after one that was acknowledged")
        verdict.repeats_allowed += len(places) - 1 - against


def _true(verdict: Verdict, case: Case, stats: set[str], record: Record | None) -> None:
    outcomes = {OUTCOME_OF.get(stat, stat) for stat in stats}
    if not case.receipt:
        verdict.add(Kind.RECEIPT_WRONG, case.what, "nobody asked for one")
    elif record is None:
        verdict.add(Kind.RECEIPT_WRONG, case.what, "the message has not ended")
    elif outcomes != {record.outcome}:
        words = " and ".join(sorted(outcomes))
        verdict.add(Kind.RECEIPT_WRONG, case.what, f"it says {words}, the record {record.outcome}")


def _units(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, list[int]]:
    try:
        return {name: [int(step) for step in steps.split(",")] for name, steps in (one.split("=") for one in values)}
    except ValueError:
        raise click.BadParameter("is written CARRIER=70,132,198") from None


@click.command()
@click.option("--journal", required=True, type=click.Path(path_type=Path, exists=True), help="The customer's journal.")
@click.option("--phones", required=True, type=click.Path(path_type=Path, exists=True), help="The simulators' record.")
@click.option("--store", required=True, type=click.Path(path_type=Path, exists=True), help="The store's directory.")
@click.option(
    "--units", multiple=True, callback=_units, help="CARRIER=70,132,...: greatest lengths of 1, 2, ... units."
)
@click.option("--unit-price-sen", default=1000, show_default=True, help="The price of a unit.")
@click.option("--in-doubt", default=0, show_default=True, help="Segments that the gateway counted as in doubt.")
@click.option("--gives-up", is_flag=True, help="What is in doubt is ended as UNKNOWN or EXPIRED, by policy.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON in the place of the table.")
def main(
    journal: Path,
    phones: Path,
    store: Path,
    units: dict[str, list[int]],
    unit_price_sen: int,
    in_doubt: int,
    gives_up: bool,
    as_json: bool,
) -> None:
    """Judge what a stopped gateway left behind. Ends with 0 when every promise was kept, else with 1."""
    try:
        verdict = audit(
            read_journal(journal),
            read_record(phones),
            read_store(store),
            Terms(units, unit_price_sen),
            in_doubt,
            gives_up=gives_up,
        )
    except (sqlite3.Error, ValueError) as error:
        click.echo(f"auditor: {error}", err=True)
        sys.exit(UNREADABLE)
    click.echo(verdict.as_json() if as_json else "\n".join(verdict.as_table()))
    sys.exit(GOOD if verdict.good else BAD)


if __name__ == "__main__":
    main()

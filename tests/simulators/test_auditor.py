"""Each kind of wrongness, in a fabricated journal, record and store: the auditor finds it, and nothing else."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from gateway.store.sqlite import SqliteEngine
from simulators.auditor import BAD, GOOD, UNREADABLE, Kind, Terms, Verdict, audit, main
from simulators.evidence import Record, Stored
from simulators.journal import Answered, Entry, Journal, Received, Submitted, Unbound
from simulators.phone import Segment
from simulators.serve import Recorder

TERMS = Terms({"one": (70, 132, 198)}, 1_000)
LONG = "あ" * 66 + "い" * 34


class World(NamedTuple):
    """One message of 100 characters, delivered in two segments, told and billed as it should be."""

    entries: tuple[Entry, ...] = (
        Submitted(1, "m", 1, 1, "8190", LONG, True),
        Answered(1, "m", 1, 0, "0a"),
        Received(1, "0a", "DELIVRD", True),
    )
    segments: tuple[Segment, ...] = ()
    records: tuple[Record, ...] = (Record(10, "8190", 2, "DELIVERED", 2_000),)
    alive: frozenset[int] = frozenset()
    owed: frozenset[int] = frozenset()

    def judge(self, in_doubt: int = 0, *, gives_up: bool = False) -> Verdict:
        stored = Stored(list(self.records), self.alive, self.owed)
        return audit(self.entries, self.segments, stored, TERMS, in_doubt, gives_up=gives_up)


def carried(text: str, stat: str = "DELIVRD", reference: int = 7, destination: str = "8190") -> tuple[Segment, ...]:
    pieces = [text] if len(text) <= 70 else [text[at : at + 66] for at in range(0, len(text), 66)]
    found = []
    for place, piece in enumerate(pieces, 1):
        head = b"" if len(pieces) == 1 else bytes((6, 8, 4, 0, reference, len(pieces), place))
        octets = head + piece.encode("utf_16_be")
        found.append(Segment("one", "", f"{reference}{place}", "s", destination, bool(head), False, 8, octets, 0, stat))
    return tuple(found)


WORLD = World(segments=carried(LONG))


def kinds(verdict: Verdict) -> list[Kind]:
    return [one.kind for one in verdict.findings]


def test_a_kept_promise_is_good() -> None:
    verdict = WORLD.judge()
    assert verdict.good
    assert (verdict.promised, verdict.delivered, verdict.doubled, verdict.waiting) == (1, 1, 0, 0)


def test_lost() -> None:
    assert kinds(WORLD._replace(records=()).judge()) == [Kind.LOST, Kind.RECEIPT_WRONG]
    promised = World(entries=WORLD.entries[:2], records=())
    assert kinds(promised.judge()) == [Kind.LOST]
    waits = promised._replace(alive=frozenset({10})).judge()
    assert waits.good
    assert waits.waiting == 1


def test_nothing_is_lost_that_was_refused_or_never_answered() -> None:
    left = WORLD.entries[:1]
    assert World(entries=left, records=()).judge().good
    assert World(entries=left, segments=WORLD.segments).judge().good  # taken, and the answer was lost
    refused = World(entries=(*left, Answered(1, "m", 1, 88, "")), records=())
    assert refused.judge().good
    assert kinds(refused._replace(records=WORLD.records).judge()) == [Kind.BILLED_WRONG]
    assert kinds(refused._replace(segments=WORLD.segments).judge()) == [Kind.DAMAGED]


def test_a_promise_of_some_parts_is_one_too() -> None:
    parts = tuple(Submitted(1, "m", part, 2, "8190", LONG, True) for part in (1, 2))
    some = World(entries=(*parts, Answered(1, "m", 1, 0, "0b")), records=())
    assert kinds(some.judge()) == [Kind.LOST]
    assert some._replace(alive=frozenset({0x0B})).judge().good
    both = (*some.entries, Answered(1, "m", 2, 0, "0c"), *(Received(1, one, "DELIVRD", True) for one in ("0b", "0c")))
    assert World(entries=both, segments=WORLD.segments).judge().good  # the record has an id of its own


@pytest.mark.parametrize("text", ["short", LONG])
def test_doubled_on_the_phone_is_allowed_as_often_as_it_was_in_doubt(text: str) -> None:
    once = carried(text)
    entries = (Submitted(1, "m", 1, 1, "8190", text, True), *WORLD.entries[1:])
    units = 1 if text == "short" else 2
    record = Record(10, "8190", units, "DELIVERED", units * 1_000)
    twice = World(entries=entries, segments=(*once, *once), records=(record,))
    assert twice.judge().doubled == len(once)
    assert not twice.judge(in_doubt=len(once) - 1).good
    assert twice.judge(in_doubt=len(once)).good
    again = twice._replace(segments=(*once, *carried(text, reference=9)))  # cut anew, with another reference
    assert again.judge().doubled == len(once)


def test_the_same_text_to_the_same_phone_twice_is_two_messages() -> None:
    entries: list[Entry] = []
    for name, message_id in (("m", "0a"), ("n", "0b")):
        entries += [
            Submitted(1, name, 1, 1, "8190", "short", True),
            Answered(1, name, 1, 0, message_id),
            Received(1, message_id, "DELIVRD", True),
        ]
    records = (Record(10, "8190", 1, "DELIVERED", 1_000), Record(11, "8190", 1, "DELIVERED", 1_000))
    world = World(tuple(entries), carried("short") * 2, records)
    assert world.judge().good
    assert world.judge().doubled == 0
    assert world._replace(segments=carried("short") * 3).judge().doubled == 1


def test_damaged_on_the_phone() -> None:
    assert kinds(WORLD._replace(segments=carried(LONG[:-1])).judge())[0] is Kind.DAMAGED
    half = WORLD._replace(segments=WORLD.segments[:1]).judge()
    assert set(kinds(half)) == {Kind.BILLED_WRONG, Kind.DAMAGED}
    stranger = WORLD._replace(segments=(*WORLD.segments, *carried("who?", destination="8191"))).judge()
    assert kinds(stranger) == [Kind.DAMAGED]


def test_billed_twice() -> None:
    (record,) = WORLD.records
    assert kinds(WORLD._replace(records=(record, record)).judge()) == [Kind.BILLED_TWICE]
    assert kinds(WORLD._replace(records=(record, record._replace(message_id=11))).judge()) == [Kind.BILLED_TWICE]


def test_billed_for_nothing() -> None:
    (record,) = WORLD.records
    strange = record._replace(message_id=99, destination="8199")
    assert kinds(WORLD._replace(records=(record, strange)).judge()) == [Kind.BILLED_WRONG]
    alive = WORLD._replace(alive=frozenset({10}))
    assert kinds(alive.judge()) == [Kind.BILLED_WRONG]  # final, and not at its end


@pytest.mark.parametrize(("units", "charge_sen"), [(1, 1_000), (3, 2_000), (2, 1_999), (2, 0)])
def test_billed_with_a_wrong_amount(units: int, charge_sen: int) -> None:
    record = WORLD.records[0]._replace(units=units, charge_sen=charge_sen)
    assert set(kinds(WORLD._replace(records=(record,)).judge())) == {Kind.BILLED_WRONG}


def test_billed_unlike_the_carrier_decided() -> None:
    (record,) = WORLD.records
    undelivered = WORLD._replace(segments=carried(LONG, "UNDELIV"))
    assert Kind.BILLED_WRONG in kinds(undelivered.judge())
    told = (*WORLD.entries[:2], Received(1, "0a", "UNDELIV", True))
    free = (record._replace(outcome="UNDELIVERABLE", charge_sen=0),)
    assert undelivered._replace(entries=told, records=free).judge().good
    assert kinds(WORLD._replace(entries=told, records=free).judge()) == [Kind.BILLED_WRONG]
    charged = (record._replace(outcome="UNDELIVERABLE"),)
    assert kinds(undelivered._replace(entries=told, records=charged).judge()) == [Kind.BILLED_WRONG]
    nowhere = WORLD._replace(segments=())
    assert set(kinds(nowhere.judge())) == {Kind.BILLED_WRONG, Kind.DAMAGED}


def test_one_failed_segment_fails_the_message() -> None:
    (record,) = WORLD.records
    mixed = (carried(LONG)[0], carried(LONG, "EXPIRED")[1])
    assert Kind.BILLED_WRONG in kinds(WORLD._replace(segments=mixed).judge())
    told = (*WORLD.entries[:2], Received(1, "0a", "EXPIRED", True))
    free = (record._replace(outcome="EXPIRED", charge_sen=0),)
    assert WORLD._replace(segments=mixed, entries=told, records=free).judge().good


def test_given_up_without_the_carriers_word_is_allowed_as_often_as_it_was_in_doubt() -> None:
    (record,) = WORLD.records
    told = (*WORLD.entries[:2], Received(1, "0a", "UNKNOWN", True))
    world = WORLD._replace(entries=told, records=(record._replace(outcome="UNKNOWN", charge_sen=0),))
    assert world.judge(in_doubt=1, gives_up=True).good
    assert not world.judge(in_doubt=0, gives_up=True).good
    assert kinds(world.judge(in_doubt=1)) == [Kind.BILLED_WRONG]  # no policy says so
    never = world._replace(segments=()).judge()
    assert never.good  # the carrier never had it
    assert never.given_up == 0


def test_receipt_missing() -> None:
    silent = WORLD._replace(entries=WORLD.entries[:2])
    assert kinds(silent.judge()) == [Kind.RECEIPT_MISSING]
    assert silent._replace(owed=frozenset({10})).judge().good
    unasked = (Submitted(1, "m", 1, 1, "8190", LONG, False), WORLD.entries[1])
    assert WORLD._replace(entries=unasked).judge().good


def test_receipt_doubled_only_when_the_first_was_surely_acknowledged() -> None:
    receipt = Received(1, "0a", "DELIVRD", True)
    again = WORLD._replace(entries=(*WORLD.entries, receipt._replace(bind=2)))
    assert again.judge().good
    assert again.judge().repeats_allowed == 1
    sure = WORLD._replace(entries=(*WORLD.entries, Unbound(1), receipt._replace(bind=2)))
    assert kinds(sure.judge()) == [Kind.RECEIPT_DOUBLED]
    shown_later = WORLD._replace(entries=(*WORLD.entries, receipt._replace(bind=2), Unbound(1)))
    assert shown_later.judge().good  # it was on its way already
    still_owed = WORLD._replace(entries=(*WORLD.entries, Unbound(1)), owed=frozenset({10}))
    assert kinds(still_owed.judge()) == [Kind.RECEIPT_DOUBLED]


@pytest.mark.parametrize("stat", ["UNDELIV", "EXPIRED", "NONSENSE"])
def test_receipt_that_contradicts_the_record(stat: str) -> None:
    lying = (*WORLD.entries[:2], Received(1, "0a", stat, True))
    assert kinds(WORLD._replace(entries=lying).judge()) == [Kind.RECEIPT_WRONG]
    both = (*WORLD.entries, Received(1, "0a", stat, True))
    assert kinds(WORLD._replace(entries=both).judge()) == [Kind.RECEIPT_WRONG]


def test_receipt_that_nobody_asked_for_or_for_an_id_that_was_never_promised() -> None:
    unasked = (Submitted(1, "m", 1, 1, "8190", LONG, False), *WORLD.entries[1:])
    assert kinds(WORLD._replace(entries=unasked).judge()) == [Kind.RECEIPT_WRONG]
    unknown = (*WORLD.entries, Received(1, "ff", "DELIVRD", True))
    assert kinds(WORLD._replace(entries=unknown).judge()) == [Kind.RECEIPT_WRONG]
    unheard = (*unknown, Submitted(1, "n", 1, 1, "8191", "x", True))  # its answer, with the id, was lost
    assert WORLD._replace(entries=unheard).judge().good


def test_the_table_and_the_json_say_the_same_and_no_text() -> None:
    verdict = WORLD._replace(records=()).judge()
    said = json.loads(verdict.as_json())
    assert said["good"] is False
    assert said["lost"] == 1
    assert [one["kind"] for one in said["findings"]] == ["lost", "receipts wrong"]
    table = "\n".join(verdict.as_table())
    assert table.endswith("BAD")
    assert "lost: m (0a) to 8190" in table
    assert "あ" not in table + verdict.as_json()
    assert WORLD.judge().as_table()[-1] == "GOOD"
    beyond = "\n".join(WORLD._replace(segments=WORLD.segments * 2).judge().as_table())
    assert "above the 0 in doubt" in beyond


def run(directory: Path, entries: Sequence[Entry], *options: str) -> tuple[int, str]:
    for name in ("journal", "phones"):
        (directory / name).unlink(missing_ok=True)
    with Journal(directory / "journal") as journal:
        journal.note(*entries)
    with Recorder(directory / "phones") as recorder:
        for segment in WORLD.segments:
            recorder.add(segment)
    arguments = ["--journal", "journal", "--phones", "phones", "--store", "store", *options]
    paths = [str(directory / one) if not one.startswith("-") and "=" not in one else one for one in arguments]
    done = CliRunner().invoke(main, paths)
    return done.exit_code, done.output


def test_the_command_ends_with_the_verdict(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    assert run(tmp_path, [])[0] == UNREADABLE
    SqliteEngine(tmp_path / "store").close()
    code, said = run(tmp_path, WORLD.entries[:1], "--units=one=70,132", "--json")
    assert (code, json.loads(said)["promised"]) == (GOOD, 0)
    code, said = run(tmp_path, WORLD.entries)
    assert code == BAD
    assert "lost" in said
    assert run(tmp_path, [], "--units=one")[0] == 2

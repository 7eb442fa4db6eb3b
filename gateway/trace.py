"""A message's whole life, for who is asked about one at night: from the hot file and the months' files, read only.

Beside a gateway that runs, or one that does not. What it tells is plain data (docs/steering.md has the shape).
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from gateway.flow.message import NO_ANSWER, Told
from gateway.flow.receipts_in import LATE
from gateway.model.ids import tell_id
from gateway.model.lifecycle import SegmentState
from gateway.smpp.status import CommandStatus
from gateway.store.archive import Archive, Ended, Mentions, read_only
from gateway.store.contract import MessageAccepted, PartAccepted
from gateway.store.schema import FILE_NAME
from gateway.store.seal import Sealer

FACTS_OF_A_SEGMENT = 8  # before the notes, in `life`
MOST = 20  # messages told at a time, the newest

Story = dict[str, Any]
Open = Callable[[bytes, int, bool], bytes]  # text, id, whether it is sealed

_MESSAGE = ", ".join(MessageAccepted._fields)
_PART = ", ".join(PartAccepted._fields)
# Customers by a leap from one to the next: the index is long, and they are few.
_CUSTOMERS = (
    "WITH RECURSIVE one (name) AS (SELECT min(customer) FROM parked UNION ALL"
    " SELECT (SELECT min(customer) FROM parked WHERE customer > one.name) FROM one WHERE one.name IS NOT NULL)"
)
_STATE_OF_RECEIPT = {
    2: "DELIVERED",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIVERABLE",
    7: "UNKNOWN",
    8: "REJECTED",
    9: "SKIPPED",
}


class Trace:
    """Over the store in `directory`. `key` opens sealed texts; without `texts` none is read."""

    def __init__(self, directory: Path, *, texts: bool = False, key: bytes = b"") -> None:
        self._directory = directory.absolute()
        self._archive = Archive(directory)
        self._texts = texts
        self._sealer = Sealer(key) if key else None

    def find(self, mentions: Mentions, most: int = MOST) -> list[Story]:
        """The newest messages that mention any of these, oldest first. sqlite3.Error when a file cannot be read.

        What ended while we looked may be told as alive, never twice.
        """
        hot = self._directory / FILE_NAME
        stories: dict[int, Story] = {}
        if hot.exists():
            with closing(read_only(hot)) as connection:
                for story in self._hot(connection, mentions, most):
                    stories[story["number"]] = story
                for ended in self._archive.any_of(mentions, most):
                    stories[ended.record.message_id] = self._ended(connection, ended)
        else:
            stories = {one.record.message_id: self._ended(None, one) for one in self._archive.any_of(mentions, most)}
        ordered = [stories[number] for number in sorted(stories)][-most:]
        for story in ordered:
            del story["number"]
        return ordered

    def _hot(self, connection: sqlite3.Connection, mentions: Mentions, most: int) -> Iterable[Story]:
        sealed = bool(connection.execute("SELECT key_id != x'' FROM sealing").fetchone()[0])
        for row in _alive(connection, mentions, most):
            yield self._living(connection, MessageAccepted._make(row), "alive", sealed)
        for row in _parked(connection, mentions, most):
            where = "scheduled" if row[-1] else "parked"
            yield self._living(connection, MessageAccepted._make(row[:-1]), where, sealed)
        for row in _parts(connection, mentions, most):
            yield self._part(PartAccepted._make(row))

    def _living(self, connection: sqlite3.Connection, row: MessageAccepted, where: str, sealed: bool) -> Story:
        told = _told(row.message_id, row.registered_delivery, row.user_message_reference, row.part_ids)
        story = {
            "number": row.message_id,
            "id": _id(row.message_id),
            "state": where,
            "customer": row.customer,
            "told_ids": [_id(one.message_id) for one in told],
            "references": _references_of(told),
            "from": _text_of(row.source_addr),
            "to": row.e164.decode("latin-1"),
            "to_as_written": _text_of(row.destination_addr),
            "submitted_at": row.submitted_at,
            "decided": {
                "carrier": row.carrier or None,
                "serving": row.serving,
                "known_by": row.known_by,
                "ported": row.ported,
                "kind": row.kind,
                "sender": _text_of(row.sender) or None,
                "priority": row.priority,
                "due_at": row.due_at or None,
                "expires_at": row.expires_at,
                "characters": row.characters,
                "segments": row.segments,
                "units": row.units,
                "data_coding": row.data_coding,
                **_chosen(row.life),
            },
            "segments": _segments(row.life),
            "receipts_from_carrier": _kept(connection, row.carrier, row.message_id, row.life),
            "receipts_to_customer": [{"told_id": _id(one.message_id), "state": "not yet"} for one in told],
            "outcome": None,
            "charge": {"check_sen": max(0, row.check_sen)},
        }
        return self._with_text(story, row.text, row.binary, sealed)

    def _part(self, row: PartAccepted) -> Story:
        return {
            "number": row.part_id,
            "id": _id(row.part_id),
            "state": "part",
            "customer": row.customer,
            "told_ids": [_id(row.told_id)],
            "references": [row.user_message_reference.hex()] if row.user_message_reference else [],
            "from": _text_of(row.source_addr),
            "to": row.e164.decode("latin-1"),
            "to_as_written": _text_of(row.destination_addr),
            "submitted_at": row.submitted_at,
            "decided": {"part": row.number, "of": row.total, "reference": row.reference},
            "segments": [],
            "receipts_from_carrier": [],
            "receipts_to_customer": [],
            "outcome": None,
            "charge": {},
        }

    def _ended(self, connection: sqlite3.Connection | None, ended: Ended) -> Story:
        record, history = ended.record, ended.history
        told = _told(record.message_id, history.registered_delivery, history.user_message_reference, history.part_ids)
        delivered = record.outcome == SegmentState.DELIVERED.name
        story = {
            "number": record.message_id,
            "id": _id(record.message_id),
            "state": "ended",
            "month": ended.month,
            "customer": record.customer,
            "told_ids": [_id(one.message_id) for one in told],
            "references": _references_of(told),
            "from": record.source_addr,
            "to": record.destination_addr,
            "to_as_written": _text_of(history.destination),
            "submitted_at": record.submitted_at,
            "decided": {
                "carrier": record.route or None,
                "serving": record.carrier,
                "known_by": record.known_by,
                "ported": record.ported,
                "kind": record.kind,
                "sender": _text_of(history.sender) or None,
                "priority": history.priority,
                "due_at": history.due_at or None,
                "expires_at": history.expires_at,
                "characters": record.characters,
                "segments": record.segments,
                "units": record.units,
                "data_coding": history.data_coding,
                **_chosen(history.life),
            },
            "segments": _segments(history.life),
            "receipts_from_carrier": _kept(connection, record.route, record.message_id, history.life),
            "receipts_to_customer": _owed(connection, record.customer, record.message_id, told, delivered),
            "outcome": {
                "state": record.outcome.lower(),
                "error": record.error,
                "reason": record.reason,
                "ended_at": record.done_at,
                "attempts": record.attempts,
                "delivered": record.delivered,
            },
            "charge": {
                "tariff": record.tariff,
                "units": record.units,
                "unit_price_sen": record.unit_price_sen,
                "charge_sen": record.charge_sen,
                "check_sen": record.check_sen,
                "test": bool(record.test),
            },
        }
        return self._with_text(story, history.text, bool(history.binary), bool(history.sealed))

    def _with_text(self, story: Story, text: bytes, binary: bool, sealed: bool) -> Story:
        """Sealed and no key: null. SealBrokenError when the key is another one."""
        if self._texts:
            if sealed and self._sealer is not None:
                text = self._sealer.open(text, story["number"])
            if sealed and self._sealer is None:
                story["text"] = None
            else:
                story["text"] = text.hex() if binary else text.decode("utf-16-be", errors="replace")
        return story


def _matches(mentions: Mentions) -> tuple[str, list[object]]:
    """A condition over `message` or `parked`, and its arguments. Both are scanned for what no index has."""
    says: list[str] = []
    arguments: list[object] = []
    for told_id in mentions.told_ids:
        says.append("instr(part_ids, ?)")
        arguments.append(b"[%d," % told_id)
    for number in mentions.numbers:
        says.append("e164 = ?")
        arguments.append(number.encode())
    for carrier_id in mentions.carrier_ids:
        says.append("instr(life, ?)")
        arguments.append(b'"%b"' % carrier_id)
    for reference in mentions.references:
        says += ["user_message_reference = ?", "instr(part_ids, ?)"]
        arguments += [reference, b'"%b"' % reference.hex().encode()]
    return " OR ".join(says), arguments


def _alive(connection: sqlite3.Connection, mentions: Mentions, most: int) -> Iterable[tuple[Any, ...]]:
    """Messages in memory: a bounded table, read whole for all but ids."""
    where, arguments = _matches(mentions)
    own = ", ".join("?" * len(mentions.told_ids))
    query = f"SELECT {_MESSAGE} FROM message WHERE message_id IN ({own}) OR {where} ORDER BY message_id DESC LIMIT ?"  # noqa: S608
    return connection.execute(query, (*mentions.told_ids, *arguments, most))


def _parked(connection: sqlite3.Connection, mentions: Mentions, most: int) -> Iterable[tuple[Any, ...]]:
    """Messages on disk only, of which there may be millions: ids and numbers by their indexes.

    None has a carrier's id. A reference alone is worth a scan.
    """
    found: dict[int, tuple[Any, ...]] = {}
    columns = f"{_MESSAGE}, waits"

    def add(where: str, *arguments: object) -> None:
        query = f"SELECT {columns} FROM parked WHERE {where} ORDER BY message_id DESC LIMIT ?"  # noqa: S608
        found.update((row[0], row) for row in connection.execute(query, (*arguments, most)))

    for told_id in mentions.told_ids:
        add("message_id = ?", told_id)
    if mentions.told_ids:
        wanted = ", ".join("?" * len(mentions.told_ids))
        add(f"message_id IN (SELECT message_id FROM told WHERE told_id IN ({wanted}))", *mentions.told_ids)  # noqa: S608
    for number in mentions.numbers:
        query = (
            f"{_CUSTOMERS} SELECT {columns} FROM one CROSS JOIN parked ON customer = one.name AND e164 = ?"  # noqa: S608
            " ORDER BY message_id DESC LIMIT ?"
        )
        found.update((row[0], row) for row in connection.execute(query, (number.encode(), most)))
    for reference in mentions.references:
        add("user_message_reference = ? OR instr(part_ids, ?)", reference, b'"%b"' % reference.hex().encode())
    return found.values()


def _parts(connection: sqlite3.Connection, mentions: Mentions, most: int) -> Iterable[tuple[Any, ...]]:
    """Parts that wait for their siblings."""
    for told_id in mentions.told_ids:
        yield from connection.execute(f"SELECT {_PART} FROM part WHERE told_id = ? LIMIT ?", (told_id, most))  # noqa: S608
    for number in mentions.numbers:
        yield from connection.execute(f"SELECT {_PART} FROM part WHERE e164 = ? LIMIT ?", (number.encode(), most))  # noqa: S608


def _segments(life: bytes) -> list[Story]:
    """Where each segment stands, as gateway/flow/message.py writes it."""
    return [
        {
            "state": SegmentState(state).name.lower(),
            "carrier_id": carrier_id or None,
            "carrier_id_in_answer": (carrier_id and notes.get("wrote", carrier_id)) or None,
            "carrier_id_in_receipt": notes.get("receipt"),
            "error": error or None,
            "attempts": attempts,
            "doubts": doubts,
            "first_sent_at": sent or None,
            "answered_at": answered or None,
            "ended_at": ended or None,
            "not_taken": [{"at": at, "status": _status(status)} for at, status in notes.get("answers", ())],
        }
        for state, carrier_id, error, attempts, doubts, sent, answered, ended, notes in map(_noted, orjson.loads(life))
    ]


def _noted(segment: list[Any]) -> list[Any]:
    """With the notes that gateway/flow/message.py leaves out where there are none."""
    return segment if len(segment) > FACTS_OF_A_SEGMENT else [*segment, {}]


def _chosen(life: bytes) -> Story:
    """The rule that chose the route, and the routes that it left before."""
    *_, notes = _noted(orjson.loads(life)[0])
    return {"rule": notes.get("rule"), "left": notes.get("left", [])}


def _status(status: int) -> str:
    if status == NO_ANSWER:
        return "no answer"
    return CommandStatus(status).name if status in _KNOWN_STATUSES else f"{status:#010x}"


_KNOWN_STATUSES = frozenset(CommandStatus)


def _told(message_id: int, registered_delivery: int, reference: bytes, part_ids: bytes) -> list[Told]:
    if not part_ids:
        return [Told(message_id, registered_delivery, reference)]
    return [Told(part_id, wants, bytes.fromhex(own)) for part_id, wants, own in orjson.loads(part_ids)]


def _references_of(told: list[Told]) -> list[str]:
    return [one.user_message_reference.hex() for one in told if one.user_message_reference]


def _kept(connection: sqlite3.Connection | None, carrier: str, message_id: int, life: bytes) -> list[Story]:
    """Receipts of the carrier beside those that decided: early ones that wait, late and contradicting ones."""
    found: list[Story] = []
    for segment in orjson.loads(life) if connection is not None and carrier else ():
        if not segment[1] or connection is None:
            continue
        key = (carrier, segment[1].encode("latin-1"))
        early = "SELECT message_state, error, arrived_at FROM receipt_early WHERE carrier = ? AND carrier_id = ?"
        for state, error, arrived_at in connection.execute(early, key):
            word = _STATE_OF_RECEIPT.get(state, str(state)).lower()
            found.append(_receipt("early", segment[1], word, error.decode("latin-1"), arrived_at))
        late = "SELECT value FROM kept WHERE kind = ? AND owner = ? AND key = ?"
        for (value,) in connection.execute(late, (LATE, *key)):
            whose, _, state, error, arrived_at = orjson.loads(value)
            if whose == message_id:
                found.append(_receipt("after the end", segment[1], state.lower(), error, arrived_at))
    return found


def _receipt(when: str, carrier_id: str, state: str, error: str, arrived_at: int) -> Story:
    return {"when": when, "carrier_id": carrier_id, "state": state, "error": error, "arrived_at": arrived_at}


def _owed(
    connection: sqlite3.Connection | None, customer: str, message_id: int, told: list[Told], delivered: bool
) -> list[Story]:
    """What became of the receipts that the customer asked for. An outbox is ordered by ids that came after ours."""
    wanted = ", ".join("?" * len(told))
    query = f"SELECT message_id FROM receipt_owed WHERE customer = ? AND owed_id > ? AND message_id IN ({wanted})"  # noqa: S608
    owed: set[int] = set()
    if connection is not None:
        arguments = (customer, message_id, *(one.message_id for one in told))
        owed = {row[0] for row in connection.execute(query, arguments)}
    return [
        {
            "told_id": _id(one.message_id),
            "state": "owed"
            if one.message_id in owed
            else ("acknowledged or given up" if one.wants(delivered=delivered) else "not asked for"),
        }
        for one in told
    ]


def _id(message_id: int) -> str:
    return tell_id(message_id).decode()


def _text_of(octets: bytes) -> str:
    return octets.decode("latin-1")

"""A soak's customer by hand: what it sends, what it notes, and when it says yes."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from bench.soak_customer import MOST_UNANSWERED, Customer
from simulators import wire
from simulators.journal import Answered, Entry, Journal, Received, Submitted, Unbound, read_journal


class Pipe:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def pdus(self) -> list[bytes]:
        found, sound = wire.frames(self.written)
        assert sound
        return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


def bound(journal: Journal) -> tuple[Customer, Pipe]:
    customer = Customer("soak-a", "pw", journal, count(1), 1)
    pipe = Pipe()
    customer.connection_made(cast("asyncio.Transport", pipe))
    (bind,) = pipe.pdus()
    assert wire.parse_bind(bind)[:2] == (b"soak-a", b"pw")
    customer.data_received(wire.bind_resp(wire.BIND_TRANSCEIVER, 0, 1, b"us"))
    return customer, pipe


def kinds(path: Path) -> list[type[Entry]]:
    return [type(entry) for entry in read_journal(path)]


def receipt(message_id: bytes) -> bytes:
    text = wire.receipt_text(message_id, "DELIVRD", "000", "2611242015", "2611242015")
    return wire.deliver_sm(7, b"8190", b"05012345678", text, wire.ESM_RECEIPT)


def answer(customer: Customer, pdus: list[bytes], status: int = 0) -> None:
    for pdu in pdus:
        sequence = wire.header(pdu).sequence
        customer.data_received(wire.submit_sm_resp(sequence, b"%016x" % sequence, status))


def test_everything_is_noted_before_it_is_said(journal: Journal, path: Path) -> None:
    customer, pipe = bound(journal)
    while not customer.sent or customer.owed == 0:
        customer.submit()
        answer(customer, pipe.pdus())
    before = customer.owed
    message_id = next(iter(customer._open))
    while customer.owed == before:  # one in a hundred is refused
        customer.data_received(receipt(message_id.encode()))
    told = pipe.pdus()
    assert [wire.header(pdu).command for pdu in told] == [wire.DELIVER_SM_RESP] * len(told)
    customer.unbind()
    (unbind,) = pipe.pdus()
    customer.data_received(wire.unbind_resp(wire.header(unbind).sequence))
    assert pipe.closed
    found = kinds(path)
    assert found[0] is Submitted
    assert found[-1] is Unbound
    assert found.count(Answered) == found.count(Submitted) == customer.sent
    assert found.count(Received) == len(told)


def test_no_more_than_the_window_is_unanswered(journal: Journal) -> None:
    customer, _ = bound(journal)
    for _ in range(10 * MOST_UNANSWERED):
        customer.submit()
    assert MOST_UNANSWERED <= len(customer._unanswered) < MOST_UNANSWERED + 10


def test_refusals_are_counted_and_promise_nothing(journal: Journal) -> None:
    customer, pipe = bound(journal)
    for _ in range(20):
        customer.submit()
    answer(customer, pipe.pdus(), wire.ESME_RTHROTTLED)
    assert customer.refused == {wire.ESME_RTHROTTLED: customer.sent}
    assert customer.owed == 0


def test_parts_carry_the_whole_text(journal: Journal, path: Path) -> None:
    customer, pipe = bound(journal)
    bodies: dict[Any, str] = {}
    codings: set[int] = set()
    for _ in range(60):
        customer.submit()
        sent = pipe.pdus()
        answer(customer, sent)
        text = ""
        for pdu in sent:
            sm = wire.parse_sm(pdu)
            octets = wire.text_octets(sm)
            codings.add(sm.data_coding)
            body = octets[6:] if sm.esm_class & wire.ESM_UDHI else octets
            text += body.decode("utf_16_be" if sm.data_coding == wire.DCS_UCS2 else "ascii")
        bodies[len(bodies)] = text
    noted = dict.fromkeys(entry.message for entry in read_journal(path) if isinstance(entry, Submitted))
    texts = {entry.message: entry.text for entry in read_journal(path) if isinstance(entry, Submitted)}
    assert [texts[name] for name in noted] == list(bodies.values())
    assert codings == {0, 4, 8}
    assert any(entry.parts > 1 for entry in read_journal(path) if isinstance(entry, Submitted))


def test_a_message_of_a_phone_is_counted_and_acknowledged(journal: Journal) -> None:
    customer, pipe = bound(journal)
    customer.data_received(wire.deliver_sm(9, b"8190", b"050", "配信停止".encode("utf_16_be")))
    assert [wire.header(pdu)[1:] for pdu in pipe.pdus()] == [(wire.DELIVER_SM_RESP, 0, 9)]
    assert customer.mo == 1

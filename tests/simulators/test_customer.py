"""The smpplib customer against an SMSC that behaves: ids, receipts, refusals, parts, and a deadline that holds."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from simulators import clock, wire
from simulators.config import SmscConfig
from simulators.customer import Customer, NotBound, Submission
from simulators.phone import Segment, read
from simulators.serve import serve_until
from simulators.smsc import Smsc

LONG = "ご契約の更新のご案内です。" * 20


@contextmanager
def running(seen: list[Segment], **settings: Any) -> Iterator[int]:
    """An SMSC on a loop of its own. Yields its port."""
    config = SmscConfig.model_validate(
        {"port": 0, "system_id": "demo", "password": "pw", "receipts": {"delay_seconds": 0.0}} | settings
    )
    addresses: list[str] = []
    ready = threading.Event()
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def tell(found: dict[str, str]) -> None:
        addresses.extend(found.values())
        ready.set()

    async def run() -> None:
        stop = asyncio.Event()
        stops.append((asyncio.get_running_loop(), stop))
        await serve_until(stop, [Smsc("smsc", config, 1, clock.wall, seen.append)], lambda: None, tell)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(10)
    try:
        yield int(addresses[0].rpartition(":")[2])
    finally:
        loop, stop = stops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def customer(port: int, password: str = "pw") -> Customer:
    return Customer("127.0.0.1", port, "demo", password, clock.monotonic)


def test_messages_of_all_kinds_and_their_receipts() -> None:
    seen: list[Segment] = []
    with running(seen) as port, customer(port) as one:
        sent = [
            one.send(Submission("INSURER", "81901", "お支払い")),
            one.send(Submission("81501", "81902", LONG, "message_payload")),
            one.send(Submission("INSURER", "81903", LONG, "parts")),
        ]
        assert one.wait(sent, 10)
    assert read(seen) == {"81901": ["お支払い"], "81902": [LONG], "81903": [LONG]}
    assert [one.pdus for one in sent] == [1, 1, 4]
    for each in sent:
        assert each.statuses == [0] * each.pdus
        assert sorted(receipt.message_id for receipt in each.receipts) == sorted(each.message_ids)
        assert {(receipt.stat, receipt.err, receipt.tlv_message_state) for receipt in each.receipts} == {
            ("DELIVRD", "000", 2)
        }
        assert all(receipt.tlv_message_id == receipt.message_id for receipt in each.receipts)
    assert one.unknown == []


@pytest.mark.parametrize(("form", "stat", "state"), [("tlvs", "", 5), ("text", "UNDELIV", None)])
def test_receipts_are_known_by_tlv_alone_and_by_text_alone(form: str, stat: str, state: int | None) -> None:
    outcomes = [{"destination": "1$", "stat": "UNDELIV", "err": "001"}]
    with (
        running([], receipts={"form": form, "delay_seconds": 0.0}, outcomes=outcomes) as port,
        customer(port) as one,
    ):
        sent = one.send(Submission("INSURER", "81901", "お支払い"))
        assert one.wait([sent], 10)
    assert [(receipt.stat, receipt.tlv_message_state) for receipt in sent.receipts] == [(stat, state)]


def test_a_refusal_is_an_answer_and_owes_no_receipt() -> None:
    with running([], outcomes=[{"destination": "1$", "status": wire.ESME_RINVDSTADR}]) as port, customer(port) as one:
        refused = one.send(Submission("INSURER", "81901", "お支払い"))
        taken = one.send(Submission("INSURER", "81902", "お支払い"))
        assert one.wait([refused, taken], 10)
    assert (refused.statuses, refused.message_ids, refused.receipts) == ([wire.ESME_RINVDSTADR], [], [])
    assert taken.statuses == [0]


def test_a_receipt_for_another_binds_message_is_unknown_here() -> None:
    with running([], receipts={"delay_seconds": 0.0}) as port:
        with customer(port) as first:
            sent = first.send(Submission("INSURER", "81901", "お支払い"))
            first._client.read_once()  # its submit_sm_resp; the receipt stays unread
        assert sent.answered
        assert not sent.complete
        with customer(port) as second:
            own = second.send(Submission("INSURER", "81902", "お支払い"))
            assert second.wait([own], 10)
    assert {one.message_id for one in second.unknown} <= set(sent.message_ids)


def test_the_deadline_holds() -> None:
    with running([], receipts={"delay_seconds": 3_600.0}) as port, customer(port) as one:
        sent = one.send(Submission("INSURER", "81901", "お支払い"))
        assert not one.wait([sent], 0.2)
        assert not one.wait([sent], -1.0)
    assert sent.answered
    assert sent.receipts == []


def test_a_gateway_that_goes_away_ends_the_wait() -> None:
    with running([], receipts={"delay_seconds": 3_600.0}) as port:
        one = customer(port)
        sent = one.send(Submission("INSURER", "81901", "お支払い"))
        assert not one.wait([sent], 0.2)
    assert not one.wait([sent], 30)
    one.close()


def test_who_is_not_let_in_is_told_so() -> None:
    with running([]) as port, pytest.raises(NotBound, match="Invalid Password"):
        customer(port, "wrong")
    with pytest.raises(NotBound, match=f"127.0.0.1:{port}: Connection refused"):
        customer(port)

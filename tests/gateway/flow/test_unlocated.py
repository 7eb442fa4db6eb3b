"""Messages whose carrier is asked for over the network, or whose recipient is checked: accepted first, sent later."""

from typing import Any

import pytest

from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.recycling import Checked, Outcome
from gateway.smpp.pdu import CancelSm, DeliverSm, SubmitSm
from tests.gateway.flow.world import Centre, World, message, settings

SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "two"}}


def world(**more: Any) -> World:
    lookups = {"order": ["service"], "http": {"service": SERVICE}} | more.pop("lookups", {})
    return World(settings(lookups=lookups, **more))


def answer(w: World, *args: Any) -> None:
    q = w.flow.network.desks["service"]._queue
    question, then = q.get_nowait()
    then(Answer(args[0], "service", *args[1:]))
    w.pump()


def test_accepted_then_looked_up_then_sent() -> None:
    w = world()
    c = w.customer()
    one = w.carrier("one")
    two = w.carrier("two", centre=Centre(receipts=True))
    resp = w.submit(c, message(characters=133))
    assert resp.command_status == 0 and resp.message_id
    assert one.requests(SubmitSm) == two.requests(SubmitSm) == []
    answer(w, Said.KNOWN, "two", Ported.YES, 5)
    assert len(two.requests(SubmitSm)) == 3
    (record,) = w.records
    assert (record.carrier, record.route, record.known_by, record.ported, record.units) == (
        "two",
        "two",
        "service",
        "ported",
        3,
    )
    assert len(c.requests(DeliverSm)) == 1


def test_crash() -> None:
    w = world()
    c = w.customer()
    w.submit(c, message(characters=133))
    w = w.crash()
    assert len(w.flow.network.desks["service"]) == 1
    two = w.carrier("two", centre=Centre(receipts=True))
    answer(w, Said.KNOWN, "two")
    assert len(two.requests(SubmitSm)) == 3
    (record,) = w.records
    assert record.outcome == "DELIVERED"


def test_cancel_and_expire() -> None:
    w = world()
    c = w.customer()
    w.submit(c, message())
    resp = w.submit(c, message())
    gone = w.submit(c, CancelSm(message_id=resp.message_id, source_addr=b"0312345678"))
    assert gone.command_status == 0
    w.advance(80 * 3600.0)
    assert [r.outcome for r in w.records] == ["EXPIRED", "DELETED"]
    answer(w, Said.KNOWN, "two")
    assert len(w.flow.live) == 0


@pytest.mark.parametrize(("outcome", "state"), [(Outcome.CHANGED, "REJECTED"), (Outcome.SAME, "DELIVERED")])
def test_check(outcome: Outcome, state: str) -> None:
    recycling = {"services": {"a": {"root": "https://x.example"}}}
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "recipient_check": {"since": "2024-04-01"}}
    w = World(settings(recycling=recycling, customers={"shop": shop}))
    c = w.customer()
    one = w.carrier("one", centre=Centre(receipts=True))
    assert w.submit(c, message()).command_status == 0
    assert one.requests(SubmitSm) == []
    (carrier, check), then = w.flow.network.check_desk._queue.get_nowait()
    assert carrier == "one"
    then(Checked(outcome, answered=True))
    w.pump()
    (record,) = w.records
    assert (record.outcome, record.check_sen) == (state, 350)
    (receipt,) = c.requests(DeliverSm)
    if state == "REJECTED":
        assert b"err:902" in receipt.short_message and b"stat:REJECTD" in receipt.short_message
        assert record.reason == "recipient_changed"


def test_date_by_tlv_crash_and_never_checked() -> None:
    recycling = {"services": {"a": {"root": "https://x.example"}}}
    shop = {
        "system_id": "shop",
        "password": "secret",
        "tariff": "standard",
        "recipient_check": {"since_tlv": "owner_since"},
    }
    w = World(
        settings(recycling=recycling, customers={"shop": shop}, tlvs={"owner_since": {"tag": 0x1410, "type": "text"}})
    )
    c = w.customer()
    one = w.carrier("one", centre=Centre(receipts=True))
    assert w.submit(c, message(tlvs=((0x1410, b"20240230\0"),))).command_status == 0xC4
    assert w.submit(c, message(tlvs=((0x1410, b"20990101\0"),))).command_status == 0xC4
    assert w.submit(c, message()).command_status == 0
    assert len(w.records) == 1
    assert w.submit(c, message(tlvs=((0x1410, b"20240401\0"),))).command_status == 0
    w = w.crash()
    (carrier, check), then = w.flow.network.check_desk._queue.get_nowait()
    assert str(check.since) == "2024-04-01"
    w.advance(80 * 3600.0)
    assert [(r.outcome, r.check_sen) for r in w.records] == [("DELIVERED", 0), ("EXPIRED", 0)]


def test_known_from_before_goes_at_once() -> None:
    w = world(lookups={"http": {"service": SERVICE}})
    c = w.customer()
    two = w.carrier("two", centre=Centre(receipts=True))
    w.submit(c, message())
    answer(w, Said.KNOWN, "two", Ported.YES, 5)
    w.submit(c, message())
    assert len(w.flow.network.desks["service"]) == 0
    assert len(two.requests(SubmitSm)) == 2

"""Pace as carriers see it: refusals, binds of their own pace, outages, receipts that come no more."""

from typing import Any

import pytest

from gateway.flow.retry import MOST_RETRIES
from gateway.smpp.pdu import Pdu, SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, Peer, World, message, profile, receipt, settings

NO_JITTER = {"first_seconds": 2.0, "factor": 3.0, "longest_seconds": 60.0, "jitter": 0.0}


def with_one(**changes: Any) -> World:
    return World(settings(carriers={"one": profile(**changes), "two": profile()}))


class Refusing(Centre):
    """Refuses submit_sm with `status` as long as `left` lasts."""

    def __init__(self, status: int, left: int = 10**9) -> None:
        super().__init__()
        self.status = status
        self.left = left

    def answer(self, peer: Peer, pdu: Pdu) -> None:
        if isinstance(pdu, SubmitSm) and self.left:
            self.left -= 1
            peer.session.submit_sm_resp(pdu.sequence_number, self.status)
        else:
            super().answer(peer, pdu)


def submit(world: World, count: int, **fields: Any) -> None:
    customer = world.customer()
    for number in range(count):
        world.submit(customer, message(source_addr=b"%d" % number, **fields))


def senders(peer: Peer) -> list[bytes]:
    return [pdu.source_addr for pdu in peer.requests(SubmitSm)]


# The carrier refuses for now.


def test_who_is_throttled_goes_again_in_its_place_after_a_moment() -> None:
    world = with_one(pace={"segments_per_second": 10.0, "burst_segments": 1})
    centre = Refusing(CommandStatus.ESME_RTHROTTLED, left=1)
    peer = world.carrier(centre=centre)
    submit(world, 3)
    assert senders(peer) == [b"0"]
    for _ in range(40):
        world.advance(0.02)
    assert senders(peer) == [b"0", b"0", b"1", b"2"]


def test_refusals_lower_the_rate_and_nothing_is_lost() -> None:
    world = with_one(session={"window": 10}, pace={"segments_per_second": 100.0, "burst_segments": 5})
    centre = Refusing(CommandStatus.ESME_RMSGQFUL, left=20)
    centre.receipts = True
    world.carrier(centre=centre)
    submit(world, 30)
    for _ in range(1200):
        world.advance(0.05)
    assert len(world.records) == 30
    assert world.flow.carriers["one"].bucket.lowered


def test_without_adaptive_a_refusal_pauses_the_carrier() -> None:
    pace = {"segments_per_second": 1000.0, "burst_segments": 10, "adaptive": None}
    world = with_one(pace=pace, errors={"temporary": [0x58], "pause_seconds": 5.0})
    peer = world.carrier(centre=Refusing(CommandStatus.ESME_RTHROTTLED, left=1))
    submit(world, 1)
    world.advance(4.9)
    assert len(senders(peer)) == 1
    world.advance(0.2)
    assert len(senders(peer)) == 2


def test_a_simulated_carrier_that_takes_so_many_a_second_is_found_out() -> None:
    """In virtual time: 50 a second are taken where the contract says 200."""
    world = with_one(session={"window": 100}, pace={"segments_per_second": 200.0, "burst_segments": 10})
    counted: dict[int, int] = {}
    taken: dict[int, int] = {}

    class Counting(Centre):
        def answer(self, peer: Peer, pdu: Pdu) -> None:
            if isinstance(pdu, SubmitSm):
                second = int(world.now)
                counted[second] = counted.get(second, 0) + 1
                if counted[second] > 50:
                    peer.session.submit_sm_resp(pdu.sequence_number, CommandStatus.ESME_RTHROTTLED)
                    return
                taken[second] = taken.get(second, 0) + 1
            super().answer(peer, pdu)

    world.carrier(centre=Counting())
    customer = world.customer()
    for _ in range(20):
        for _ in range(80):
            customer.session.request(message(), None, world.now)
        world.pump()
    began = int(world.now)
    for _ in range(25 * 50):
        world.advance(0.02)
    settled = range(began + 10, began + 24)
    goodput = sum(taken[second] for second in settled) / (50 * len(settled))
    refused = sum(counted[second] - taken[second] for second in settled) / sum(counted[second] for second in settled)
    assert goodput >= 0.95
    assert refused < 0.01


# The carrier refuses one segment for now.


def test_one_that_is_refused_waits_beside_its_lane_longer_each_time() -> None:
    world = with_one(errors={"temporary": [0x08]}, retry=NO_JITTER)
    peer = world.carrier(centre=Refusing(CommandStatus.ESME_RSYSERR, left=2))
    submit(world, 1)
    assert len(senders(peer)) == 1
    submit(world, 1)  # others are not held up; this one is refused too
    world.advance(1.9)
    assert len(senders(peer)) == 2
    world.advance(0.2)
    assert len(senders(peer)) == 4
    assert len(world.flow.carriers["one"].retries) == 0


def test_the_turn_says_when_the_next_try_is_due() -> None:
    world = with_one(errors={"temporary": [0x08]}, retry=NO_JITTER)
    world.carrier(centre=Refusing(CommandStatus.ESME_RSYSERR, left=1))
    submit(world, 1)
    assert world.flow.end_of_turn() == pytest.approx(2.0)
    assert world.flow.dispatcher.run() == pytest.approx(2.0)


def test_the_steps_grow_to_the_end_of_the_validity() -> None:
    world = with_one(errors={"temporary": [0x08]}, retry=NO_JITTER, validity_hours=0.01)  # 36 s
    peer = world.carrier(centre=Refusing(CommandStatus.ESME_RSYSERR))
    submit(world, 1)
    for _ in range(50):
        world.advance(1.0)
    assert len(senders(peer)) == 4  # at 0, 2, 8 and 26 s
    assert [record.outcome for record in world.records] == ["EXPIRED"]


def test_very_many_that_wait_are_the_carriers_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_RETRIES == 10_000
    monkeypatch.setattr("gateway.flow.retry.MOST_RETRIES", 3)
    world = with_one(errors={"temporary": [0x08], "pause_seconds": 5.0}, retry=NO_JITTER | {"first_seconds": 60.0})
    peer = world.carrier(centre=Refusing(CommandStatus.ESME_RSYSERR, left=4))
    submit(world, 6)
    assert senders(peer) == [b"0", b"1", b"2", b"3"]
    world.advance(5.1)
    assert senders(peer)[4:] == [b"3", b"4", b"5"]
    world.advance(60.0)
    assert sorted(senders(peer)[7:]) == [b"0", b"1", b"2"]


def test_what_was_cancelled_while_it_waits_is_not_tried_again() -> None:
    world = with_one(errors={"temporary": [0x08]}, retry=NO_JITTER)
    peer = world.carrier(centre=Refusing(CommandStatus.ESME_RSYSERR, left=1))
    submit(world, 1)
    (row,) = [one.row for one in world.flow.live._messages.values()]
    world.flow.cancel.displace(world.flow.accounts["shop"], row.source_addr, row.e164, row.message_id + 1)
    world.advance(10)
    assert len(senders(peer)) == 1


@pytest.mark.parametrize(
    ("means", "outcome", "tries"),
    [("permanent", "REJECTED", 1), ("in_doubt", "DELIVERED", 2), ("slower", "DELIVERED", 2)],
)
def test_a_row_of_the_profile_says_what_an_answer_means(means: str, outcome: str, tries: int) -> None:
    rows = [{"status": 0x450, "means": means, "reason": "as the carrier's manual says"}]
    world = with_one(errors={"temporary": [], "rows": rows})
    centre = Refusing(0x450, left=1)
    centre.receipts = True
    peer = world.carrier(centre=centre)
    submit(world, 1)
    world.advance(1.0)
    assert [record.outcome for record in world.records] == [outcome]
    assert len(senders(peer)) == tries


# Binds and outages.


def test_each_bind_has_a_pace_of_its_own() -> None:
    binds = [{"host": "127.0.0.1", "port": 27761, "system_id": "gw", "password": "secret", "count": 2}]
    each = {"segments_per_second": 2.0, "burst_segments": 2}
    world = with_one(
        binds=binds,
        pace={"segments_per_second": 1000.0, "burst_segments": 1000, "each_bind": each},
    )
    first, second = world.carrier(place=0), world.carrier(place=1)
    submit(world, 20)
    assert (len(senders(first)), len(senders(second))) == (2, 2)
    assert world.flow.dispatcher.run() == pytest.approx(0.5)
    for _ in range(16):
        world.advance(0.25)
    assert (len(senders(first)), len(senders(second))) == (10, 10)


def test_what_a_bind_may_is_not_spent_when_the_carrier_may_not() -> None:
    each = {"segments_per_second": 100.0, "burst_segments": 10}
    world = with_one(pace={"segments_per_second": 1.0, "burst_segments": 1, "each_bind": each})
    world.carrier()
    submit(world, 5)
    bucket = world.flow.carriers["one"].binds[0].bucket
    assert bucket is not None
    assert bucket.grant(100, world.now) == 9


def test_a_bind_that_returns_finds_what_waits_at_once() -> None:
    world = World()
    submit(world, 8)
    world.advance(30.0)
    peer = world.carrier()  # nothing else happens: no time passes, nobody submits
    assert senders(peer) == [b"%d" % number for number in range(8)]


def test_after_a_long_outage_the_traffic_returns_in_a_ramp() -> None:
    ramp = {"share": 0.1, "seconds": 10.0, "after_seconds": 60.0}
    world = with_one(session={"window": 1000}, pace={"segments_per_second": 100.0, "burst_segments": 10, "ramp": ramp})
    first = world.carrier()
    world.cut(first)
    world.advance(3600.0)
    customer = world.customer()
    for _ in range(20):
        for _ in range(50):
            customer.session.request(message(), None, world.now)
        world.pump()
    peer = world.carrier()
    counts = []
    for _ in range(12):
        before = len(senders(peer))
        for _ in range(200):
            world.advance(0.005)
        counts.append(len(senders(peer)) - before)
    assert 5 <= counts[0] <= 25
    assert counts[0] < counts[4] < counts[8]
    assert 95 <= counts[11] <= 105


def test_a_short_outage_needs_no_ramp() -> None:
    world = with_one(pace={"segments_per_second": 100.0, "burst_segments": 10})
    world.cut(world.carrier())
    world.advance(5.0)
    world.carrier()
    assert world.flow.carriers["one"].bucket.rate(world.now) == 100.0


# How long a receipt is waited for.


def test_a_carrier_that_tries_for_an_hour_owes_no_receipt_after_that() -> None:
    world = with_one(retry={"carrier_tries_hours": 1.0}, receipt_margin_hours=0.5)
    world.carrier()
    submit(world, 1)
    world.advance(1.4 * 3600)
    assert world.records == []
    world.advance(0.2 * 3600)
    assert [record.outcome for record in world.records] == ["EXPIRED"]


def test_what_has_not_left_waits_to_the_end_of_its_validity() -> None:
    world = with_one(retry={"carrier_tries_hours": 1.0}, receipt_margin_hours=0.5)
    submit(world, 1)
    world.advance(70 * 3600)
    peer = world.carrier()
    assert len(senders(peer)) == 1
    world.advance(1.0)
    peer.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert [record.outcome for record in world.records] == ["DELIVERED"]

"""Receipts in any order, any number of times, contradicting or late: one record a message, and the same bill."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smpp.pdu import DeliverSm
from tests.gateway.flow.world import Peer, World, message, profile, receipt
from tests.gateway.flow.world import settings as configured

SHORT, LONG = 10, 150  # characters: one segment, and three
SEGMENTS = 1 + 3
STATS = st.sampled_from(
    [b"DELIVRD", b"UNDELIV", b"EXPIRED", b"REJECTD", b"DELETED", b"UNKNOWN", b"ENROUTE", b"ACCEPTD"]
)
FINALS = st.sampled_from([b"DELIVRD", b"UNDELIV", b"EXPIRED"])
ACCOUNTS = st.fixed_dictionaries(
    {
        "intermediate": st.booleans(),
        "per_segment": st.booleans(),
        "decides": st.sampled_from(["all", "first_failure", "last_segment"]),
    }
)


def world_of(account: dict[str, Any]) -> tuple[World, Peer, Peer]:
    """A short and a long message are with the carrier, under the ids 1, and 2 to 4."""
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "receipts": account}
    world = World(configured(customers={"shop": shop}, carriers={"one": profile(), "two": profile()}))
    carrier, customer = world.carrier(), world.customer()
    for characters in (SHORT, LONG):
        world.submit(customer, message(characters=characters, registered_delivery=0x11))
    return world, carrier, customer


def tell(world: World, carrier: Peer, number: int, stat: bytes) -> None:
    carrier.session.request(receipt(b"%d" % number, stat), None, world.now)
    world.pump()


def bill(world: World) -> list[tuple[int, str, int]]:
    return [(record.message_id, record.outcome, record.charge_sen) for record in world.records]


@settings(max_examples=40, deadline=None)
@given(st.lists(FINALS, min_size=SEGMENTS, max_size=SEGMENTS), st.permutations(range(SEGMENTS)), st.data())
def test_the_order_and_the_number_of_receipts_change_no_bill(
    finals: list[bytes], order: list[int], data: st.DataObject
) -> None:
    plain, carrier, _ = world_of({})
    for index, stat in enumerate(finals):
        tell(plain, carrier, index + 1, stat)
    again, carrier, customer = world_of({})
    repeats = data.draw(st.lists(st.sampled_from(order), max_size=8))
    for index in [*order, *repeats, *reversed(order)]:
        tell(again, carrier, index + 1, finals[index])
    assert bill(again) == bill(plain)
    assert len(customer.requests(DeliverSm)) == 2
    assert not again.flow.live


@settings(max_examples=60, deadline=None)
@given(ACCOUNTS, st.lists(st.tuples(st.integers(1, SEGMENTS), STATS), max_size=14), st.integers(0, 14))
def test_contradicting_and_late_receipts_never_bill_twice(
    account: dict[str, Any], receipts: list[tuple[int, bytes]], crash_at: int
) -> None:
    world, carrier, _ = world_of(account)
    before: dict[int, tuple[int, str, int]] = {}
    for place, (number, stat) in enumerate(receipts):
        if place == crash_at:
            world = world.crash()
            carrier, _ = world.carrier(), world.customer()
        tell(world, carrier, number, stat)
        now = {record[0]: record for record in bill(world)}
        assert before.items() <= now.items()  # what is billed stays as it is billed
        before = now
    world.advance(74 * 3_600.0)
    assert len(bill(world)) == 2
    assert before.items() <= {record[0]: record for record in bill(world)}.items()
    for number in range(1, SEGMENTS + 1):
        tell(world, carrier, number, b"DELIVRD")  # much too late
    assert len(bill(world)) == 2
    assert not world.flow.accounts["shop"].binds or world.store.disk.owed == {}
    ours = world.flow.carriers["one"]
    assert (ours.sent, ours.doubtful) == ({}, {})
    assert not world.flow.live

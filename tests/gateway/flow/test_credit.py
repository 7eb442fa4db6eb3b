"""Prepaid and capped accounts: never below zero, never charged twice, and what is not charged is free again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.prepaid import Credit
from gateway.model.money import Sen
from gateway.smpp.pdu import CancelSm, ReplaceSm, SubmitSm
from gateway.smpp.status import CommandStatus
from gateway.store.memory import Disk
from gateway.store.months import month_of
from tests.gateway.flow.world import START_MS, Centre, World, message, receipt, refuse, settings, text

UNIT = 1_100  # sen, with tax
MONTH = month_of(START_MS + 1_000_000)


def prepaid(units: int | None, cap: int | None = None, disk: Disk | None = None, **changes: Any) -> World:
    """The customer `shop` with credit for so many units."""
    world = World(settings(**changes), disk)
    balance = None if units is None else Sen(units * UNIT)
    credit = Credit(balance, None if cap is None else Sen(cap * UNIT), MONTH)
    world.flow.accounts["shop"].credit = credit
    return world


def credit(world: World) -> Credit:
    found = world.flow.accounts["shop"].credit
    assert found is not None
    return found


def test_what_it_does_not_cover_is_refused_and_nothing_is_kept_of_it() -> None:
    world = prepaid(3)
    customer = world.customer()
    assert world.submit(customer, message(characters=71)).command_status == 0
    assert (credit(world).available, credit(world).held) == (UNIT, 2 * UNIT)
    assert world.submit(customer, message(characters=71)).command_status == CommandStatus.ESME_RSUBMITFAIL
    assert world.submit(customer, message()).command_status == 0
    assert world.flow.accounts["shop"].counts.refused == {"NO_CREDIT": 1}
    assert len(world.flow.live) == 2


def test_a_cap_is_of_the_month_and_counts_what_is_alive() -> None:
    world = prepaid(None, cap=1)
    customer = world.customer()
    assert world.submit(customer, message()).command_status == 0
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_RSUBMITFAIL
    assert world.flow.accounts["shop"].counts.refused == {"MONTHLY_CAP": 1}


def test_delivered_is_spent_and_what_failed_is_free_again() -> None:
    world = prepaid(2)
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message())
    world.submit(customer, message())
    for carrier_id, stat in ((b"1", b"DELIVRD"), (b"2", b"UNDELIV"), (b"1", b"DELIVRD")):
        carrier.session.request(receipt(carrier_id, stat), None, world.now)
        world.pump()
    assert (credit(world).available, credit(world).held) == (UNIT, 0)


def test_what_is_taken_back_or_refused_by_the_carrier_is_free_again() -> None:
    world = prepaid(5)
    customer = world.customer()
    answer = world.submit(customer, message())
    world.submit(customer, CancelSm(message_id=answer.message_id, source_addr=b"0312345678"))
    assert (credit(world).available, credit(world).held) == (5 * UNIT, 0)
    world.carrier().answer = refuse(0x0B)
    world.submit(customer, message(characters=133))
    assert (credit(world).available, credit(world).held) == (5 * UNIT, 0)


def test_a_longer_text_in_its_place_is_held_for() -> None:
    world = prepaid(5)
    customer = world.customer()
    answer = world.submit(customer, message())
    pdu = ReplaceSm(
        message_id=answer.message_id, source_addr=b"0312345678", registered_delivery=1, short_message=text(100)
    )
    assert world.submit(customer, pdu).command_status == 0
    assert credit(world).held == 2 * UNIT
    world.carrier(centre=Centre(receipts=True))
    assert (credit(world).available, credit(world).held) == (3 * UNIT, 0)


def test_messages_that_wait_on_disk_hold_too() -> None:
    world = prepaid(30, store={"directory": "nowhere", "queue_in_memory": 4})
    customer = world.customer()
    for _ in range(20):
        assert world.submit(customer, message()).command_status == 0
    assert credit(world).held == 20 * UNIT
    world.carrier(centre=Centre(receipts=True))
    assert (credit(world).available, credit(world).held) == (10 * UNIT, 0)


def test_test_messages_cost_and_hold_nothing() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "test": True}
    world = prepaid(0, customers={"shop": shop})
    world.carrier(centre=Centre(receipts=True))
    assert world.submit(world.customer(), message()).command_status == 0
    (record,) = world.records
    assert (record.outcome, record.charge_sen, record.test) == ("DELIVERED", 0, True)


@given(st.lists(st.tuples(st.integers(1, 200), st.sampled_from([b"DELIVRD", b"UNDELIV", b""])), max_size=12))
def test_it_never_goes_below_zero_and_comes_to_what_the_records_say(sent: list[tuple[int, bytes]]) -> None:
    world = prepaid(8)
    carrier = world.carrier()
    customer = world.customer()
    segments = 0
    for characters, stat in sent:
        if world.submit(customer, message(characters=characters)).command_status:
            continue
        new = len(carrier.requests(SubmitSm)) - segments
        for number in range(segments + 1, segments + new + 1):
            if stat:
                carrier.session.request(receipt(b"%d" % number, stat), None, world.now)
                world.pump()
        segments += new
        available = credit(world).available
        assert available is not None
        assert available >= 0
    charged = sum(record.charge_sen for record in world.records)
    alive = sum(UNIT * one.row.units for one in world.flow.live._messages.values())
    assert credit(world).held == alive
    assert credit(world).available == 8 * UNIT - charged * 11 // 10 - alive


@pytest.mark.parametrize("parts", [2, 3])
def test_parts_that_become_a_message_too_dear_end_with_receipts(parts: int) -> None:
    world = prepaid(1)
    customer = world.customer()
    for number in range(1, parts + 1):
        octets = bytes((5, 0, 3, 7, parts, number)) + text(60)
        assert world.submit(customer, message(esm_class=0x40, short_message=octets)).command_status == 0
    assert [record.outcome for record in world.records] == ["REJECTED"]
    assert (credit(world).available, credit(world).held) == (UNIT, 0)

"""A submit_sm: refused with the status that says why, or accepted once it is durable."""

from typing import Any

import pytest

from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import World, message, settings, text


def test_the_answer_comes_after_the_disk() -> None:
    world = World()
    customer = world.customer()
    customer.session.request(message(), None, world.now)
    world._octets()
    world.flow.end_of_turn()
    world.store.flush()
    world._octets()
    assert customer.answers() == []
    world.store.sync()
    world._octets()
    (answer,) = customer.answers()
    assert answer.command_status == CommandStatus.ESME_ROK
    assert len(answer.message_id) == 16


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"destination": b"0312345678"}, CommandStatus.ESME_RINVDSTADR),
        ({"destination": b"05012345678"}, CommandStatus.ESME_RINVDSTADR),
        ({"destination": b"hello"}, CommandStatus.ESME_RINVDSTADR),
        ({"destination": b""}, CommandStatus.ESME_RINVDSTADR),
        ({"destination": b"07099000001"}, CommandStatus.ESME_RINVDSTADR),
        ({"characters": 661}, CommandStatus.ESME_RINVMSGLEN),
        ({"characters": 0}, CommandStatus.ESME_RINVMSGLEN),
        ({"data_coding": 0x0F}, CommandStatus.ESME_RINVDCS),
        ({"short_message": b"\xd8\x00\x00A"}, CommandStatus.ESME_RINVDCS),
        ({"short_message": b"\x00A\x00\x00"}, CommandStatus.ESME_RINVDCS),
        ({"esm_class": 0x40, "short_message": b"\x05\x00\x03\x01"}, CommandStatus.ESME_RINVESMCLASS),
        ({"tlvs": ((Tag.MESSAGE_PAYLOAD, text(3)),)}, CommandStatus.ESME_RINVMSGLEN),
        ({"schedule_delivery_time": b"000001000000000R"}, CommandStatus.ESME_RINVSCHED),
        ({"validity_period": b"991301000000000+"}, CommandStatus.ESME_RINVEXPIRY),
        ({"validity_period": b"200101000000000+"}, CommandStatus.ESME_RINVEXPIRY),
    ],
)
def test_refusals(fields: dict[str, Any], status: CommandStatus) -> None:
    world = World()
    answer = world.submit(world.customer(), message(**fields))
    assert answer.command_status == status
    assert answer.message_id == b""
    assert not world.flow.live
    assert sum(world.flow.accounts["shop"].counts.refused.values()) == 1


@pytest.mark.parametrize("characters", [1, 70, 71, 132, 133, 660])
def test_lengths_that_are_taken(characters: int) -> None:
    world = World()
    assert world.submit(world.customer(), message(characters=characters)).command_status == CommandStatus.ESME_ROK


def test_only_the_accounts_own_senders() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "sources": ["0312345678"]}
    world = World(settings(customers={"shop": shop}))
    customer = world.customer()
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK
    assert world.submit(customer, message(source_addr=b"0399999999")).command_status == CommandStatus.ESME_RINVSRCADR


def test_the_throttle_counts_segments() -> None:
    throttle = {"segments_per_second": 1.0, "burst_segments": 10}
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "throttle": throttle}
    world = World(settings(customers={"shop": shop}))
    customer = world.customer()
    assert world.submit(customer, message(characters=594)).command_status == CommandStatus.ESME_ROK  # 9 segments
    assert world.submit(customer, message(characters=71)).command_status == CommandStatus.ESME_RTHROTTLED
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_RTHROTTLED
    world.now += 1.0
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK


def test_a_queue_that_is_full() -> None:
    world = World(settings(store={"directory": "nowhere", "max_waiting_messages": 2}))
    customer = world.customer()
    statuses = [world.submit(customer, message()).command_status for _ in range(3)]
    assert statuses == [CommandStatus.ESME_ROK, CommandStatus.ESME_ROK, CommandStatus.ESME_RMSGQFUL]


def test_a_store_that_is_stuck_and_heals() -> None:
    world = World()
    customer = world.customer()
    world.store.stuck = "the disk is full"
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_RMSGQFUL
    world.store.stuck = ""
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK


def test_who_drains_takes_nothing_new() -> None:
    world = World()
    customer = world.customer()
    world.flow.accept.draining = True
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_RMSGQFUL

"""cancel_sm: before a segment leaves, and never after."""

from typing import Any

import pytest

from gateway.smpp.pdu import CancelSm, DeliverSm, SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import AU_NUMBER, DOCOMO_NUMBER, Centre, World, message, profile, settings

SOURCE = b"0312345678"


def cancel(message_id: bytes = b"", **fields: Any) -> CancelSm:
    return CancelSm(message_id=message_id, **({"source_addr": SOURCE} | fields))


def test_what_waits_is_taken_back_costs_nothing_and_has_its_receipt() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message(characters=200)).message_id
    assert world.submit(customer, cancel(told)).command_status == CommandStatus.ESME_ROK
    (record,) = world.records
    assert (record.outcome, record.charge_sen, record.units) == ("DELETED", 0, 4)
    (receipt,) = customer.requests(DeliverSm)
    assert b"id:%b " % told in receipt.short_message
    assert b"stat:DELETED" in receipt.short_message
    assert world.carrier().requests(SubmitSm) == []
    assert world.submit(customer, cancel(told)).command_status == CommandStatus.ESME_RCANCELFAIL


@pytest.mark.parametrize(("asked", "receipts"), [(0, 0), (1, 1), (2, 1), (3, 0)])
def test_the_receipt_is_one_of_failure(asked: int, receipts: int) -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message(registered_delivery=asked)).message_id
    world.submit(customer, cancel(told))
    assert len(customer.requests(DeliverSm)) == receipts
    assert len(world.records) == 1


def test_the_answer_comes_after_the_disk_and_a_crash_before_it_undoes_it() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    world.commits_left = 0
    assert world.submit(customer, cancel(told)) is None
    again = world.crash()
    assert len(again.carrier(centre=Centre(receipts=True)).requests(SubmitSm)) == 1
    assert [one.outcome for one in again.records] == ["DELIVERED"]


def test_too_late() -> None:
    world = World()
    world.carrier()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    assert world.submit(customer, cancel(told)).command_status == CommandStatus.ESME_RCANCELFAIL
    assert world.records == []


def test_one_segment_that_left_is_too_late_for_all() -> None:
    world = World(settings(carriers={"one": profile(session={"window": 1}), "two": profile()}))
    carrier = world.carrier(centre=Centre(accepts=False))
    customer = world.customer()
    told = world.submit(customer, message(characters=200)).message_id
    assert len(carrier.requests(SubmitSm)) == 1
    assert world.submit(customer, cancel(told)).command_status == CommandStatus.ESME_RCANCELFAIL


def test_what_was_in_doubt_may_be_on_the_phone() -> None:
    world = World()
    carrier = world.carrier(centre=Centre(accepts=False))
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    world.cut(carrier)
    world.pump()
    assert world.submit(customer, cancel(told)).command_status == CommandStatus.ESME_RCANCELFAIL


def test_by_addresses_all_that_wait() -> None:
    world = World()
    customer = world.customer()
    for destination in (DOCOMO_NUMBER, b"+819030000001", AU_NUMBER):
        world.submit(customer, message(destination))
    world.submit(customer, message(source_addr=b"0399999999"))
    answer = world.submit(customer, cancel(dest_addr_ton=1, dest_addr_npi=1, destination_addr=DOCOMO_NUMBER))
    assert answer.command_status == CommandStatus.ESME_ROK
    assert [one.destination_addr for one in world.records] == ["819030000001"] * 2
    assert len(world.flow.live) == 2
    again = cancel(destination_addr=DOCOMO_NUMBER)
    assert world.submit(customer, again).command_status == CommandStatus.ESME_RCANCELFAIL


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"message_id": b"what"}, CommandStatus.ESME_RINVMSGID),
        ({"message_id": b"0" * 16}, CommandStatus.ESME_RCANCELFAIL),
        ({"destination_addr": b""}, CommandStatus.ESME_RINVDSTADR),
        ({"destination_addr": DOCOMO_NUMBER, "service_type": b"CMT"}, CommandStatus.ESME_RINVSERTYP),
        ({"destination_addr": AU_NUMBER}, CommandStatus.ESME_RCANCELFAIL),
    ],
)
def test_refusals(fields: dict[str, Any], status: CommandStatus) -> None:
    world = World()
    customer = world.customer()
    world.submit(customer, message())
    assert world.submit(customer, cancel(**fields)).command_status == status
    assert len(world.flow.live) == 1


def test_by_id_the_addresses_must_be_the_message_s() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    other = cancel(told, source_addr=b"0399999999")
    assert world.submit(customer, other).command_status == CommandStatus.ESME_RINVSRCADR
    elsewhere = cancel(told, destination_addr=AU_NUMBER)
    assert world.submit(customer, elsewhere).command_status == CommandStatus.ESME_RCANCELFAIL
    assert len(world.flow.live) == 1


def test_nobody_cancels_another_customer_s_message() -> None:
    accounts = {name: {"system_id": name, "password": "secret", "tariff": "standard"} for name in ("shop", "other")}
    world = World(settings(customers=accounts))
    told = world.submit(world.customer(), message()).message_id
    other = world.customer(b"other")
    assert world.submit(other, cancel(told)).command_status == CommandStatus.ESME_RCANCELFAIL
    by_address = cancel(destination_addr=DOCOMO_NUMBER)
    assert world.submit(other, by_address).command_status == CommandStatus.ESME_RCANCELFAIL

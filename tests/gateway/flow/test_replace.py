"""replace_sm: another text under the same id, before a segment leaves."""

from typing import Any

import pytest

from gateway.smpp.pdu import DeliverSm, ReplaceSm, SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, World, message, settings, text

SOURCE = b"0312345678"
NEW = "新しい".encode("utf_16_be")


def replace(message_id: bytes, **fields: Any) -> ReplaceSm:
    whole: dict[str, Any] = {"source_addr": SOURCE, "registered_delivery": 1, "short_message": NEW} | fields
    return ReplaceSm(message_id=message_id, **whole)


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize(("before", "after", "segments"), [(200, NEW, 1), (3, text(120), 2), (10, NEW, 1)])
def test_the_new_text_goes_and_only_that(crash: bool, before: int, after: bytes, segments: int) -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message(characters=before)).message_id
    assert world.submit(customer, replace(told, short_message=after)).command_status == CommandStatus.ESME_ROK
    if crash:
        world = world.crash()
        customer = world.customer()
    carrier = world.carrier(centre=Centre(receipts=True))
    sent = carrier.requests(SubmitSm)
    octets = b"".join(one.short_message[7 if segments > 1 else 0 :] for one in sent)
    assert (len(sent), octets) == (segments, after)
    (record,) = world.records
    assert (record.segments, record.units, record.outcome) == (segments, segments, "DELIVERED")
    (receipt,) = customer.requests(DeliverSm)
    assert b"id:%b " % told in receipt.short_message


def test_it_is_one_commit() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    world.commits_left = 0
    assert world.submit(customer, replace(told)) is None
    again = world.crash()
    (sent,) = again.carrier().requests(SubmitSm)
    assert sent.short_message == text(10)


def test_what_is_asked_of_the_receipt_and_the_validity_is_replaced() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message(validity_period=b"000000100000000R")).message_id
    (before,) = world.store.disk.messages.values()
    world.submit(customer, replace(told, registered_delivery=0))
    (kept,) = world.store.disk.messages.values()
    assert (kept.registered_delivery, kept.expires_at, kept.submitted_at) == (0, before.expires_at, before.submitted_at)
    world.now += 60
    world.submit(customer, replace(told, validity_period=b"000000010000000R"))
    (row,) = world.store.disk.messages.values()
    assert row.expires_at - row.submitted_at == 3_660_000
    world.advance(3_601)
    assert [one.outcome for one in world.records] == ["EXPIRED"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"source_addr": b"0399999999"}, CommandStatus.ESME_RINVSRCADR),
        ({"short_message": b""}, CommandStatus.ESME_RINVMSGLEN),
        ({"short_message": b"\xd8\0"}, CommandStatus.ESME_RINVDCS),
        ({"tlvs": ((0x0424, NEW),)}, CommandStatus.ESME_RINVMSGLEN),
        ({"short_message": b"", "tlvs": ((0x0424, text(661)),)}, CommandStatus.ESME_RINVMSGLEN),
        ({"schedule_delivery_time": b"tomorrow, please"}, CommandStatus.ESME_RINVSCHED),
        ({"validity_period": b"200101000000000+"}, CommandStatus.ESME_RINVEXPIRY),
        ({"sm_default_msg_id": 1}, CommandStatus.ESME_RINVDFTMSGID),
    ],
)
def test_a_refusal_leaves_the_message_as_it_was(fields: dict[str, Any], status: CommandStatus) -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    assert world.submit(customer, replace(told, **fields)).command_status == status
    (sent,) = world.carrier().requests(SubmitSm)
    assert sent.short_message == text(10)


def test_unknown_malformed_and_too_late() -> None:
    world = World()
    world.carrier()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    assert world.submit(customer, replace(told)).command_status == CommandStatus.ESME_RREPLACEFAIL
    assert world.submit(customer, replace(b"0" * 16)).command_status == CommandStatus.ESME_RREPLACEFAIL
    assert world.submit(customer, replace(b"")).command_status == CommandStatus.ESME_RINVMSGID


def test_a_message_of_parts_is_not_replaced() -> None:
    world = World()
    customer = world.customer()
    for number in (1, 2):
        part = message(esm_class=0x40, short_message=b"\x05\0\x03\x07\x02%c" % number + text(60))
        told = world.submit(customer, part).message_id
    assert world.submit(customer, replace(told)).command_status == CommandStatus.ESME_RREPLACEFAIL


def test_it_pays_like_a_new_one() -> None:
    throttle = {"segments_per_second": 1.0, "burst_segments": 3}
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "throttle": throttle}
    world = World(settings(customers={"shop": shop}))
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    assert world.submit(customer, replace(told, short_message=text(120))).command_status == CommandStatus.ESME_ROK
    assert world.submit(customer, replace(told)).command_status == CommandStatus.ESME_RTHROTTLED


def test_replaced_again_and_again_holds_no_reference_and_no_lane() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message(characters=120)).message_id
    for _ in range(700):
        world.submit(customer, replace(told, short_message=text(120)))
    assert len(world.flow.carriers["one"].lanes) <= 1024 + 4
    (sent, _) = world.carrier(centre=Centre(receipts=True)).requests(SubmitSm)
    assert sent.short_message[:2] == b"\x06\x08"
    assert len(world.flow.dispatcher._settler._references) == 0

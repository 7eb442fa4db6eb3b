"""A submit_sm: refused with the status that says why, or accepted once it is durable."""

from typing import Any

import pytest

from gateway.smpp.pdu import DataSm, DataSmResp, DeliverSm, SubmitSm
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import Centre, World, message, settings, text


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
        ({"schedule_delivery_time": b"tomorrow, please"}, CommandStatus.ESME_RINVSCHED),
        ({"sm_default_msg_id": 1}, CommandStatus.ESME_RINVDFTMSGID),
        ({"replace_if_present_flag": 2}, CommandStatus.ESME_RINVREPFLAG),
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


class TestDataSm:
    def test_a_message(self) -> None:
        world = World()
        carrier = world.carrier(centre=Centre(receipts=True))
        customer = world.customer()
        answer = world.submit(customer, data_sm(text(200)))
        assert type(answer) is DataSmResp
        assert (answer.command_status, len(answer.message_id)) == (CommandStatus.ESME_ROK, 16)
        assert len(carrier.requests(SubmitSm)) == 4
        (receipt,) = customer.requests(DeliverSm)
        assert b"id:%b " % answer.message_id in receipt.short_message

    def test_its_time_to_live_is_its_validity(self) -> None:
        world = World()
        world.submit(world.customer(), data_sm(text(3), (Tag.QOS_TIME_TO_LIVE, (90).to_bytes(4, "big"))))
        (row,) = world.store.disk.messages.values()
        assert row.expires_at - row.submitted_at == 90_000

    def test_parts_by_sar(self) -> None:
        world = World()
        customer = world.customer()
        for number in (1, 2):
            sar = [
                (Tag.SAR_MSG_REF_NUM, b"\0\7"),
                (Tag.SAR_TOTAL_SEGMENTS, b"\2"),
                (Tag.SAR_SEGMENT_SEQNUM, b"%c" % number),
            ]
            assert world.submit(customer, data_sm(text(50), *sar)).command_status == CommandStatus.ESME_ROK
        (row,) = world.store.disk.messages.values()
        assert row.characters == 100

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"tlvs": ()}, CommandStatus.ESME_RINVMSGLEN),
            ({"source_addr": b"1" * 21}, CommandStatus.ESME_RINVSRCADR),
            ({"destination_addr": b"-" * 54 + b"0903000000"}, CommandStatus.ESME_RINVDSTADR),
            ({"destination_addr": b"-" * 10 + b"09030000001"}, CommandStatus.ESME_RINVDSTADR),
            ({"tlvs": ((0x0424, text(3)), (Tag.QOS_TIME_TO_LIVE, b"\0" * 4))}, CommandStatus.ESME_RINVEXPIRY),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], status: CommandStatus) -> None:
        world = World()
        answer = world.submit(world.customer(), data_sm(text(3), **fields))
        assert type(answer) is DataSmResp
        assert (answer.command_status, answer.message_id) == (status, b"")


def data_sm(octets: bytes, *tlvs: tuple[int, bytes], **fields: Any) -> DataSm:
    whole: dict[str, Any] = {
        "source_addr": b"0312345678",
        "destination_addr": b"09030000001",
        "registered_delivery": 1,
        "data_coding": 8,
        "tlvs": ((0x0424, octets), *tlvs),
    } | fields
    return DataSm(**whole)


class TestReplaceIfPresent:
    def test_what_waits_gives_way_in_one_commit(self) -> None:
        world = World()
        customer = world.customer()
        old = world.submit(customer, message(characters=200)).message_id
        elsewhere = world.submit(customer, message(b"09030000002")).message_id
        new = world.submit(customer, message(replace_if_present_flag=1)).message_id
        assert [b"%016x" % one.message_id for one in world.records] == [old]
        assert world.records[0].outcome == "DELETED"
        assert {b"%016x" % one for one in world.store.disk.messages} == {elsewhere, new}

    def test_a_crash_before_the_commit_leaves_the_old_one(self) -> None:
        world = World()
        customer = world.customer()
        world.submit(customer, message())
        world.commits_left = 0
        assert world.submit(customer, message(replace_if_present_flag=1)) is None
        assert len(world.crash().flow.live) == 1
        assert world.records == []

    def test_nothing_waits(self) -> None:
        world = World()
        world.carrier()
        customer = world.customer()
        world.submit(customer, message())
        assert world.submit(customer, message(replace_if_present_flag=1)).command_status == CommandStatus.ESME_ROK
        assert world.records == []

    def test_a_refusal_takes_nothing_back(self) -> None:
        world = World()
        customer = world.customer()
        world.submit(customer, message())
        for refused in (
            message(replace_if_present_flag=1, characters=661),
            message(replace_if_present_flag=2),
            message(replace_if_present_flag=1, esm_class=0x40, short_message=b"\x05\0\x03\x07\x02\x01" + text(3)),
        ):
            assert world.submit(customer, refused).command_status != CommandStatus.ESME_ROK
        assert len(world.flow.live) == 1


def test_a_throttled_long_message_gives_its_reference_back() -> None:
    throttle = {"segments_per_second": 1.0, "burst_segments": 3}
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "throttle": throttle}
    world = World(settings(customers={"shop": shop}))
    customer = world.customer()
    world.submit(customer, message())
    assert world.submit(customer, message(characters=600)).command_status == CommandStatus.ESME_RTHROTTLED
    assert len(world.flow.settler._references) == 0

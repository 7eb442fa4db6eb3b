"""submit_multi: a message for each number, one id for all, a list of those that were refused."""

from typing import Any

from gateway.model.values import Address
from gateway.smpp.fields import Destination, DistributionList
from gateway.smpp.pdu import BindTransceiver, CancelSm, DeliverSm, QuerySm, SubmitMulti, SubmitSm
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import AU_NUMBER, DOCOMO_NUMBER, Centre, World, settings, text

SOURCE = b"0312345678"


def to(number: bytes) -> Address:
    return Address(1, 1, number)


def multi(*destinations: Destination, **fields: Any) -> SubmitMulti:
    whole: dict[str, Any] = {
        "source_addr": SOURCE,
        "dest_addresses": destinations,
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": text(10),
    } | fields
    return SubmitMulti(**whole)


def receipts(peer: Any) -> list[tuple[bytes, bytes]]:
    """The id and the number of each receipt."""
    return sorted((one.short_message[3:19], one.source_addr) for one in peer.requests(DeliverSm))


def test_each_number_gets_a_message_and_every_receipt_names_the_one_id() -> None:
    world = World()
    for key in ("one", "two"):
        world.carrier(key, centre=Centre(receipts=True))
    customer = world.customer()
    answer = world.submit(customer, multi(to(DOCOMO_NUMBER), to(AU_NUMBER)))
    assert (answer.command_status, answer.unsuccess_smes) == (CommandStatus.ESME_ROK, ())
    assert receipts(customer) == sorted([(answer.message_id, DOCOMO_NUMBER), (answer.message_id, AU_NUMBER)])
    assert [(one.outcome, one.charge_sen, one.carrier) for one in world.records] == [
        ("DELIVERED", 1000, "one"),
        ("DELIVERED", 1000, "two"),
    ]


def test_the_answer_comes_after_the_disk_and_is_lost_with_it() -> None:
    world = World()
    customer = world.customer()
    world.commits_left = 0
    assert world.submit(customer, multi(to(DOCOMO_NUMBER), to(AU_NUMBER))) is None
    assert not world.crash().flow.live


def test_the_one_id_survives_a_crash() -> None:
    world = World()
    answer = world.submit(world.customer(), multi(to(DOCOMO_NUMBER), to(AU_NUMBER)))
    again = world.crash()
    customer = again.customer()
    for key in ("one", "two"):
        again.carrier(key, centre=Centre(receipts=True))
    assert receipts(customer) == sorted([(answer.message_id, DOCOMO_NUMBER), (answer.message_id, AU_NUMBER)])


def test_those_that_are_refused_are_listed_and_the_others_go() -> None:
    world = World()
    answer = world.submit(
        world.customer(),
        multi(to(b"0312345678"), to(DOCOMO_NUMBER), DistributionList(b"friends"), to(b"07099000001")),
    )
    assert answer.command_status == CommandStatus.ESME_ROK
    assert answer.unsuccess_smes == (
        (to(b"0312345678"), CommandStatus.ESME_RINVDSTADR),
        (Address(0, 0, b"friends"), CommandStatus.ESME_RINVDLNAME),
        (to(b"07099000001"), CommandStatus.ESME_RINVDSTADR),
    )
    assert len(world.flow.live) == 1


def test_none_taken_for_one_reason() -> None:
    world = World()
    answer = world.submit(world.customer(), multi(DistributionList(b"a"), DistributionList(b"b")))
    assert answer.command_status == CommandStatus.ESME_RINVDLNAME
    assert len(answer.unsuccess_smes) == 2
    assert answer.tlv(Tag.ADDITIONAL_STATUS_INFO_TEXT)


def test_none_taken_for_several_reasons() -> None:
    world = World()
    answer = world.submit(world.customer(), multi(DistributionList(b"a"), to(b"0312345678")))
    assert answer.command_status == CommandStatus.ESME_RSUBMITFAIL
    assert [one.error_status_code for one in answer.unsuccess_smes] == [
        CommandStatus.ESME_RINVDLNAME,
        CommandStatus.ESME_RINVDSTADR,
    ]


def test_what_is_wrong_with_the_text_is_wrong_for_all() -> None:
    world = World()
    customer = world.customer()
    assert (
        world.submit(customer, multi(to(AU_NUMBER), short_message=b"")).command_status == CommandStatus.ESME_RINVMSGLEN
    )
    replacing = multi(to(AU_NUMBER), replace_if_present_flag=1)
    assert world.submit(customer, replacing).command_status == CommandStatus.ESME_RINVSUBREP
    stored = multi(to(AU_NUMBER), sm_default_msg_id=1)
    assert world.submit(customer, stored).command_status == CommandStatus.ESME_RINVDFTMSGID
    assert not world.flow.live


def test_a_number_that_is_listed_twice_gets_one_message() -> None:
    world = World()
    answer = world.submit(world.customer(), multi(to(DOCOMO_NUMBER), to(b"+819030000001"), to(DOCOMO_NUMBER)))
    assert (answer.command_status, answer.unsuccess_smes, len(world.flow.live)) == (0, (), 1)


def test_254_numbers_and_the_throttle() -> None:
    throttle = {"segments_per_second": 1.0, "burst_segments": 200}
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "throttle": throttle}
    world = World(settings(customers={"shop": shop}))
    numbers = [to(b"0903000%04d" % place) for place in range(254)]
    answer = world.submit(world.customer(), multi(*numbers))
    assert len(world.flow.live) == 200
    assert {one.error_status_code for one in answer.unsuccess_smes} == {CommandStatus.ESME_RTHROTTLED}
    assert len(answer.unsuccess_smes) == 54


def test_no_number_at_all() -> None:
    world = World()
    customer = world.customer()
    octets = bytearray(
        b"\0\0\0\0" + b"\0\0\0\x21" + b"\0\0\0\0" + b"\0\0\0\x63" + b"\0" * 3 + b"\0" + b"\0" + b"\0" * 12
    )
    octets[0:4] = len(octets).to_bytes(4, "big")
    link = world._pairs[0][0]
    link.handle(link.session.receive(bytes(octets), world.now))
    frame = link.session.take_output()
    assert int.from_bytes(frame[4:8], "big") == 0x8000_0021
    assert int.from_bytes(frame[8:12], "big") == CommandStatus.ESME_RINVNUMDESTS
    assert customer.answers() == []


def test_parts_to_many_numbers_are_joined_for_each() -> None:
    world = World()
    carriers = [world.carrier(key, centre=Centre(receipts=True)) for key in ("one", "two")]
    customer = world.customer()
    answers = [
        world.submit(
            customer,
            multi(
                to(DOCOMO_NUMBER),
                to(AU_NUMBER),
                esm_class=0x40,
                short_message=b"\x05\0\x03\x07\x02%c" % part + text(60),
            ),
        )
        for part in (1, 2)
    ]
    assert [one.command_status for one in answers] == [0, 0]
    assert [len(one.requests(SubmitSm)) for one in carriers] == [2, 2]
    ids = [one.message_id for one in answers]
    assert receipts(customer) == sorted((one, number) for one in ids for number in (DOCOMO_NUMBER, AU_NUMBER))
    assert len(world.records) == 2


def test_query_and_cancel_of_the_one_id() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, multi(to(DOCOMO_NUMBER), to(AU_NUMBER))).message_id
    one = CancelSm(message_id=told, source_addr=SOURCE, destination_addr=AU_NUMBER)
    assert world.submit(customer, one).command_status == 0
    assert world.submit(customer, QuerySm(message_id=told, source_addr=SOURCE)).message_state == 1
    assert world.submit(customer, CancelSm(message_id=told, source_addr=SOURCE)).command_status == 0
    assert world.submit(customer, QuerySm(message_id=told, source_addr=SOURCE)).message_state == 4
    assert [one.outcome for one in world.records] == ["DELETED", "DELETED"]


def test_a_peer_of_3_3_is_told_one_short_id_for_all() -> None:
    world = World()
    for key in ("one", "two"):
        world.carrier(key, centre=Centre(receipts=True))
    customer = world.customer(bind=BindTransceiver(system_id=b"shop", password=b"secret", interface_version=0x33))
    answer = world.submit(customer, multi(to(DOCOMO_NUMBER), to(AU_NUMBER)))
    assert answer.message_id == b"00000001"
    assert [one.short_message[:12] for one in customer.requests(DeliverSm)] == [b"id:00000001 "] * 2

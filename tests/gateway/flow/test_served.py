"""Each claim is true: every request, field and tag is sent through a whole gateway, from both sides."""

from functools import cache
from typing import Any, NamedTuple

import pytest

from gateway.flow.served import (
    FROM_CARRIER,
    FROM_CUSTOMER,
    IGNORED,
    SUBMIT_SM,
    TLVS_OF_SUBMIT_SM,
    How,
    Use,
)
from gateway.model.values import Address
from gateway.smpp import pdu as p
from gateway.smpp.codec import encode
from gateway.smpp.pdu import PDUS, RESPONSE_OF, GenericNack, Pdu, SubmitMulti, SubmitSm, fields_of, is_response
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import TYPES, Tag, write_value
from tests.gateway.flow.world import DOCOMO_NUMBER, Centre, World, message, receipt

REQUESTS = {cls for cls in PDUS.values() if not is_response(cls)}
VENDORS_TAG = 0x1499
SOURCE = b"0312345678"


class Seen(NamedTuple):
    """All that a submit_sm did: the answer, what the carrier got, what the customer got back."""

    status: int
    to_carrier: tuple[bytes, ...]
    to_customer: tuple[bytes, ...]


def sent(**fields: Any) -> Seen:
    world = World()
    carrier = world.carrier(centre=Centre(receipts=True))
    customer = world.customer()
    answer = world.submit(customer, message(**fields))
    return Seen(
        answer.command_status,
        tuple(encode(pdu) for pdu in carrier.requests(SubmitSm)),
        tuple(encode(pdu) for pdu in customer.requests(p.DeliverSm)),
    )


@cache
def plain() -> Seen:
    return sent()


OTHER_VALUES: dict[str, Any] = {
    "service_type": b"CMT",
    "source_addr_ton": 5,
    "source_addr_npi": 8,
    "source_addr": b"0399999999",
    "dest_addr_ton": 2,
    "dest_addr_npi": 8,
    "destination_addr": b"09030000002",
    "esm_class": 0x40,
    "protocol_id": 0x41,
    "priority_flag": 2,
    "schedule_delivery_time": b"000001000000000R",
    "validity_period": b"000000010000000R",
    "registered_delivery": 0,
    "replace_if_present_flag": 1,
    "data_coding": 0,
    "sm_default_msg_id": 1,
    "short_message": "べつの".encode("utf_16_be"),
}


def holds(use: Use, seen: Seen) -> None:
    """What was seen is what the use says, beside a message that has nothing special."""
    match use.how:
        case How.SUPPORTED:
            assert seen != plain()
        case How.IGNORED:
            assert seen == plain()
        case How.REFUSED:
            assert seen == Seen(use.status, (), ())


def test_a_message_that_has_nothing_special_arrives() -> None:
    assert plain().status == CommandStatus.ESME_ROK
    assert len(plain().to_carrier) == len(plain().to_customer) == 1


def test_every_field_is_classified() -> None:
    assert list(SUBMIT_SM) == [name for name, _ in fields_of(SubmitSm)] == list(OTHER_VALUES)


def test_replacing() -> None:
    """Alone it changes nothing, so it is tried on a message that waits."""
    world = World()
    customer = world.customer()
    for flag in (0, 1):
        assert world.submit(customer, message(replace_if_present_flag=flag)).command_status == CommandStatus.ESME_ROK
    assert len(world.carrier().requests(SubmitSm)) == 1
    assert world.submit(customer, message(replace_if_present_flag=2)).command_status == CommandStatus.ESME_RINVREPFLAG
    assert SUBMIT_SM["replace_if_present_flag"].how is How.SUPPORTED


@pytest.mark.parametrize("name", sorted(set(SUBMIT_SM) - {"replace_if_present_flag"}))
def test_a_field(name: str) -> None:
    holds(SUBMIT_SM[name], sent(**{"destination_addr": DOCOMO_NUMBER, name: OTHER_VALUES[name]}))


def value_of(tag: int) -> bytes:
    kind, least, _ = TYPES[tag]
    return bytes([1] * max(1, least)) if kind.value != "integer" else write_value(tag, 1)


ALONE = [*sorted(set(TYPES) - {Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM}), VENDORS_TAG]


@pytest.mark.parametrize("tag", ALONE, ids=hex)
def test_a_tag(tag: int) -> None:
    octets = value_of(tag) if tag in TYPES else b"any\0thing"
    holds(TLVS_OF_SUBMIT_SM.get(tag, IGNORED), sent(tlvs=((tag, octets),)))


def test_the_tags_of_a_part() -> None:
    part = ((Tag.SAR_MSG_REF_NUM, b"\0\7"), (Tag.SAR_TOTAL_SEGMENTS, b"\2"), (Tag.SAR_SEGMENT_SEQNUM, b"\1"))
    seen = sent(tlvs=part)
    for tag, _ in part:
        assert TLVS_OF_SUBMIT_SM[tag].how is How.SUPPORTED
    assert seen == Seen(CommandStatus.ESME_ROK, (), ())  # it waits for the other part


def request_of(cls: type[Pdu], message_id: bytes) -> Pdu:
    """One that can be granted: about a message that waits, where it is about one."""
    whole: dict[type[Pdu], Pdu] = {
        SubmitSm: message(),
        p.DeliverSm: receipt(b"1"),
        SubmitMulti: SubmitMulti(
            dest_addresses=(Address(1, 1, DOCOMO_NUMBER),), source_addr=SOURCE, data_coding=8, short_message=b"\0a"
        ),
        p.QuerySm: p.QuerySm(message_id=message_id, source_addr=SOURCE),
        p.CancelSm: p.CancelSm(message_id=message_id, source_addr=SOURCE),
        p.ReplaceSm: p.ReplaceSm(message_id=message_id, source_addr=SOURCE, short_message=b"\0a"),
        p.DataSm: p.DataSm(
            source_addr=SOURCE,
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=DOCOMO_NUMBER,
            data_coding=8,
            tlvs=((Tag.MESSAGE_PAYLOAD, b"\0a"),),
        ),
    }
    return whole.get(cls) or cls()


def answered(world: World, peer: Any, request: Pdu) -> list[Pdu]:
    """The answers to one request, whatever the session of the peer thinks of it."""
    before = len(peer.answers())
    peer.session.request(request, None, world.now)
    world.pump()
    return list(peer.answers()[before:])


def judged(use: Use, cls: type[Pdu], answers: list[Pdu], alive: bool) -> None:
    if use.how is How.REFUSED:
        (answer,) = answers
        assert answer.command_status == use.status
        nacked = cls not in RESPONSE_OF or use.note == "generic_nack"
        assert type(answer) is (GenericNack if nacked else RESPONSE_OF[cls])
        assert alive
    elif cls in RESPONSE_OF:
        (answer,) = answers
        assert type(answer) is RESPONSE_OF[cls]
        assert answer.command_status == CommandStatus.ESME_ROK
    else:
        assert answers == []
        assert alive


BINDS = (p.BindTransmitter, p.BindReceiver, p.BindTransceiver)


def test_every_request_is_classified() -> None:
    assert set(FROM_CUSTOMER) == set(FROM_CARRIER) == REQUESTS


@pytest.mark.parametrize("cls", [cls for cls in FROM_CUSTOMER if cls not in BINDS])
def test_a_request_of_a_customer(cls: type[Pdu]) -> None:
    world = World()
    customer = world.customer()
    waits = world.submit(customer, message()).message_id
    answers = answered(world, customer, request_of(cls, waits))
    judged(FROM_CUSTOMER[cls], cls, answers, not customer.session.closing)


@pytest.mark.parametrize("cls", BINDS)
def test_a_bind_of_a_customer(cls: type[Any]) -> None:
    assert FROM_CUSTOMER[cls].how is How.SUPPORTED
    customer = World().customer(bind=cls(system_id=b"shop", password=b"secret", interface_version=0x34))
    assert customer.session.state.value.startswith("bound")


@pytest.mark.parametrize("cls", list(FROM_CARRIER))
def test_a_request_of_a_carrier(cls: type[Pdu]) -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message())
    request = request_of(cls, b"1")
    if cls is p.DataSm:
        told = ((Tag.RECEIPTED_MESSAGE_ID, b"1\0"), (Tag.MESSAGE_STATE, b"\2"))
        request = p.DataSm(source_addr=DOCOMO_NUMBER, destination_addr=SOURCE, esm_class=4, tlvs=told)
    judged(FROM_CARRIER[cls], cls, answered(world, carrier, request), not carrier.session.closing)

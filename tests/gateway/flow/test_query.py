"""query_sm: alive, ended, another's, and of every kind of id."""

import pytest

from gateway.flow.query import error_code
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import BindTransceiver, QuerySm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, World, message, refuse, settings, text

SOURCE = b"0312345678"


def query(message_id: bytes, source: bytes = SOURCE) -> QuerySm:
    return QuerySm(message_id=message_id, source_addr=source)


def test_a_message_that_is_alive_is_enroute() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    answer = world.submit(customer, query(told))
    assert (answer.command_status, answer.message_id) == (0, told)
    assert (answer.message_state, answer.final_date, answer.error_code) == (MessageState.ENROUTE, b"", 0)


@pytest.mark.parametrize("crash", [False, True])
def test_a_message_that_ended_tells_how_and_when(crash: bool) -> None:
    world = World()
    world.carrier(centre=Centre(receipts=True))
    told = world.submit(world.customer(), message()).message_id
    world = world.crash() if crash else world
    answer = world.submit(world.customer(), query(told.upper()))
    assert answer.message_state == MessageState.DELIVERED
    assert answer.final_date == b"261124091640036+"  # 1,000 s after midnight UTC
    assert answer.error_code == 0


def test_the_carrier_s_refusal_is_the_error_code() -> None:
    world = World()
    world.carrier().answer = refuse(0x0B)
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    answer = world.submit(customer, query(told))
    assert (answer.message_state, answer.error_code) == (MessageState.REJECTED, 0x0B)


def test_a_message_that_ends_in_the_same_turn_is_answered_from_the_disk() -> None:
    world = World()
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    (one,) = world.flow.live.told("shop", int(told, 16))
    carrier = world.flow.carriers["one"]
    world.now = one.expires + carrier.receipt_margin_seconds
    world.flow.settler.expire(world.flow.carriers)  # written, not durable
    assert world.submit(customer, query(told)).message_state == MessageState.EXPIRED


@pytest.mark.parametrize("ended", [False, True])
def test_the_sender_must_be_the_message_s(ended: bool) -> None:
    world = World()
    if ended:
        world.carrier(centre=Centre(receipts=True))
    customer = world.customer()
    told = world.submit(customer, message()).message_id
    assert world.submit(customer, query(told, b"0399999999")).command_status == CommandStatus.ESME_RINVSRCADR
    assert world.submit(customer, query(told, b"")).command_status == CommandStatus.ESME_RINVSRCADR


@pytest.mark.parametrize("ended", [False, True])
def test_nobody_learns_of_another_customer_s_messages(ended: bool) -> None:
    accounts = {name: {"system_id": name, "password": "secret", "tariff": "standard"} for name in ("shop", "other")}
    world = World(settings(customers=accounts))
    if ended:
        world.carrier(centre=Centre(receipts=True))
    told = world.submit(world.customer(), message()).message_id
    assert world.submit(world.customer(b"other"), query(told)).command_status == CommandStatus.ESME_RQUERYFAIL


@pytest.mark.parametrize(
    ("message_id", "status"),
    [
        (b"", CommandStatus.ESME_RINVMSGID),
        (b"no id", CommandStatus.ESME_RINVMSGID),
        (b"f" * 64, CommandStatus.ESME_RINVMSGID),
        (b"0" * 16, CommandStatus.ESME_RQUERYFAIL),
        (b"0" * 8, CommandStatus.ESME_RQUERYFAIL),
        (b"7" + b"f" * 15, CommandStatus.ESME_RQUERYFAIL),
    ],
)
def test_ids_that_nobody_was_told(message_id: bytes, status: CommandStatus) -> None:
    world = World()
    assert world.submit(world.customer(), query(message_id)).command_status == status


def test_parts_wait_join_and_end() -> None:
    world = World()
    customer = world.customer()
    parts = [message(esm_class=0x40, short_message=b"\x05\0\x03\x07\x02%c" % number + text(60)) for number in (1, 2)]
    first = world.submit(customer, parts[0]).message_id
    assert world.submit(customer, query(first)).message_state == MessageState.ENROUTE
    second = world.submit(customer, parts[1]).message_id
    for told in (first, second):
        assert world.submit(customer, query(told)).message_state == MessageState.ENROUTE
    world.carrier(centre=Centre(receipts=True))
    for told in (first, second):
        assert world.submit(customer, query(told)).message_state == MessageState.DELIVERED


@pytest.mark.parametrize("crash", [False, True])
def test_a_peer_of_3_3_asks_by_its_short_id(crash: bool) -> None:
    world = World()
    old = BindTransceiver(system_id=b"shop", password=b"secret", interface_version=0x33)
    told = world.submit(world.customer(bind=old), message()).message_id
    assert told == b"00000001"
    world = world.crash() if crash else world
    customer = world.customer(bind=old)
    assert world.submit(customer, query(told)).message_state == MessageState.ENROUTE
    world.carrier(centre=Centre(receipts=True))
    assert world.submit(customer, query(told)).message_state == MessageState.DELIVERED


@pytest.mark.parametrize(
    ("error", "octet"),
    [
        ("000", 0), ("007", 7), ("254", 254), ("256", 255), ("0000000b", 11), ("00000400", 255), ("NoRoute!", 255),
        ("abc", 255), ("-1", 255), ("\uff11", 255),
    ],
)  # fmt: skip
def test_error_codes(error: str, octet: int) -> None:
    assert error_code(error) == octet

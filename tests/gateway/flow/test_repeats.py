"""The same reference to the same number within the window is one message, whatever happens in between."""

from typing import Any

from gateway.flow.repeats import Repeats
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import Centre, World, message, settings

NOW = 1_795_478_400_000
ONE = (Tag.USER_MESSAGE_REFERENCE, b"\x00\x01")
TWO = (Tag.USER_MESSAGE_REFERENCE, b"\x00\x02")


def world(**repeats: Any) -> World:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "repeats": repeats}
    return World(settings(customers={"shop": shop}))


def test_a_message_submitted_again_gets_the_first_id_and_goes_once() -> None:
    one = world()
    customer, carrier = one.customer(), one.carrier(centre=Centre(receipts=True))
    first = one.submit(customer, message(tlvs=(ONE,)))
    again = one.submit(customer, message(tlvs=(ONE,)))
    other = one.submit(customer, message(tlvs=(TWO,)))
    assert again.message_id == first.message_id != other.message_id
    assert len(carrier.requests(SubmitSm)) == len(one.records) == 2
    assert one.flow.accounts["shop"].counts.repeated == 1


def test_another_number_or_no_reference_is_another_message() -> None:
    one = world()
    customer = one.customer()
    ids = [
        one.submit(customer, pdu).message_id
        for pdu in (message(tlvs=(ONE,)), message(b"09030000002", tlvs=(ONE,)), message(), message())
    ]
    assert len(set(ids)) == 4


def test_it_is_remembered_across_a_crash_and_forgotten_after_the_window() -> None:
    one = world(window_hours=1.0)
    first = one.submit(one.customer(), message(tlvs=(ONE,)))
    after = one.crash()
    customer = after.customer()
    assert after.submit(customer, message(tlvs=(ONE,))).message_id == first.message_id
    after.advance(3_600)
    assert after.store.disk.kept == {}
    assert after.submit(customer, message(tlvs=(ONE,))).message_id != first.message_id


def test_a_message_that_was_refused_is_not_remembered() -> None:
    one = world()
    customer = one.customer()
    assert one.submit(customer, message(tlvs=(ONE,), characters=0)).command_status != 0
    assert one.submit(customer, message(tlvs=(ONE,))).command_status == 0
    assert one.flow.accounts["shop"].counts.repeated == 0


def test_a_repetition_is_not_answered_before_the_first_is_durable() -> None:
    one = world()
    customer = one.customer()
    one.commits_left = 0
    assert one.submit(customer, message(tlvs=(ONE,))) is None
    assert one.submit(customer, message(tlvs=(ONE,))) is None
    one.commits_left = None
    one.pump()
    ids = {answer.message_id for answer in customer.answers() if hasattr(answer, "message_id")}
    assert len(ids) == 1


def test_an_account_that_did_not_ask_sends_two() -> None:
    one = World()
    customer = one.customer()
    assert len({one.submit(customer, message(tlvs=(ONE,))).message_id for _ in range(2)}) == 2


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    repeats = Repeats(Tag.USER_MESSAGE_REFERENCE, 3_600.0, most=2)
    for number in range(3):
        pdu = message(tlvs=((Tag.USER_MESSAGE_REFERENCE, bytes((0, number))),))
        assert repeats.remember("shop", pdu, b"819030000001", number + 1, NOW) is not None
    (dropped,) = repeats.expire("shop", NOW)
    assert dropped.key.endswith(b"\0\0\0")
    assert len(repeats) == 2
    assert repeats.first(message(tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\0\2"),)), b"819030000001", NOW) == 3

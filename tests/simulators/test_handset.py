"""What phones send: in parts that join again, scripted by time and in answer to what was read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from simulators import phone, wire
from simulators.config import SmscConfig
from simulators.handset import Script, pieces
from simulators.smsc import Session, Smsc

AT = {"source": "819012345678", "destination": "05012345678", "at_seconds": 5.0}


def script(text: str, **more: Any) -> Script:
    return Script.model_validate({"text": text} | AT | more)


@given(
    st.text(st.characters(codec="utf-16-be"), min_size=1, max_size=500),
    st.integers(16, 140),
    st.sampled_from([8, 16]),
    st.booleans(),
)
def test_parts_join_again(text: str, octets: int, bits: int, reverse: bool) -> None:
    found = pieces(script(text, octets=octets, reference_bits=bits, reversed_parts=reverse), 0x1234)
    assert all(len(one.octets) <= octets for one in found)
    if len(found) == 1:
        assert found[0].octets.decode("utf_16_be") == text
        return
    parts = [phone.split_header(one.octets) for one in found]
    assert {part.total for part in parts if part} == {len(found)}
    assert {part.reference for part in parts if part} == {0x34 if bits == 8 else 0x1234}
    numbers = [part.number for part in parts if part]
    assert numbers == sorted(numbers, reverse=reverse)
    joined = b"".join(part.octets for part in (parts[::-1] if reverse else parts) if part)
    assert joined.decode("utf_16_be") == text


def test_whole_in_message_payload() -> None:
    (one,) = pieces(script("長い" * 200, in_payload=True), 1)
    assert (one.esm_class, one.octets) == (0, b"")
    assert wire.parse_tlvs(one.tlvs)[wire.MESSAGE_PAYLOAD].decode("utf_16_be") == "長い" * 200


def smsc(*phones: dict[str, Any]) -> tuple[Smsc, Session]:
    config = SmscConfig.model_validate(
        {"port": 0, "system_id": "gateway", "password": "pw", "phones": phones, "receipts": {"delay_seconds": 100.0}}
    )
    one = Smsc("one", config, 1, lambda: datetime(2026, 11, 24, tzinfo=UTC))
    one.tick(1_000.0)
    session = one.connect()
    one.receive(session, wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"pw"), 1_000.0)
    session.out.clear()
    return one, session


def heard(session: Session) -> list[wire.Sm]:
    return [wire.parse_sm(pdu) for pdu in wire.frames(session.out)[0] if wire.header(pdu).command == wire.DELIVER_SM]


def test_a_phone_writes_at_its_time_again_and_again() -> None:
    one, session = smsc({"text": "停止", "times": 3, "every_seconds": 10.0} | AT)
    times = []
    while (due := one.due) is not None:
        one.tick(due)
        times += [due] * len(heard(session))
    assert times == [1_005.0, 1_015.0, 1_025.0]
    assert one.owing == 3  # nobody acknowledged


def test_what_nobody_takes_waits_for_a_bind() -> None:
    one, session = smsc({"text": "停止"} | AT)
    one.disconnect(session)
    one.tick(1_005.0)
    again = one.connect()
    one.receive(again, wire.bind(wire.BIND_RECEIVER, 1, b"gateway", b"pw"), 1_010.0)
    (sm,) = heard(again)
    assert (sm.source, sm.destination) == (b"819012345678", b"05012345678")
    assert (sm.esm_class, sm.short_message.decode("utf_16_be")) == (0, "停止")


def test_a_phone_answers_what_it_reads_and_nothing_else() -> None:
    one, session = smsc({"text": "停止", "answers_destination": "1$", "answers_text": "配信", "after_seconds": 2.0})
    for to, text in ((b"8191", "配信のお知らせ"), (b"8192", "配信のお知らせ"), (b"8191", "別の")):
        one.receive(session, wire.submit_sm(2, b"0501", to, text.encode("utf_16_be")), 1_010.0)
    one.tick(1_012.0)
    (sm,) = heard(session)
    assert (sm.source, sm.destination) == (b"8191", b"0501")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"at_seconds": None}, "needs either"),
        ({"answers_text": "x"}, "needs either"),
        ({"source": None}, "needs `source` and `destination`"),
        ({"at_seconds": None, "answers_text": "x"}, "from the phone to the sender"),
        ({"at_seconds": None, "source": None, "destination": None, "answers_text": "x", "times": 2}, "comes once"),
        ({"in_payload": True, "octets": 100}, "has no parts"),
        ({"text": "長" * 2_000, "octets": 16}, "too long"),
        ({"source": "A"}, "pattern"),
    ],
)
def test_a_mistake_has_a_sentence(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Script.model_validate({"text": "x"} | AT | change)

"""A message centre without sockets: who may what, what is taken, and receipts that are kept until acknowledged."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from simulators import wire
from simulators.characters import Character
from simulators.config import SmscConfig
from simulators.phone import Segment
from simulators.smsc import Session, Smsc

TEXT = "保険料のお支払い".encode("utf_16_be")
BIND = wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"pw", b"VMA")
UDH8 = b"\x05\x00\x03\x07\x02\x01"
UDH16 = b"\x06\x08\x04\x00\x07\x02\x01"


class Peer:
    """One connection to the SMSC under test, driven by hand."""

    def __init__(self, smsc: Smsc, bind: bytes | None = BIND) -> None:
        self.smsc = smsc
        self.session: Session = smsc.connect()
        if bind is not None:
            (resp,) = self.say(bind)
            assert wire.header(resp).status == 0

    def say(self, octets: bytes, now: float = 0.0) -> list[bytes]:
        self.smsc.receive(self.session, octets, now)
        return self.hear()

    def hear(self) -> list[bytes]:
        pdus, sound = wire.frames(self.session.out)
        assert sound
        assert not self.session.out
        return pdus

    def leave(self) -> None:
        self.smsc.disconnect(self.session)


def smsc(record: list[Segment] | None = None, seed: int = 1, **settings: Any) -> Smsc:
    config = SmscConfig.model_validate(
        {"port": 0, "system_id": "gateway", "password": "pw", "system_type": "VMA"} | settings
    )
    add = (lambda _: None) if record is None else record.append
    return Smsc("docomo", config, seed, lambda: datetime(2026, 11, 24, 20, 15, tzinfo=UTC), add)


def submit(sequence: int = 2, to: bytes = b"819030000001", text: bytes = TEXT, **more: Any) -> bytes:
    return wire.submit_sm(sequence, b"INSURER", to, text, **more)


def statuses(pdus: list[bytes]) -> list[tuple[int, int, int]]:
    return [wire.header(pdu)[1:] for pdu in pdus]


def receipts(pdus: list[bytes]) -> Iterator[tuple[int, wire.Sm]]:
    for pdu in pdus:
        assert wire.header(pdu).command == wire.DELIVER_SM
        yield wire.header(pdu).sequence, wire.parse_sm(pdu)


@pytest.mark.parametrize(
    ("bind", "status"),
    [
        (wire.bind(wire.BIND_TRANSCEIVER, 1, b"other", b"pw", b"VMA"), wire.ESME_RINVSYSID),
        (wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"wrong", b"VMA"), wire.ESME_RINVPASWD),
        (wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"pw"), wire.ESME_RINVSYSTYP),
        (wire.pdu(wire.BIND_TRANSCEIVER, 0, 1, b"gateway\0pw\0VMA\0"), wire.ESME_RINVCMDLEN),
    ],
)
def test_who_does_not_say_who_it_is_is_refused(bind: bytes, status: int) -> None:
    peer = Peer(smsc(), None)
    assert statuses(peer.say(bind)) == [(wire.RESPONSE | wire.BIND_TRANSCEIVER, status, 1)]
    assert statuses(peer.say(submit())) == [(wire.SUBMIT_SM_RESP, wire.ESME_RINVBNDSTS, 2)]
    assert statuses(peer.say(BIND)) == [(wire.RESPONSE | wire.BIND_TRANSCEIVER, 0, 1)]


def test_states_are_kept() -> None:
    peer = Peer(smsc(), None)
    assert statuses(peer.say(wire.enquire_link(9))) == [(wire.ENQUIRE_LINK_RESP, 0, 9)]
    peer.say(wire.bind(wire.BIND_RECEIVER, 1, b"gateway", b"pw", b"VMA"))
    assert statuses(peer.say(submit())) == [(wire.SUBMIT_SM_RESP, wire.ESME_RINVBNDSTS, 2)]
    assert statuses(peer.say(BIND)) == [(wire.RESPONSE | wire.BIND_TRANSCEIVER, wire.ESME_RALYBND, 1)]
    assert statuses(peer.say(wire.unbind(3) + wire.enquire_link(4))) == [(wire.UNBIND_RESP, 0, 3)]
    assert peer.session.closing


@pytest.mark.parametrize("step", [1, 7, 64, 10_000])
def test_split_writes_are_one_conversation(step: int) -> None:
    peer = Peer(smsc(), None)
    stream = BIND + submit(2) + wire.enquire_link(3) + submit(4)
    heard = [pdu for at in range(0, len(stream), step) for pdu in peer.say(stream[at : at + step])]
    assert [wire.header(pdu).sequence for pdu in heard] == [1, 2, 3, 4]


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", bytes(4), b"\0\0\0\x0f", b"\xff" * 4])
def test_garbage_gets_a_generic_nack_and_the_end(garbage: bytes) -> None:
    peer = Peer(smsc())
    assert statuses(peer.say(submit(2) + garbage)) == [
        (wire.SUBMIT_SM_RESP, 0, 2),
        (wire.GENERIC_NACK, wire.ESME_RINVCMDLEN, 0),
    ]
    assert peer.session.closing


def test_what_is_no_command_gets_a_generic_nack_and_no_more() -> None:
    peer = Peer(smsc())
    broken = wire.pdu(wire.SUBMIT_SM, 0, 5, b"\0\x01\x01INSURER")
    assert statuses(peer.say(wire.pdu(0x0F0F, 0, 4) + broken + wire.pdu(0x8000_0F0F, 0, 6))) == [
        (wire.GENERIC_NACK, wire.ESME_RINVCMDID, 4),
        (wire.GENERIC_NACK, wire.ESME_RINVCMDLEN, 5),
    ]
    assert not peer.session.closing


def test_a_link_can_be_left_unanswered() -> None:
    assert Peer(smsc(answers_enquire_link=False)).say(wire.enquire_link(9)) == []


@pytest.mark.parametrize(
    ("takes", "text", "esm_class", "status"),
    [
        ("udh8", bytes(140), 0, 0),
        ("udh8", bytes(142), 0, wire.ESME_RINVMSGLEN),
        ("udh8", bytes(1_320), 0, wire.ESME_RINVMSGLEN),
        ("udh8", UDH8 + bytes(134), 0x40, 0),
        ("udh8", UDH8 + bytes(135), 0x40, wire.ESME_RINVMSGLEN),
        ("udh8", UDH16 + bytes(132), 0x40, wire.ESME_RINVESMCLASS),
        ("udh16", UDH16 + bytes(132), 0x40, 0),
        ("udh16", UDH8 + bytes(134), 0x40, wire.ESME_RINVESMCLASS),
        ("udh16", b"\x09\x00\x03", 0x40, wire.ESME_RINVESMCLASS),
        ("payload", bytes(1_320), 0, 0),
        ("payload", bytes(1_322), 0, wire.ESME_RINVMSGLEN),
        ("payload", UDH8 + bytes(134), 0x40, wire.ESME_RINVESMCLASS),
        ("anything", UDH16 + bytes(132), 0x40, 0),
        ("anything", bytes(2_000), 0, 0),
        ("anything", b"", 0, wire.ESME_RINVMSGLEN),
    ],
)
def test_a_carrier_takes_text_its_own_way(takes: str, text: bytes, esm_class: int, status: int) -> None:
    peer = Peer(smsc(takes=takes))
    assert statuses(peer.say(submit(text=text, esm_class=esm_class))) == [(wire.SUBMIT_SM_RESP, status, 2)]


def test_a_short_text_in_message_payload_is_refused_where_parts_are_wanted() -> None:
    pdu = submit(text=b"", tlvs=wire.tlv(wire.MESSAGE_PAYLOAD, TEXT))
    assert wire.header(Peer(smsc(takes="udh8")).say(pdu)[0]).status == wire.ESME_ROPTPARNOTALLWD
    assert wire.header(Peer(smsc(takes="payload")).say(pdu)[0]).status == 0


def test_a_destination_of_letters_is_refused() -> None:
    assert statuses(Peer(smsc()).say(submit(to=b"+81903"))) == [(wire.SUBMIT_SM_RESP, wire.ESME_RINVDSTADR, 2)]


@pytest.mark.parametrize("form", ["text_and_tlvs", "text", "tlvs"])
def test_a_receipt_comes_when_it_is_due_in_its_carriers_form(form: str) -> None:
    one = smsc(
        receipts={"form": form, "delay_seconds": 2.0},
        id_in_response={"radix": "hex"},
        id_in_receipt={"radix": "decimal", "width": 12},
    )
    peer = Peer(one)
    (resp,) = peer.say(submit(), now=10.0)
    number = int(wire.parse_id(resp), 16)
    assert one.tick(11.9) == one.due == 12.0
    assert peer.hear() == []
    assert one.tick(12.0) is None
    ((_, sm),) = receipts(peer.hear())
    assert (sm.source, sm.destination, sm.esm_class) == (b"819030000001", b"INSURER", wire.ESM_RECEIPT)
    assert (sm.source_ton, sm.destination_ton) == (wire.TON_INTERNATIONAL, wire.TON_ALPHANUMERIC)
    written = b"%012d" % number
    tlvs = {} if form == "text" else {wire.RECEIPTED_MESSAGE_ID: written + b"\0", wire.MESSAGE_STATE: b"\x02"}
    assert wire.parse_tlvs(sm.tlvs) == tlvs
    assert sm.short_message.startswith(b"" if form == "tlvs" else b"id:%b sub:001 dlvrd:001" % written)
    assert bool(sm.short_message) == (form != "tlvs")


def test_only_the_receipts_that_were_asked_for_come() -> None:
    one = smsc(receipts={"delay_seconds": 0.0}, outcomes=[{"destination": "9$", "stat": "UNDELIV", "err": "001"}])
    peer = Peer(one)
    for asked in (0, 1, 2, 3):
        for to in (b"810", b"819"):
            peer.say(submit(to=to, registered_delivery=asked))
    one.tick(1.0)
    assert [sm.source for _, sm in receipts(peer.hear())] == [b"810", b"819", b"819", b"810"]


def test_outcomes_follow_destination_and_text_and_the_first_decides() -> None:
    seen: list[Segment] = []
    one = smsc(
        seen,
        outcomes=[
            {"destination": "13$", "stat": "UNDELIV", "err": "001"},
            {"destination": "^8170", "text": "拒否", "status": wire.ESME_RSUBMITFAIL},
            {"text": "期限", "stat": "EXPIRED"},
        ],
    )
    peer = Peer(one)
    told = [
        wire.header(peer.say(submit(to=to, text=text.encode("utf_16_be")))[0]).status
        for to, text in ((b"8113", "期限"), (b"8170", "拒否"), (b"8190", "拒否"), (b"8190", "期限"))
    ]
    assert told == [0, wire.ESME_RSUBMITFAIL, 0, 0]
    assert [one.stat for one in seen] == ["UNDELIV", "", "DELIVRD", "EXPIRED"]
    assert [one.status for one in seen] == [0, wire.ESME_RSUBMITFAIL, 0, 0]
    assert (seen[1].message_id, seen[1].octets.decode("utf_16_be")) == ("", "拒否")


def test_text_of_a_part_is_matched_without_its_header() -> None:
    seen: list[Segment] = []
    peer = Peer(smsc(seen, outcomes=[{"text": "^保険", "stat": "REJECTD"}]))
    peer.say(submit(text=UDH8 + TEXT, esm_class=0x40) + submit(text=TEXT))
    assert [(one.udhi, one.stat) for one in seen] == [(True, "REJECTD"), (False, "REJECTD")]


def test_too_fast_is_throttled_by_the_second() -> None:
    peer = Peer(smsc(most_per_second=3))
    told = [wire.header(peer.say(submit(), now)[0]).status for now in (0.0, 0.1, 0.2, 0.3, 0.99, 1.0, 1.0, 1.0, 1.99)]
    slow = wire.ESME_RTHROTTLED
    assert told == [0, 0, 0, slow, slow, 0, 0, 0, slow]


def test_receipts_keep_to_the_window_until_they_are_acknowledged() -> None:
    one = smsc(receipts={"window": 2, "delay_seconds": 0.0})
    peer = Peer(one)
    for sequence in range(2, 7):
        peer.say(submit(sequence))
    one.tick(0.0)
    first, second = (sequence for sequence, _ in receipts(peer.hear()))
    assert one.owing == 5
    assert peer.say(wire.deliver_sm_resp(99)) == []
    ((third, _),) = receipts(peer.say(wire.deliver_sm_resp(second)))
    assert peer.say(wire.deliver_sm_resp(second)) == []
    left = peer.say(wire.deliver_sm_resp(first) + wire.deliver_sm_resp(third))
    assert len(left) == 2
    for sequence, _ in receipts(left):
        assert peer.say(wire.deliver_sm_resp(sequence)) == []
    assert one.owing == 0


def test_a_refused_receipt_comes_again() -> None:
    one = smsc(receipts={"delay_seconds": 0.0, "again_seconds": 3.0})
    peer = Peer(one)
    peer.say(submit())
    one.tick(0.0)
    ((sequence, before),) = receipts(peer.hear())
    assert peer.say(wire.deliver_sm_resp(sequence, wire.ESME_RX_T_APPN), now=1.0) == []
    assert one.tick(3.9) == 4.0
    assert one.tick(4.0) is None
    ((again, after),) = receipts(peer.hear())
    assert after == before
    assert again != sequence
    peer.say(wire.deliver_sm_resp(again))
    assert one.owing == 0


def test_what_a_lost_session_was_owed_waits_for_the_next_bind_in_order() -> None:
    one = smsc(receipts={"window": 2, "delay_seconds": 0.0})
    peer = Peer(one)
    ids = [wire.parse_id(peer.say(submit(sequence))[0]) for sequence in range(2, 6)]
    one.tick(0.0)
    assert len(peer.hear()) == 2
    peer.leave()
    assert one.owing == 4
    transmitter = Peer(one, wire.bind(wire.BIND_TRANSMITTER, 1, b"gateway", b"pw", b"VMA"))
    assert transmitter.hear() == []
    back = Peer(one, None)
    heard = back.say(BIND)[1:]
    while len(heard) < 4:
        more = [back.say(wire.deliver_sm_resp(wire.header(pdu).sequence)) for pdu in heard[-2:]]
        heard += [pdu for pdus in more for pdu in pdus]
    assert [sm.short_message.split()[0] for _, sm in receipts(heard)] == [b"id:" + one for one in ids]


def test_a_receipt_that_falls_due_after_its_session_went_finds_the_next() -> None:
    one = smsc(receipts={"delay_seconds": 5.0})
    first = Peer(one)
    first.say(submit())
    first.leave()
    second = Peer(one)
    one.tick(5.0)
    ((sequence, _),) = receipts(second.hear())
    second.say(wire.deliver_sm_resp(sequence))
    assert one.owing == 0


def test_receipts_go_to_the_session_that_submitted_else_to_any_that_receives() -> None:
    one = smsc(receipts={"delay_seconds": 0.0})
    receiver = Peer(one, wire.bind(wire.BIND_RECEIVER, 1, b"gateway", b"pw", b"VMA"))
    transmitter = Peer(one, wire.bind(wire.BIND_TRANSMITTER, 1, b"gateway", b"pw", b"VMA"))
    transceiver = Peer(one)
    transmitter.say(submit(to=b"811"))
    transceiver.say(submit(to=b"812"))
    one.tick(0.0)
    assert [sm.source for _, sm in receipts(receiver.hear())] == [b"811"]
    assert [sm.source for _, sm in receipts(transceiver.hear())] == [b"812"]
    assert transmitter.hear() == []


def test_a_receipt_overtakes_nothing_that_unbound() -> None:
    one = smsc(receipts={"delay_seconds": 1.0})
    peer = Peer(one)
    peer.say(submit())
    peer.say(wire.unbind(3))
    one.tick(1.0)
    assert peer.hear() == []
    assert one.owing == 1


def test_no_more_receipts_are_promised_than_can_be_kept() -> None:
    one = smsc(receipts={"most_waiting": 2})
    peer = Peer(one)
    assert [wire.header(peer.say(submit())[0]).status for _ in range(3)] == [0, 0, wire.ESME_RMSGQFUL]


def test_one_seed_is_one_history() -> None:
    def history(seed: int) -> list[bytes]:
        one = smsc(seed=seed, receipts={"jitter_seconds": 5.0})
        peer = Peer(one)
        heard = [pdu for sequence in range(2, 22) for pdu in peer.say(submit(sequence))]
        while (due := one.due) is not None:
            one.tick(due)
            heard += peer.hear()
        return heard

    assert history(1) == history(1)
    assert history(1) != history(2)


def test_others_play_from_the_moment_when_they_are_cast() -> None:
    silent: TypeAdapter[tuple[Character, ...]] = TypeAdapter(tuple[Character, ...])
    one = smsc(receipts={"delay_seconds": 0.0})
    peer = Peer(one)
    peer.say(submit(2))
    one.tick(0.0)
    assert len(list(receipts(peer.hear()))) == 1
    one.recast(silent.validate_python([{"kind": "silent", "about": "receipt"}]))
    assert statuses(peer.say(submit(3)))[0][1] == wire.ESME_ROK
    one.tick(1.0)
    assert peer.hear() == []
    one.recast(())
    peer.say(submit(4), 2.0)
    one.tick(2.0)
    assert len(list(receipts(peer.hear()))) == 1

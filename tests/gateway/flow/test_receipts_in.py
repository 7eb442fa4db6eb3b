"""Receipts of carriers: early, unknown, repeated, intermediate, on another bind; acknowledged once durable."""

import orjson
import pytest
import structlog

from gateway.flow.receipts_in import LATE, MOST_EARLY, error_of
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.receipt import Receipt, read_receipt
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import DOCOMO_NUMBER, World, message, profile, receipt, settings, silent


def test_a_receipt_before_its_response() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    customer = world.customer()
    world.submit(customer, message())
    carrier.session.request(receipt(b"10"), None, world.now)  # decimal in the receipt
    world.pump()
    assert len(world.store.disk.early) == 1
    assert [answer.command_status for answer in carrier.answers()] == [CommandStatus.ESME_ROK]
    (sent,) = carrier.requests(SubmitSm)
    carrier.session.submit_sm_resp(sent.sequence_number, CommandStatus.ESME_ROK, b"0A")  # hexadecimal in the response
    world.pump()
    assert [record.outcome for record in world.records] == ["DELIVERED"]
    assert len(customer.requests(DeliverSm)) == 1
    assert world.store.disk.early == {}


def test_of_early_receipts_the_first_stands_too() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    for stat in (b"DELIVRD", b"UNDELIV", b"DELIVRD"):
        carrier.session.request(receipt(b"10", stat), None, world.now)
        world.pump()
    assert len(carrier.answers()) == 3
    (sent,) = carrier.requests(SubmitSm)
    carrier.session.submit_sm_resp(sent.sequence_number, CommandStatus.ESME_ROK, b"0A")
    world.pump()
    assert [record.outcome for record in world.records] == ["DELIVERED"]
    assert world.flow.carriers["one"].counts.receipts_repeated == 2


def test_an_early_receipt_survives_a_crash() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    after = world.crash()
    assert len(after.flow.carriers["one"].early) == 1
    assert after.flow.recovery.early_receipts == 1


def test_an_early_receipt_waits_no_longer_than_it_should() -> None:
    world = World()
    carrier = world.carrier()
    carrier.session.request(receipt(b"999"), None, world.now)
    world.pump()
    world.advance(59.0)
    assert len(world.store.disk.early) == 1
    world.advance(2.0)
    assert world.store.disk.early == {}
    assert world.flow.carriers["one"].counts.receipts_unknown == 1


def test_the_bench_is_bounded() -> None:
    world = World()
    carrier = world.carrier()
    world.flow.carriers["one"].early.update({b"%d" % number: None for number in range(MOST_EARLY)})  # type: ignore[misc]
    carrier.session.request(receipt(b"5555555"), None, world.now)
    world.pump()
    assert world.store.disk.early == {}
    assert world.flow.carriers["one"].counts.receipts_unknown == 1


def test_the_acknowledgement_comes_after_the_disk() -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message())
    carrier.session.request(receipt(b"1"), None, world.now)
    for _ in range(3):
        world._octets()
        world.flow.end_of_turn()
        world.store.flush()
    assert carrier.answers() == []
    world.pump()
    assert [answer.command_status for answer in carrier.answers()] == [CommandStatus.ESME_ROK]


def test_another_carriers_id_is_not_ours() -> None:
    world = World()
    world.carrier()
    other = world.carrier("two")
    world.submit(world.customer(), message())
    other.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert world.records == []


def test_on_any_bind_of_the_carrier() -> None:
    bind = {"host": "127.0.0.1", "port": 27761, "system_id": "gw", "password": "secret", "count": 2}
    world = World(settings(carriers={"one": profile(binds=[bind]), "two": profile()}))
    world.carrier(place=0)
    world.submit(world.customer(), message())
    second = world.carrier(place=1)
    second.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert len(world.records) == 1


@pytest.mark.parametrize("stat", [b"ENROUTE", b"ACCEPTD"])
def test_an_intermediate_one_ends_nothing(stat: bytes) -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message())
    carrier.session.request(receipt(b"1", stat), None, world.now)
    world.pump()
    assert world.records == []
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert [record.outcome for record in world.records] == ["DELIVERED"]


def test_a_message_from_a_phone_is_not_taken() -> None:
    world = World()
    carrier = world.carrier()
    carrier.session.request(DeliverSm(source_addr=b"819030000001", short_message=b"hello"), None, world.now)
    world.pump()
    assert [answer.command_status for answer in carrier.answers()] == [CommandStatus.ESME_RX_R_APPN]


def test_the_carriers_own_error() -> None:
    text = read_receipt(receipt(b"1", b"UNDELIV", b"21b"))
    assert text is not None
    assert error_of(text) == b"21b"
    tlvs = ((Tag.RECEIPTED_MESSAGE_ID, b"1\0"), (Tag.MESSAGE_STATE, b"\5"), (Tag.NETWORK_ERROR_CODE, b"\3\0\x22"))
    tlv_only = read_receipt(DeliverSm(esm_class=4, tlvs=tlvs))
    assert tlv_only is not None
    assert error_of(tlv_only) == b"030022"


@pytest.mark.parametrize(
    ("stat", "repeated", "late", "contradicting"),
    [(b"DELIVRD", 1, 0, 0), (b"UNDELIV", 0, 0, 1), (b"EXPIRED", 0, 0, 1)],
)
def test_what_comes_after_the_end_is_counted_by_what_it_says(
    stat: bytes, repeated: int, late: int, contradicting: int
) -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message())
    for one in (b"DELIVRD", stat):
        carrier.session.request(receipt(b"1", one), None, world.now)
        world.pump()
    counts = world.flow.carriers["one"].counts
    assert (counts.receipts_repeated, counts.receipts_late, counts.receipts_contradicting) == (
        repeated,
        late,
        contradicting,
    )
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("DELIVERED", 1_000)]
    kept = [one for one in world.store.disk.kept.values() if one.kind == LATE]
    assert len(kept) == late + contradicting
    assert [answer.command_status for answer in carrier.answers()] == [0, 0]


def test_a_receipt_for_what_was_given_up_is_late_and_bills_nothing() -> None:
    world = World(settings(carriers={"one": profile(validity_hours=0.5), "two": profile()}))
    carrier = world.carrier()
    world.submit(world.customer(), message())
    world.advance(1.5 * 3_600 + 1)
    assert [record.outcome for record in world.records] == ["EXPIRED"]
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("EXPIRED", 0)]
    assert world.flow.carriers["one"].counts.receipts_late == 1
    (kept,) = world.store.disk.kept.values()
    assert orjson.loads(kept.value)[:3] == [world.records[0].message_id, "EXPIRED", "DELIVERED"]


@pytest.mark.parametrize(
    ("ids", "in_response", "in_receipt", "otherwise"),
    [
        (("hex", "decimal"), b"00012C", b"00012C", "hex"),
        (("hex", "hex"), b"12c", b"300", "decimal"),
        (("text", "text"), b"12C", b"300", "decimal"),
        (("text", "text"), b"300", b"12c", "hex"),
        (("text", "text"), b"MSG-12C", b"msg-12c", "other_case"),
        (("text", "text"), b"0000300", b"300", "zeros"),
    ],
)
def test_a_profile_that_reads_ids_wrongly_is_noticed(
    ids: tuple[str, str], in_response: bytes, in_receipt: bytes, otherwise: str
) -> None:
    receipts = {"id_in_response": ids[0], "id_in_receipt": ids[1]}
    world = World(settings(carriers={"one": profile(receipts=receipts), "two": profile()}))
    peer = world.carrier()
    peer.answer = lambda carrier, pdu: (
        carrier.session.submit_sm_resp(pdu.sequence_number, 0, in_response) if isinstance(pdu, SubmitSm) else None
    )
    world.submit(world.customer(), message())
    peer.session.request(receipt(in_receipt), None, world.now)
    world.pump()
    carrier = world.flow.carriers["one"]
    assert world.records == []  # it is noticed, and not guessed
    assert carrier.counts.receipts_would_match == {otherwise: 1}
    assert otherwise in carrier.hints[0]


def test_a_stranger_of_the_same_digits_is_no_hint() -> None:
    world = World()
    peer = world.carrier()
    world.submit(world.customer(), message(DOCOMO_NUMBER[:-1] + b"2"))
    for number in range(2, 30):  # to another number: they only overtook their responses
        peer.session.request(receipt(b"%x" % number), None, world.now)
    peer.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert world.flow.carriers["one"].counts.receipts_would_match == {}
    assert world.flow.carriers["one"].hints == []


def test_it_is_logged_once_an_hour() -> None:
    receipts = {"id_in_response": "hex", "id_in_receipt": "hex"}
    world = World(settings(carriers={"one": profile(receipts=receipts), "two": profile()}))
    peer, customer = world.carrier(), world.customer()
    peer.answer = lambda carrier, pdu: (
        carrier.session.submit_sm_resp(pdu.sequence_number, 0, b"12c") if isinstance(pdu, SubmitSm) else None
    )
    world.submit(customer, message())
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            peer.session.request(receipt(b"300"), None, world.now)
            world.pump()
            world.advance(61.0)
        said = [line for line in lines if line["event"] == "receipt_ids_misread"]
        assert [(line["carrier"], line["read_as"], line["receipts"]) for line in said] == [("one", "decimal", 1)]
        world.advance(3_600.0)
        peer.session.request(receipt(b"300"), None, world.now)
        world.pump()
    said = [line for line in lines if line["event"] == "receipt_ids_misread"]
    assert [line["receipts"] for line in said] == [1, 4]


def test_an_id_that_is_given_again_is_the_newest_ones() -> None:
    world = World()
    peer, customer = world.carrier(), world.customer()
    peer.answer = lambda carrier, pdu: (
        carrier.session.submit_sm_resp(pdu.sequence_number, 0, b"7") if isinstance(pdu, SubmitSm) else None
    )
    world.submit(customer, message())
    newest = world.submit(customer, message())
    peer.session.request(receipt(b"7"), None, world.now)
    world.pump()
    assert [b"%016x" % record.message_id for record in world.records] == [newest.message_id]


@pytest.mark.parametrize("raw", [b"18446744073709551617", b"00018446744073709551617"])
def test_ids_of_more_than_63_bits(raw: bytes) -> None:
    world = World()
    peer = world.carrier()
    peer.answer = lambda carrier, pdu: (
        carrier.session.submit_sm_resp(pdu.sequence_number, 0, b"010000000000000001")
        if isinstance(pdu, SubmitSm)
        else None
    )
    world.submit(world.customer(), message())
    peer.session.request(receipt(raw), None, world.now)
    world.pump()
    assert len(world.records) == 1


@pytest.mark.parametrize(
    ("err", "code", "kept"),
    [
        (b"034", b"\3\0\1", b"034"),
        (b"000", b"\3\0\1", b"030001"),
        (b"", b"\3\0\1", b"030001"),
        (b"000", b"\3\0\0", b"000"),
        (b"", b"\3\0\0", b"030000"),
        (b"000", b"", b"000"),
        (b"", b"", b""),
    ],
)
def test_err_and_network_error_code_of_one_receipt(err: bytes, code: bytes, kept: bytes) -> None:
    assert error_of(Receipt(b"1", None, err, code)) == kept

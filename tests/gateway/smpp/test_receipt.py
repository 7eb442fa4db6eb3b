"""Receipts: read in every shape that carriers send, written in one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import DataSm, DeliverSm
from gateway.smpp.receipt import Receipt, _by_labels, read_receipt, read_text, write_receipt
from gateway.smpp.tlv import Tag

PLAIN = b"id:0a1b sub:001 dlvrd:001 submit date:2611241530 done date:2611241531 stat:DELIVRD err:000 text:Hello"
READ = Receipt(
    message_id=b"0a1b",
    state=MessageState.DELIVERED,
    err=b"000",
    stat=b"DELIVRD",
    sub=b"001",
    dlvrd=b"001",
    submitted=b"2611241530",
    done=b"2611241531",
    text=b"Hello",
)


def read(text: bytes, *tlvs: tuple[int, bytes], esm_class: int = 4, data_coding: int = 0) -> Receipt:
    """The receipt of a deliver_sm with this text."""
    receipt = read_receipt(
        DeliverSm(esm_class=esm_class, data_coding=data_coding, short_message=text, tlvs=tuple(tlvs))
    )
    assert receipt is not None
    return receipt


def test_the_plain_receipt() -> None:
    assert read(PLAIN) == READ


@pytest.mark.parametrize(
    "text",
    [
        PLAIN + b"\0",
        PLAIN.upper().replace(b"0A1B", b"0a1b").replace(b"HELLO", b"Hello"),
        PLAIN.title().replace(b"0A1B", b"0a1b").replace(b"Delivrd", b"DELIVRD"),
        PLAIN.replace(b" ", b"  ").replace(b"submit  date", b"submit date"),
        PLAIN.replace(b" ", b"\n").replace(b"submit\n", b"submit ").replace(b"done\n", b"done "),
        PLAIN.replace(b"submit date", b"submit_date").replace(b"done date", b"donedate"),
        PLAIN.replace(b":", b": ").replace(b"text: ", b"text:"),
        PLAIN.replace(b":", b" :"),
        b"  " + PLAIN,
    ],
)
def test_spelling_does_not_matter(text: bytes) -> None:
    assert read(text) == READ


def test_one_nul_only_is_stripped() -> None:
    assert read(PLAIN + b"\0\0").text == b"Hello\0"


@given(st.permutations(["id:0a1b", "sub:001", "dlvrd:001", "submit date:2611241530", "done date:2611241531",
                        "stat:DELIVRD", "err:000", "text:Hello"]))  # fmt: skip
def test_order_does_not_matter(fields: list[str]) -> None:
    if fields.index("text:Hello") > max(fields.index("id:0a1b"), fields.index("stat:DELIVRD")):
        fields.remove("text:Hello")  # behind both it takes all that follows
        fields.append("text:Hello")
    assert read(" ".join(fields).encode()) == READ


@given(st.sets(st.sampled_from(["id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text"])))
def test_fields_may_be_missing(missing: set[str]) -> None:
    text = PLAIN
    for label in missing:
        text = re.sub(rb"\b%b:\S* ?" % label.encode(), b"", text)
    found = read(text)
    assert found.message_id == (b"" if "id" in missing else b"0a1b")
    assert found.state == (None if "stat" in missing else MessageState.DELIVERED)
    assert found.err == (b"" if "err" in missing else b"000")
    assert (found.submit_date is None) == ("submit date" in missing)
    assert (found.done_date is None) == ("done date" in missing)
    assert found.text == (b"" if "text" in missing else b"Hello")


@pytest.mark.parametrize(
    ("stat", "state", "intermediate"),
    [
        (b"DELIVRD", MessageState.DELIVERED, False),
        (b"delivrd", MessageState.DELIVERED, False),
        (b"EXPIRED", MessageState.EXPIRED, False),
        (b"DELETED", MessageState.DELETED, False),
        (b"UNDELIV", MessageState.UNDELIVERABLE, False),
        (b"UNKNOWN", MessageState.UNKNOWN, False),
        (b"REJECTD", MessageState.REJECTED, False),
        (b"REJECTED", MessageState.REJECTED, False),
        (b"SKIPPED", MessageState.SKIPPED, False),
        (b"FAILED", MessageState.UNDELIVERABLE, False),
        (b"ACCEPTD", MessageState.ACCEPTED, True),
        (b"ENROUTE", MessageState.ENROUTE, True),
        (b"BUFFRED", MessageState.ENROUTE, True),
        (b"BUFFERD", MessageState.ENROUTE, True),
        (b"SCHEDULED", MessageState.SCHEDULED, True),
        (b"ACKED", None, False),
        (b"NACK", None, False),
        (b"BADSTAT", None, False),
        (b"", None, False),
    ],
)
def test_states(stat: bytes, state: MessageState | None, intermediate: bool) -> None:
    found = read(PLAIN.replace(b"DELIVRD", stat))
    assert (found.stat, found.state, found.intermediate) == (stat, state, intermediate)


@pytest.mark.parametrize("err", [b"21b", b"0", b"0032", b"075", b"-PROFILE", b""])
def test_the_error_is_kept_as_it_came(err: bytes) -> None:
    assert read(PLAIN.replace(b"err:000", b"err:" + err)).err == err


def test_an_error_of_words() -> None:
    assert read(PLAIN.replace(b"err:000", b"err:no such number")).err == b"no such number"


@pytest.mark.parametrize("text", [b"id:9 stat:UNDELIV err:1", b"Your sub: done date:x", b"a\nb\0c", b""])
def test_the_text_is_whatever_is_behind_its_label(text: bytes) -> None:
    found = read(PLAIN.replace(b"Hello", text))
    assert found == READ._replace(text=text)
    assert read(PLAIN.replace(b"Hello", text).replace(b" sub:", b" sub: ", 1)) == found


def test_a_field_that_only_the_text_seems_to_have_is_text() -> None:
    found = read(b"id:1 stat:DELIVRD text:err:5 sub:2")
    assert (found.text, found.err, found.sub) == (b"err:5 sub:2", b"", b"")


def test_of_two_texts_the_short_message_counts() -> None:
    assert read(PLAIN, (Tag.MESSAGE_PAYLOAD, b"id:9 stat:UNDELIV")) == READ


@pytest.mark.parametrize("more", [b"vsmsc:a", b"Msc_id:8190 ", b"part:1 of:2"])
def test_a_carriers_own_fields_are_passed_over(more: bytes) -> None:
    for label in (b"sub:", b"done date:", b"stat:", b"err:", b"text:"):
        assert read(PLAIN.replace(label, more + b" " + label)) == READ
    assert read(PLAIN + b" " + more).text == b"Hello " + more


def test_a_label_within_a_word_is_none() -> None:
    assert read(b"void:1 id:2 restat:x stat:DELIVRD").message_id == b"2"


@pytest.mark.parametrize(
    "message_id", [b"0" * 20, b"550e8400-e29b-41d4-a716-446655440000", b"9308878062554710043", b"a.b"]
)
def test_ids_of_any_form(message_id: bytes) -> None:
    assert read(PLAIN.replace(b"0a1b", message_id)).message_id == message_id


def test_tlvs_count_before_text() -> None:
    found = read(
        PLAIN,
        (Tag.NETWORK_ERROR_CODE, b"\3\0\x0b"),
        (Tag.MESSAGE_STATE, b"\5"),
        (Tag.RECEIPTED_MESSAGE_ID, b"12ab\0"),
    )
    assert found == READ._replace(message_id=b"12ab", state=MessageState.UNDELIVERABLE, network_error_code=b"\3\0\x0b")


def test_tlvs_alone_are_a_receipt() -> None:
    found = read(b"", (Tag.MESSAGE_STATE, b"\2"), (Tag.RECEIPTED_MESSAGE_ID, b"12ab"))
    assert found == Receipt(b"12ab", MessageState.DELIVERED)


@pytest.mark.parametrize(
    "tlv",
    [
        (Tag.MESSAGE_STATE, b""),
        (Tag.MESSAGE_STATE, b"\x0a"),
        (Tag.MESSAGE_STATE, b"\0\5"),
        (Tag.RECEIPTED_MESSAGE_ID, b""),
        (Tag.RECEIPTED_MESSAGE_ID, b"\0"),
        (Tag.NETWORK_ERROR_CODE, b"\3\0"),
        (0x1501, b"x"),
    ],
)
def test_a_tlv_that_says_nothing_leaves_it_to_the_text(tlv: tuple[int, bytes]) -> None:
    assert read(PLAIN, tlv) == READ


def test_the_text_may_be_the_payload() -> None:
    assert read(b"", (Tag.MESSAGE_PAYLOAD, PLAIN)) == READ
    data = DataSm(esm_class=4, tlvs=((Tag.MESSAGE_PAYLOAD, PLAIN + b"\0"),))
    assert read_receipt(data) == READ


def test_the_text_may_be_ucs2() -> None:
    assert read(PLAIN.decode().encode("utf-16-be"), data_coding=8) == READ
    assert read(PLAIN, data_coding=8) == READ
    assert read(b"\0", data_coding=8) == Receipt(b"", None)


def test_a_user_data_header_is_not_text() -> None:
    assert read(b"\x05\0\3\x01\1\1" + PLAIN, esm_class=0x44) == READ
    assert read(b"\xff", esm_class=0x44) == Receipt(b"", None)


@pytest.mark.parametrize("esm_class", [0x04, 0x44, 0x84, 0x07, 0x08, 0x20, 0x24])
def test_esm_class_says_that_it_is_a_receipt(esm_class: int) -> None:
    assert read_receipt(DeliverSm(esm_class=esm_class)) is not None


@pytest.mark.parametrize("esm_class", [0x00, 0x03, 0x40, 0xC3, 0x10, 0x18])
def test_esm_class_says_that_it_is_none(esm_class: int) -> None:
    assert read_receipt(DeliverSm(esm_class=esm_class, short_message=PLAIN)) is None


def test_an_intermediate_notification_with_a_state_of_no_meaning_is_intermediate() -> None:
    assert read(b"id:1 stat:RETRY", esm_class=0x20).intermediate
    assert read(b"id:1 stat:UNKNOWN", esm_class=0x20).intermediate
    assert not read(PLAIN, esm_class=0x20).intermediate


@given(st.binary(max_size=120), st.integers(0, 255), st.integers(0, 255))
def test_any_text_is_read(text: bytes, esm_class: int, data_coding: int) -> None:
    read_receipt(DeliverSm(esm_class=esm_class, data_coding=data_coding, short_message=text))


LABELS = st.sampled_from(
    b"id:| ID : | stat:|stat:| err:| sub:| dlvrd:| submit date:| done_date:| text:| vsmsc:|x| |1".split(b"|")
)


@given(st.lists(LABELS, max_size=14).map(b"".join))
def test_any_heap_of_labels_is_read(text: bytes) -> None:
    read(text)


WORDS = st.from_regex(rb"[0-9A-Za-z.-]{0,12}", fullmatch=True)


@given(WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, st.binary(max_size=20))
def test_the_short_way_reads_what_labels_read(
    message_id: bytes, sub: bytes, dlvrd: bytes, submit: bytes, done: bytes, stat: bytes, err: bytes, text: bytes
) -> None:
    octets = b"id:%b sub:%b dlvrd:%b submit date:%b done date:%b stat:%b err:%b text:%b" % (
        message_id, sub, dlvrd, submit, done, stat, err, text,
    )  # fmt: skip
    assert read_text(octets) == _by_labels(octets.removesuffix(b"\0"))


def test_writing() -> None:
    assert write_receipt(b"0a1b", MessageState.DELIVERED, b"000", 1, 1, b"2611241530", b"2611241531", b"Hello") == PLAIN


def test_the_text_is_cut_to_twenty_octets_and_may_be_missing() -> None:
    written = write_receipt(b"1", MessageState.EXPIRED, b"", 10, 3, b"2611241530", b"2611241531", b"x" * 21)
    assert written.endswith(b" stat:EXPIRED err:000 text:" + b"x" * 20)
    assert b" sub:010 dlvrd:003 " in written
    assert write_receipt(b"1", MessageState.EXPIRED, b"", 1, 0, b"", b"").endswith(b" text:")


@pytest.mark.parametrize(
    ("error", "err"),
    [
        (b"", b"000"),
        (b"0", b"0"),
        (b"11", b"11"),
        (b"075", b"075"),
        (b"21b", b"21b"),
        (b"0032", b"032"),
        (b"12345", b"345"),
        (b"03000b", b"030"),
        (b"PROFILE ERROR", b"PRO"),
        (b"a b", b"ab"),
        (b" id:9 ", b"id9"),
        (b"\xff\0", b"000"),
    ],
)
def test_the_error_in_three_octets(error: bytes, err: bytes) -> None:
    written = write_receipt(b"1", MessageState.UNDELIVERABLE, error, 1, 0, b"2611241530", b"2611241531")
    assert b" err:" + err + b" text:" in written


@given(
    st.from_regex(rb"[0-9a-f]{1,64}", fullmatch=True),
    st.sampled_from(MessageState),
    st.binary(max_size=12),
    st.integers(0, 999),
    st.integers(0, 999),
    st.binary(max_size=20),
)
def test_what_we_write_we_read(
    message_id: bytes, state: MessageState, error: bytes, segments: int, delivered: int, text: bytes
) -> None:
    written = write_receipt(message_id, state, error, segments, delivered, b"2611241530", b"2611241531", text)
    found = read(written)
    assert (found.message_id, found.state) == (message_id, state)
    assert (int(found.sub), int(found.dlvrd)) == (segments, delivered)
    assert re.fullmatch(rb"[0-9A-Za-z]{1,3}", found.err)
    assert found.text == text.removesuffix(b"\0")
    assert found.done_date == READ.done_date

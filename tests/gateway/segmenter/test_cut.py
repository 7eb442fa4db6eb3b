"""Units, segments and octets of every carrier's rule, at every edge that its table has."""

import random
from collections.abc import Sequence
from contextlib import suppress

import pytest

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.cut import Plan, Segment, cut, cut_binary, join, plan, plan_binary
from gateway.segmenter.rules import Concatenation, Repertoire, TextRule, Unfit

RULES = {
    "docomo": TextRule(70, 66, Concatenation.UDH16, units=(70, *range(132, 661, 66))),
    "au": TextRule(70, 67, Concatenation.UDH8),
    "rakuten": TextRule(70, 67, Concatenation.UDH8),
    "softbank": TextRule(70, 67, Concatenation.PAYLOAD, units=(660,)),
}
AU, DOCOMO, SOFTBANK = RULES["au"], RULES["docomo"], RULES["softbank"]
SAR = TextRule(concatenation=Concatenation.SAR)
GSM7 = TextRule(gsm7=True)
EMOJI = "\U0001f600"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f466"
FLAG = "\U0001f1ef\U0001f1f5"
PORTS = bytes.fromhex("0605040b8423f0")


def utf16(text: str) -> bytes:
    return text.encode("utf_16_be")


def texts(segments: Sequence[Segment], header: int) -> list[str]:
    return [segment.octets[header:].decode("utf_16_be") for segment in segments]


def refused(text: str, rule: TextRule) -> Reason:
    with pytest.raises(Refusal) as by_plan:
        plan(utf16(text), rule)
    with pytest.raises(Refusal) as by_cut:
        cut(utf16(text), rule, 1)
    assert by_plan.value.reason is by_cut.value.reason
    return by_plan.value.reason


def test_a_short_text_goes_as_it_is() -> None:
    text = utf16("漢" * 70)
    for rule in RULES.values():
        assert cut(text, rule, 7) == [Segment(8, False, text, False, None)]


def test_an_8_bit_header_stands_before_each_segment() -> None:
    first, second = cut(utf16("あ" * 67 + "い"), TextRule(first=67), 0x1A7)
    assert first == Segment(8, True, bytes.fromhex("050003a70201") + utf16("あ" * 67), False, None)
    assert second == Segment(8, True, bytes.fromhex("050003a70202") + utf16("い"), False, None)
    assert len(first.octets) == 140


def test_a_16_bit_header_stands_before_each_segment() -> None:
    first, second = cut(utf16("あ" * 71), DOCOMO, 0x312A7)
    assert first == Segment(8, True, bytes.fromhex("06080412a70201") + utf16("あ" * 66), False, None)
    assert second == Segment(8, True, bytes.fromhex("06080412a70202") + utf16("あ" * 5), False, None)
    assert len(first.octets) == 139


def test_sar_counts_beside_the_text() -> None:
    first, second = cut(utf16("あ" * 71), SAR, 0x1FFFF)
    assert first == Segment(8, False, utf16("あ" * 67), False, (0xFFFF, 2, 1))
    assert second == Segment(8, False, utf16("あ" * 4), False, (0xFFFF, 2, 2))


def test_a_payload_is_one_segment() -> None:
    text = utf16("あ" * 660)
    assert cut(text, SOFTBANK, 7) == [Segment(8, False, text, True, None)]
    assert plan(text, SOFTBANK) == Plan(1, 1, 660)


def test_the_same_text_rule_and_reference_give_the_same_octets() -> None:
    text = utf16((FAMILY + "漢字" * 9) * 20)
    for rule in (*RULES.values(), SAR, GSM7):
        assert cut(text, rule, 77) == cut(text, rule, 77)


@pytest.mark.parametrize("rule", [AU, DOCOMO, SAR, SOFTBANK])
def test_the_longest_text_is_660_code_units(rule: TextRule) -> None:
    assert plan(utf16("漢" * 660), rule).characters == 660
    assert refused("漢" * 661, rule) is Reason.TEXT_TOO_LONG
    assert refused("漢" * 659 + EMOJI, rule) is Reason.TEXT_TOO_LONG


def test_a_surrogate_pair_on_an_edge_may_cost_an_eleventh_segment_and_no_eleventh_unit() -> None:
    text = utf16("漢" * 65 + EMOJI + "漢" * 593)
    assert plan(text, DOCOMO) == Plan(10, 11, 660)
    segments = cut(text, DOCOMO, 5)
    assert len(segments) == 11
    assert join(segments) == text


def test_more_segments_than_the_rule_allows_are_refused() -> None:
    text = "漢" * 65 + EMOJI + "漢" * 593
    ten = TextRule(70, 66, Concatenation.UDH16, max_segments=10, units=DOCOMO.units)
    assert refused(text, ten) is Reason.TEXT_TOO_LONG
    assert plan(utf16("漢" * 660), ten).segments == 10


def test_255_segments_can_be_counted() -> None:
    rule = TextRule(2, 2, max_characters=512, max_segments=255, units=(512,))
    segments = cut(utf16("漢" * 510), rule, 1)
    assert [segment.octets[4:6] for segment in segments] == [bytes((255, number)) for number in range(1, 256)]
    assert refused("漢" * 511, rule) is Reason.TEXT_TOO_LONG


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param(FAMILY, id="family"),
        pytest.param(FLAG, id="flag"),
        pytest.param("か\u3099", id="combining sound mark"),
        pytest.param("ｶﾞ", id="half-width sound mark"),
        pytest.param("葛\U000e0100", id="variation selector"),
        pytest.param("☎\ufe0f", id="emoji style"),
        pytest.param("1\ufe0f\u20e3", id="keycap"),
        pytest.param("\U0001f44d\U0001f3fd", id="skin colour"),
        pytest.param("e\u0301", id="accent"),
        pytest.param("\r\n", id="line end"),
        pytest.param("\u1112\u1161\u11ab", id="hangul"),
    ],
)
@pytest.mark.parametrize("rule", [AU, DOCOMO, SAR])
def test_a_cluster_on_an_edge_stays_whole_where_there_is_room(rule: TextRule, cluster: str) -> None:
    units = len(utf16(cluster)) // 2
    for before in range(rule.following - units, rule.following + 1):
        text = "漢" * before + cluster + "漢" * 40
        segments = cut(utf16(text), rule, 1)
        assert len(segments) == 2 == plan(utf16(text), rule).segments
        header = {Concatenation.UDH8: 6, Concatenation.UDH16: 7, Concatenation.SAR: 0}[rule.concatenation]
        first, second = texts(segments, header)
        assert first + second == text
        assert sum(cluster in part for part in (first, second)) == 1, before


def test_flags_in_a_row_are_cut_between_two_of_them() -> None:
    first, second = texts(cut(utf16("漢" + FLAG * 20), AU, 1), 6)
    assert first == "漢" + FLAG * 16
    assert second == FLAG * 4


def test_a_cluster_is_cut_rather_than_sent_in_one_segment_more() -> None:
    text = "漢" * 66 + "か\u3099" + "漢" * 66
    assert plan(utf16(text), AU) == Plan(2, 2, 134)
    first, second = texts(cut(utf16(text), AU, 1), 6)
    assert first == "漢" * 66 + "か"
    assert second == "\u3099" + "漢" * 66


def test_a_cluster_longer_than_a_segment_is_cut_by_characters() -> None:
    text = "e" + "\u0301" * 300
    parts = texts(cut(utf16(text), AU, 1), 6)
    assert "".join(parts) == text
    assert len(parts) == 5


def test_a_room_for_a_cluster_is_not_taken_from_segments_behind() -> None:
    text = "漢" * 65 + FLAG + "漢" * 65 + FLAG + "漢" * 66
    assert len(utf16(text)) // 2 == 204
    parts = texts(cut(utf16(text), DOCOMO, 1), 7)
    assert "".join(parts) == text
    assert len(parts) == plan(utf16(text), DOCOMO).segments == 4
    assert [part.count(FLAG) for part in parts] == [0, 1, 1, 0]


def test_a_text_of_gsm_characters_is_sent_in_septets_and_billed_by_code_units() -> None:
    text = "x" * 160
    assert plan(utf16(text), GSM7) == Plan(3, 1, 160)
    assert cut(utf16(text), GSM7, 1) == [Segment(0, False, b"x" * 160, False, None)]
    assert plan(utf16("x" * 161), GSM7) == Plan(3, 2, 161)
    first, second = cut(utf16("x" * 161), GSM7, 1)
    assert (first.data_coding, first.octets) == (0, bytes.fromhex("050003010201") + b"x" * 153)
    assert second.octets == bytes.fromhex("050003010202") + b"x" * 8


@pytest.mark.parametrize(
    ("concatenation", "room"), [(Concatenation.UDH8, 153), (Concatenation.UDH16, 152), (Concatenation.SAR, 152)]
)
def test_septets_beside_each_header(concatenation: Concatenation, room: int) -> None:
    rule = TextRule(gsm7=True, concatenation=concatenation)
    assert plan(utf16("x" * room * 2), rule).segments == 2
    assert plan(utf16("x" * (room * 2 + 1)), rule).segments == 3


def test_an_escape_counts_as_a_septet_and_stays_with_its_character() -> None:
    text = "x" * 152 + "€" + "x" * 20
    first, second = cut(utf16(text), GSM7, 1)
    assert first.octets[6:] == b"x" * 152
    assert second.octets[6:] == b"\x1be" + b"x" * 20
    assert join([second, first]) == utf16(text)
    assert plan(utf16("€" * 80), GSM7) == Plan(2, 1, 80)
    assert plan(utf16("€" * 80 + "x"), GSM7) == Plan(2, 2, 81)


def test_a_line_end_in_septets_stays_whole_where_there_is_room() -> None:
    first, second = cut(utf16("x" * 152 + "\r\n" + "x" * 20), GSM7, 1)
    assert first.octets[6:] == b"x" * 152
    assert second.octets[6:] == b"\r\n" + b"x" * 20


def test_one_character_outside_gsm_sends_all_of_the_text_in_ucs2() -> None:
    text = "x" * 100 + "あ"
    assert plan(utf16(text), GSM7) == Plan(2, 2, 101)
    assert {segment.data_coding for segment in cut(utf16(text), GSM7, 1)} == {8}


def test_septets_in_a_payload() -> None:
    rule = TextRule(gsm7=True, concatenation=Concatenation.PAYLOAD)
    assert cut(utf16("x" * 400), rule, 1) == [Segment(0, False, b"x" * 400, True, None)]
    assert join(cut(utf16("x" * 400), rule, 1)) == utf16("x" * 400)


def test_a_message_class_goes_along() -> None:
    assert {segment.data_coding for segment in cut(utf16("漢" * 80), AU, 1, data_coding=0xF0)} == {0x18}
    assert {segment.data_coding for segment in cut(utf16("x" * 80), GSM7, 1, data_coding=0x18)} == {0xF0}
    assert join(cut(utf16("x" * 180), GSM7, 1, data_coding=0x18)) == utf16("x" * 180)


def test_what_is_planned_and_cut_is_the_text_as_the_carrier_gets_it() -> None:
    rule = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.JIS)
    assert plan(utf16("①" * 24), rule) == Plan(2, 2, 72)
    assert join(cut(utf16("①" * 24), rule, 1)) == utf16("(1)" * 24)
    assert refused("①" * 221, rule) is Reason.TEXT_TOO_LONG
    assert refused(EMOJI, rule) is Reason.UNDECODABLE_TEXT
    assert refused("\u200b" * 661, rule) is Reason.TEXT_TOO_LONG


@pytest.mark.parametrize(
    ("rule", "room"), [(AU, 134), (DOCOMO, 133), (SAR, 133)], ids=["8-bit header", "16-bit header", "sar"]
)
def test_binary_is_cut_at_140_then_134_or_133_octets(rule: TextRule, room: int) -> None:
    alone = bytes(range(140))
    assert cut_binary(alone, 4, rule, 1) == [Segment(4, False, alone, False, None)]
    octets = random.Random(2).randbytes(2 * room)
    segments = cut_binary(octets, 4, rule, 1)
    assert len(segments) == 2
    assert join(segments) == octets
    assert len(cut_binary(octets + b"\0", 4, rule, 1)) == 3
    assert all(len(segment.octets) <= 140 for segment in segments)


def test_binary_is_planned_by_the_table() -> None:
    assert plan_binary(b"", 4, AU, bytes.fromhex("0401020003")) == Plan(1, 1, 0)
    assert plan_binary(bytes(140), 4, AU) == Plan(1, 1, 70)
    assert plan_binary(bytes(141), 4, AU) == Plan(2, 2, 71)
    assert plan_binary(bytes(265), 4, DOCOMO) == Plan(3, 2, 133)
    assert plan_binary(bytes(1320), 4, SOFTBANK) == Plan(1, 1, 660)
    assert plan_binary(bytes(128), 4, AU, PORTS) == Plan(1, 1, 64)
    assert plan_binary(bytes(134), 4, AU, PORTS) == Plan(1, 2, 67)
    with pytest.raises(Refusal):
        plan_binary(bytes(1321), 4, AU)


def test_binary_octets_that_look_like_surrogates_and_escapes_are_cut_anywhere() -> None:
    for octet in (0x1B, 0xD8, 0xDC):
        segments = cut_binary(bytes((octet,)) * 268, 4, AU, 1)
        assert [len(segment.octets) for segment in segments] == [140, 140]


def test_a_header_of_other_elements_is_in_each_segment() -> None:
    ports = bytes.fromhex("0605040b8423f0")
    assert cut_binary(b"x" * 133, 4, AU, 1, ports) == [Segment(4, True, ports + b"x" * 133, False, None)]
    first, second = cut_binary(b"x" * 134, 4, AU, 9, ports)
    assert first == Segment(4, True, bytes.fromhex("0b00030902010504 0b8423f0") + b"x" * 128, False, None)
    assert second.octets == bytes.fromhex("0b00030902020504 0b8423f0") + b"x" * 6
    assert join([second, first]) == b"x" * 134


def test_a_header_beside_sar_becomes_a_16_bit_concatenation() -> None:
    ports = bytes.fromhex("0605040b8423f0")
    first, _ = cut_binary(b"x" * 134, 4, SAR, 0x109, ports)
    assert first.sar is None
    assert first.octets[:13] == bytes.fromhex("0c080401090201 05040b8423f0")


def test_a_header_without_octets_is_a_message() -> None:
    waiting = bytes.fromhex("0401020003")
    assert cut_binary(b"", 4, AU, 1, waiting) == [Segment(4, True, waiting, False, None)]
    with pytest.raises(Refusal) as caught:
        cut_binary(b"", 4, AU, 1)
    assert caught.value.reason is Reason.EMPTY_TEXT


def test_a_binary_payload_is_one_segment() -> None:
    assert cut_binary(b"x" * 141, 4, SOFTBANK, 1) == [Segment(4, False, b"x" * 141, True, None)]
    ports = bytes.fromhex("0605040b8423f0")
    assert cut_binary(b"x" * 134, 4, SOFTBANK, 1, ports) == [Segment(4, True, ports + b"x" * 134, True, None)]


def test_ucs2_beside_other_elements_is_cut_between_characters() -> None:
    language = bytes.fromhex("03240101")
    text = utf16("漢" * 60 + EMOJI * 40)
    segments = cut_binary(text, 8, DOCOMO, 1, language)
    assert join(segments) == text
    assert len({segment.octets[10:].decode("utf_16_be") for segment in segments}) == 3


def test_binary_is_bounded_like_text() -> None:
    assert len(cut_binary(bytes(1320), 4, AU, 1)) == 10
    for rule in (AU, SOFTBANK):
        with pytest.raises(Refusal) as caught:
            cut_binary(bytes(1321), 4, rule, 1)
        assert caught.value.reason is Reason.TEXT_TOO_LONG
    with pytest.raises(Refusal) as caught:
        cut_binary(bytes(1320), 4, TextRule(max_segments=9), 1)
    assert caught.value.reason is Reason.TEXT_TOO_LONG


def test_a_header_that_leaves_no_room_is_refused() -> None:
    for size, sound in ((129, True), (130, True), (131, False), (137, False)):
        header = bytes((size + 2, 0x70, size)) + bytes(size)
        if sound:
            assert join(cut_binary(b"abcdefghijkl", 4, TextRule(), 1, header)) == b"abcdefghijkl"
        else:
            with pytest.raises(Refusal) as caught:
                cut_binary(b"abcdefghijkl", 4, AU, 1, header)
            assert caught.value.reason is Reason.MALFORMED_UDH


@pytest.mark.parametrize(
    ("rule", "alone", "room", "head"),
    [
        (AU, 66, 64, "0b0003090201" + "05040b8423f0"),
        (DOCOMO, 66, 63, "0c080400090201" + "05040b8423f0"),
        (SAR, 66, 63, "0c080400090201" + "05040b8423f0"),
    ],
    ids=["8-bit header", "16-bit header", "sar"],
)
def test_text_beside_other_elements(rule: TextRule, alone: int, room: int, head: str) -> None:
    text = utf16("漢" * alone)
    assert plan(text, rule, PORTS) == Plan(1, 1, alone)
    assert cut(text, rule, 9, 8, PORTS) == [Segment(8, True, PORTS + text, False, None)]
    longer = utf16("漢" * (alone + 1))
    assert plan(longer, rule, PORTS) == Plan(1, 2, alone + 1)
    first, second = cut(longer, rule, 9, 8, PORTS)
    assert first == Segment(8, True, bytes.fromhex(head) + longer[: 2 * room], False, None)
    header = bytearray.fromhex(head)
    header[head.index("0201") // 2 + 1] = 2
    assert second.octets == bytes(header) + longer[2 * room :]
    assert len(first.octets) <= 140
    assert join([second, first]) == longer


def test_text_beside_other_elements_in_a_payload() -> None:
    text = utf16("漢" * 67)
    assert cut(text, SOFTBANK, 9, 8, PORTS) == [Segment(8, True, PORTS + text, True, None)]
    assert cut(text[2:], SOFTBANK, 9, 8, PORTS) == [Segment(8, True, PORTS + text[2:], False, None)]
    assert plan(text, SOFTBANK, PORTS) == Plan(1, 1, 67)


def test_septets_beside_other_elements() -> None:
    text = utf16("x" * 152)  # 7 octets of header are 8 septets
    assert cut(text, GSM7, 9, 8, PORTS) == [Segment(0, True, PORTS + b"x" * 152, False, None)]
    first, second = cut(text + utf16("x"), GSM7, 9, 8, PORTS)
    assert len(first.octets[12:]) == 146  # 12 octets of header: (140 - 12) * 8 / 7
    assert join([first, second]) == text + utf16("x")


def test_a_header_without_text_is_a_message_of_one_unit() -> None:
    waiting = bytes.fromhex("0401020003")
    assert plan(b"", AU, waiting) == Plan(1, 1, 0)
    assert cut(b"", AU, 1, 0, waiting) == [Segment(8, True, waiting, False, None)]
    assert cut(b"", TextRule(first=2), 1, 0, waiting) == [Segment(8, True, waiting, False, None)]


@pytest.mark.parametrize("rule", [AU, DOCOMO, SAR, GSM7])
def test_a_header_that_leaves_no_room_for_text_is_refused_when_it_is_planned(rule: TextRule) -> None:
    for size in range(100, 138):
        header = bytes((size + 2, 0x70, size)) + bytes(size)
        text = utf16("漢" * 20 + EMOJI)
        if size > 128:
            with pytest.raises(Refusal):
                plan(text, rule, header)
            continue
        with suppress(Refusal):
            planned = plan(text, rule, header)
            segments = cut(text, rule, 1, 8, header)
            assert len(segments) == planned.segments
            assert all(len(segment.octets) <= 140 for segment in segments)
        assert size > 120 or len(cut(text, rule, 1, 8, header)) == plan(text, rule, header).segments
    with pytest.raises(Refusal) as caught:
        plan(utf16("漢" * 71), rule, bytes((139, 0x70, 137)) + bytes(137))
    assert caught.value.reason is Reason.MALFORMED_UDH


def test_what_short_message_cannot_hold_goes_into_message_payload() -> None:
    long_first = TextRule(first=660, following=125, max_characters=660)
    assert not cut(utf16("漢" * 127), long_first, 1)[0].payload
    assert cut(utf16("漢" * 128), long_first, 1) == [Segment(8, False, utf16("漢" * 128), True, None)]
    for concatenation, room in ((Concatenation.UDH8, 124), (Concatenation.UDH16, 123), (Concatenation.SAR, 127)):
        for following in (room, room + 1):
            rule = TextRule(following=following, concatenation=concatenation)
            first, second, *_ = cut(utf16("漢" * 300), rule, 1)
            assert first.payload is second.payload is (following > room), (concatenation, following)

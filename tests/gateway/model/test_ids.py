"""Ids grow, never repeat, and read back; whatever the clock does and whoever wrote the last one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.ids import (
    GREATEST,
    NODES,
    SHORT_IDS,
    IdSource,
    MessageId,
    format_id,
    moment_of,
    parse_id,
    read_told_id,
    tell_id,
    tell_id_in_decimal,
)

EPOCH_MS = 1_735_689_600_000  # 2025-01-01 UTC
NOW_MS = 1_785_000_000_000
YEARS_MS = 100 * 366 * 86_400_000


def node_of(message_id: int) -> int:
    return message_id >> 16 & 0x1F


def ms_of(message_id: int) -> int:
    return (message_id >> 21) + EPOCH_MS


def test_an_id_tells_its_moment_and_node() -> None:
    fresh = IdSource(7).next(NOW_MS)
    assert (ms_of(fresh), node_of(fresh), fresh & 0xFFFF) == (NOW_MS, 7, 0)


def test_ids_of_one_millisecond_count_on() -> None:
    source = IdSource(0)
    first = source.next(NOW_MS)
    assert [source.next(NOW_MS) - first for _ in range(3)] == [1, 2, 3]


def test_more_than_a_millisecond_holds_go_into_the_next_and_keep_the_node() -> None:
    source = IdSource(31, last=(NOW_MS - EPOCH_MS) << 21 | 31 << 16 | 0xFFFE)
    ids = [source.next(NOW_MS) for _ in range(3)]
    assert [(ms_of(one) - NOW_MS, node_of(one), one & 0xFFFF) for one in ids] == [
        (0, 31, 0xFFFF),
        (1, 31, 0),
        (1, 31, 1),
    ]


@given(
    node=st.integers(0, NODES - 1),
    last=st.integers(0, (NOW_MS + YEARS_MS - EPOCH_MS) << 21),
    clock=st.lists(st.integers(0, NOW_MS + YEARS_MS), min_size=1, max_size=50),
)
def test_ids_grow_whatever_the_clock_does_and_whichever_node_wrote_the_last(
    node: int, last: int, clock: list[int]
) -> None:
    source = IdSource(node, last)
    before = last
    for now in clock:
        fresh = source.next(now)
        assert before < fresh <= GREATEST
        assert node_of(fresh) == node
        before = fresh


@given(
    st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(NOW_MS, NOW_MS + 3)), max_size=60),
)
def test_nodes_side_by_side_never_give_the_same_id(steps: list[tuple[int, int]]) -> None:
    sources = [IdSource(node) for node in range(NODES)]
    ids = [sources[node].next(now) for node, now in steps]
    assert len(set(ids)) == len(ids)


def test_a_restart_on_a_clock_that_was_set_back_goes_on_above_the_last() -> None:
    last = IdSource(3).next(NOW_MS)
    assert IdSource(3, last).next(NOW_MS - 86_400_000) == last + 1


def test_a_store_that_moves_to_a_lower_node_still_grows() -> None:
    last = IdSource(9).next(NOW_MS)
    fresh = IdSource(2, last).next(NOW_MS)
    assert fresh > last
    assert node_of(fresh) == 2


@pytest.mark.parametrize("node", [-1, NODES])
def test_a_node_that_has_no_bits_is_refused(node: int) -> None:
    with pytest.raises(ValueError, match=r"node must be 0\.\.31"):
        IdSource(node)


@pytest.mark.parametrize("last", [-1, GREATEST + 1])
def test_a_last_that_is_no_id_is_refused(last: int) -> None:
    with pytest.raises(ValueError, match="last must be"):
        IdSource(0, last)


@given(st.integers(0, GREATEST))
def test_an_id_reads_back_as_text_and_as_octets(number: int) -> None:
    written = format_id(number)
    assert len(written) == 16
    assert parse_id(written) == parse_id(written.decode()) == parse_id(written.upper()) == number


@given(st.integers(0, GREATEST), st.integers(0, GREATEST))
def test_ids_as_text_sort_like_ids(one: int, other: int) -> None:
    assert (format_id(one) < format_id(other)) is (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "000000000000000",
        "00000000000000000",
        "000000000000000g",
        "+000000000000001",
        "-000000000000001",
        " 00000000000000f",
        "00000000000000f\n",
        "0000_0000_0000_1",
        "0x00000000000001",
        "００００００００００００００００",
        "8000000000000000",  # what the store cannot keep is none of ours
        "ffffffffffffffff",
        b"\x00" * 16,
        b"\xe3\x80\x80" * 16,
    ],
)
def test_what_is_no_id_of_ours_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        parse_id(text)


def test_an_id_of_ours_is_a_message_id() -> None:
    assert parse_id("000000000000001f") == MessageId(31)


def test_short_ids_are_told_in_eight_digits_and_others_in_sixteen() -> None:
    assert tell_id(1) == b"00000001"
    assert tell_id(SHORT_IDS - 1) == b"ffffffff"
    assert tell_id(SHORT_IDS) == b"0000000100000000"


@given(st.integers(0, GREATEST))
def test_what_is_told_is_read_back(told: int) -> None:
    assert read_told_id(tell_id(told)) == read_told_id(tell_id(told).upper()) == told


@pytest.mark.parametrize(
    "octets", [b"", b"1", b"0x000001", b"000000001", b"+0000001", b" 0000001", b"8" * 16, b"\xff" * 8]
)
def test_what_no_customer_was_told_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        read_told_id(octets)


def test_no_id_is_a_short_one_even_when_the_clock_stands_at_its_beginning() -> None:
    assert IdSource(0).next(0) > SHORT_IDS
    assert IdSource(0, last=5).next(EPOCH_MS) > SHORT_IDS


def test_ids_in_decimal_have_more_digits_than_any_in_hexadecimal() -> None:
    assert tell_id_in_decimal(SHORT_IDS) == b"00000004294967296"
    assert tell_id_in_decimal(GREATEST) == b"9223372036854775807"
    assert tell_id_in_decimal(1) == tell_id(1)


@given(st.integers(0, GREATEST))
def test_both_ways_of_telling_are_read_back_by_one(told: int) -> None:
    assert read_told_id(tell_id_in_decimal(told)) == read_told_id(tell_id(told)) == told


def test_what_is_greater_than_any_id_is_none() -> None:
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        read_told_id(b"9223372036854775808")


def test_an_id_knows_its_moment() -> None:
    assert moment_of(IdSource(3).next(EPOCH_MS + 123_456_789)) == EPOCH_MS + 123_456_789

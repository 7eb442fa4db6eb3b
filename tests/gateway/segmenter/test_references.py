"""No reference twice on its way to one phone, as far as there are enough; and no more memory than was agreed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.segmenter.references import REFERENCES_8_BIT, REFERENCES_16_BIT, References

PHONE, OTHER = b"819011112222", b"819033334444"


@pytest.mark.parametrize(("wide", "size"), [(False, REFERENCES_8_BIT), (True, REFERENCES_16_BIT)])
def test_all_references_are_in_flight_before_one_comes_again(wide: bool, size: int) -> None:
    references = References()
    taken = [references.take(PHONE, wide) for _ in range(size)]
    assert sorted(taken) == list(range(size))
    assert references.take(PHONE, wide) == taken[0]  # of all that are in flight the oldest
    assert references.take(PHONE, wide) == taken[1]


def test_a_reference_in_flight_is_stepped_over_and_free_again_when_released() -> None:
    references = References(start=255)
    references.hold(PHONE, 0)
    references.hold(PHONE, 1)
    assert references.take(PHONE, wide=False) == 2
    references.release(PHONE, 0)
    again = [references.take(PHONE, wide=False) for _ in range(254)]
    assert 0 in again
    assert 1 not in again
    assert len(set(again)) == 254


def test_the_count_goes_on_over_destinations_so_that_a_phone_seldom_sees_one_again() -> None:
    references = References()
    assert [references.take(phone, wide=True) for phone in (PHONE, OTHER, PHONE)] == [1, 2, 3]
    for reference in (1, 3):
        references.release(PHONE, reference)
    assert references.take(PHONE, wide=True) == 4


def test_16_bits_wrap() -> None:
    references = References(start=REFERENCES_16_BIT - 2)
    assert [references.take(PHONE, wide=True) for _ in range(3)] == [65535, 0, 1]


def test_destinations_do_not_disturb_each_other() -> None:
    references = References(start=9)
    references.hold(OTHER, 10)
    assert references.take(PHONE, wide=False) == 10


def test_what_two_messages_hold_is_free_when_both_released_it() -> None:
    references = References(start=4)
    references.hold(PHONE, 5)
    references.hold(PHONE, 5)
    references.release(PHONE, 5)
    assert references.take(PHONE, wide=False) == 6
    references.release(PHONE, 5)
    references.release(PHONE, 6)
    assert len(references) == 0


def test_releasing_what_is_not_held_is_no_fault() -> None:
    references = References()
    references.release(PHONE, 1)
    reference = references.take(PHONE, wide=True)
    references.release(PHONE, reference + 1)
    references.release(OTHER, reference)
    assert len(references) == 1


def test_a_destination_is_forgotten_with_its_last_reference_or_when_there_are_too_many() -> None:
    references = References(max_destinations=2)
    first = references.take(b"1", wide=False)
    references.take(b"2", wide=False)
    references.take(b"3", wide=False)
    assert len(references) == 2
    references.release(b"1", first)  # forgotten already
    assert len(references) == 2
    references.take(b"2", wide=False)
    assert len(references) == 2


def test_8_and_16_bits_to_one_phone_keep_off_each_other_s_numbers() -> None:
    references = References(start=255)
    assert references.take(PHONE, wide=True) == 256
    references.hold(PHONE, 1)
    assert references.take(PHONE, wide=False) == 2


def test_nothing_is_free_among_8_bits_beside_many_of_16() -> None:
    references = References(start=255)
    for _ in range(1000):
        references.take(PHONE, wide=True)
    narrow = [references.take(PHONE, wide=False) for _ in range(256)]
    assert sorted(narrow) == list(range(256))
    assert references.take(PHONE, wide=False) == narrow[0]


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.booleans(), st.booleans()), max_size=300))
def test_no_two_in_flight_share_one(steps: list[tuple[bytes, bool, bool]]) -> None:
    references = References(start=200, max_destinations=3)
    in_flight: dict[bytes, list[int]] = {b"a": [], b"b": [], b"c": []}
    for phone, wide, finish in steps:
        if finish and in_flight[phone]:
            references.release(phone, in_flight[phone].pop(0))
        else:
            in_flight[phone].append(references.take(phone, wide))
    for held in in_flight.values():
        narrow_room = sum(1 for reference in held if reference < REFERENCES_8_BIT) < REFERENCES_8_BIT
        if narrow_room:
            assert max(Counter(held).values(), default=1) == 1
    assert len(references) == sum(1 for held in in_flight.values() if held)

"""The sink's account notices what came twice, what is damaged, and what was never sent."""

import pytest

from bench.arrivals import Arrivals, Reached
from bench.messages import FIRST_NUMBER, text


def number(item: int) -> bytes:
    return b"%d" % (FIRST_NUMBER + item)


def octets(item: int, length: int) -> bytes:
    return text(item, length).encode("utf_16_be")


def test_every_message_once() -> None:
    arrivals = Arrivals(3, 70)
    for item in (2, 0, 1):
        arrivals.add(number(item), 1, 1, octets(item, 70))
    assert (arrivals.segments, arrivals.doubled, arrivals.strangers, arrivals.damaged_at_end()) == (3, 0, 0, 0)
    assert list(arrivals.reached()) == [Reached(number(item).decode(), 1, 0) for item in range(3)]


def test_what_is_missing_is_not_there() -> None:
    arrivals = Arrivals(3, 70)
    arrivals.add(number(1), 1, 1, octets(1, 70))
    assert [one.destination for one in arrivals.reached()] == [number(1).decode()]


def test_a_segment_that_came_twice_and_thrice() -> None:
    arrivals = Arrivals(2, 70)
    for item in (0, 1, 0, 0):
        arrivals.add(number(item), 1, 1, octets(item, 70))
    assert arrivals.doubled == 2
    assert [one.doubled for one in arrivals.reached()] == [2, 0]


def test_segments_in_any_order_and_one_of_them_twice() -> None:
    arrivals = Arrivals(1, 200)
    whole = octets(0, 200)
    for place in (3, 1, 2, 3):
        arrivals.add(number(0), 3, place, whole[(place - 1) * 132 : place * 132] if place < 3 else whole[264:])
    assert list(arrivals.reached()) == [Reached(number(0).decode(), 3, 1)]
    assert arrivals.damaged_at_end() == 0


@pytest.mark.parametrize("length", [70, 5])
def test_a_text_that_was_changed(length: int) -> None:
    arrivals = Arrivals(3, length)
    arrivals.add(number(0), 1, 1, octets(0, length))
    arrivals.add(number(1), 1, 1, octets(1, length)[:-2] + "字".encode("utf_16_be"))
    arrivals.add(number(2), 1, 1, octets(2, length))
    assert arrivals.damaged_at_end() == 1


def test_a_text_of_another_message() -> None:
    arrivals = Arrivals(2, 70)
    arrivals.add(number(0), 1, 1, octets(1, 70))
    assert arrivals.damaged_at_end() == 1


def test_texts_that_are_all_damaged_alike() -> None:
    arrivals = Arrivals(2, 70)
    for item in range(2):
        arrivals.add(number(item), 1, 1, octets(item, 70)[:-2])
    assert arrivals.damaged_at_end() == 2


@pytest.mark.parametrize(
    ("destination", "total", "place"),
    [
        (number(-1), 1, 1),
        (number(5), 1, 1),
        (b"", 1, 1),
        (b"+" + number(0), 1, 1),
        (number(0), 0, 0),
        (number(0), 2, 3),
        (number(0), 33, 33),
        ("９".encode(), 1, 1),
    ],
)
def test_strangers_are_counted_and_kept_out(destination: bytes, total: int, place: int) -> None:
    arrivals = Arrivals(5, 70)
    arrivals.add(destination, total, place, b"")
    assert (arrivals.segments, arrivals.strangers) == (1, 1)
    assert list(arrivals.reached()) == []

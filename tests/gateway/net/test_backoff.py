"""Hosts in order, waits that grow: driven by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.net.backoff import Backoff, Ended, Place, Waits, jitter

A, B, C = Place("a", 1), Place("b", 2), Place("c", 3)
WAITS = Waits(1.0, 8.0, 300.0)


def backoff(*places: Place) -> Backoff:
    return Backoff(places, WAITS, lambda wait: wait)


def test_one_host_waits_double_up_to_the_longest() -> None:
    one = backoff(A)
    assert [one.after(Ended.FAILED) for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert one.place == A


def test_all_hosts_are_tried_before_the_wait_grows() -> None:
    one = backoff(A, B, C)
    seen = []
    for _ in range(7):
        place = one.place
        seen.append((place.host, one.after(Ended.FAILED)))
    assert seen == [("a", 1.0), ("b", 1.0), ("c", 1.0), ("a", 1.0), ("b", 1.0), ("c", 2.0), ("a", 1.0)]


def test_a_bind_that_served_begins_at_the_first_host() -> None:
    one = backoff(A, B, C)
    one.after(Ended.FAILED)
    assert one.place == B
    assert one.after(Ended.SERVED, steady=True) == 1.0
    assert one.place == A


def test_a_bind_that_is_granted_and_dies_at_once_is_not_hammered() -> None:
    one = backoff(A)
    assert [one.after(Ended.SERVED) for _ in range(4)] == [1.0, 2.0, 4.0, 8.0]
    assert one.after(Ended.SERVED, steady=True) == 1.0


@pytest.mark.parametrize("places", [(A,), (A, B)])
def test_a_wrong_password_waits_long_whichever_host_said_so(places: tuple[Place, ...]) -> None:
    one = backoff(*places)
    assert [one.after(Ended.REFUSED) for _ in range(4)] == [300.0] * 4


def test_fresh_forgets_it_all() -> None:
    one = backoff(A, B)
    for _ in range(5):
        one.after(Ended.FAILED)
    one.fresh()
    assert one.place == A
    one.after(Ended.FAILED)
    assert one.after(Ended.FAILED) == 1.0


@given(st.floats(0.01, 1e5))
def test_jitter_takes_at_most_half(wait: float) -> None:
    assert wait / 2 <= jitter(wait) <= wait


def test_many_binds_do_not_knock_at_once() -> None:
    assert len({jitter(1.0) for _ in range(20)}) > 1

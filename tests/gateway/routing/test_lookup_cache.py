"""How long answers are kept, and how many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.lookup_cache import Keeping, LookupCache

KEEPING = Keeping(known=1000.0, least=60.0, unknown=10.0)
NUMBER = b"819012345678"


def cache(most: int = 10, keeping: Keeping = KEEPING) -> LookupCache:
    return LookupCache(most, {"s": keeping, "t": keeping})


@pytest.mark.parametrize(
    ("said", "ttl", "seconds"),
    [
        (Said.KNOWN, None, 1000.0),
        (Said.KNOWN, 100.0, 100.0),
        (Said.KNOWN, 0.0, 60.0),  # a lying ttl, in both directions
        (Said.KNOWN, 2.0**31, 1000.0),
        (Said.AT_HOME, None, 1000.0),
        (Said.UNKNOWN, None, 10.0),
        (Said.UNKNOWN, 5.0, 10.0),
        (Said.UNKNOWN, 5000.0, 10.0),
        (Said.SILENT, None, 0.0),
        (Said.SILENT, 500.0, 0.0),
    ],
)
def test_how_long(said: Said, ttl: float | None, seconds: float) -> None:
    answer = Answer(said, "s", ttl=ttl)
    assert KEEPING.seconds(answer) == seconds
    one = cache()
    one.put(NUMBER, answer, 5.0)
    assert (one.get("s", NUMBER, 5.0 + seconds - 0.001) is answer) is bool(seconds)
    assert one.get("s", NUMBER, 5.0 + seconds) is None


def test_each_source_has_its_own_and_the_last_word_holds() -> None:
    one = cache()
    one.put(NUMBER, Answer(Said.KNOWN, "s", "one"), 0.0)
    assert one.get("t", NUMBER, 1.0) is None
    one.put(NUMBER, Answer(Said.KNOWN, "s", "two"), 1.0)
    found = one.get("s", NUMBER, 2.0)
    assert found is not None
    assert found.carrier == "two"
    one.put(NUMBER, Answer(Said.SILENT, "s"), 3.0)
    assert one.get("s", NUMBER, 3.0) is None
    assert (one.hits, one.misses) == (1, 2)


def test_a_number_can_be_forgotten() -> None:
    one = cache()
    for source in ("s", "t"):
        one.put(NUMBER, Answer(Said.KNOWN, source), 0.0)
    one.forget(NUMBER)
    assert len(one) == 0


@given(st.integers(0, 5), st.lists(st.integers(0, 12), max_size=60))
def test_it_never_keeps_more_than_it_may_and_the_newest_is_there(most: int, numbers: list[int]) -> None:
    one = cache(most)
    for number in numbers:
        one.put(b"%d" % number, Answer(Said.KNOWN, "s", str(number)), 0.0)
        assert len(one) <= most
        assert (one.get("s", b"%d" % number, 1.0) is not None) is bool(most)


def test_people_see_what_is_left_and_nothing_is_counted() -> None:
    one = cache()
    answer = Answer(Said.KNOWN, "s", "one")
    one.put(NUMBER, answer, 5.0)
    assert one.peek("s", NUMBER, 6.0) == (answer, 999.0)
    assert one.peek("s", NUMBER, 1005.0) is None
    assert one.peek("t", NUMBER, 6.0) is None
    assert (one.hits, one.misses) == (0, 0)

"""A bad network without sockets: order, places, ends, and one seed is one history."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from simulators import wire
from simulators.chaos import MOST_WAITING, Counter, Network, Pipe, Plan

STREAM = wire.enquire_link(1) + wire.submit_sm(2, b"1", b"8190", b"abc") + wire.unbind(3)


def pipe(*troubles: dict[str, Any], seed: int = 1) -> Pipe:
    return Pipe(list(Plan.model_validate({"troubles": troubles}).troubles), Random(seed))


def drain(one: Pipe) -> list[tuple[float, bytes]]:
    found = []
    while (due := one.due) is not None:
        assert one.ended is None
        found += [(due, piece) for piece in one.pull(due)]
    return found


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20), st.integers())
def test_order_is_kept_whatever_delays(writes: list[bytes], seed: int) -> None:
    one = pipe(
        {"kind": "delay", "seconds": [0.0, 5.0]},
        {"kind": "split", "octets": [1, 7]},
        {"kind": "stall", "after_octets": [1, 100], "seconds": [1.0, 9.0]},
        {"kind": "bandwidth", "octets_per_second": 10},
        seed=seed,
    )
    for at, octets in enumerate(writes):
        one.push(octets, float(at))
    arrived = drain(one)
    assert b"".join(piece for _, piece in arrived) == b"".join(writes)
    assert [at for at, _ in arrived] == sorted(at for at, _ in arrived)
    assert all(len(piece) <= 7 for _, piece in arrived)
    assert one.octets == 0


@pytest.mark.parametrize("step", [1, 3, 16, 17, 1_000])
@pytest.mark.parametrize(
    ("pdus", "plus", "passes"), [(1, 0, 16), (1, 5, 21), (2, 0, len(STREAM) - 16), (2, 15, len(STREAM) - 1)]
)
def test_a_cut_finds_its_place_in_any_cut_of_the_stream(step: int, pdus: int, plus: int, passes: int) -> None:
    one = pipe({"kind": "cut", "after_pdus": [pdus, pdus], "plus_octets": plus, "by": "close"})
    for at in range(0, len(STREAM), step):
        one.push(STREAM[at : at + step], 0.0)
    assert b"".join(piece for _, piece in drain(one)) == STREAM[:passes]
    assert one.ended == "close"


def test_nothing_passes_during_a_stall() -> None:
    one = pipe({"kind": "stall", "after_octets": [4, 4], "seconds": [10.0, 10.0]})
    one.push(b"12345678", 1.0)
    assert drain(one) == [(1.0, b"1234"), (11.0, b"5678")]


def test_bandwidth_is_no_more_than_it_says() -> None:
    one = pipe({"kind": "bandwidth", "octets_per_second": 100})
    for _ in range(10):
        one.push(bytes(50), 0.0)
    arrived = drain(one)
    assert arrived[-1][0] == pytest.approx(5.0)


def test_it_is_full_at_its_limit_and_not_before() -> None:
    one = pipe({"kind": "delay", "seconds": [1.0, 1.0]})
    one.push(bytes(MOST_WAITING - 1), 0.0)
    assert not one.full
    one.push(b"1", 0.0)
    assert (one.full, one.pull(1.0)[1:], one.full) == (True, [b"1"], False)


def test_the_end_comes_after_what_is_under_way() -> None:
    one = pipe({"kind": "delay", "seconds": [3.0, 3.0]})
    one.push(b"last", 0.0)
    one.finish()
    assert one.ended is None
    assert one.pull(3.0) == [b"last"]
    assert one.ended == "close"


@pytest.mark.parametrize("garbage", [b"\0\0\0\0" * 3, b"\0\0\0\x02\0\0\0\x05\x01"])
def test_lengths_that_lie_stop_no_counter(garbage: bytes) -> None:
    counter = Counter()
    assert counter.pdu_end(garbage, 2) == 8 + (garbage[7:8] == b"\x05")


def test_one_seed_is_one_network() -> None:
    troubles = [{"kind": "cut", "after_octets": [1, 1_000], "share": 0.5}, {"kind": "delay", "seconds": [0.0, 9.0]}]

    def history(seed: int) -> list[Any]:
        network = Network(Plan.model_validate({"troubles": troubles}), seed)
        told = []
        for _ in range(10):
            there, back = network.connect(0.0)
            there.push(bytes(1_000), 0.0)
            back.push(bytes(10), 0.0)
            told.append([drain(there), there.ended, drain(back), back.ended])
        return told

    assert history(1) == history(1)
    assert history(1) != history(2)
    assert {one[1] for one in history(1)} == {None, "reset"}


def test_troubles_have_their_time_and_their_direction() -> None:
    cut = {"kind": "cut", "after_octets": [1, 1], "direction": "back", "from_seconds": 5, "to_seconds": 6}
    network = Network(Plan.model_validate({"troubles": [cut]}), 1)
    told = []
    for seconds in (4.9, 5.0, 6.0):
        for one in network.connect(seconds):
            one.push(b"ab", 0.0)
            one.pull(0.0)
            told.append(one.ended)
    assert told == [None, None, None, "reset", None, None]


def test_the_times_without_a_listener() -> None:
    network = Network(Plan.model_validate({"refuses": [{"from_seconds": 2, "to_seconds": 3}]}), 1)
    assert [network.refuses(at) for at in (1.9, 2.0, 2.9, 3.0)] == [False, True, True, False]
    assert [network.next_change(at) for at in (0.0, 2.0, 3.0)] == [2.0, 3.0, None]


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ({"kind": "cut"}, "needs either"),
        ({"kind": "cut", "after_octets": [1, 1], "after_pdus": [1, 1]}, "needs either"),
        ({"kind": "stall", "after_octets": [1, 1], "plus_octets": 1, "seconds": [0, 1]}, "goes with"),
        ({"kind": "delay", "seconds": [2, 1]}, "least, most"),
        ({"kind": "split", "octets": [0, 1]}, "greater than or equal to 1"),
        ({"kind": "rain"}, "does not match"),
    ],
)
def test_a_mistake_has_a_sentence(trouble: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Plan.model_validate({"troubles": [trouble]})

"""The short run that is part of every test run; `make fuzz` is the long one."""

from pathlib import Path
from random import Random

import pytest

from tests.fuzz import live
from tests.fuzz.octets import cut, frame, stream
from tests.fuzz.run import Failed, again, codec, session

SEED = "short"


def test_codec() -> None:
    assert codec(SEED, 0.0, 10_000) == 10_000


def test_session() -> None:
    assert session(SEED, 0.0, 800) == 800


async def test_gateway(tmp_path: Path) -> None:
    assert await live.run(SEED, 1.5, tmp_path) >= 2 * live.AT_A_TIME


def test_the_same_seed_is_the_same_octets() -> None:
    assert frame(Random("a")) == frame(Random("a"))
    assert stream(Random("a")) != stream(Random("b"))
    octets = stream(Random("a"))
    assert b"".join(cut(Random("c"), octets)) == octets


def test_a_failure_tells_its_seed_and_octets() -> None:
    def trial(lot: Random) -> None:
        octets = frame(lot)
        assert len(octets) < 30

    with pytest.raises(Failed, match=r"seed 'x \d+', first octets [0-9a-f]+") as found:
        again(trial, "x", 0.0, 10_000)
    seed = str(found.value).split("'")[1]
    assert len(frame(Random(seed))) >= 30

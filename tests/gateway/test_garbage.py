import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.garbage import LONGEST_SECONDS, NEVER, QUIET_SECONDS, Garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.freeze()  # what the other tests hold is not looked at each time
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Cycle:
    def __init__(self) -> None:
        self.own = self


def test_a_quiet_house_is_tidied_once_a_minute_and_a_busy_one_once_an_hour() -> None:
    work = 0
    garbage = Garbage(lambda: work, 0.0)
    ticks = [second for second in range(1, 400) if garbage.tick(float(second))]
    assert ticks == [int(QUIET_SECONDS) * number for number in range(1, 7)]
    for second in range(400, 400 + int(LONGEST_SECONDS)):
        work += 1
        if garbage.tick(float(second)):
            ticks.append(second)
    assert ticks[-1] == 360 + LONGEST_SECONDS


def test_what_ended_in_a_circle_is_gone_after_a_look_and_the_rest_is_left_alone() -> None:
    Garbage.begin()
    assert gc.get_threshold()[2] == NEVER
    cycle = weakref.ref(Cycle())
    assert Garbage(lambda: 0, 0.0).tick(QUIET_SECONDS)
    assert cycle() is None

"""The simulators' clock: forward, and in Japan's time."""

from datetime import timedelta

from simulators import clock


def test_it_never_steps_back() -> None:
    times = [clock.monotonic() for _ in range(100)]
    assert times == sorted(times)


def test_the_time_of_day_is_japans() -> None:
    assert clock.wall().utcoffset() == timedelta(hours=9)

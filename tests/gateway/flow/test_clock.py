"""The clock that the daemon hands in."""

from gateway.daemon import CLOCK


def test_units() -> None:
    before, after = CLOCK.monotonic(), CLOCK.monotonic()
    assert 0 <= after - before < 60
    assert 1_700_000_000_000 < CLOCK.wall_ms() < 10_000_000_000_000

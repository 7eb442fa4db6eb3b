"""The ramp after an outage."""

import pytest

from gateway.throttle.ramp import Ramp


def test_traffic_returns_by_and_by_after_a_long_outage() -> None:
    ramp = Ramp(share=0.1, seconds=60.0, after_seconds=30.0)
    assert ramp.factor(0.0) == 1.0
    ramp.down(10.0)
    ramp.down(35.0)  # it is down still: the outage began at 10
    ramp.up(50.0)
    ramp.up(70.0)
    assert [ramp.factor(at) for at in (50.0, 80.0, 109.999, 110.0, 500.0)] == pytest.approx(
        [0.1, 0.55, 1.0, 1.0, 1.0], abs=1e-4
    )


def test_a_short_outage_needs_none() -> None:
    ramp = Ramp(share=0.1, seconds=60.0, after_seconds=30.0)
    ramp.down(10.0)
    ramp.up(39.9)
    assert ramp.factor(40.0) == 1.0


def test_a_ramp_of_no_time_is_none() -> None:
    ramp = Ramp(share=0.5, seconds=0.0, after_seconds=0.0)
    ramp.down(1.0)
    ramp.up(1.0)
    assert ramp.factor(1.0) == 1.0


@pytest.mark.parametrize(("share", "seconds"), [(0.0, 1.0), (1.1, 1.0), (0.5, -1.0)])
def test_a_ramp_from_nothing_is_refused(share: float, seconds: float) -> None:
    with pytest.raises(ValueError, match="ramp"):
        Ramp(share, seconds, 0.0)

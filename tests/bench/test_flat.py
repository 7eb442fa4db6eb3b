"""Slopes of known lines, noise, and processes that are there or gone."""

import os
import subprocess
import sys
from random import Random

import pytest

from bench.flat import NOISE_MIB, Slope, is_flat, look, slope


@pytest.mark.parametrize("per_hour", [-30.0, 0.0, 7.5, 100.0])
def test_a_line_has_its_slope_in_spite_of_noise(per_hour: float) -> None:
    lot = Random(1)
    points = [(float(at), 50.0 + per_hour * at / 3_600 + lot.uniform(-0.5, 0.5)) for at in range(0, 3_600, 10)]
    found = slope(points)
    assert found.mib_per_hour == pytest.approx(per_hour, abs=0.3)
    assert found.grown_mib == pytest.approx(per_hour, abs=0.3)


@pytest.mark.parametrize("points", [[], [(1.0, 2.0)], [(1.0, 2.0), (1.0, 9.0)]])
def test_too_few_points_are_flat(points: list[tuple[float, float]]) -> None:
    assert slope(points) == Slope(0.0, 0.0)


@pytest.mark.parametrize(
    ("one", "flat"),
    [
        (Slope(8.0, 100.0), True),
        (Slope(8.1, NOISE_MIB), True),
        (Slope(8.1, NOISE_MIB + 0.1), False),
        (Slope(-50.0, -20.0), True),
    ],
)
def test_flat_is_under_the_limit_or_no_more_than_noise(one: Slope, flat: bool) -> None:
    assert is_flat(one, 8.0) is flat


def test_a_process_is_seen_while_it_is_there() -> None:
    own = look(os.getpid())
    assert own is not None
    assert own.rss_mib > 5
    assert own.files >= 3
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert look(process.pid) is None

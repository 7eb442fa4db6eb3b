"""The bench of pace: its carrier counts by the second, a small run works, and figures that do not hold are told."""

import json
from typing import Any

import pytest

from bench import pace
from simulators import wire


def test_the_carrier_takes_its_limit_in_each_second() -> None:
    carrier = pace.Carrier(3)
    answers = [carrier.judge(at, b"81") for at in (0.0, 0.1, 0.2, 0.3, 0.9, 1.0)]
    assert answers == [wire.ESME_ROK] * 3 + [wire.ESME_RTHROTTLED] * 2 + [wire.ESME_ROK]
    assert list(carrier.refused) == [0.3, 0.9]


def test_without_a_limit_it_takes_all() -> None:
    carrier = pace.Carrier(0)
    assert {carrier.judge(0.0, b"81") for _ in range(1_000)} == {wire.ESME_ROK}
    assert len(carrier.taken) == 1_000


def test_a_password_behind_a_campaign(capfd: pytest.CaptureFixture[str]) -> None:
    code = pace.main(["password", "--limit", "500", "--campaign", "2000", "--passwords", "5"])
    figures = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert figures["waiting_at_first"] > figures["waiting_at_last"] > 0
    assert 0 < figures["password_ms_p50"] <= figures["password_ms_p99"]
    assert code == (0 if pace.held(figures) else 1)


def test_goodput_is_counted_after_it_settled(capfd: pytest.CaptureFixture[str]) -> None:
    code = pace.main(["goodput", "--settle", "0.5", "--seconds", "1"])
    figures = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert 0 < figures["goodput_share"] <= 2.1  # two of the carrier's seconds at most
    assert 0 <= figures["refused_share"] < 1
    assert code == (0 if pace.held(figures) else 1)


@pytest.mark.parametrize(
    ("figures", "holds"),
    [
        ({"figure": "goodput", "goodput_share": 0.95, "refused_share": 0.0099}, True),
        ({"figure": "goodput", "goodput_share": 0.949, "refused_share": 0.0}, False),
        ({"figure": "goodput", "goodput_share": 1.0, "refused_share": 0.01}, False),
        ({"figure": "password", "waiting_at_last": 1, "password_ms_p99": 549.9, "window_ms": 500.0}, True),
        ({"figure": "password", "waiting_at_last": 1, "password_ms_p99": 550.0, "window_ms": 500.0}, False),
        ({"figure": "password", "waiting_at_last": 0, "password_ms_p99": 1.0, "window_ms": 500.0}, False),
    ],
)
def test_what_is_promised(figures: dict[str, Any], holds: bool) -> None:
    assert pace.held(figures) is holds


def test_a_gateway_that_does_not_come_up(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(pace, "PASSWORD", "nine-octs")
    assert pace.main(["goodput"]) == 2
    assert "bench.pace: gateway did not say" in capfd.readouterr().err

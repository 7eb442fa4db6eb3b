"""Pace in the configuration: what is taken, what is refused, and the machines that come of it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings.pace import (
    CarrierPaceSettings,
    ErrorRowSettings,
    HoursSettings,
    OptOutSettings,
    OverloadSettings,
    QuotaSettings,
    RetrySettings,
    SendingHoursSettings,
    ThrottleSettings,
)
from gateway.settings.section import Section
from gateway.throttle.above import Above
from gateway.throttle.quota import Use, Verdict

NOON = 1_782_788_400_000  # 2026-06-30 12:00 in Japan
PACE = {"segments_per_second": 100.0, "burst_segments": 20}


def test_what_was_written_before_holds_still_and_brings_the_rest() -> None:
    settings = CarrierPaceSettings.model_validate(PACE)
    pace = settings.pace(0.0)
    assert pace.rate(0.0) == 100.0
    assert pace.adaptive is not None
    assert pace.ramp is not None
    assert pace.grant(50, 0.0) == 20


def test_all_limits_together() -> None:
    settings = CarrierPaceSettings.model_validate(
        PACE | {"most_in_a_second": 15, "adaptive": None, "ramp": None, "each_bind": PACE}
    )
    pace = settings.pace(0.0)
    assert pace.grant(50, 0.0) == 15
    assert pace.grant(50, 0.9) == 0
    assert settings.each_bind is not None
    assert settings.each_bind.bucket(0.0).grant(50, 0.0) == 20


def test_a_rate_below_the_usual_floor_is_its_own_floor() -> None:
    pace = CarrierPaceSettings.model_validate({"segments_per_second": 0.5, "burst_segments": 1}).pace(0.0)
    assert pace.rate(0.0) == 0.5


def test_yen_are_kept_as_sen() -> None:
    settings = QuotaSettings.model_validate({"day": {"messages": 10}, "month": {"yen": "95.5"}})
    quota = settings.quota(NOON)
    assert quota.take(Use(1, 1, 9550), NOON) is Verdict.WARN
    assert quota.take(Use(1, 1, 1), NOON) is Verdict.MONTH


def test_hours_are_those_of_japan() -> None:
    settings = SendingHoursSettings.model_validate(
        {
            "by_kind": {"collection": {"opens": "08:00", "closes": "21:00"}},
            "otherwise": {"opens": "22:00", "closes": "24:00"},
        }
    )
    calendar = settings.calendar()
    assert calendar.opens_at("collection", NOON) == NOON
    assert calendar.opens_at("other", NOON) == NOON + 10 * 3_600_000
    assert SendingHoursSettings().calendar().opens_at("other", NOON) == NOON


@pytest.mark.parametrize(
    ("written", "choice"), [("throttled", Above.THROTTLED), ("queue_full", Above.QUEUE_FULL), ("slow", Above.SLOW)]
)
def test_every_choice_is_one_of_the_machine(written: str, choice: Above) -> None:
    assert ThrottleSettings.model_validate(PACE | {"above": written}).choice() is choice


def test_defaults_are_sound() -> None:
    for section in (OptOutSettings, OverloadSettings, RetrySettings, QuotaSettings):
        section()
    row = ErrorRowSettings.model_validate({"status": 0x4FF, "means": "elsewhere", "reason": "the phone roams"})
    assert row.means == "elsewhere"


@pytest.mark.parametrize(
    ("section", "written", "says"),
    [
        (CarrierPaceSettings, PACE | {"adaptive": {"floor_segments_per_second": 101.0}}, "floor"),
        (CarrierPaceSettings, PACE | {"most_in_a_second": 0}, "greater"),
        (RetrySettings, {"first_seconds": 10.0, "longest_seconds": 9.0}, "first_seconds"),
        (HoursSettings, {"opens": "8:00", "closes": "21:00"}, "08:00"),
        (HoursSettings, {"opens": 480, "closes": "21:00"}, "08:00"),
        (HoursSettings, {"opens": "08:00", "closes": "08:00"}, "never"),
        (HoursSettings, {"opens": "24:00", "closes": "21:00"}, "00:00"),
        (HoursSettings, {"opens": "08:00", "closes": "00:00"}, "24:00"),
        (HoursSettings, {"opens": "08:00", "closes": "24:01"}, "time of the day"),
        (OverloadSettings, {"queue_begin": 0.5, "queue_end": 0.5}, "queue_begin"),
        (OverloadSettings, {"commit_end_seconds": 1.0}, "commit_begin_seconds"),
        (QuotaSettings, {"day": {"yen": 5}}, "yen in quotes"),
        (ThrottleSettings, PACE | {"above": "wait"}, "throttled"),
        (ErrorRowSettings, {"status": 0, "means": "here", "reason": "x"}, "greater"),
    ],
)
def test_what_cannot_be_meant_is_refused(section: type[Section], written: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        section.model_validate(written)


def test_plain_values_for_the_machines_of_the_flow() -> None:
    assert RetrySettings(first_seconds=2.0, jitter=0.1).steps() == (2.0, 2.0, 600.0, 0.1)
    assert OverloadSettings(queue_begin=0.9).marks() == (0.9, 0.6, 1.0, 0.25)


def test_numbers_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_bytes(b"+819012345678,since 2020\r\n\n# a remark\n 818012345678 # and another\n")
    assert OptOutSettings(file=file).numbers() == [b"819012345678", b"818012345678"]
    assert OptOutSettings().numbers() == []
    with pytest.raises(ValidationError, match="more numbers"):
        OptOutSettings(file=file, most=1)
    file.write_bytes(b"819012345678\n090-1234-5678\n")
    with pytest.raises(ValidationError, match=r"out\.csv:2: no number with country code"):
        OptOutSettings(file=file)
    with pytest.raises(ValidationError, match="cannot be read"):
        OptOutSettings(file=tmp_path / "nowhere")

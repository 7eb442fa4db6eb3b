"""Pace as the operator writes it: carriers' rates and ramps, accounts' limits, quotas, hours and lists, overload."""

import re
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gateway.settings.section import CommandStatusCode, FilePath, Key, Section, YenAsSen
from gateway.throttle.above import Above
from gateway.throttle.adaptive import AdaptiveRate, AdaptiveRules
from gateway.throttle.bucket import TokenBucket
from gateway.throttle.calendar import DAY_MINUTES, Calendar, Hours
from gateway.throttle.pace import Pace
from gateway.throttle.quota import Limits, Quota
from gateway.throttle.ramp import Ramp
from gateway.throttle.second import SecondWindow

MOST_KINDS = 100
MOST_ROWS = 1_000
_E164 = re.compile(rb"[1-9][0-9]{4,14}")
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


def _minutes(written: object) -> object:
    found = _TIME.fullmatch(written) if isinstance(written, str) else None
    if found is None or (minutes := int(found[1]) * 60 + int(found[2])) > DAY_MINUTES:
        raise ValueError('must be a time of the day in quotes: "08:00"')
    return minutes


TimeOfDay = Annotated[
    int, BeforeValidator(_minutes), WithJsonSchema({"type": "string", "pattern": _TIME.pattern, "title": "Time"})
]
"""Written as "hh:mm" in Japan, kept as minutes of the day; "24:00" is its end."""

Keyword = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,32}$")]


class AdaptiveSettings(Section):
    """The rate follows what the carrier bears: refusals for now, congestion_state and slow responses lower it."""

    floor_segments_per_second: float = Field(
        default=1.0, gt=0.0, le=1_000_000.0, description="The rate is never lowered below this."
    )
    longest_pause_seconds: float = Field(
        default=1.0,
        ge=0.02,
        le=600.0,
        description="After a refusal nothing is sent for 0.02 s, doubled while refusals go on, up to this.",
    )
    recovery_seconds: float = Field(
        default=12.0, ge=0.0, le=86_400.0, description="So long after the last complaint the rate begins to grow fast."
    )
    slow_factor: float = Field(
        default=4.0,
        ge=0.0,
        le=1_000.0,
        description="Responses so many times slower than the fastest lower the rate. 0: response times do not.",
    )
    slow_margin_seconds: float = Field(
        default=0.25, ge=0.0, le=600.0, description="And slower than the fastest by at least this."
    )


class RampSettings(Section):
    """After an outage the rate grows from a share of it to all of it."""

    share: float = Field(default=0.1, gt=0.0, le=1.0, description="Share of the rate that it begins with.")
    seconds: float = Field(default=60.0, ge=0.0, le=86_400.0, description="Time until all of it is used.")
    after_seconds: float = Field(
        default=60.0, ge=0.0, le=86_400.0, description="Shorter outages, with no bind that sends, need no ramp."
    )


class BindPaceSettings(Section):
    """How fast segments may follow each other on one bind."""

    segments_per_second: float = Field(gt=0.0, le=1_000_000.0, description="Segments a second, in the long run.")
    burst_segments: int = Field(ge=1, le=1_000_000, description="Segments that may go at once after a pause.")

    def bucket(self, now: float) -> TokenBucket:
        """A full one; `now` in monotonic seconds."""
        return TokenBucket(self.segments_per_second, self.burst_segments, now)


class CarrierPaceSettings(BindPaceSettings):
    """How fast segments may go to the carrier, over all binds."""

    most_in_a_second: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Most segments in any window of a second, burst included. null: rate and burst alone decide.",
    )
    each_bind: BindPaceSettings | None = Field(default=None, description="What one bind may, beside. null: as all.")
    adaptive: AdaptiveSettings | None = Field(
        default_factory=AdaptiveSettings, description="Lower the rate when the carrier complains. null: pause only."
    )
    ramp: RampSettings | None = Field(
        default_factory=RampSettings, description="How traffic returns after an outage. null: at once."
    )

    @field_validator("adaptive")
    @classmethod
    def _floor(cls, adaptive: AdaptiveSettings | None, info: ValidationInfo) -> AdaptiveSettings | None:
        rate = info.data.get("segments_per_second")
        if adaptive is None or rate is None or adaptive.floor_segments_per_second <= rate:
            return adaptive
        if "floor_segments_per_second" in adaptive.model_fields_set:
            raise ValueError("floor_segments_per_second must not be above segments_per_second")
        return adaptive.model_copy(update={"floor_segments_per_second": rate})

    def pace(self, now: float) -> Pace:
        """The machine; `now` in monotonic seconds."""
        adaptive = self.adaptive
        return Pace(
            self.segments_per_second,
            self.burst_segments,
            now,
            None if self.most_in_a_second is None else SecondWindow(self.most_in_a_second),
            None
            if adaptive is None
            else AdaptiveRate(
                AdaptiveRules(
                    self.segments_per_second,
                    min(adaptive.floor_segments_per_second, self.segments_per_second),
                    adaptive.longest_pause_seconds,
                    adaptive.recovery_seconds,
                    adaptive.slow_factor,
                    adaptive.slow_margin_seconds,
                ),
                now,
            ),
            None if self.ramp is None else Ramp(self.ramp.share, self.ramp.seconds, self.ramp.after_seconds),
        )


class ErrorRowSettings(Section):
    """What one answer to a submit_sm means."""

    status: CommandStatusCode = Field(description="command_status.")
    means: Literal["slower", "here", "elsewhere", "permanent", "in_doubt"] = Field(
        description="`slower` (all to this carrier), `here` (this segment later), `elsewhere` (another carrier may "
        "take it), `permanent`, or `in_doubt` (it may have been taken all the same)."
    )
    reason: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")] = Field(
        description="The words for a person, in traces."
    )


class RetrySettings(Section):
    """When a segment that was refused for now is tried again, and how long the carrier tries by itself."""

    first_seconds: float = Field(default=1.0, ge=0.01, le=3_600.0, description="Wait after the first try.")
    factor: float = Field(default=2.0, ge=1.0, le=10.0, description="Each wait is so many times the one before.")
    longest_seconds: float = Field(default=600.0, ge=0.01, le=86_400.0, description="Longest wait.")
    jitter: float = Field(default=0.3, ge=0.0, le=0.9, description="Share of a wait that chance takes off.")
    carrier_tries_hours: float = Field(
        default=72.0,
        ge=0.001,
        le=168.0,
        description="How long the carrier tries to reach a phone by itself. A receipt is waited for no longer than "
        "this and `receipt_margin_hours`.",
    )

    def steps(self) -> tuple[float, float, float, float]:
        """First wait, factor, longest wait, jitter."""
        return self.first_seconds, self.factor, self.longest_seconds, self.jitter

    @field_validator("longest_seconds")
    @classmethod
    def _not_below_first(cls, longest: float, info: ValidationInfo) -> float:
        if longest < info.data.get("first_seconds", 0.0):
            raise ValueError("must not be below first_seconds")
        return longest


class ThrottleSettings(BindPaceSettings):
    """How fast an account may send."""

    above: Literal["throttled", "queue_full", "slow"] = Field(
        default="throttled",
        description="What is above: refused with ESME_RTHROTTLED (`throttled`) or ESME_RMSGQFUL (`queue_full`), or its "
        "binds are read more slowly (`slow`), and TCP tells it.",
    )

    def choice(self) -> Above:
        """The same as the machine takes it."""
        return Above[self.above.upper()]


class QuotaOfTimeSettings(Section):
    """The most of a day, or of a month. null: without limit."""

    messages: int | None = Field(default=None, ge=0, le=10**12, description="Messages.")
    units: int | None = Field(default=None, ge=0, le=10**12, description="Billed units.")
    yen: YenAsSen | None = Field(default=None, description='Yen as text, at the price of the first tier: "50000".')

    def limits(self) -> Limits:
        """The same as the machine takes it."""
        return Limits(self.messages, self.units, self.yen)


class QuotaSettings(Section):
    """What an account may use up, by days and months of Japan."""

    day: QuotaOfTimeSettings = Field(default_factory=QuotaOfTimeSettings, description="From midnight to midnight.")
    month: QuotaOfTimeSettings = Field(default_factory=QuotaOfTimeSettings, description="A calendar month.")
    warn_percent: int = Field(default=80, ge=1, le=100, description="At this share of any of them a warning is given.")
    above: Literal["fail", "throttled", "queue_full", "slow"] = Field(
        default="fail",
        description="What is above: refused for good with ESME_RSUBMITFAIL (`fail`), or for now with ESME_RTHROTTLED "
        "(`throttled`) or ESME_RMSGQFUL (`queue_full`); `slow`: as `throttled`, and its binds are read more slowly.",
    )

    def choice(self) -> Above | None:
        """What happens above, as the flow takes it."""
        return None if self.above == "fail" else Above[self.above.upper()]

    def quota(self, now_ms: int) -> Quota:
        """The machine, nothing used; `now_ms` since 1970."""
        return Quota(self.day.limits(), self.month.limits(), self.warn_percent, now_ms)


class HoursSettings(Section):
    """Hours of the day in Japan at which a kind of message may be sent; over midnight when `closes` is the earlier."""

    opens: TimeOfDay = Field(description='The first minute: "08:00".')
    closes: TimeOfDay = Field(description='The minute from which on they wait: "21:00".')

    @field_validator("opens")
    @classmethod
    def _in_the_day(cls, opens: int) -> int:
        if opens == DAY_MINUTES:
            raise ValueError('the day begins at "00:00"')
        return opens

    @field_validator("closes")
    @classmethod
    def _open_for_some_time(cls, closes: int, info: ValidationInfo) -> int:
        if closes == 0:
            raise ValueError('the end of the day is "24:00"')
        if closes == info.data.get("opens"):
            raise ValueError("would never be open, or always: leave it out")
        return closes


class SendingHoursSettings(Section):
    """When messages leave; what comes outside waits, and has expired when its validity ends before."""

    by_kind: dict[Key, HoursSettings] = Field(
        default_factory=dict, max_length=MOST_KINDS, description="By the kind of the message."
    )
    otherwise: HoursSettings | None = Field(default=None, description="All other messages. null: at any time.")

    def calendar(self) -> Calendar:
        """The same as the machine takes it."""
        hours = {kind: Hours(one.opens, one.closes) for kind, one in self.by_kind.items()}
        if self.otherwise is None:
            return Calendar(hours)
        return Calendar(hours, Hours(self.otherwise.opens, self.otherwise.closes))


class OptOutSettings(Section):
    """Numbers that want nothing of this account any more."""

    stop: tuple[Keyword, ...] = Field(
        default=("STOP", "配信停止"),
        max_length=100,
        description="A phone that sends one of these alone to a number of the account is put on the list. Width and "
        "case do not matter.",
    )
    start: tuple[Keyword, ...] = Field(
        default=("START", "配信再開"), max_length=100, description="And one that sends one of these is taken off."
    )
    file: FilePath | None = Field(default=None, description="Numbers to begin with, one a line. null: none.")
    most: int = Field(default=1_000_000, ge=1, le=100_000_000, description="Numbers on the list; 8 octets each.")

    @model_validator(mode="after")
    def _sound(self) -> "OptOutSettings":
        if len(self.numbers()) > self.most:
            raise ValueError("the file has more numbers than `most`")
        return self

    def numbers(self) -> list[bytes]:
        """Those in the file: with country code, digits only; what is behind a comma or # is passed over."""
        if self.file is None:
            return []
        try:
            lines = self.file.read_bytes().splitlines()
        except OSError as error:
            raise ValueError(f"{self.file} cannot be read: {error.strerror}") from None
        numbers = []
        for place, line in enumerate(lines, 1):
            number = re.split(rb"[,#]", line, maxsplit=1)[0].strip().removeprefix(b"+")
            if number and not _E164.fullmatch(number):
                raise ValueError(f"{self.file}:{place}: no number with country code")
            if number:
                numbers.append(number)
        return numbers


class OverloadSettings(Section):
    """When customers are refused for the sake of the others, the largest first. Between the marks nothing changes."""

    queue_begin: float = Field(
        default=0.8, gt=0.0, le=1.0, description="Share of `store.max_waiting_messages` at which it begins."
    )
    queue_end: float = Field(default=0.6, gt=0.0, lt=1.0, description="Share below which it ends.")
    commit_begin_seconds: float = Field(
        default=1.0, gt=0.0, le=600.0, description="A batch that takes so long to be durable begins it too."
    )
    commit_end_seconds: float = Field(default=0.25, gt=0.0, le=600.0, description="And below this it ends.")

    def marks(self) -> tuple[float, float, float, float]:
        """Begin and end by the queue, begin and end by the commit."""
        return self.queue_begin, self.queue_end, self.commit_begin_seconds, self.commit_end_seconds

    @field_validator("queue_end")
    @classmethod
    def _queue(cls, end: float, info: ValidationInfo) -> float:
        if end >= info.data.get("queue_begin", 1.0):
            raise ValueError("must be below queue_begin")
        return end

    @field_validator("commit_end_seconds")
    @classmethod
    def _commit(cls, end: float, info: ValidationInfo) -> float:
        if end >= info.data.get("commit_begin_seconds", 600.0):
            raise ValueError("must be below commit_begin_seconds")
        return end

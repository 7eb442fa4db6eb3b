"""Which faults' conditions hold at this moment: what the alert rules ask Prometheus, asked of the counters themselves.

Counters are sampled now and then, so that "within fifteen minutes" can be said without keeping every second.
"""

import os
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.flow.carrier import Carrier
from gateway.model.histogram import Histogram
from gateway.ops.carrier_metrics import oldest_age
from gateway.ops.door_metrics import CarrierCertificates
from gateway.ops.fault_kinds import KINDS
from gateway.ops.faults import Facts, Key
from gateway.ops.watched import Watched
from gateway.routing.breaker import BreakerState
from gateway.smpp.status import CommandStatus

SAMPLE_SECONDS = 15.0
KEPT_SECONDS = 3_600.0
MINUTE, HALF_HOUR, HOUR = 60.0, 1_800.0, 3_600.0
DAY_MS = 86_400_000
SELDOM_SECONDS = 10.0  # what takes long is looked at so often

_S = CommandStatus
LATER = frozenset({_S.ESME_RTHROTTLED, _S.ESME_RMSGQFUL})
REFUSALS = frozenset({_S.ESME_RINVPASWD, _S.ESME_RINVSYSID, _S.ESME_RINVSYSTYP, _S.ESME_RBINDFAIL, _S.ESME_RALYBND})
WRONG = ("wrong_password", "unknown_system_id", "locked_out")
URGENT, AGES = 3, {3: 30.0, 2: 30.0, 1: 14_400.0, 0: 14_400.0}  # the oldest of a lane, by priority, in seconds
LATE_OF_URGENT_MS, LATE_RECEIPT_MS, SLOW_COMMIT_MS, SLOW_LOOP_MS = 2_000, 60_000, 500, 200
# 14.4 times the 5 % that may be late, as the alert rule has it.
TOO_MANY_LATE = 0.72
FREE_AGAIN_PERCENT = 2.0  # above the least, before the disk is well again


class CarrierSums(NamedTuple):
    """Of one carrier since the start."""

    sent: int
    receipts: int
    answers: int
    later: int
    refused: int
    doubtful: int
    odd: int  # receipts that match nothing or contradict
    lost: int  # binds
    binds_refused: int
    timed: int  # receipts whose time was measured, and those of them that took too long
    late: int


class GatewaySums(NamedTuple):
    """Of all since the start."""

    commits: int
    slow_commits: int
    turns: int
    slow_turns: int
    urgent: int
    late_urgent: int
    wrong: int
    repeated: int
    shift_ms: int  # of the wall clock against the other


class History:
    """Samples of some sums, for as long as any condition looks back."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, tuple[int, ...]]] = deque()

    def note(self, sums: tuple[int, ...], now: float) -> None:
        """One more, unless the last is fresh."""
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_SECONDS:
            self._samples.append((now, sums))
            while self._samples[0][0] < now - KEPT_SECONDS - SAMPLE_SECONDS:
                self._samples.popleft()

    def before(self, seconds: float, now: float) -> tuple[int, ...] | None:
        """The newest sample that is as old, else the oldest; None before the first."""
        if not self._samples:
            return None
        place = bisect_right(self._samples, now - seconds, key=lambda one: one[0])
        return self._samples[max(0, place - 1)][1]


class FaultFacts:
    """Looked at about once a second. `least_free_percent` is of the disk that `directory` is on."""

    def __init__(
        self,
        watched: Watched,
        directory: Path,
        least_free_percent: float,
        free_percent: Callable[[Path], float | None] | None = None,
    ) -> None:
        self._watched = watched
        self._directory = directory
        self._least = least_free_percent
        self._free_percent = free_percent or free_of
        self._certificates = CarrierCertificates()
        self._all = History()
        self._carriers: dict[str, History] = {}
        self._disk: tuple[float, float | None] = (float("-inf"), None)
        self._disk_low = False
        self._ages: dict[str, tuple[float, dict[int, float]]] = {}

    def unsure(self) -> frozenset[str]:
        """Kinds whose condition looks further back than the gateway runs."""
        up = self._watched.now() - self._watched.started
        return frozenset(kind.name for kind in KINDS.values() if kind.window_seconds > up)

    def look(self) -> dict[Key, Facts]:
        """What holds now."""
        now = self._watched.now()
        found: dict[Key, Facts] = dict(self._gateway(now))
        for key, carrier in self._watched.carriers.items():
            found.update({(name, key): facts for name, facts in self._carrier(key, carrier, now)})
        found.update(self._customers())
        found.update(self._others(now))
        return found

    def _gateway(self, now: float) -> Iterator[tuple[Key, Facts]]:
        watched, store, sums = self._watched, self._watched.store, gateway_sums(self._watched)
        self._all.note(sums, now)

        def grown(seconds: float) -> GatewaySums:
            before = self._all.before(seconds, now) or sums
            return GatewaySums(*(a - b for a, b in zip(sums, before, strict=True)))

        five, ten, hour = grown(5 * MINUTE), grown(10 * MINUTE), grown(HOUR)
        if store.stuck:
            yield ("StoreStuck", ""), {"why": store.stuck}
        if watched.reloads.failed:
            yield ("ConfigurationRefused", ""), {}
        if store.archive_stuck:
            yield ("StoreArchiveStuck", ""), {"why": store.archive_stuck}
        if store.behind or five.slow_commits > five.commits * 0.01:
            yield ("StoreSlow", ""), {"percent": _percent(five.slow_commits, five.commits)}
        if five.slow_turns > five.turns * 0.01:
            yield ("LoopSlow", ""), {"percent": _percent(five.slow_turns, five.turns)}
        if abs(five.shift_ms) > 500:
            yield ("ClockJumped", ""), {"seconds": round(five.shift_ms / 1000, 1)}
        if five.late_urgent > five.urgent * TOO_MANY_LATE and hour.late_urgent > hour.urgent * TOO_MANY_LATE:
            yield ("OneTimePasswordsLate", ""), {"percent": _percent(five.late_urgent, five.urgent)}
        if ten.wrong > 50:
            yield ("WrongPasswords", ""), {"count": ten.wrong}
        if hour.repeated > 0:
            yield ("RecordsRepeated", ""), {"count": hour.repeated}
        yield from self._disk_facts(now)
        imported = watched.routing.imported
        if imported is not None and imported.trouble:
            yield ("ImportedNumbersNotTaken", ""), {"why": imported.trouble}

    def _disk_facts(self, now: float) -> Iterator[tuple[Key, Facts]]:
        if now - self._disk[0] >= SELDOM_SECONDS:
            self._disk = (now, self._free_percent(self._directory))
        free = self._disk[1]
        if free is not None:
            self._disk_low = free < self._least + (FREE_AGAIN_PERCENT if self._disk_low else 0.0)
            if self._disk_low:
                yield ("DiskNearlyFull", ""), {"free_percent": round(free, 1)}

    def _carrier(self, key: str, carrier: Carrier, now: float) -> Iterator[tuple[str, Facts]]:
        sums = carrier_sums(carrier)
        history = self._carriers.setdefault(key, History())
        history.note(sums, now)

        def grown(seconds: float) -> CarrierSums:
            before = history.before(seconds, now) or sums
            return CarrierSums(*(a - b for a, b in zip(sums, before, strict=True)))

        up = sum(bind.session is not None for bind in carrier.binds)
        down = not up and not all(bind.drained for bind in carrier.binds)
        if down:
            yield "CarrierDown", {"binds": f"0/{len(carrier.binds)}", "waiting": len(carrier.lanes)}
        five, quarter, half, hour = grown(5 * MINUTE), grown(15 * MINUTE), grown(HALF_HOUR), grown(HOUR)
        if quarter.binds_refused > 0:
            yield "CarrierRefusesBind", {"count": quarter.binds_refused, "binds": f"{up}/{len(carrier.binds)}"}
        if half.lost > 6:
            yield "CarrierFlaps", {"count": half.lost}
        if quarter.sent > 20 and not quarter.receipts:
            yield "CarrierSilent", {"count": quarter.sent}
        if five.answers > 30 and five.refused > five.answers * 0.05:
            yield "CarrierErrors", {"percent": _percent(five.refused, five.answers)}
        if quarter.answers > 90 and quarter.later > quarter.answers * 0.2:
            yield "CarrierThrottles", {"percent": _percent(quarter.later, quarter.answers)}
        if half.timed > 36 and half.late > half.timed * 0.2:
            yield "ReceiptsLate", {"percent": _percent(half.late, half.timed)}
        if hour.odd > 0:
            yield "ReceiptsMatchNothing", {"count": hour.odd}
        if (doubtful := grown(10 * MINUTE).doubtful) > 0:
            yield "SegmentsInDoubt", {"count": doubtful}
        ages = self._ages_of(key, carrier, now)
        if not (down or carrier.held) and any(ages[priority] > most for priority, most in AGES.items()):
            yield "LaneOld", {"seconds": int(max(ages.values())), "waiting": len(carrier.lanes)}

    def _ages_of(self, key: str, carrier: Carrier, now: float) -> dict[int, float]:
        seen = self._ages.get(key)
        if seen is None or now - seen[0] >= SELDOM_SECONDS:
            wall_ms = self._watched.wall_ms()
            ages = {priority: oldest_age(carrier, priority, wall_ms) for priority in AGES}
            seen = self._ages[key] = (now, ages)
        return seen[1]

    def _customers(self) -> Iterator[tuple[Key, Facts]]:
        out, wall_ms = self._watched.receipts_out, self._watched.wall_ms()
        for name, account in self._watched.accounts.items():
            if account.quota_used_up:
                yield ("QuotaUsedUp", name), {}
            if account.binds:
                since = out.oldest(name)
                if since and wall_ms - since > 600_000:
                    yield ("OutboxGrowing", name), {"seconds": (wall_ms - since) // 1000}

    def _others(self, now: float) -> Iterator[tuple[Key, Facts]]:
        watched = self._watched
        for source, breaker in watched.routing.network.breakers().items():
            if breaker.state is not BreakerState.CLOSED:
                yield ("LookupSourceDown", source), {}
        ends = {address: one.ends_ms for address, one in watched.listener.certificates.items()}
        ends |= self._certificates.ends(watched.binds.certificate_files(), now)
        for name, ends_ms in ends.items():
            days = (ends_ms - watched.wall_ms()) / DAY_MS
            if days < 21:
                yield ("CertificateEnds" if days >= 3 else "CertificateEndsSoon", name), {"days_left": int(days)}


def carrier_sums(carrier: Carrier) -> CarrierSums:
    """As they are now."""
    counts = carrier.counts
    later = sum(counts.answers[status] for status in LATER)
    answers = counts.answers.total()
    return CarrierSums(
        sent=counts.segments_sent,
        receipts=counts.receipts.total(),
        answers=answers,
        later=later,
        refused=answers - later - counts.answers[_S.ESME_ROK],
        doubtful=counts.in_doubt,
        odd=counts.receipts_unknown + counts.receipts_contradicting,
        lost=sum(bind.times_lost for bind in carrier.binds),
        binds_refused=sum(counts.binds_refused[status] for status in REFUSALS),
        timed=sum(counts.receipt_ms.counts),
        late=above(counts.receipt_ms, LATE_RECEIPT_MS),
    )


def gateway_sums(watched: Watched) -> GatewaySums:
    """As they are now."""
    urgent = [carrier.counts.handover_ms[URGENT] for carrier in watched.carriers.values()]
    counts = watched.customers.attempts.counts
    return GatewaySums(
        commits=sum(watched.store.commit_ms.counts),
        slow_commits=above(watched.store.commit_ms, SLOW_COMMIT_MS),
        turns=sum(watched.lag_ms.counts),
        slow_turns=above(watched.lag_ms, SLOW_LOOP_MS),
        urgent=sum(sum(one.counts) for one in urgent),
        late_urgent=sum(above(one, LATE_OF_URGENT_MS) for one in urgent),
        wrong=sum(counts[name] for name in WRONG),
        repeated=watched.store.repeated_records,
        shift_ms=watched.wall_ms() - watched.started_ms - int((watched.now() - watched.started) * 1000),
    )


def above(histogram: Histogram, bound: int) -> int:
    """How many were more than this, which is one of its bounds."""
    return sum(histogram.counts[histogram.bounds.index(bound) + 1 :])


def free_of(directory: Path) -> float | None:
    """Percent of the disk that is free for whoever is not root; None where nobody can say."""
    try:
        found = os.statvfs(directory)
    except OSError:
        return None
    return 100.0 * found.f_bavail / found.f_blocks if found.f_blocks else None


def _percent(some: int, of: int) -> float:
    return round(100.0 * some / of, 1) if of else 0.0

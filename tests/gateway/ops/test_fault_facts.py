"""What holds in a gateway that works, and in one that is hurt: real flow, real sessions, time moved by hand."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.flow.attempts import Outcome
from gateway.model.histogram import LAG_MS, Histogram
from gateway.ops.fault_facts import FaultFacts as Facts
from gateway.ops.fault_facts import History, above, free_of
from gateway.ops.fault_kinds import FACTS, KINDS
from gateway.routing.breaker import Breaker
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import ANYWHERE, World, message, profile, receipt, refuse, settings, silent
from tests.gateway.ops.test_metrics import Listener, Store, watched

NOWHERE = Path("/nonexistent")


class Seen:
    """A world that is looked at."""

    def __init__(self, world: World | None = None, free: float | None = 50.0, **changes: Any) -> None:
        self.world = world or World()
        self.free = free
        self.store = Store()
        self.lag_ms = Histogram(LAG_MS)
        whole = {"store": self.store, "lag_ms": self.lag_ms} | changes
        self.watched = watched(self.world, **whole)
        self.facts = Facts(self.watched, NOWHERE, 10.0, lambda _: self.free)
        self.facts.look()

    def holds(self, seconds: float = 0.0) -> dict[str, dict[str, Any]]:
        """After so long, by `kind subject`."""
        self.world.now += seconds
        found = self.facts.look()
        assert {name for name, _ in found} <= set(KINDS)
        assert {fact for facts in found.values() for fact in facts} <= set(FACTS)
        return {f"{name} {subject}".strip(): dict(facts) for (name, subject), facts in found.items()}


def both_up(world: World) -> None:
    world.carrier("one")
    world.carrier("two")


def test_a_gateway_that_is_well_has_no_fault() -> None:
    seen = Seen()
    assert set(seen.holds()) == {"CarrierDown one", "CarrierDown two"}
    both_up(seen.world)
    seen.world.submit(seen.world.customer(), message())
    assert seen.holds(60) == {}


def test_a_carrier_is_down_unless_it_was_taken_out_of_service() -> None:
    seen = Seen()
    carrier = seen.world.carrier("one")
    seen.world.submit(seen.world.customer(), message())
    seen.world.cut(carrier)
    seen.world.submit(seen.world.customer(), message(characters=100))
    assert seen.holds()["CarrierDown one"] == {"binds": "0/1", "waiting": 2}
    seen.world.flow.carriers["one"].binds[0].drained = True
    assert "CarrierDown one" not in seen.holds()


def test_a_carrier_that_takes_and_tells_nothing_is_silent_until_it_tells() -> None:
    seen = Seen()
    both_up(seen.world)
    customer = seen.world.customer()
    for _ in range(21):
        seen.world.submit(customer, message())
    assert seen.holds(15)["CarrierSilent one"] == {"count": 21}
    carrier = seen.world.flow.carriers["one"]
    carrier.counts.receipts["RECEIPT_DELIVERED"] += 1
    assert "CarrierSilent one" not in seen.holds(15)
    assert "CarrierSilent one" not in seen.holds(3600), "nothing was sent lately"


def test_errors_and_later_are_told_apart() -> None:
    seen = Seen()
    both_up(seen.world)
    counts = seen.world.flow.carriers["one"].counts
    counts.answers[CommandStatus.ESME_ROK] += 60
    counts.answers[CommandStatus.ESME_RSYSERR] += 5
    counts.answers[CommandStatus.ESME_RTHROTTLED] += 35
    assert seen.holds(15).keys() == {"CarrierThrottles one"}
    counts.answers[CommandStatus.ESME_RSYSERR] += 5
    assert set(seen.holds(15)) == {"CarrierErrors one", "CarrierThrottles one"}
    assert seen.holds(300).keys() == {"CarrierThrottles one"}
    assert seen.holds(900) == {}


@pytest.mark.parametrize(
    ("hurt", "kind"),
    [
        (lambda one: one.counts.binds_refused.update({CommandStatus.ESME_RINVPASWD: 1}), "CarrierRefusesBind"),
        (lambda one: setattr(one.binds[0], "times_lost", 7), "CarrierFlaps"),
        (lambda one: setattr(one.counts, "in_doubt", 1), "SegmentsInDoubt"),
        (lambda one: setattr(one.counts, "receipts_unknown", 1), "ReceiptsMatchNothing"),
        (lambda one: [one.counts.receipt_ms.observe(90_000) for _ in range(40)], "ReceiptsLate"),
    ],
)
def test_each_counter_is_a_fault_for_as_long_as_its_window(hurt: Any, kind: str) -> None:
    seen = Seen()
    both_up(seen.world)
    hurt(seen.world.flow.carriers["one"])
    assert set(seen.holds(15)) == {f"{kind} one"}
    for _ in range(int(KINDS[kind].window_seconds) // 15 - 1):
        seen.holds(15)
    assert seen.holds(30) == {}


def test_messages_that_wait_too_long() -> None:
    seen = Seen(World(settings(carriers={"one": profile(session={"window": 1}), "two": profile()})))
    both_up(seen.world)
    link = seen.world.flow.carriers["one"]
    seen.world._pairs[0][1].answer = silent
    customer = seen.world.customer()
    for _ in range(3):
        seen.world.submit(customer, message(priority_flag=3))
    assert "LaneOld one" not in seen.holds(29)
    assert seen.holds(12)["LaneOld one"]["waiting"] == 2
    link.held = True
    assert "LaneOld one" not in seen.holds()


def test_a_customer_that_does_not_take_its_receipts() -> None:
    seen = Seen()
    carrier = seen.world.carrier("one")
    seen.world.carrier("two")
    customer = seen.world.customer()
    customer.answer = silent
    for number in range(60):
        seen.world.submit(customer, message())
        carrier.session.request(receipt(b"%d" % (number + 1)), None, seen.world.now)
    seen.world.pump()
    assert "OutboxGrowing shop" not in seen.holds(590)
    assert seen.holds(30)["OutboxGrowing shop"]["seconds"] >= 600
    seen.world.flow.accounts["shop"].quota_used_up = True
    assert "QuotaUsedUp shop" in seen.holds()


def test_the_store_the_loop_and_the_disk() -> None:
    seen = Seen()
    both_up(seen.world)
    seen.store.stuck, seen.store.archive_stuck = "database or disk is full", "no room"
    holds = seen.holds()
    assert (holds["StoreStuck"], holds["StoreArchiveStuck"]) == (
        {"why": "database or disk is full"},
        {"why": "no room"},
    )
    seen.store.stuck = seen.store.archive_stuck = ""
    seen.store.repeated_records = 1
    for _ in range(50):
        seen.store.commit_ms.observe(501)
        seen.lag_ms.observe(201)
    seen.free = 9.9
    holds = seen.holds(15)
    assert set(holds) == {"StoreSlow", "LoopSlow", "DiskNearlyFull", "RecordsRepeated"}
    assert holds["DiskNearlyFull"] == {"free_percent": 9.9}
    seen.free = 11.0
    assert "DiskNearlyFull" in seen.holds(15), "not much better is no better"
    seen.free = 12.5
    assert "DiskNearlyFull" not in seen.holds(15)
    seen.free = None
    assert "DiskNearlyFull" not in seen.holds(15)


def test_a_clock_that_was_set() -> None:
    world = World()
    shift = [0]
    seen = Seen(world, wall_ms=lambda: world.clock.wall_ms() + shift[0])
    both_up(world)
    assert seen.holds(15) == {}
    shift[0] = 3_000
    assert seen.holds(15)["ClockJumped"] == {"seconds": 3.0}
    assert seen.holds(301) == {}


def test_wrong_passwords_and_late_one_time_passwords() -> None:
    seen = Seen()
    both_up(seen.world)
    for _ in range(51):
        seen.world.flow.customers.attempts.note(b"x", ANYWHERE, Outcome.WRONG_PASSWORD, 0)
    for _ in range(10):
        seen.world.flow.carriers["one"].counts.handover_ms[3].observe(3_000)
    holds = seen.holds(15)
    assert holds == {"WrongPasswords": {"count": 51}, "OneTimePasswordsLate": {"percent": 100.0}}


def test_certificates_sources_and_imported_files() -> None:
    world = World()
    day = 86_400_000
    ends = {
        "a": SimpleNamespace(ends_ms=world.clock.wall_ms() + 22 * day),
        "b": SimpleNamespace(ends_ms=world.clock.wall_ms() + 20 * day),
        "c": SimpleNamespace(ends_ms=world.clock.wall_ms() + 2 * day),
    }
    seen = Seen(world, listener=Listener(certificates=ends))  # type: ignore[arg-type]
    both_up(world)
    assert seen.holds() == {"CertificateEnds b": {"days_left": 20}, "CertificateEndsSoon c": {"days_left": 2}}
    breaker = Breaker(1, 1.0, 1.0)
    imported: Any = SimpleNamespace(trouble="there is no file")
    network: Any = SimpleNamespace(breakers=lambda: {"hlr": breaker})
    routing = seen.watched.routing._replace(network=network, imported=imported)
    other = Seen(world, routing=routing)
    assert other.holds() == {"ImportedNumbersNotTaken": {"why": "there is no file"}}
    breaker.failed(0.0)
    assert "LookupSourceDown hlr" in other.holds()


def test_what_looks_back_is_unsure_until_it_can() -> None:
    seen = Seen()
    assert "CarrierSilent" in seen.facts.unsure()
    assert "CarrierDown" not in seen.facts.unsure()
    seen.world.now += 901
    assert "CarrierSilent" not in seen.facts.unsure()
    assert "RecordsRepeated" in seen.facts.unsure()


def test_history_keeps_an_hour_and_no_more() -> None:
    history = History()
    assert history.before(60.0, 0.0) is None
    for second in range(10_000):
        history.note((second,), float(second))
    assert len(history._samples) < 260
    assert history.before(60.0, 9_999.0) == (9_930,)
    oldest = history.before(1e9, 9_999.0)
    assert oldest is not None
    assert 6_300 < oldest[0] < 6_400


def test_above_counts_what_is_more_than_a_bound() -> None:
    one = Histogram((10, 20))
    for value in (10, 11, 20, 21):
        one.observe(value)
    assert (above(one, 10), above(one, 20)) == (3, 1)


def test_a_disk_that_is_there_and_one_that_is_not(tmp_path: Path) -> None:
    free = free_of(tmp_path)
    assert free is not None
    assert 0 <= free <= 100
    assert free_of(tmp_path / "nowhere") is None


def test_a_carrier_that_refuses_every_message_is_seen_end_to_end() -> None:
    seen = Seen()
    both_up(seen.world)
    seen.world._pairs[0][1].answer = refuse(CommandStatus.ESME_RINVDSTADR)
    customer = seen.world.customer()
    for _ in range(31):
        seen.world.submit(customer, message())
    assert seen.holds(15)["CarrierErrors one"] == {"percent": 100.0}

"""What an operator asks first: carriers, binds, lanes, customers, attempts to bind, the store. Changes nothing."""

from typing import Any

from gateway import __version__
from gateway.assemble import Flow
from gateway.carrier_binds import CarrierBinds, drain_of
from gateway.flow.account import Account, CustomerBind
from gateway.flow.carrier import Carrier, CarrierBind
from gateway.flow.limit_facts import facts_of_carrier, facts_of_customer, waiting_of
from gateway.flow.limits_now import Limit, limit_of_carrier, limit_of_customer
from gateway.ops import logs
from gateway.ops.watched import NO_RELOADS, StoreFigures
from gateway.smpp.status import describe
from gateway.store.contract import Lane
from gateway.throttle.lanes import PRIORITIES

HELD = "held"  # what limits a carrier, or a customer, that an operator holds
MOST_ATTEMPTS = 200

Told = dict[str, Any]


class SteerStatus:
    """Of one gateway."""

    def __init__(self, flow: Flow, binds: CarrierBinds, store: StoreFigures) -> None:
        self._flow = flow
        self._binds = binds
        self._store = store
        self._since = flow.clock.monotonic()
        self.reloads = NO_RELOADS  # whoever reloads puts its own here

    def status(self) -> Told:
        """All at a glance."""
        flow, store = self._flow, self._store
        return {
            "version": __version__,
            "up_seconds": int(flow.clock.monotonic() - self._since),
            "draining": flow.accept.draining,
            "messages": {
                "in_memory": len(flow.live),
                "on_disk": flow.parking.waiting,
                "not_due": flow.parking.not_due,
                "unfinished": len(flow.reassemble),
                "looking_up": len(flow.network.lookups),
            },
            "store": {
                "stuck": store.stuck,
                "archive_stuck": store.archive_stuck,
                "behind": store.behind,
                "batches": store.batches,
                "changes": store.changes,
                "repeated_records": store.repeated_records,
            },
            "carriers": self.carriers(),
            "receipts_owed_in_memory": sum(flow.receipts_out.depth(name) for name in flow.accounts),
            "customers_bound": sum(bool(one.binds) for one in flow.accounts.values()),
            "held_customers": [name for name, one in flow.accounts.items() if one.held],
            "drained_customers": [name for name, one in flow.accounts.items() if one.drained],
            "configuration_refused": self.reloads.failed,
            "passwords_waiting": flow.customers.verifying,
            "log_levels": logs.levels(),
        }

    def carriers(self) -> list[Told]:
        """Each with what limits it now."""
        on_disk: dict[str, int] = {}
        for lane, count in self._flow.parking.on_disk().items():
            on_disk[lane.carrier] = on_disk.get(lane.carrier, 0) + count
        return [self._carrier(one, on_disk.get(key, 0)) for key, one in self._flow.carriers.items()]

    def _carrier(self, carrier: Carrier, on_disk: int) -> Told:
        now = self._flow.clock.monotonic()
        counts = carrier.counts
        return {
            "carrier": carrier.key,
            "limit": self._limit(carrier, on_disk, now),
            "held": carrier.held,
            "binds_up": sum(bind.session is not None for bind in carrier.binds),
            "binds": len(carrier.binds),
            "binds_drained": sum(bind.drained for bind in carrier.binds),
            "in_flight": sum(bind.in_flight for bind in carrier.binds),
            "window": sum(bind.window for bind in carrier.binds),
            "waiting": len(carrier.lanes),
            "on_disk": on_disk,
            "awaiting_receipt": len(carrier.sent),
            "early_receipts": len(carrier.early),
            "paused_seconds": round(max(0.0, carrier.paused_until - now), 1),
            "segments_per_second": round(carrier.bucket.rate(now), 1),
            "sent": counts.segments_sent,
            "in_doubt": counts.in_doubt,
            "refused": {describe(status): count for status, count in counts.answers.items() if status},
            "hints": carrier.hints,
        }

    def _limit(self, carrier: Carrier, on_disk: int, now: float) -> str:
        if carrier.held:
            return HELD
        return limit_of_carrier(facts_of_carrier(carrier, on_disk, self._store_held, now), now).value

    @property
    def _store_held(self) -> bool:
        return bool(self._store.stuck) or self._store.behind

    def binds(self) -> Told:
        """Of carriers by their names, of customers by where they come from."""
        return {
            "carriers": [self._carrier_bind(one, bind) for one in self._flow.carriers.values() for bind in one.binds],
            "customers": [_customer_bind(bind) for one in self._flow.accounts.values() for bind in one.binds],
        }

    def binds_of_carrier(self, key: str) -> list[Told]:
        """Of one. KeyError."""
        carrier = self._flow.carriers[key]
        return [self._carrier_bind(carrier, bind) for bind in carrier.binds]

    @staticmethod
    def _carrier_bind(carrier: Carrier, bind: CarrierBind) -> Told:
        return {
            "bind": bind.name,
            "carrier": carrier.key,
            "state": "down" if bind.session is None else bind.session.state.name.lower(),
            "service": drain_of(bind).value,
            "in_flight": bind.in_flight,
            "window": bind.window,
            "refused": describe(bind.refused) if bind.refused else None,
        }

    def queues(self) -> list[Told]:
        """Every lane that has something: segments in memory, messages on disk."""
        on_disk = self._flow.parking.on_disk()
        found = []
        for key, carrier in self._flow.carriers.items():
            for priority in reversed(range(PRIORITIES)):
                for name, account in self._flow.accounts.items():
                    waiting = carrier.lanes.waiting(priority, name)
                    parked = on_disk.get(Lane(key, priority, name), 0)
                    if waiting or parked:
                        lane = {"carrier": key, "priority": priority, "customer": name}
                        depth = {"waiting": waiting, "on_disk": parked}
                        found.append(lane | depth | {"held": carrier.held or account.held})
        return found

    def customers(self) -> list[Told]:
        """Each with its binds, what limits it now, and its outbox."""
        return [self._customer(one) for one in self._flow.accounts.values()]

    def customer(self, name: str) -> Told:
        """One. KeyError."""
        return self._customer(self._flow.accounts[name])

    def _customer(self, account: Account) -> Told:
        carriers = self._flow.carriers.values()
        waits_for = [one for one in carriers if waiting_of(account, one)]
        counts = account.counts
        return {
            "customer": account.name,
            "system_id": account.system_id.decode("latin-1"),
            "limit": self._customer_limit(account, waits_for),
            "held": account.held,
            "drained": account.drained,
            "binds": [_customer_bind(bind) for bind in account.binds],
            "waiting": sum(waiting_of(account, one) for one in waits_for),
            "receipts_owed_in_memory": self._flow.receipts_out.depth(account.name),
            "receipts_in_flight": sum(bind.receipts_in_flight for bind in account.binds),
            "accepted": counts.accepted,
            "refused": dict(counts.refused),
            "settled": dict(counts.settled),
            "receipts_handed_over": counts.receipts_handed_over,
        }

    def _customer_limit(self, account: Account, waits_for: list[Carrier]) -> str:
        if account.held:
            return HELD
        now = self._flow.clock.monotonic()
        limits = {self._limit(one, 0, now) for one in waits_for}
        if HELD in limits:
            return HELD
        facts = facts_of_customer(account, waits_for, self._store_held, now)
        return limit_of_customer(facts, frozenset(Limit(one) for one in limits)).value

    def attempts(self, most: int = MOST_ATTEMPTS) -> list[Told]:
        """The last attempts of customers to bind, the newest first."""
        last = zip(range(most), self._flow.customers.attempts.last(), strict=False)
        return [
            {
                "system_id": one.system_id,
                "peer": str(one.origin),
                "outcome": one.outcome.name.lower(),
                "why": one.outcome.value,
                "count": one.count,
                "first_at": one.first_ms,
                "last_at": one.last_ms,
            }
            for _, one in last
        ]


def name_of(bind: CustomerBind) -> str:
    """What a customer's bind is called: the account, and where it comes from."""
    return f"{bind.account.name}@{bind.origin}"


def _customer_bind(bind: CustomerBind) -> Told:
    return {
        "bind": name_of(bind),
        "customer": bind.account.name,
        "state": bind.session.state.name.lower(),
        "requests_under_way": bind.session.owed,
        "window": bind.account.window,
        "receipts_in_flight": bind.receipts_in_flight,
    }

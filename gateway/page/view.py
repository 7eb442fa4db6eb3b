"""What the page shows, as plain values read from the gateway: how it is in words, carriers, lanes, customers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from gateway.assemble import Flow
from gateway.flow.account import Account
from gateway.flow.announcements import Announcement
from gateway.ops.carrier_metrics import oldest_age
from gateway.page.throughput import Throughput
from gateway.steer_status import SteerStatus
from gateway.throttle.lanes import PRIORITIES

FRESH_SECONDS = 1.0  # what was read is shown for so long, however often it is asked for
TOP = 10  # customers on the overview, and on a carrier's page
PAGE = 50  # customers on a page of their own
HINT_SHOWN = 200  # characters

Told = dict[str, Any]


class Trouble(NamedTuple):
    """What is not as it should be, in a word of the table `trouble_...` and what belongs into it."""

    level: str  # bad: traffic suffers; warn: it may; note: somebody wanted it so
    word: str
    values: Mapping[str, object]


class Announced(Protocol):
    """What customers are told at the moment."""

    def current(self, now_ms: int) -> Sequence[Announcement]:
        """Those that are to be shown."""


class Overview(NamedTuple):
    """The gateway at a glance."""

    status: Told
    carriers: Sequence[Told]
    troubles: Sequence[Trouble]
    customers: Sequence[Told]
    customers_in_all: int

    @property
    def level(self) -> str:
        """The worst of the troubles; `good`: there is none."""
        levels = {one.level for one in self.troubles}
        return next((one for one in ("bad", "warn", "note") if one in levels), "good")


class View:
    """Of one gateway. `titles` are the carriers' names for people."""

    def __init__(
        self,
        flow: Flow,
        status: SteerStatus,
        throughput: Throughput,
        titles: Mapping[str, str],
        announced: Announced | None,
    ) -> None:
        self._flow = flow
        self._status = status
        self._throughput = throughput
        self._titles = titles
        self._announced = announced
        self._read: tuple[float, Overview] | None = None

    def announcements(self) -> Sequence[Announcement]:
        """The newest first."""
        return () if self._announced is None else self._announced.current(self._flow.clock.wall_ms())

    def overview(self) -> Overview:
        """Read anew after FRESH_SECONDS."""
        now = self._flow.clock.monotonic()
        if self._read is None or not 0.0 <= now - self._read[0] < FRESH_SECONDS:
            self._read = (now, self._overview())
        return self._read[1]

    def forget(self) -> None:
        """Something was changed by hand: whoever did it wants to see it."""
        self._read = None

    def _overview(self) -> Overview:
        status = self._status.status()
        carriers = [one | self._more(str(one["carrier"])) for one in status["carriers"]]
        waiting = self._waiting()
        names = [name for name, _ in waiting.most_common(TOP)]
        if len(names) < TOP:
            others = sorted(self._flow.accounts.values(), key=lambda one: not one.binds)
            names += [one.name for one in others if one.name not in waiting][: TOP - len(names)]
        customers = [self._status.customer(name) for name in names]
        return Overview(status, carriers, _troubles(status, carriers), customers, len(self._flow.accounts))

    def _more(self, key: str) -> Told:
        carrier, now_ms = self._flow.carriers[key], self._flow.clock.wall_ms()
        return {
            "title": self._titles.get(key, key),
            "sent_per_second": self._throughput.carrier(key).recent(),
            "oldest_seconds": max(oldest_age(carrier, one, now_ms) for one in range(PRIORITIES)),
        }

    def _waiting(self, only: str | None = None) -> Counter[str]:
        """What waits in memory and on disk, by customer; for all carriers, or for one."""
        found: Counter[str] = Counter()
        for key, carrier in self._flow.carriers.items():
            if only in {None, key}:
                for priority in range(PRIORITIES):
                    for name in carrier.lanes.customers(priority):
                        found[name] += carrier.lanes.waiting(priority, name)
        for lane, count in self._flow.parking.on_disk().items():
            if only in {None, lane.carrier}:
                found[lane.customer] += count
        return Counter({name: count for name, count in found.items() if name in self._flow.accounts})

    def carrier(self, key: str) -> Told | None:
        """One carrier with its binds, lanes and who waits for it; None: there is none of this name."""
        carrier = self._flow.carriers.get(key)
        if carrier is None:
            return None
        now_ms, depths = self._flow.clock.wall_ms(), self._flow.parking.depths()
        told = next(one for one in self._status.carriers() if one["carrier"] == key) | self._more(key)
        lanes = [
            {
                "priority": one,
                "waiting": carrier.lanes.depth(one),
                "on_disk": depths.get((key, one), 0),
                "oldest_seconds": oldest_age(carrier, one, now_ms),
            }
            for one in reversed(range(PRIORITIES))
        ]
        binds = self._status.binds_of_carrier(key)
        waiting = self._waiting(key).most_common(TOP)
        answers = {
            "answers_lost": carrier.counts.answers_lost,
            "receipts_early": carrier.counts.receipts_early,
            "receipts_unknown": carrier.counts.receipts_unknown,
            "expired": carrier.counts.expired,
        }
        return told | {"lanes": lanes, "bind_list": binds, "waiting_customers": waiting, "counts": answers}

    def customer(self, name: str) -> Told | None:
        """One customer; None: there is none of this name."""
        return self._status.customer(name) if name in self._flow.accounts else None

    def customers(self, search: str, page: int) -> tuple[list[Told], int]:
        """A page of those whose name or system_id has `search` in it, and how many pages there are."""
        found = [one.name for one in self._flow.accounts.values() if _matches(one, search.strip().lower())]
        pages = max(1, -(-len(found) // PAGE))
        first = min(max(page, 1), pages) * PAGE - PAGE
        return [self._status.customer(name) for name in found[first : first + PAGE]], pages

    def names(self) -> list[str]:
        """Carriers and their binds, as verbs take them."""
        return [
            one for key, carrier in self._flow.carriers.items() for one in (key, *(bind.name for bind in carrier.binds))
        ]


def _matches(account: Account, search: str) -> bool:
    return search in account.name or search in account.system_id.decode("latin-1").lower()


def _troubles(status: Told, carriers: Sequence[Told]) -> list[Trouble]:
    """The worst first."""
    store = status["store"]
    found = [Trouble("warn", "draining", {})] if status["draining"] else []
    for word, why in (("store_stuck", store["stuck"]), ("archive_stuck", store["archive_stuck"])):
        found += [Trouble("bad", word, {"why": why})] if why else []
    found += [Trouble("warn", "store_behind", {})] if store["behind"] else []
    found += [Trouble("warn", "configuration_refused", {})] if status["configuration_refused"] else []
    for one in carriers:
        found += _of_carrier(one)
    for word in ("held_customers", "drained_customers"):
        if names := status[word]:
            found.append(Trouble("note", word, {"count": len(names), "names": ", ".join(names[:TOP])}))
    order = ("bad", "warn", "note")
    return sorted(found, key=lambda one: order.index(one.level))


def _of_carrier(one: Told) -> list[Trouble]:
    values = {"name": one["title"], "waiting": one["waiting"] + one["on_disk"], "up": one["binds_up"]}
    values |= {"binds": one["binds"], "drained": one["binds_drained"]}
    found = []
    expected = one["binds"] - one["binds_drained"]
    if expected and not one["binds_up"]:
        found.append(Trouble("bad", "carrier_down", values))
    elif one["binds_up"] < expected:
        found.append(Trouble("warn", "binds_down", values))
    if one["binds_drained"]:
        found.append(Trouble("note", "binds_drained", values))
    if one["held"]:
        found.append(Trouble("note", "carrier_held", values))
    if one["limit"] == "carrier_refuses":
        found.append(Trouble("warn", "carrier_refuses", values))
    found += [Trouble("warn", "hint", values | {"hint": hint[:HINT_SHOWN]}) for hint in one["hints"]]
    return found

"""What a changed configuration changes in a gateway that runs: at once, by making binds anew, or only by a restart.

The tables say which; everything that they do not name needs a restart. Values in, values out: nothing is applied here.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple, TypeVar

from gateway.settings.carriers import CarrierSettings
from gateway.settings.customers import CustomerSettings
from gateway.settings.models import Settings
from gateway.settings.section import Section

S = TypeVar("S", bound=Section)


class How(Enum):
    """What it takes."""

    LIVE = "at once"
    REBIND = "its binds are made anew"
    RESTART = "needs a restart"


class Change(NamedTuple):
    """One difference: where it is in the file, whether it was added, removed or changed, and what it takes."""

    where: str
    what: str
    how: How


# Sections of which all is taken over, and those of which some keys are. `portability` reads its files anew in any case.
LIVE = frozenset({"include", "routes", "tariffs", "overload", "drain_seconds", "receipt_wait", "log"})
LIVE_IN: dict[str, frozenset[str]] = {
    "routing": frozenset({"rules", "routes", "slow_seconds", "down_seconds", "leave_when_paused"}),
    "portability": frozenset({"ported_files", "block_files", "library_names"}),
    "billing": frozenset({"tax_percent"}),
}
# Of the sessions all but the number of connections; new connections have them.
SESSIONS_LATER = frozenset({"max_connections"})
# An account has what these name since the gateway started, or is added without it.
CUSTOMER_LATER = frozenset({"billing", "opt_out", "repeats", "outbind", "notices"})
# What an account checks with, which is there since the start.
CHECKED_WITH = ("tlvs", "recycling")
# Messages that wait were cut by it.
CARRIER_LATER = frozenset({"text"})
CARRIER_REBINDS = frozenset({"binds", "session"})


def difference(old: Settings, new: Settings) -> tuple[Change, ...]:
    """Every difference, in the order of the file's sections."""
    return (*_sections(old, new), *_carriers(old.carriers, new.carriers), *_customers(old, new))


def running(old: Settings, new: Settings) -> Settings:
    """What runs when everything that needs no restart was taken over: what needs one is as in `old`."""
    update: dict[str, object] = {}
    for name in Settings.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name in LIVE_IN or name == "sessions":
            kept = changed(before, after) - _live_in(name, before)
            update[name] = after.model_copy(update={key: getattr(before, key) for key in kept})
        elif name not in LIVE | {"carriers", "customers", "listen"}:
            update[name] = before
    update["listen"] = new.listen if _same_doors(old, new) else old.listen
    update["carriers"] = {key: _carrier(old.carriers.get(key), one) for key, one in new.carriers.items()}
    update["customers"] = {
        key: _kept(old.customers.get(key), one, _customer_later(old, new))
        for key, one in new.customers.items()
        if key in old.customers or not _must_not_begin(one)
    }
    return new.model_copy(update=update)


def changed(before: Section, after: Section) -> frozenset[str]:
    """The keys of two sections of a kind that differ."""
    return frozenset(key for key in type(before).model_fields if getattr(before, key) != getattr(after, key))


def rebinds(before: CarrierSettings, after: CarrierSettings) -> bool:
    """Whether binds are made anew: those that changed, or all when what holds for each of them did."""
    return before.pace.each_bind != after.pace.each_bind or bool(changed(before, after) & CARRIER_REBINDS)


def is_called(carrier: CarrierSettings) -> bool:
    """Whether the carrier calls us for one of its binds: what listens for that stays as it is."""
    return any(bind.outbind is not None for bind in carrier.binds)


def _live_in(name: str, section: Section) -> frozenset[str]:
    return frozenset(type(section).model_fields) - SESSIONS_LATER if name == "sessions" else LIVE_IN[name]


def _sections(old: Settings, new: Settings) -> Iterator[Change]:
    for name in Settings.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after or name in {"carriers", "customers", "include"}:
            continue
        if name == "listen":
            yield Change(name, "changed", How.LIVE if _same_doors(old, new) else How.RESTART)
        elif name in LIVE_IN or name == "sessions":
            for key in sorted(changed(before, after)):
                yield Change(f"{name}.{key}", "changed", How.LIVE if key in _live_in(name, before) else How.RESTART)
        else:
            yield Change(name, "changed", How.LIVE if name in LIVE else How.RESTART)


def _carriers(old: Mapping[str, CarrierSettings], new: Mapping[str, CarrierSettings]) -> Iterator[Change]:
    yield from _came_and_went("carriers", old, new)
    # What waits for it leaves, what it has gets its receipts: so its binds stay up.
    yield from (Change(f"carriers.{key}.binds", "removed", How.RESTART) for key in old if key not in new)
    for key, after in new.items():
        before = old.get(key)
        if before is None:
            if is_called(after):
                yield Change(f"carriers.{key}.binds", "added", How.RESTART)
            continue
        for name in sorted(changed(before, after)):
            how = How.LIVE
            if name in CARRIER_LATER:
                how = How.RESTART
            elif name in CARRIER_REBINDS or (name == "pace" and before.pace.each_bind != after.pace.each_bind):
                how = How.RESTART if is_called(before) or is_called(after) else How.REBIND
            yield Change(f"carriers.{key}.{name}", "changed", how)


def _customers(old: Settings, new: Settings) -> Iterator[Change]:
    later = _customer_later(old, new)
    for key, after in new.customers.items():
        if key not in old.customers:
            yield Change(f"customers.{key}", "added", How.RESTART if _must_not_begin(after) else How.LIVE)
    yield from (Change(f"customers.{key}", "removed", How.LIVE) for key in old.customers if key not in new.customers)
    for key, after in new.customers.items():
        before = old.customers.get(key)
        if before is None and _must_not_begin(after):
            continue
        names = changed(before, after) if before is not None else changed(_plain(after, later), after)
        for name in sorted(names):
            what = "changed" if before is not None else "added"
            yield Change(f"customers.{key}.{name}", what, How.RESTART if name in later else How.LIVE)


def _customer_later(old: Settings, new: Settings) -> frozenset[str]:
    """What of an account waits for a restart, where the whole changes so."""
    same = all(getattr(old, name) == getattr(new, name) for name in CHECKED_WITH)
    return CUSTOMER_LATER if same else CUSTOMER_LATER | {"recipient_check"}


def _must_not_begin(customer: CustomerSettings) -> bool:
    """Whether an account that is new would send what it must not without what it gets by a restart only."""
    billing = customer.billing
    return billing.prepaid or billing.monthly_cap_yen is not None or customer.opt_out is not None


def _came_and_went(section: str, old: Mapping[str, Section], new: Mapping[str, Section]) -> Iterator[Change]:
    yield from (Change(f"{section}.{key}", "added", How.LIVE) for key in new if key not in old)
    yield from (Change(f"{section}.{key}", "removed", How.LIVE) for key in old if key not in new)


def _plain(customer: CustomerSettings, later: frozenset[str]) -> CustomerSettings:
    """The same without what needs a restart."""
    defaults = {name: CustomerSettings.model_fields[name].get_default(call_default_factory=True) for name in later}
    return customer.model_copy(update=defaults)


def _kept(before: S | None, after: S, later: frozenset[str]) -> S:
    if before is None:
        return _plain(after, later) if isinstance(after, CustomerSettings) else after  # type: ignore[return-value]
    return after.model_copy(update={name: getattr(before, name) for name in later})


def _carrier(before: CarrierSettings | None, after: CarrierSettings) -> CarrierSettings:
    if before is None:
        return after
    kept = {name: getattr(before, name) for name in CARRIER_LATER}
    if rebinds(before, after) and (is_called(before) or is_called(after)):
        kept |= {name: getattr(before, name) for name in CARRIER_REBINDS}
        kept["pace"] = after.pace.model_copy(update={"each_bind": before.pace.each_bind})
    return after.model_copy(update=kept)


def _same_doors(old: Settings, new: Settings) -> bool:
    """Whether only certificates and their authorities differ among the addresses that we listen on."""
    return [(one.host, one.port, one.proxy_from, one.tls is None) for one in old.listen] == [
        (one.host, one.port, one.proxy_from, one.tls is None) for one in new.listen
    ]

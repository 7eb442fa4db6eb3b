"""What limits each customer at the moment: one row for each that something limits, however many there are."""

from collections.abc import Iterator

from gateway.flow.limit_facts import facts_of_carrier, facts_of_customer
from gateway.flow.limits_now import Limit, limit_of_carrier, limit_of_customer
from gateway.ops.families import Family, gauge
from gateway.ops.watched import Watched
from gateway.throttle.lanes import PRIORITIES


def customers(watched: Watched) -> Iterator[tuple[str, Limit]]:
    """Those that are limited, and by what."""
    now = watched.now()
    held = watched.store.behind or bool(watched.store.stuck)
    limits = {key: limit_of_carrier(facts_of_carrier(one, 0, held, now), now) for key, one in watched.carriers.items()}
    waits_for: dict[str, set[Limit]] = {}
    for key, carrier in watched.carriers.items():
        for customer in {one for priority in range(PRIORITIES) for one in carrier.lanes.customers(priority)}:
            waits_for.setdefault(customer, set()).add(limits[key])
    for name, account in watched.accounts.items():
        of_carriers = waits_for.get(name, ())
        facts = facts_of_customer(account, (), held, now)
        if of_carriers:
            facts = facts._replace(waiting=len(of_carriers))  # that it waits is enough
        limit = limit_of_customer(facts, frozenset(of_carriers))
        if limit is not Limit.NOTHING:
            yield name, limit


def families(watched: Watched) -> Iterator[Family]:
    """The rows are read when they are written."""
    yield gauge(
        "customer_limit",
        "What keeps the customer's traffic from going faster: 1 for the one that does; no row: nothing.",
        ("customer", "limit"),
        (((name, limit.value), 1) for name, limit in customers(watched)),
    )

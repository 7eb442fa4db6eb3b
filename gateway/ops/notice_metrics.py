"""What is told of notices: which went out on which way and which did not, and the faults that hold now."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from types import MappingProxyType
from typing import NamedTuple, Protocol

from gateway.net.courier import CourierCounts
from gateway.ops.families import Family, counter, gauge
from gateway.ops.fault_kinds import KINDS, Kind


class CourierFigures(Sized, Protocol):
    """Who carries on one way; its size is how many letters are not done."""

    counts: CourierCounts


class OpenFault(Protocol):
    """One that holds."""

    kind: Kind


class NoticeFigures(NamedTuple):
    """What is looked at. `counts` is by way, notice and result."""

    counts: Mapping[tuple[str, str, str], int]
    couriers: Mapping[str, CourierFigures]
    faults: Callable[[], Iterable[OpenFault]]


NO_NOTICES = NoticeFigures(MappingProxyType({}), MappingProxyType({}), tuple)


def families(figures: NoticeFigures) -> Iterator[Family]:
    """All of them."""
    yield counter(
        "notices",
        "Notices of faults and announcements that were sent, or were not (`never`: refused), by way.",
        ("way", "notice", "result"),
        figures.counts.items(),
    )
    yield counter(
        "notice_retries",
        "How often a notice had to wait for another try.",
        ("way",),
        (((way,), one.counts.retries) for way, one in figures.couriers.items()),
    )
    yield gauge(
        "notices_waiting",
        "Notices that are not sent yet.",
        ("way",),
        (((way,), len(one)) for way, one in figures.couriers.items()),
    )
    holding = Counter(fault.kind.name for fault in figures.faults())
    yield gauge(
        "faults",
        "Faults that hold now and were told of, by the name that their alert has.",
        ("fault",),
        (((name,), holding[name]) for name in KINDS),
    )

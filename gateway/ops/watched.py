"""What the metrics are read from: parts of the flow and of the shell, and no more of them than is told."""

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.customers import Customers
from gateway.flow.parking import Parking
from gateway.flow.receipts_out import ReceiptsOut
from gateway.model.histogram import Histogram
from gateway.ops.notice_metrics import NO_NOTICES, NoticeFigures
from gateway.ops.routing_metrics import RoutingFigures


class StoreFigures(Protocol):
    """What is told about the store."""

    stuck: str
    archive_stuck: str
    batches: int
    changes: int
    repeated_records: int
    commit_ms: Histogram
    batch_changes: Histogram

    @property
    def behind(self) -> bool:
        """Whether intake stopped reading because of it."""

    @property
    def pid(self) -> int:
        """Its process."""


class Ends(Protocol):
    """A listener's certificates."""

    @property
    def ends_ms(self) -> int:
        """When the first of them ends, ms since 1970."""


class ListenerFigures(Protocol):
    """What is told about the customers' door."""

    turned_away: int
    refused: int

    @property
    def connections(self) -> Sized:
        """Those that are open."""

    @property
    def certificates(self) -> Mapping[str, Ends]:
        """By address."""


class BindFigures(Protocol):
    """What is told about the binds to carriers beyond their flow."""

    def connections_failed(self) -> Mapping[tuple[str, str], int]:
        """By carrier and bind."""

    def certificate_files(self) -> Mapping[str, Path]:
        """By bind, of those that show one."""


@dataclass(slots=True)
class ReloadFigures:
    """How often a configuration was taken over, or refused; whether the last one was refused."""

    applied: int = 0
    refused: int = 0
    failed: bool = False
    applied_ms: int = 0  # when one was taken over, ms since 1970; 0: not since the start


NO_RELOADS = ReloadFigures()


class Watched(NamedTuple):
    """What is looked at. `now` and `started` are monotonic seconds, `wall_ms` and `started_ms` ms since 1970."""

    accounts: Mapping[str, Account]
    carriers: Mapping[str, Carrier]
    customers: Customers
    live: Sized
    parked: Parking
    unfinished: Sized
    receipts_out: ReceiptsOut
    store: StoreFigures
    listener: ListenerFigures
    binds: BindFigures
    routing: RoutingFigures
    lag_ms: Histogram
    draining: Callable[[], bool]
    now: Callable[[], float]
    wall_ms: Callable[[], int]
    started: float
    started_ms: int
    notices: NoticeFigures = NO_NOTICES
    reloads: ReloadFigures = NO_RELOADS

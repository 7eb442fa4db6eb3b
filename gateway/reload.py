"""A changed configuration taken over while the gateway runs: as a difference, in one step, or not at all.

Everything that can fail is done before anything is changed: files are read and judged, tables and accounts are built.
What counts on (pace, quotas, lanes, holds, who is bound) stays with the account or carrier that it belongs to, unless
its own settings changed. docs/decisions/0009-reload.md says what was chosen.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from gateway.assemble import Flow
from gateway.carrier_binds import CarrierBinds
from gateway.finance.accounts import schedule
from gateway.flow import quotas
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.overload import Overload, OverloadRules
from gateway.ops.watched import ReloadFigures
from gateway.profiles import account_of, carrier_of, owners_of
from gateway.routing.portability import Portability
from gateway.routing.routes import Routes
from gateway.routing.tables import BadRows
from gateway.settings.difference import Change, How, changed, difference, rebinds, running
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings

log = structlog.get_logger(room="reload")

# What of an account or a carrier is its configuration, and nothing that counts on.
OF_ACCOUNT = (
    "system_id", "access", "reading", "max_binds", "window", "receipt_window", "joins_parts",
    "sends_incomplete", "above", "calendar", "sources", "tax_percent", "test", "recipient_check", "kind", "kind_tag",
    "carrier_tag", "receipts", "decide", "quota_above",
)  # fmt: skip
OF_CARRIER = (
    "destination_ton", "destination_npi", "response_id", "receipt_id", "reasons", "errors", "elsewhere", "not_mine",
    "not_mine_errors", "network_tag", "networks", "pause_seconds", "in_doubt", "validity_seconds",
    "receipt_margin_seconds", "in_doubt_wait_seconds", "deadline", "sends_reference", "send_without_receiver",
    "tries_seconds",
)  # fmt: skip
MS_A_DAY = 86_400_000
MOST_LOGGED = 20  # mistakes in a log line


class ReloadRefused(Exception):
    """Nothing was changed. `mistakes` say why, each with file, line and key where it has them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class Prepared(NamedTuple):
    """What a configuration would make of the gateway. `settings` are what runs then: what needs a restart as before."""

    settings: Settings
    changes: tuple[Change, ...]
    portability: Portability
    routes: Routes
    accounts: Mapping[str, Account]
    carriers: Mapping[str, Carrier]


def prepare(path: Path, old: Settings, now: float, wall_ms: int) -> Prepared:
    """Read and judge the file, and build what follows from it. ReloadRefused. As long as a start: beside the loop."""
    try:
        return build(load(path), old, now, wall_ms)
    except SettingsError as error:
        raise ReloadRefused([str(one) for one in error.mistakes]) from None
    except (BadRows, OSError, ValueError) as error:  # a file changed between two looks
        raise ReloadRefused([str(error)]) from None
    except LookupError as error:
        raise ReloadRefused([f"what needs a restart to change names {error}, which is not there any more"]) from None


def build(found: Settings, old: Settings, now: float, wall_ms: int) -> Prepared:
    """What follows from it, where `old` runs. `now` is monotonic seconds, `wall_ms` ms since 1970."""
    new = running(old, found)
    return Prepared(
        new,
        difference(old, found),
        new.build_portability(),
        new.build_routes(),
        {name: account_of(new, name, now, wall_ms) for name in new.customers},
        {key: carrier_of(new, key, now) for key in new.carriers},
    )


class Reload:
    """`shell` gets what runs from now on, for what is outside of the flow; it may refuse before it changes anything."""

    def __init__(
        self,
        path: Path | None,
        settings: Settings,
        flow: Flow,
        binds: CarrierBinds,
        shell: Callable[[Settings], None],
    ) -> None:
        self._path = path
        self._settings = settings
        self._flow = flow
        self._binds = binds
        self._shell = shell
        self._busy = False
        self.figures = ReloadFigures()

    @property
    def busy(self) -> bool:
        """Whether one is under way."""
        return self._busy

    def begin(self, dry_run: bool, then: Callable[[tuple[Change, ...] | ReloadRefused], None]) -> None:
        """Read, compare, and unless it is a dry run take it over. `then` gets the differences, or why not, later."""
        if self._path is None:
            raise ReloadRefused(["this gateway was started without a file"])
        if self._busy:
            raise ReloadRefused(["another reload is under way"])
        self._busy = True
        clock, loop = self._flow.clock, asyncio.get_running_loop()
        reading = loop.run_in_executor(None, prepare, self._path, self._settings, clock.monotonic(), clock.wall_ms())

        def read(done: "asyncio.Future[Prepared]") -> None:
            self._busy = False
            if done.cancelled():
                return
            try:
                found = self._found(done)
                if not dry_run:
                    self.take(found)
            except ReloadRefused as refused:
                self._refused(refused, dry_run)
                then(refused)
            else:
                if not dry_run:
                    self._applied(found.changes)
                then(found.changes)

        reading.add_done_callback(read)

    @staticmethod
    def _found(done: "asyncio.Future[Prepared]") -> Prepared:
        """ReloadRefused, also after a bug of ours: nothing was changed yet, and what runs goes on."""
        failure = done.exception()
        if failure is None or isinstance(failure, ReloadRefused):
            return done.result()
        log.error("reload_failed", exc_info=failure)
        raise ReloadRefused(["a bug of ours; the log says more"])

    def _refused(self, refused: ReloadRefused, dry_run: bool) -> None:
        if not dry_run:
            self.figures.refused += 1
            self.figures.failed = True
        log.error("reload_refused", mistakes=refused.mistakes[:MOST_LOGGED], count=len(refused.mistakes))

    def _applied(self, changes: Iterable[Change]) -> None:
        self.figures.applied += 1
        self.figures.failed = False
        self.figures.applied_ms = self._flow.clock.wall_ms()
        words: dict[How, list[str]] = {how: [] for how in How}
        for one in changes:
            words[one.how].append(f"{one.where} {one.what}")
        log.info("reloaded", applied=words[How.LIVE], rebound=words[How.REBIND], needs_restart=words[How.RESTART])

    def take(self, found: Prepared) -> None:
        """Take it over, but for what needs a restart. ReloadRefused: nothing was changed."""
        old, new, flow = self._settings, found.settings, self._flow
        if flow.accept.draining:
            raise ReloadRefused(["the gateway is about to end"])
        now, wall_ms = flow.clock.monotonic(), flow.clock.wall_ms()
        self._shell(new)
        flow.portability.take_tables(found.portability)
        flow.router.take_routes(found.routes)
        flow.fitness.take_rules(new.routing.limits(), new.routing.down_seconds)
        for key, carrier in found.carriers.items():
            self._carrier(key, carrier, old, new, now)
        flow.dispatcher.take_carriers(flow.carriers.values())
        flow.yielding.take_carriers(flow.carriers.values())
        for name, account in found.accounts.items():
            self._account(name, account, old, new, now, wall_ms)
        self._let_go(old.customers.keys() - found.accounts.keys(), now)
        flow.customers.take_accounts({name: flow.accounts[name] for name in found.accounts})
        flow.from_phones.owners = owners_of(new)
        flow.receipts_kept_ms = int(new.receipt_wait.keep_days * MS_A_DAY)
        if old.overload != new.overload:
            flow.accept.take_overload(Overload(OverloadRules(*new.overload.marks())))
        self._settings = new

    def _account(self, name: str, fresh: Account, old: Settings, new: Settings, now: float, wall_ms: int) -> None:
        before, after = old.customers.get(name), new.customers[name]
        account = self._flow.accounts.get(name)
        if account is None:
            self._flow.accounts[name] = fresh
            self._flow.receipts_out.take_account(fresh)
            return
        keys = frozenset({"throttle", "quota"}) if before is None else changed(before, after)
        for attribute in OF_ACCOUNT:
            setattr(account, attribute, getattr(fresh, attribute))
        if "throttle" in keys and account.bucket is not None and fresh.bucket is not None:
            account.bucket.follow(fresh.bucket, now)
        elif "throttle" in keys:
            account.bucket = fresh.bucket
        if "quota" in keys:
            account.quota_changed = account.quota is not None
            used = quotas.changed([account])
            account.quota = fresh.quota
            quotas.restore(account, used, wall_ms)
            account.quota_changed = account.quota is not None
        if before is None:  # it was removed, and came back
            account.drained = False
        if before is None or schedule(old, before).steps != fresh.schedule.steps:
            account.schedule = account.schedule.followed_by(fresh.schedule, wall_ms)
        for bind in account.binds:
            bind.tell_as_wanted()
            bind.session.receive_window = account.window
        self._flow.receipts_out.take_account(account)

    def _let_go(self, names: Iterable[str], now: float) -> None:
        """Customers that are not in the file any more: they are unbound; what they are owed is kept."""
        for name in names:
            account = self._flow.accounts[name]
            account.drained = True
            for bind in tuple(account.binds):
                bind.session.unbind(now)

    def _carrier(self, key: str, fresh: Carrier, old: Settings, new: Settings, now: float) -> None:
        before, after = old.carriers.get(key), new.carriers[key]
        carrier = self._flow.carriers.get(key)
        if carrier is None:
            self._flow.carriers[key] = fresh
            self._binds.add(key, after, self._flow)
            return
        for attribute in OF_CARRIER:
            setattr(carrier, attribute, getattr(fresh, attribute))
        if before is None or before.pace != after.pace:
            carrier.bucket.follow(fresh.bucket, now)
        if before is None or before.retry != after.retry:
            carrier.retries.steps = fresh.retries.steps
        if before is None or rebinds(before, after):
            self._binds.replace(key, fresh.binds, after, self._flow)


def told(changes: Iterable[Change], dry_run: bool) -> Mapping[str, Any]:
    """The differences, for an operator."""
    rows = [{"where": one.where, "what": one.what, "takes": one.how.value} for one in changes]
    restart = [one.where for one in changes if one.how is How.RESTART]
    return {"dry_run": dry_run, "changes": rows, "needs_restart": restart}

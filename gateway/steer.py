"""What an operator can do to a gateway that runs, each verb by its name: hold, drain, cancel, push receipts again, ...

What is held or drained is kept in the store: a restart at night must not undo what somebody did on purpose.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from gateway.assemble import Flow
from gateway.carrier_binds import CarrierBinds
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.message import Message
from gateway.model.ids import read_told_id, tell_id
from gateway.model.lifecycle import SegmentEvent, SegmentState
from gateway.net.connection import Connection
from gateway.ops import logs
from gateway.ops.steering import Asked, RefusedVerb, Result, Verb
from gateway.pdu_trace import PduTraces
from gateway.steer_status import SteerStatus, name_of
from gateway.store.archive import Archive, Ended
from gateway.store.contract import Kept, KeptDropped

log = structlog.get_logger(room="steer")

KIND = "steered"
HELD, DRAINED = b"held", b"drained"
MOST_PUSHED = 10_000  # messages whose receipts are pushed again by one word
MOST_TRACE_MINUTES = 60
ALL, BIND, CARRIER, CUSTOMER = "all", "bind", "carrier", "customer"

Read = Callable[[Callable[[], list[Ended]], Callable[[list[Ended] | BaseException], None]], None]


class Steer:
    """The verbs of one gateway. `connections` are all that are open; `read` reads the archive beside the loop."""

    def __init__(
        self,
        flow: Flow,
        binds: CarrierBinds,
        status: SteerStatus,
        archive: Archive,
        read: Read,
        connections: Callable[[], Iterable[Connection]],
        wake: Callable[[], None],
    ) -> None:
        self._flow = flow
        self._binds = binds
        self._status = status
        self._archive = archive
        self._read = read
        self._connections = connections
        self._wake = wake
        self.traces = PduTraces(self._connections_of, flow.clock.monotonic)

    def verbs(self) -> dict[str, Verb]:
        """By name."""
        status = self._status
        return {
            "status": Verb(lambda _: self._status_of_all()),
            "binds": Verb(lambda _: status.binds()),
            "queues": Verb(lambda _: {"queues": status.queues()}),
            "customers": Verb(lambda _: {"customers": status.customers()}),
            "attempts": Verb(lambda _: {"attempts": status.attempts()}),
            "hold": Verb(lambda asked: self._hold(asked, held=True), changes=True, traffic=True),
            "release": Verb(lambda asked: self._hold(asked, held=False), changes=True, traffic=True),
            "drain": Verb(lambda asked: self._drain(asked, drained=True), changes=True, traffic=True),
            "resume": Verb(lambda asked: self._drain(asked, drained=False), changes=True, traffic=True),
            "reroute": Verb(self._reroute, changes=True, traffic=True),
            "cancel": Verb(self._cancel, changes=True, traffic=True),
            "expire": Verb(self._expire, changes=True, traffic=True),
            "push-receipts": Verb(self._push_receipts, changes=True, traffic=True),
            "log-level": Verb(self._log_level, changes=True),
            "pdu-trace": Verb(self._pdu_trace, changes=True),
        }

    def _status_of_all(self) -> Result:
        traces, orders = self.traces.running(), self._flow.reroute.ordered
        return {**self._status.status(), "pdu_traces": traces, "reroutes": orders}

    # What is kept

    def restore(self, kept: Iterable[Kept]) -> None:
        """After a start: what was held and drained is so again. What the configuration no longer has is forgotten."""
        for one in kept:
            if one.kind != KIND:
                continue
            what, _, name = one.owner.partition(":")
            try:
                if one.key == HELD:
                    self._set_held(what, name, held=True)
                else:
                    self._set_drained(what, name, drained=True)
            except KeyError:
                self._flow.store.write(KeptDropped(KIND, one.owner, one.key))
            else:
                log.warning("still_steered", what=what, name=name, how=one.key.decode("ascii"))

    def _keep(self, what: str, name: str, key: bytes, on: bool) -> None:
        owner = f"{what}:{name}"
        store = self._flow.store
        store.write(Kept(KIND, owner, key, b"", 0) if on else KeptDropped(KIND, owner, key))

    # Whom a verb means

    def _named(self, asked: Asked, *whats: str) -> list[tuple[str, str]]:
        """(carrier, customer or bind; its name) of each that is meant. RefusedVerb."""
        what = asked.word("what")
        if what == ALL:
            return [(CARRIER, key) for key in self._flow.carriers]
        if what not in whats:
            raise RefusedVerb(f"{asked.verb} takes {', '.join(whats)} or {ALL}")
        name = asked.word("name")
        names = self._names(what)
        if name not in names:
            raise RefusedVerb(f"there is no {what} {name}; there are {', '.join(names) or 'none'}")
        return [(what, name)]

    def _names(self, what: str) -> list[str]:
        if what == CARRIER:
            return list(self._flow.carriers)
        if what == CUSTOMER:
            return list(self._flow.accounts)
        return [bind.name for carrier in self._flow.carriers.values() for bind in carrier.binds]

    def _carrier_of(self, bind: str) -> Carrier:
        """KeyError when no carrier has such a bind."""
        for carrier in self._flow.carriers.values():
            if any(one.name == bind for one in carrier.binds):
                return carrier
        raise KeyError(bind)

    # hold, release

    def _hold(self, asked: Asked, *, held: bool) -> Result:
        named = self._named(asked, CARRIER, CUSTOMER)
        if asked.word("what") == ALL and not held:
            named += [(CUSTOMER, name) for name, account in self._flow.accounts.items() if account.held]
        if not asked.dry_run:
            for what, name in named:
                self._set_held(what, name, held=held)
                self._keep(what, name, HELD, held)
            self._wake()
        return _of(asked, named) | {"waiting": self._waiting(named)}

    def _set_held(self, what: str, name: str, *, held: bool) -> None:
        if what == CARRIER:
            self._flow.carriers[name].held = held
            return
        self._flow.accounts[name].held = held
        for carrier in self._flow.carriers.values():
            (carrier.lanes.hold if held else carrier.lanes.release)(name)

    def _waiting(self, named: list[tuple[str, str]]) -> int:
        """Messages on disk and segments in memory that this is about."""
        names = {CARRIER: set[str](), CUSTOMER: set[str]()}
        for what, name in named:
            names[what].add(name)
        return sum(
            lane["waiting"] + lane["on_disk"]
            for lane in self._status.queues()
            if lane["carrier"] in names[CARRIER] or lane["customer"] in names[CUSTOMER]
        )

    # drain, resume

    def _drain(self, asked: Asked, *, drained: bool) -> Result:
        named = self._named(asked, CARRIER, CUSTOMER, BIND)
        if asked.word("what") == ALL and not drained:
            named += [(CUSTOMER, name) for name, account in self._flow.accounts.items() if account.drained]
        binds = [one for what, name in named for one in self._binds_of(what, name)]
        result = _of(asked, named) | {"binds": binds, "left_without_a_bind": self._left(binds) if drained else []}
        if not asked.dry_run:
            for what, name in named:
                self._set_drained(what, name, drained=drained)
            for what, name in named:
                for one in self._binds_of(what, name) if what != CUSTOMER else ():
                    self._keep(BIND, one, DRAINED, drained)
                if what == CUSTOMER:
                    self._keep(what, name, DRAINED, drained)
            self._wake()
        return result

    def _binds_of(self, what: str, name: str) -> list[str]:
        if what == BIND:
            return [name]
        if what == CARRIER:
            return [bind.name for bind in self._flow.carriers[name].binds]
        return [name_of(bind) for bind in self._flow.accounts[name].binds]

    def _left(self, binds: list[str]) -> list[str]:
        """Carriers that will have no bind in service: what is for them waits."""
        return [
            key
            for key, carrier in self._flow.carriers.items()
            if any(one.name in binds for one in carrier.binds)
            and all(one.drained or one.session is None or one.name in binds for one in carrier.binds)
        ]

    def _set_drained(self, what: str, name: str, *, drained: bool) -> None:
        """KeyError when there is none."""
        if what == CUSTOMER:
            self._set_customer_drained(self._flow.accounts[name], drained=drained)
            return
        verb = self._binds.drain if drained else self._binds.resume
        if what == CARRIER:
            verb(name)
        else:
            verb(self._carrier_of(name).key, name)

    def _set_customer_drained(self, account: Account, *, drained: bool) -> None:
        account.drained = drained
        if drained:
            now = self._flow.clock.monotonic()
            for bind in tuple(account.binds):
                bind.session.unbind(now)

    def _reroute(self, asked: Asked) -> Result:
        """What waits for a carrier leaves by its other routes, or by the one that is named."""
        carrier, to = asked.word("carrier"), asked.optional("to")
        for name in (carrier, to):
            if name is not None and name not in self._flow.carriers:
                raise RefusedVerb(f"there is no carrier {name}; there are {', '.join(self._flow.carriers)}")
        reroute = self._flow.reroute
        ways = reroute.ways(carrier, to)
        if not asked.dry_run:
            reroute.order(carrier, to)
        first = {key or "nowhere else": count for key, count in ways.items()}
        return {"dry_run": asked.dry_run, "waiting": self._waiting([(CARRIER, carrier)]), "of_the_first": first}

    # One message

    def _cancel(self, asked: Asked) -> Result | None:
        """What has not left ends DELETED and costs nothing."""

        def found(messages: list[Message]) -> Result:
            untouched = [one for one in messages if one.untouched]
            if not untouched:
                raise RefusedVerb("nothing of it can be taken back: it is with the carrier; expire ends what waits")
            result = _of_messages(asked, untouched)
            if not asked.dry_run:
                self._flow.cancel.take_back(untouched)
                self._wake()
            return result

        self._with_messages(asked, found)
        return None

    def _expire(self, asked: Asked) -> Result | None:
        """What waits ends EXPIRED now; what the carrier has still gets its receipt."""

        def found(messages: list[Message]) -> Result:
            waiting = [one for one in messages if SegmentState.WAITING in one.states]
            if not waiting:
                raise RefusedVerb("no segment of it waits: the carrier has them all")
            result = _of_messages(asked, waiting)
            if not asked.dry_run:
                for message in waiting:
                    message.move_waiting(SegmentEvent.DEADLINE)
                    self._flow.settler.record(self._flow.carriers.get(message.row.carrier), message)
                self._wake()
            return result

        self._with_messages(asked, found)
        return None

    def _with_messages(self, asked: Asked, then: Callable[[list[Message]], Result]) -> None:
        """`then` gets what is alive under an id, of whichever customer it is, also what waited on disk."""
        told_id = _told_id(asked)
        customer = asked.optional("customer")
        if customer is not None and customer not in self._flow.accounts:
            raise RefusedVerb(f"there is no customer {customer}")
        own = self._flow.live.get(told_id)
        names = [own.row.customer] if own is not None else list(self._flow.accounts)
        names = names if customer is None else [customer]
        left = set(names)
        messages: dict[int, Message] = {}

        def judge() -> Result:
            if not messages:
                raise RefusedVerb("no message of this id is alive; trace tells what became of it")
            return then(list(messages.values()))

        def of_one(name: str) -> Callable[[list[Message]], None]:
            def found(some: list[Message]) -> None:
                messages.update((one.row.message_id, one) for one in some)
                left.discard(name)
                if not left:
                    asked.judge(judge)

            return found

        for name in names:
            self._flow.parking.told(name, told_id, of_one(name))
        self._wake()  # the store may have been asked

    # Receipts

    def _push_receipts(self, asked: Asked) -> Result | None:
        """The last receipts of messages that ended, once more: of an id, or of a customer since a moment."""
        if asked.arguments.get("id") is not None:
            told_id = _told_id(asked)
            self._read(lambda: self._archive.by_id(told_id), self._push(asked))
            return None
        customer, since = asked.word("customer"), asked.number("since", 0, 1 << 53)
        if customer not in self._flow.accounts:
            raise RefusedVerb(f"there is no customer {customer}")
        self._read(lambda: self._archive.of_customer(customer, since, MOST_PUSHED + 1), self._push(asked))
        return None

    def _push(self, asked: Asked) -> Callable[[list[Ended] | BaseException], None]:
        def judge(found: list[Ended] | BaseException) -> Result:
            if isinstance(found, BaseException):
                raise RefusedVerb(f"the archive cannot be read: {found}")
            if not found:
                raise RefusedVerb("nothing is found that has ended")
            if len(found) > MOST_PUSHED:
                raise RefusedVerb(f"more than {MOST_PUSHED} messages: choose a later moment")
            if asked.dry_run:
                return {"dry_run": True, "messages": len(found)}
            pushed = self._flow.receipts_out.push_again(found)
            self._wake()
            return {"dry_run": False, "messages": len(found), "receipts": pushed}

        return lambda found: asked.judge(lambda: judge(found))

    # What is told

    def _log_level(self, asked: Asked) -> Result:
        room, level = asked.word("room"), asked.word("level")
        if not re.fullmatch("[a-z_]{1,40}", room):
            raise RefusedVerb("a room is a word of small letters, as in log lines")
        if level not in {*logs.LEVELS, "usual"}:
            raise RefusedVerb(f"a level is one of {', '.join(logs.LEVELS)}, or usual")
        if not asked.dry_run:
            try:
                logs.set_level(room, None if level == "usual" else level)
            except ValueError as error:
                raise RefusedVerb(str(error)) from None
        return {"dry_run": asked.dry_run, "levels": logs.levels()}

    def _pdu_trace(self, asked: Asked) -> Result:
        bind, minutes = asked.word("bind"), asked.number("minutes", 0, MOST_TRACE_MINUTES)
        if bind not in self._names(BIND) and not list(self._connections_of(bind)):
            raise RefusedVerb(f"there is no bind {bind}; binds tells their names")
        if not asked.dry_run:
            try:
                if minutes:
                    self.traces.start(bind, minutes * 60.0)
                else:
                    self.traces.stop(bind)
            except ValueError as error:
                raise RefusedVerb(str(error)) from None
        return {"dry_run": asked.dry_run, "traces": self.traces.running()}

    def _connections_of(self, bind: str) -> list[Connection]:
        sessions = {
            id(one.session): one.name
            for carrier in self._flow.carriers.values()
            for one in carrier.binds
            if one.session
        }
        for account in self._flow.accounts.values():
            sessions.update((id(one.session), name_of(one)) for one in account.binds)
        return [
            one for one in self._connections() if one.link is not None and sessions.get(id(one.link.session)) == bind
        ]


def _of(asked: Asked, named: list[tuple[str, str]]) -> dict[str, Any]:
    return {"dry_run": asked.dry_run, "of": [f"{what} {name}" for what, name in named]}


def _of_messages(asked: Asked, messages: list[Message]) -> dict[str, Any]:
    """Before anything is done to them."""
    return {
        "dry_run": asked.dry_run,
        "messages": [
            {
                "id": tell_id(one.row.message_id).decode(),
                "customer": one.row.customer,
                "carrier": one.row.carrier,
                "segments": [state.name.lower() for state in one.states],
            }
            for one in messages
        ],
    }


def _told_id(asked: Asked) -> int:
    try:
        return int(read_told_id(asked.word("id").encode()))
    except ValueError as error:
        raise RefusedVerb(str(error)) from None

"""From what the operator wrote to the parts of the flow, wired. Opens no socket, starts nothing."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.billing.prepaid import Credit
from gateway.flow import quotas, repeats
from gateway.flow.accept import Accept
from gateway.flow.account import Account
from gateway.flow.cancel import Cancel
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.credentials import Verify
from gateway.flow.customers import Customers
from gateway.flow.dispatch import Dispatcher
from gateway.flow.doors import DoorLimits
from gateway.flow.fitness import Fitness
from gateway.flow.from_phones import FromPhones
from gateway.flow.intake import Intake
from gateway.flow.lessons import Lessons
from gateway.flow.live import Live
from gateway.flow.opt_outs import OptOuts
from gateway.flow.overload import Overload, OverloadRules
from gateway.flow.parking import Parking
from gateway.flow.query import Query
from gateway.flow.reassemble import Reassemble
from gateway.flow.receipts_in import ReceiptsIn
from gateway.flow.receipts_out import ReceiptsOut
from gateway.flow.recover import Recover, Recovery
from gateway.flow.replace import Replace
from gateway.flow.requests import Requests
from gateway.flow.reroute import Reroute
from gateway.flow.router import Router
from gateway.flow.settle import Settler
from gateway.flow.short_ids import ShortIds
from gateway.flow.submit_multi import SubmitMultis
from gateway.flow.tlv_log import telling
from gateway.flow.withdraw import Withdraw
from gateway.flow.yielding import Yielding
from gateway.lookups import NetworkLookups
from gateway.model.ids import IdSource
from gateway.net.verifier import verify_at_once
from gateway.profiles import account_of, carrier_of, owners_of
from gateway.routing.portability import Portability
from gateway.segmenter.reassembly import Reassembler
from gateway.segmenter.references import References
from gateway.settings.listeners import DoorSettings
from gateway.settings.models import Settings
from gateway.store.contract import PartAccepted, Recovered, Store
from gateway.store.from_phones import MoPartAccepted

KEY_OCTETS = 32
LOOK_AT_RECEIPTS_SECONDS = 600.0


@dataclass(slots=True)
class Flow:
    """The wired parts that somebody outside calls."""

    store: Store
    clock: Clock
    accounts: dict[str, Account]
    carriers: dict[str, Carrier]
    live: Live
    parking: Parking
    portability: Portability
    router: Router
    fitness: Fitness
    network: NetworkLookups
    accept: Accept
    requests: Requests
    cancel: Cancel
    customers: Customers
    dispatcher: Dispatcher
    reassemble: Reassemble
    receipts_in: ReceiptsIn
    from_phones: FromPhones
    opt_outs: OptOuts
    yielding: Yielding
    receipts_out: ReceiptsOut
    settler: Settler
    reroute: Reroute
    lessons: Lessons
    recovery: Recovery
    receipts_kept_ms: int
    crowded: bool = False  # customers are not to be read in the next turn
    _receipts_looked_at: float = 0.0

    def end_of_turn(self) -> float | None:
        """What follows when all sockets were read: hand out receipts, claim segments. Seconds until pace lets more."""
        self.reroute.run()
        waits = (self.receipts_out.run(), self.dispatcher.run(), self.parking.run())
        held = self.yielding.look(self.clock.monotonic())
        self.crowded = held > 0.0
        return min((wait for wait in (*waits, held or None) if wait is not None), default=None)

    def hold(self) -> None:
        """For the end: take nothing new, send nothing new. What is under way goes on."""
        self.accept.draining = self.customers.draining = True
        self.dispatcher.held = self.receipts_out.held = True
        for fact in quotas.changed(self.accounts.values()):
            self.store.write(fact)

    def tick(self) -> None:
        """About once a second: what has waited long enough."""
        self.network.lookups.tick()
        self.lessons.tick()
        self.reroute.tick()
        self.settler.expire(self.carriers)
        self.reassemble.expire(self.accounts)
        self.from_phones.expire()
        self.receipts_out.look()
        if self.clock.monotonic() >= self._receipts_looked_at + LOOK_AT_RECEIPTS_SECONDS:
            self._receipts_looked_at = self.clock.monotonic()
            self.receipts_out.expire(self.clock.wall_ms() - self.receipts_kept_ms)
        for account in self.accounts.values():
            if account.repeats is not None:
                for change in account.repeats.expire(account.name, self.clock.wall_ms()):
                    self.store.write(change)
        for carrier in self.carriers.values():
            self.receipts_in.expire(carrier)
        for fact in quotas.changed(self.accounts.values()):
            self.store.write(fact)
        self.accept.look(self.accounts.values())


def assemble(
    settings: Settings,
    store: Store,
    clock: Clock,
    found: Recovered,
    verify: Verify = verify_at_once,
    network: NetworkLookups | None = None,
    credit_of: Mapping[str, Credit] = MappingProxyType({}),
) -> Flow:
    """Build and wire the flow, and put back in place what the store found. `verify` checks hashed passwords.

    `credit_of` has the prepaid and capped customers; what is alive is held for in it already.
    """
    now = clock.monotonic()
    network = network or NetworkLookups(settings.lookups, settings.recycling, clock, lambda: None)
    accounts = {name: account_of(settings, name, now, clock.wall_ms()) for name in settings.customers}
    for name, one in credit_of.items():
        accounts[name].credit = one
    carriers = {key: carrier_of(settings, key, now) for key in settings.carriers}
    live = Live()
    ids = IdSource(settings.node, found.last_id)
    references = References(start=clock.wall_ms())  # not where the last life began
    receipts_out = ReceiptsOut(store, clock, ids, accounts)
    receipts_out.restore(found.owed)
    portability, routing = settings.build_portability(), settings.routing
    lessons = Lessons(store, clock, portability.learned, portability.imported, network.cache.forget)
    lessons.restore(found.kept)
    settler = Settler(store, live, ids, clock, references, receipts_out.put, lessons.denied)
    parking = Parking(
        store,
        live,
        clock,
        accounts,
        carriers,
        references,
        settings.store.queue_in_memory,
        settings.store.messages_in_memory,
    )
    fitness = Fitness(carriers, parking, clock, routing.limits(), routing.down_seconds)
    router = Router(portability, settings.build_routes(), fitness.usable)
    intake = Intake(
        store,
        live,
        ids,
        clock,
        portability,
        router,
        carriers,
        references,
        parking,
        network.lookups,
        network.checks,
        settler.finish,
    )
    reassembler: Reassembler[PartAccepted] = Reassembler(settings.reassembly.wait_seconds, settings.reassembly.max_open)
    reassemble = Reassemble(store, intake, settler, ids, clock, reassembler)
    numbers = settings.numbers.rules()
    withdraw = Withdraw(carriers)
    reroute = Reroute(live, clock, carriers, router, fitness, intake, settler, withdraw, lessons)
    cancel = Cancel(store, parking, numbers, settler, withdraw)
    short_ids = ShortIds(store, settings.node, found.short_ids)
    accept = Accept(
        store,
        live,
        ids,
        clock,
        numbers,
        intake,
        reassemble,
        cancel,
        short_ids,
        parking,
        settings.store.max_waiting_messages,
        Overload(OverloadRules(*settings.overload.marks())),
    )
    opt_outs = OptOuts(store, clock, numbers, accounts)
    opt_outs.restore(found.kept)
    submit_multis = SubmitMultis(store, clock, accept, intake, short_ids)
    replace = Replace(store, parking, clock, intake, withdraw)
    mo_reassembler: Reassembler[MoPartAccepted] = Reassembler(
        settings.reassembly.wait_seconds, settings.reassembly.max_open
    )
    from_phones = FromPhones(
        store, ids, clock, owners_of(settings), accounts, mo_reassembler, receipts_out.put, opt_outs.from_phone
    )
    recover = Recover(
        store, live, settler, reassemble, from_phones, clock, references, parking, intake, accounts, carriers
    )
    for account in accounts.values():
        if account.repeats is not None:
            account.repeats.restore(one for one in found.kept if (one.kind, one.owner) == (repeats.KIND, account.name))
        quotas.restore(account, found.kept, clock.wall_ms())
    requests = Requests(accept, submit_multis, Query(store, live), cancel, replace)
    if settings.log.level == "debug":
        requests.submit_sm = telling(requests.submit_sm, settings.vocabulary())
    return Flow(
        store=store,
        clock=clock,
        network=network,
        accounts=accounts,
        carriers=carriers,
        live=live,
        parking=parking,
        portability=portability,
        router=router,
        fitness=fitness,
        accept=accept,
        requests=requests,
        cancel=cancel,
        customers=Customers(
            accounts,
            settings.system_id.encode("ascii"),
            clock,
            _door_limits(settings.doors),
            verify,
            secrets.token_bytes(KEY_OCTETS),
        ),
        dispatcher=Dispatcher(store, settler, clock, carriers.values(), parking),
        opt_outs=opt_outs,
        yielding=Yielding(carriers.values()),
        reassemble=reassemble,
        receipts_in=ReceiptsIn(
            store, settler, from_phones, clock, settings.receipt_wait.early_receipt_seconds, lessons.redirected
        ),
        from_phones=from_phones,
        receipts_out=receipts_out,
        settler=settler,
        reroute=reroute,
        lessons=lessons,
        recovery=recover.run(found),
        receipts_kept_ms=int(settings.receipt_wait.keep_days * 86_400_000),
    )


def _door_limits(settings: DoorSettings) -> DoorLimits:
    return DoorLimits(
        hide_system_ids=settings.hide_system_ids,
        free_attempts=settings.free_attempts,
        free_attempts_of_address=settings.free_attempts_of_address,
        free_attempts_of_system_id=settings.free_attempts_of_system_id,
        first_wait_seconds=settings.first_wait_seconds,
        longest_wait_seconds=settings.longest_wait_seconds,
        forget_seconds=settings.forget_seconds,
        max_binds_of_address=settings.max_binds_of_address,
        max_verifying=settings.max_verifying,
    )

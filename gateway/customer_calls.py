"""Customers that are called: when something is owed to them and no bind of theirs receives, we say outbind."""

from collections.abc import Callable, Mapping

from gateway.assemble import Flow
from gateway.flow.account import Account
from gateway.flow.customer_link import CustomerLink
from gateway.model.origin import Origin
from gateway.net.backoff import Backoff, Ended, Place, Waits
from gateway.net.connection import Connection
from gateway.net.connector import Connector
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.settings.customers import CustomerSettings
from gateway.settings.outbind import CallSettings
from gateway.smpp.pdu import Outbind

WAITS = Waits(shortest=1.0, longest=60.0, refused=60.0)  # seconds between calls that came to nothing

MakeCustomerLink = Callable[[Callable[[], None], Origin], CustomerLink]


class CalledCustomer:
    """One customer, and the link of our present or last call."""

    def __init__(
        self,
        account: Account,
        called: CallSettings,
        outbind: Outbind,
        turn: Turn,
        now: Callable[[], float],
        make_link: MakeCustomerLink,
        connections: set[Connection],
        waits: Waits,
    ) -> None:
        self.account = account
        self._outbind = outbind
        self._make_link = make_link
        self._link: CustomerLink | None = None
        self.connector = Connector(
            turn,
            now,
            self._call,
            Backoff([Place(called.host, called.port)], waits),
            self._ended,
            name=account.name,
            connections=connections,
            of_customer=True,
        )
        self.connector.stay_away()

    def _call(self, wake: Callable[[], None], origin: Origin) -> CustomerLink:
        self._link = self._make_link(wake, origin)
        self._link.session.outbind(self._outbind)
        return self._link

    def _ended(self) -> Ended:
        return Ended.SERVED if self._link is not None and self._link.was_bound else Ended.FAILED


class CustomerCalls:
    """All customers that have `outbind`."""

    def __init__(
        self,
        customers: Mapping[str, CustomerSettings],
        our_system_id: str,
        flow: Flow,
        turn: Turn,
        now: Callable[[], float],
        make_link: MakeCustomerLink,
        connections: set[Connection],
        waits: Waits = WAITS,
    ) -> None:
        self._receipts_out = flow.receipts_out
        self._called: list[CalledCustomer] = []
        for name, one in customers.items():
            if one.outbind is not None:
                outbind = _outbind(one.outbind, our_system_id)
                account = flow.accounts[name]
                self._called.append(
                    CalledCustomer(account, one.outbind, outbind, turn, now, make_link, connections, waits)
                )

    def start(self, tasks: Tasks) -> None:
        """Be ready to call."""
        for one in self._called:
            tasks.start(one.connector.run(), f"outbind-{one.account.name}")

    def tick(self) -> None:
        """About once a second: call who is owed something, do not call again who is bound."""
        for one in self._called:
            bound = any(bind.receives for bind in one.account.binds)
            if bound or self._receipts_out.held or not self._receipts_out.owes(one.account):
                one.connector.stay_away()
            else:
                one.connector.go_on()


def _outbind(called: CallSettings, our_system_id: str) -> Outbind:
    return Outbind(
        system_id=(called.system_id or our_system_id).encode("ascii"),
        password=b"" if called.password is None else called.password.reveal().encode("ascii"),
    )

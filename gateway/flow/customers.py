"""Who may bind: judged from the cheapest to the dearest, answered, remembered for whoever asks why."""

from collections import Counter
from collections.abc import Callable, Mapping

import structlog

from gateway.flow.access import Access
from gateway.flow.account import Account, CustomerBind
from gateway.flow.attempts import STATUS_OF_OUTCOME, Attempts, Outcome
from gateway.flow.clock import Clock
from gateway.flow.credentials import Credentials, Verdict, Verify
from gateway.flow.doors import DoorLimits, Doors
from gateway.model.origin import Origin
from gateway.smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter
from gateway.smpp.session import Session
from gateway.smpp.status import CommandStatus

log = structlog.get_logger(room="customers")

BindRequest = BindTransmitter | BindReceiver | BindTransceiver

_NOBODY = Access()


class Customers:
    """All accounts, by the system_id that they bind with. `key` is random: what is remembered is useless elsewhere.

    `attempts` are the last ones, with their reasons; `doors` knows who must wait.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        our_system_id: bytes,
        clock: Clock,
        limits: DoorLimits,
        verify: Verify,
        key: bytes,
    ) -> None:
        self._our_system_id = our_system_id
        self._clock = clock
        self._limits = limits
        self._verify, self._key = verify, key
        self.take_accounts(accounts)
        self._binds_of_address: Counter[str] = Counter()
        self.doors = Doors(limits)
        self.attempts = Attempts()
        self.draining = False

    def take_accounts(self, accounts: Mapping[str, Account]) -> None:
        """From now on these may bind. Who is bound stays; a password that is being checked is still answered."""
        self._accounts = {account.system_id: account for account in accounts.values()}
        accesses = [account.access for account in accounts.values()]
        self._credentials = Credentials(accesses, self._verify, self._key, self._limits.max_verifying)

    @property
    def verifying(self) -> int:
        """Passwords that wait to be checked."""
        return len(self._credentials)

    def bind(
        self, session: Session, request: BindRequest, origin: Origin, bound: Callable[[CustomerBind], None]
    ) -> None:
        """Judge a bind request and answer it, now or when its password was checked. `bound` gets the bind.

        Whoever is told of the bind gives it back with `unbind`.
        """
        system_id = request.system_id
        account = self._accounts.get(system_id)
        access = account.access if account is not None else _NOBODY
        stranger = not (self.doors.knows(system_id, origin) or access.names(origin))
        if self.draining:
            self._refuse(session, request, origin, Outcome.DRAINING)
        elif origin.host is None:
            self._refuse(session, request, origin, Outcome.NO_ADDRESS)
        elif self.doors.wait_seconds(system_id, origin, self._clock.monotonic(), stranger=stranger):
            self._refuse(session, request, origin, Outcome.LOCKED_OUT)
        else:

            def judged(verdict: Verdict) -> None:
                if verdict is Verdict.WRONG:
                    self.doors.failed(system_id, origin, self._clock.monotonic(), stranger=stranger)
                outcome = self._outcome(session, account, origin, verdict)
                if outcome is Outcome.BOUND and account is not None:
                    bound(self._grant(session, request, origin, account))
                else:
                    self._refuse(session, request, origin, outcome)

            self._credentials.judge(access, system_id, request.password, origin.household, stranger, judged)

    def unbind(self, bind: CustomerBind) -> None:
        """The bind is gone."""
        bind.account.binds.remove(bind)
        household = bind.origin.household
        self._binds_of_address[household] -= 1
        if not self._binds_of_address[household]:
            del self._binds_of_address[household]

    def _outcome(self, session: Session, account: Account | None, origin: Origin, verdict: Verdict) -> Outcome:
        """The password was judged, maybe a while after the request."""
        if session.closing:
            return Outcome.GONE
        if verdict is Verdict.BUSY:
            return Outcome.BUSY
        if account is None:
            return Outcome.UNKNOWN_SYSTEM_ID
        if verdict is not Verdict.RIGHT:
            return Outcome.WRONG_PASSWORD
        return self._of_the_right_one(account, origin)

    def _of_the_right_one(self, account: Account, origin: Origin) -> Outcome:
        if self.draining:
            return Outcome.DRAINING
        if not account.access.allows(origin):
            return Outcome.ADDRESS_NOT_ALLOWED
        if not account.access.trusts(origin):
            return Outcome.CERTIFICATE_NOT_ALLOWED
        if account.drained:
            return Outcome.DRAINED
        if len(account.binds) >= account.max_binds:
            return Outcome.TOO_MANY_BINDS
        if self._binds_of_address[origin.household] >= self._limits.max_binds_of_address:
            return Outcome.TOO_MANY_BINDS_OF_ADDRESS
        return Outcome.BOUND

    def _grant(self, session: Session, request: BindRequest, origin: Origin, account: Account) -> CustomerBind:
        session.accept_bind(request, self._our_system_id, account.window)
        bind = CustomerBind(account, session, origin)
        account.binds.append(bind)
        self._binds_of_address[origin.household] += 1
        self.doors.bound(account.system_id, origin)
        self.attempts.note(account.system_id, origin, Outcome.BOUND, self._clock.wall_ms())
        binds = len(account.binds)
        log.info("customer_bound", customer=account.name, peer=str(origin), state=session.state.name, binds=binds)
        return bind

    def _refuse(self, session: Session, request: BindRequest, origin: Origin, outcome: Outcome) -> None:
        status = STATUS_OF_OUTCOME[outcome]
        if outcome is Outcome.UNKNOWN_SYSTEM_ID and self._limits.hide_system_ids:
            status = CommandStatus.ESME_RINVPASWD
        attempt = self.attempts.note(request.system_id, origin, outcome, self._clock.wall_ms())
        if not attempt.count & (attempt.count - 1):  # the 1st, 2nd, 4th, 8th, ...: who hammers does not fill the log
            log.warning(
                "bind_refused",
                system_id=attempt.system_id,
                peer=str(origin),
                why=outcome.value,
                status=status.name,
                count=attempt.count,
            )
        if outcome is not Outcome.GONE:
            session.refuse_bind(request, status)

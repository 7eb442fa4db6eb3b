"""Receipts and messages from phones to customers: an outbox each, handed out within the window until acknowledged.

An outbox keeps a bounded head in memory; the rest waits in the store and is read when the head is used up.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import NamedTuple

import structlog

from gateway.flow.account import Account, CustomerBind
from gateway.flow.clock import Clock
from gateway.flow.deliver import Dates, deliver_sm
from gateway.flow.receipts_again import receipts_again
from gateway.model.ids import IdSource, moment_of
from gateway.smpp.pdu import Pdu
from gateway.smpp.status import CommandStatus
from gateway.store.archive import Ended
from gateway.store.contract import Owed, ReceiptHandedOver, ReceiptsOwed, Store
from gateway.store.from_phones import MoHandedOver, MoOwed

log = structlog.get_logger(room="receipts_out")

HEAD = 2_000  # of what is owed to one customer, kept in memory
LOOKS = 60  # calls of `look` after which every customer was looked at
PAUSE_SECONDS = 1.0  # after a refusal that means "later"

# A customer's answers that mean "not now"; every other refusal is its last word on that receipt.
LATER = frozenset(
    {
        CommandStatus.ESME_RSYSERR,
        CommandStatus.ESME_RMSGQFUL,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RX_T_APPN,
    }
)


def owed_since(owed: Owed) -> int:
    """When it became owed, ms since 1970. One that is pushed again is owed since then, not since its message ended."""
    return owed.arrived_at if type(owed) is MoOwed else max(owed.done_at, moment_of(owed.owed_id))  # type: ignore[union-attr]


class Handed(NamedTuple):
    """A receipt, or a message from a phone, on its way over a bind."""

    bind: CustomerBind
    owed: Owed


class Outbox:
    """What one customer is owed, in the order of `owed_id`."""

    def __init__(self, account: Account, dates: Dates) -> None:
        self.account = account
        self.dates = dates
        # Not answered in time, and not yet on a later try: whether a late answer came for one that is on its way again.
        self.late: dict[int, bool] = {}
        self.head: deque[Owed] = deque()
        self.depth = 0  # all that is owed, on its way too
        self.last = 0  # owed_id of the newest that ever was in the head
        self.on_disk = True  # there may be more in the store than in the head
        self.reading = False
        self.missed = False  # something became owed while the store was being read
        self.paused_until = 0.0
        self.disk_since = 0  # since when the oldest is owed that was seen on disk, ms since 1970; 0: none was

    def put(self, owed: Owed) -> None:
        """It is owed, durably."""
        if self.reading:
            self.missed = True
        elif not self.on_disk and len(self.head) < HEAD:
            self.head.append(owed)
            self.last = owed.owed_id
        else:
            self.on_disk = True
        if not self.head and not self.disk_since:
            self.disk_since = owed_since(owed)


class ReceiptsOut:
    """All outboxes."""

    def __init__(self, store: Store, clock: Clock, ids: IdSource, accounts: Mapping[str, Account]) -> None:
        self._store = store
        self._clock = clock
        self._dates, self._utc = Dates(), Dates(UTC)
        self._ids = ids
        self._outboxes: dict[str, Outbox] = {}
        for account in accounts.values():
            self.take_account(account)
        self._active: dict[str, Outbox] = {}  # those that may have something to hand out
        self._to_look_at: list[Outbox] = []
        self.held = False

    def restore(self, owed: Mapping[str, int]) -> None:
        """So much is owed from before. Before anything becomes owed."""
        for customer, count in owed.items():
            if customer in self._outboxes:
                self._outboxes[customer].depth = count

    def take_account(self, account: Account) -> None:
        """A customer that is new, or whose receipts are written otherwise from now on."""
        dates = self._utc if account.receipts.utc else self._dates
        outbox = self._outboxes.get(account.name)
        if outbox is None:
            self._outboxes[account.name] = Outbox(account, dates)
        else:
            outbox.dates = dates

    def put(self, durable: tuple[Owed, ...]) -> None:
        """These became durable."""
        for owed in durable:
            outbox = self._outboxes[owed.customer]
            outbox.put(owed)
            outbox.depth += 1
            outbox.account.counts.receipts_owed += 1
            self._active[owed.customer] = outbox

    def wake(self, account: Account) -> None:
        """A bind of this customer may take receipts now."""
        self._active[account.name] = self._outboxes[account.name]

    def owes(self, account: Account) -> bool:
        """Whether something waits for a bind of it that receives, or may: what is on disk is read for such a bind."""
        outbox = self._outboxes[account.name]
        return bool(outbox.head) or outbox.on_disk

    def run(self) -> float | None:
        """Hand out what may go. Return the seconds after which a paused customer may be asked again."""
        again: float | None = None
        if self.held:
            return again
        now = self._clock.monotonic()
        for name, outbox in tuple(self._active.items()):
            if now < outbox.paused_until:
                wait = outbox.paused_until - now
                again = wait if again is None else min(again, wait)
            elif not self._hand_out(outbox, now):
                del self._active[name]
        return again

    def _hand_out(self, outbox: Outbox, now: float) -> bool:
        """Send what the windows take. False when nothing is left to do until something happens."""
        binds = [bind for bind in outbox.account.binds if bind.receives]
        if not binds:
            return False
        head, style = outbox.head, outbox.account.receipts
        share = -(-len(head) // len(binds))
        for bind in binds:
            room = min(bind.session.room(), outbox.account.receipt_window - bind.receipts_in_flight)
            for _ in range(min(room, share, len(head))):
                owed = head.popleft()
                bind.receipts_in_flight += 1
                pdu = deliver_sm(owed, outbox.dates, style, takes_tlvs=not bind.short_ids)
                bind.session.request(pdu, Handed(bind, owed), now)
        if not head and outbox.on_disk and not outbox.reading:
            self._read(outbox)
        return bool(head)

    def _read(self, outbox: Outbox) -> None:
        outbox.reading = True
        outbox.missed = False

        def found(owed: list[Owed]) -> None:
            outbox.reading = False
            outbox.disk_since = 0
            outbox.head.extend(owed)
            if owed:
                outbox.last = owed[-1].owed_id
            outbox.on_disk = outbox.missed or len(owed) == HEAD
            self._active[outbox.account.name] = outbox

        self._store.owed(outbox.account.name, outbox.last, HEAD, found)

    def answered(self, handed: Handed, pdu: Pdu) -> None:
        """A deliver_sm_resp."""
        bind, owed = handed
        bind.receipts_in_flight -= 1
        outbox = self._outboxes[owed.customer]
        if outbox.head or outbox.on_disk:
            self._active[owed.customer] = outbox
        if outbox.late and outbox.late.pop(owed.owed_id, False):
            return  # a late answer to an earlier try said so already
        if pdu.command_status in LATER:
            outbox.head.appendleft(owed)
            self._active[owed.customer] = outbox
            outbox.paused_until = self._clock.monotonic() + PAUSE_SECONDS
            return
        self._over(outbox, owed, pdu)

    def answered_late(self, handed: Handed, pdu: Pdu) -> None:
        """A deliver_sm_resp to a try that was given up: what waits since then goes no more, what is under way once."""
        owed = handed.owed
        outbox = self._outboxes[owed.customer]
        if outbox.late.get(owed.owed_id) is not False or pdu.command_status in LATER:
            return  # answered on another try, or it is to wait anyway
        if owed in outbox.head:
            outbox.head.remove(owed)
            del outbox.late[owed.owed_id]
        else:
            outbox.late[owed.owed_id] = True
        self._over(outbox, owed, pdu)

    def _over(self, outbox: Outbox, owed: Owed, pdu: Pdu) -> None:
        """The customer's last word."""
        outbox.depth -= 1
        counts = outbox.account.counts
        taken = not pdu.command_status
        if type(owed) is MoOwed:
            counts.mo_handed_over += taken
            counts.mo_refused += not taken
            self._store.write(MoHandedOver(owed.customer, owed.owed_id))
        else:
            counts.receipts_handed_over += taken
            counts.receipts_refused += not taken
            self._store.write(ReceiptHandedOver(owed.customer, owed.owed_id))

    def lost(self, contexts: list[Handed]) -> None:
        """No answer came for these: they are owed still, oldest first."""
        for bind, owed in reversed(contexts):
            bind.receipts_in_flight -= 1
            outbox = self._outboxes[owed.customer]
            if outbox.late and outbox.late.pop(owed.owed_id, False):
                continue  # a late answer to an earlier try said so already
            outbox.head.appendleft(owed)
            self.wake(bind.account)

    def unanswered(self, handed: Handed) -> None:
        """No answer came in time. It may come late."""
        self.lost([handed])
        outbox = self._outboxes[handed.owed.customer]
        if handed.owed in outbox.head:
            outbox.late[handed.owed.owed_id] = False

    def push_again(self, ended: Iterable[Ended]) -> int:
        """Owe once more the last receipts of messages that ended, to who asked for them. Return how many receipts."""
        receipts = tuple(
            receipt
            for one in ended
            if one.record.customer in self._outboxes
            for receipt in receipts_again(one, self._clock.wall_ms(), self._ids)
        )
        if receipts:
            self._store.write(ReceiptsOwed(receipts), self.put, receipts)
        return len(receipts)

    def expire(self, before: int) -> None:
        """Give up what has been owed since before this moment (ms since 1970). Once in a while: it reads the store.

        Nothing of a customer that is being handed receipts: it fetches them.
        """
        for name in self._outboxes:
            self._store.owed(name, 0, HEAD, lambda found, name=name: self._give_up(name, found, before))  # type: ignore[misc]

    def _give_up(self, name: str, found: list[Owed], before: int) -> None:
        outbox = self._outboxes[name]
        old = {one.owed_id: one for one in found if owed_since(one) < before}
        if not old or any(bind.receipts_in_flight for bind in outbox.account.binds):
            return
        outbox.head = deque(one for one in outbox.head if one.owed_id not in old)
        for owed_id in old:
            outbox.late.pop(owed_id, None)
        for one in old.values():
            change = MoHandedOver if type(one) is MoOwed else ReceiptHandedOver
            self._store.write(change(name, one.owed_id))
        outbox.account.counts.given_up += len(old)
        outbox.depth -= len(old)
        log.warning("receipts_given_up", customer=name, count=len(old))

    def look(self) -> None:
        """Look how old the oldest is that is owed on disk, at a few customers a call, at all in LOOKS calls."""
        if not self._to_look_at:
            self._to_look_at = list(self._outboxes.values())
        for _ in range(min(len(self._to_look_at), -(-len(self._outboxes) // LOOKS))):
            outbox = self._to_look_at.pop()
            if outbox.on_disk and not outbox.head and not outbox.reading:
                self._store.owed(outbox.account.name, 0, 1, lambda found, one=outbox: self._seen(one, found))  # type: ignore[misc]

    @staticmethod
    def _seen(outbox: Outbox, found: list[Owed]) -> None:
        outbox.disk_since = owed_since(found[0]) if found else 0

    def oldest(self, customer: str) -> int:
        """Since when the oldest is owed that waits for this customer, ms since 1970; 0 when nothing does.

        What is on disk only is known a minute late. What is on its way to the customer does not count.
        """
        outbox = self._outboxes[customer]
        if outbox.head:
            return owed_since(outbox.head[0])
        return outbox.disk_since if outbox.on_disk else 0

    def depth(self, customer: str) -> int:
        """How much of what is owed to a customer is in memory."""
        return len(self._outboxes[customer].head)

    def owed(self, customer: str) -> int:
        """How much a customer is owed, in memory, on disk, and on its way."""
        return max(0, self._outboxes[customer].depth)

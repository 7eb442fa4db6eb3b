"""Receipts to customers: an outbox each, handed out within the bind's window, until they are acknowledged.

An outbox keeps a bounded head in memory; the rest waits in the store and is read when the head is used up.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from gateway.flow.account import Account, CustomerBind
from gateway.flow.clock import Clock
from gateway.model.ids import format_id
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import DeliverSm, Pdu
from gateway.smpp.receipt import write_receipt
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from gateway.store.contract import ReceiptHandedOver, ReceiptOwed, Store

JST = timezone(timedelta(hours=9), "JST")
HEAD = 2_000  # receipts of one customer kept in memory
PAUSE_SECONDS = 1.0  # after a refusal that means "later"
RECEIPT = 0x04  # esm_class, section 5.2.12
NETWORK_GSM = b"\x03"

# A customer's answers that mean "not now"; every other refusal is its last word on that receipt.
LATER = frozenset(
    {
        CommandStatus.ESME_RSYSERR,
        CommandStatus.ESME_RMSGQFUL,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RX_T_APPN,
    }
)


class Handed(NamedTuple):
    """A receipt on its way over a bind."""

    bind: CustomerBind
    receipt: ReceiptOwed


class Dates:
    """YYMMDDhhmm in JST; the last minutes are remembered, since receipts come in crowds."""

    def __init__(self) -> None:
        self._minutes: dict[int, bytes] = {}

    def write(self, ms: int) -> bytes:
        """The minute of a time in ms since 1970."""
        minute = ms // 60_000
        text = self._minutes.get(minute)
        if text is None:
            if len(self._minutes) > 1_000:
                self._minutes.clear()
            text = self._minutes[minute] = f"{datetime.fromtimestamp(minute * 60, JST):%y%m%d%H%M}".encode()
        return text


class Outbox:
    """What one customer is owed, in the order of `owed_id`."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.head: deque[ReceiptOwed] = deque()
        self.last = 0  # owed_id of the newest receipt that ever was in the head
        self.on_disk = True  # there may be more in the store than in the head
        self.reading = False
        self.missed = False  # something became owed while the store was being read
        self.paused_until = 0.0

    def put(self, receipt: ReceiptOwed) -> None:
        """A receipt is owed, durably."""
        if self.reading:
            self.missed = True
        elif not self.on_disk and len(self.head) < HEAD:
            self.head.append(receipt)
            self.last = receipt.owed_id
        else:
            self.on_disk = True


class ReceiptsOut:
    """All outboxes."""

    def __init__(self, store: Store, clock: Clock, accounts: Mapping[str, Account]) -> None:
        self._store = store
        self._clock = clock
        self._outboxes = {name: Outbox(account) for name, account in accounts.items()}
        self._active: dict[str, Outbox] = {}  # those that may have something to hand out
        self._dates = Dates()
        self.held = False

    def put(self, receipts: tuple[ReceiptOwed, ...]) -> None:
        """These became durable."""
        for receipt in receipts:
            outbox = self._outboxes[receipt.customer]
            outbox.put(receipt)
            self._active[receipt.customer] = outbox

    def wake(self, account: Account) -> None:
        """A bind of this customer may take receipts now."""
        self._active[account.name] = self._outboxes[account.name]

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
        head = outbox.head
        share = -(-len(head) // len(binds))
        for bind in binds:
            room = min(bind.session.room(), outbox.account.receipt_window - bind.receipts_in_flight)
            for _ in range(min(room, share, len(head))):
                receipt = head.popleft()
                bind.receipts_in_flight += 1
                bind.session.request(self._deliver_sm(receipt), Handed(bind, receipt), now)
        if not head and outbox.on_disk and not outbox.reading:
            self._read(outbox)
        return bool(head)

    def _read(self, outbox: Outbox) -> None:
        outbox.reading = True
        outbox.missed = False

        def found(receipts: list[ReceiptOwed]) -> None:
            outbox.reading = False
            outbox.head.extend(receipts)
            if receipts:
                outbox.last = receipts[-1].owed_id
            outbox.on_disk = outbox.missed or len(receipts) == HEAD
            self._active[outbox.account.name] = outbox

        self._store.owed(outbox.account.name, outbox.last, HEAD, found)

    def answered(self, handed: Handed, pdu: Pdu) -> None:
        """A deliver_sm_resp."""
        bind, receipt = handed
        bind.receipts_in_flight -= 1
        outbox = self._outboxes[receipt.customer]
        if outbox.head or outbox.on_disk:
            self._active[receipt.customer] = outbox
        if pdu.command_status in LATER:
            outbox.head.appendleft(receipt)
            self._active[receipt.customer] = outbox
            outbox.paused_until = self._clock.monotonic() + PAUSE_SECONDS
            return
        counts = outbox.account.counts
        if pdu.command_status == CommandStatus.ESME_ROK:
            counts.receipts_handed_over += 1
        else:
            counts.receipts_refused += 1
        self._store.write(ReceiptHandedOver(receipt.customer, receipt.owed_id))

    def lost(self, contexts: list[Handed]) -> None:
        """No answer came for these: they are owed still, oldest first."""
        for bind, receipt in reversed(contexts):
            bind.receipts_in_flight -= 1
            self._outboxes[receipt.customer].head.appendleft(receipt)
            self.wake(bind.account)

    def depth(self, customer: str) -> int:
        """Receipts in the head of a customer's outbox."""
        return len(self._outboxes[customer].head)

    def _deliver_sm(self, receipt: ReceiptOwed) -> DeliverSm:
        message_id = format_id(receipt.message_id)
        state = MessageState(receipt.message_state)
        tlvs: list[tuple[int, bytes]] = [
            (Tag.RECEIPTED_MESSAGE_ID, message_id + b"\0"),
            (Tag.MESSAGE_STATE, bytes((state,))),
        ]
        if receipt.error.isdigit() and int(receipt.error) < 0x10000:
            tlvs.append((Tag.NETWORK_ERROR_CODE, NETWORK_GSM + int(receipt.error).to_bytes(2, "big")))
        if receipt.user_message_reference:
            tlvs.append((Tag.USER_MESSAGE_REFERENCE, receipt.user_message_reference))
        return DeliverSm(
            source_addr_ton=receipt.dest_ton,
            source_addr_npi=receipt.dest_npi,
            source_addr=receipt.destination_addr,
            dest_addr_ton=receipt.source_ton,
            dest_addr_npi=receipt.source_npi,
            destination_addr=receipt.source_addr,
            esm_class=RECEIPT,
            short_message=write_receipt(
                message_id,
                state,
                receipt.error,
                receipt.segments,
                receipt.delivered,
                self._dates.write(receipt.submitted_at),
                self._dates.write(receipt.done_at),
            ),
            tlvs=tuple(tlvs),
        )

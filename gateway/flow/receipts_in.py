"""Receipts from carriers: matched by the carrier's id, benched when they are early, acknowledged once durable."""

from collections.abc import Callable

import orjson
import structlog

from gateway.flow.acknowledgement import Acknowledgement, acknowledge, owed_for
from gateway.flow.alerts import alert
from gateway.flow.carrier import Carrier
from gateway.flow.carrier_ids import would_match
from gateway.flow.claims import SUBSCRIBER_DIGITS
from gateway.flow.clock import Clock
from gateway.flow.from_phones import FromPhones
from gateway.flow.message import EVENT_OF_STATE
from gateway.flow.settle import Settler
from gateway.model.lifecycle import FINAL, FINAL_OF, SegmentState
from gateway.smpp.constants import INTERMEDIATE_STATES, MessageState
from gateway.smpp.pdu import AlertNotification, DataSm, DeliverSm
from gateway.smpp.receipt import Receipt, read_receipt
from gateway.smpp.session import Session
from gateway.smpp.tlv import Tag
from gateway.store.contract import EarlyReceiptDone, Kept, MessageAccepted, ReceiptEarly, Store

log = structlog.get_logger(room="receipts_in")

HINT_SECONDS = 3_600.0  # between two log lines about ids that one carrier's profile reads wrongly

# Kept for whoever asks what became of a message: [our id, how it ended, what the receipt says, its error, when].
LATE = "late receipt"
LATE_KEPT_MS = 90 * 86_400_000
GIVEN_UP = frozenset({SegmentState.EXPIRED, SegmentState.UNKNOWN})  # ends that nobody may have told us

# Receipts of one carrier on the bench. More than the windows hold cannot overtake their responses.
MOST_EARLY = 100_000


class ReceiptsIn:
    """Takes every deliver_sm and data_sm of every carrier bind; what is no receipt goes on to `from_phones`."""

    def __init__(
        self,
        store: Store,
        settler: Settler,
        from_phones: FromPhones,
        clock: Clock,
        early_seconds: float,
        redirected: Callable[[MessageAccepted, str], None],
    ) -> None:
        self._store = store
        self._settler = settler
        self._from_phones = from_phones
        self._clock = clock
        self._redirected = redirected
        self._early_ms = int(early_seconds * 1000)

    def take(self, carrier: Carrier, session: Session, pdu: DeliverSm | DataSm) -> None:
        """One deliver_sm or data_sm."""
        receipt = read_receipt(pdu)
        if receipt is None:
            self._from_phones.take(carrier, session, pdu)
            return
        owed = owed_for(session, pdu)
        carrier_id = carrier.receipt_id(receipt.message_id)
        if receipt.intermediate:
            self._intermediate(carrier, carrier_id, pdu, receipt, owed)
            return
        state = receipt.state or MessageState.UNKNOWN
        found = carrier.sent.get(carrier_id)
        if found is not None:
            message, index = found
            if carrier.network_tag:
                self._network(carrier, message.row, pdu.tlv(carrier.network_tag))
            if receipt.message_id != message.carrier_ids[index]:
                message.named_in_receipt(index, receipt.message_id)
            event = EVENT_OF_STATE[state]
            self._settler.receipt(carrier, message, index, event, error_of(receipt), acknowledge, owed)
        elif (settled := carrier.settled(carrier_id)) is not None:
            self._after_the_end(carrier, carrier_id, settled, receipt, owed)
        elif carrier.doubtful and (doubtful := carrier.doubtful.get(_reference(pdu))) is not None:
            message, index = doubtful
            self._settler.arrived(carrier, message, index, receipt.message_id)
            self._settler.receipt(carrier, message, index, EVENT_OF_STATE[state], error_of(receipt), acknowledge, owed)
        elif carrier_id in carrier.early:  # the first final word stands, of those that wait too
            carrier.counts.receipts_repeated += 1
            self._store.follow(acknowledge, owed)
        elif len(carrier.early) >= MOST_EARLY:
            self._hint(carrier, pdu, receipt)
            carrier.counts.receipts_unknown += 1
            acknowledge(owed)
        else:
            self._hint(carrier, pdu, receipt)
            early = ReceiptEarly(carrier.key, carrier_id, int(state), error_of(receipt), self._clock.wall_ms())
            carrier.early[carrier_id] = early
            carrier.counts.receipts_early += 1
            self._store.write(early, acknowledge, owed)

    def _network(self, carrier: Carrier, row: MessageAccepted, said: bytes | None) -> None:
        """The receipt may say on which network the phone was found."""
        serving = carrier.networks.get(said.rstrip(b"\0")) if said else None
        if serving is not None and serving != row.serving:
            self._redirected(row, serving)

    def _intermediate(
        self, carrier: Carrier, carrier_id: bytes, pdu: DeliverSm | DataSm, receipt: Receipt, owed: Acknowledgement
    ) -> None:
        """A receipt that is not the last. One for what we do not know, or what has ended, says nothing new."""
        found = carrier.sent.get(carrier_id)
        if found is None and carrier.doubtful and (found := carrier.doubtful.get(_reference(pdu))) is not None:
            self._settler.arrived(carrier, *found, receipt.message_id)
        if found is None:
            acknowledge(owed)
            return
        said = receipt.state if receipt.state in INTERMEDIATE_STATES else MessageState.ENROUTE
        self._settler.intermediate(carrier, *found, said, acknowledge, owed)

    def _hint(self, carrier: Carrier, pdu: DeliverSm | DataSm, receipt: Receipt) -> None:
        """Notice when it would be a receipt that we wait for, from the same number, if its id were read otherwise."""
        number = pdu.source_addr[-SUBSCRIBER_DIGITS:]

        def fits(carrier_id: bytes) -> bool:
            return carrier.sent[carrier_id][0].row.e164.endswith(number)

        if not (number and carrier.sent):
            return
        otherwise = would_match(receipt.message_id, carrier.sent, fits)
        if not otherwise:
            return
        carrier.counts.receipts_would_match[otherwise] += 1
        now = self._clock.monotonic()
        if now >= carrier.hinted_at + HINT_SECONDS:
            carrier.hinted_at = now
            log.warning(
                "receipt_ids_misread",
                carrier=carrier.key,
                read_as=otherwise,
                receipts=carrier.counts.receipts_would_match[otherwise],
            )

    def _after_the_end(
        self,
        carrier: Carrier,
        carrier_id: bytes,
        settled: tuple[int, SegmentState],
        receipt: Receipt,
        owed: Acknowledgement,
    ) -> None:
        """A receipt for a segment that ended: the first final word stands, and what differs from it is kept."""
        message_id, final = settled
        state = receipt.state or MessageState.UNKNOWN
        if FINAL_OF[EVENT_OF_STATE[state]] is final or final not in FINAL:
            carrier.counts.receipts_repeated += 1
            self._store.follow(acknowledge, owed)  # what the first one changed may not be durable yet
            return
        if final in GIVEN_UP:
            carrier.counts.receipts_late += 1
        else:
            carrier.counts.receipts_contradicting += 1
        now = self._clock.wall_ms()
        word = orjson.dumps([message_id, final.name, state.name, error_of(receipt).decode("latin-1"), now])
        self._store.write(Kept(LATE, carrier.key, carrier_id, word, now + LATE_KEPT_MS), acknowledge, owed)

    def alert(self, carrier: Carrier, pdu: AlertNotification) -> None:
        """A phone can be reached again: told to the customer whose number was named, if it is bound; it is not kept."""
        account = self._from_phones.owner(pdu.esme_addr)
        if account is None or not alert(account, pdu):
            carrier.counts.mo_unowned += 1

    def expire(self, carrier: Carrier) -> None:
        """Let the early receipts go whose response never came."""
        before = self._clock.wall_ms() - self._early_ms
        over = [carrier_id for carrier_id, early in carrier.early.items() if early.arrived_at <= before]
        for carrier_id in over:
            del carrier.early[carrier_id]
            carrier.counts.receipts_unknown += 1
            self._store.write(EarlyReceiptDone(carrier.key, carrier_id))


def _reference(pdu: DeliverSm | DataSm) -> tuple[bytes, bytes]:
    """Whose phone, and the reference that we gave the segment, if the carrier gives it back."""
    return pdu.source_addr[-SUBSCRIBER_DIGITS:], pdu.tlv(Tag.USER_MESSAGE_REFERENCE) or b""


def error_of(receipt: Receipt) -> bytes:
    """The carrier's own word for what went wrong: err, or network_error_code where err says nothing."""
    code = receipt.network_error_code
    if code and any(code[1:]) and not receipt.err.strip(b"0"):
        return code.hex().encode()
    return receipt.err or code.hex().encode()

"""A customer at run time: what the account may do, and the binds that it has at the moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.billing.prepaid import Credit
from gateway.billing.schedule import Schedule
from gateway.flow.access import Access
from gateway.flow.counts import CustomerCounts
from gateway.flow.deliver import USUAL_STYLE, ReceiptStyle
from gateway.flow.opt_out import OptOutList
from gateway.flow.recipient_check import CheckPolicy
from gateway.flow.repeats import Repeats
from gateway.model.ids import tell_id, tell_id_in_decimal
from gateway.model.lifecycle import SegmentState, outcome
from gateway.model.origin import Origin
from gateway.segmenter.alphabets import Reading
from gateway.smpp.session import Session
from gateway.smpp.states import SessionState
from gateway.throttle.above import Above
from gateway.throttle.bucket import TokenBucket
from gateway.throttle.calendar import Calendar
from gateway.throttle.quota import Quota

RECEIVING = frozenset({SessionState.BOUND_RX, SessionState.BOUND_TRX})


class CustomerBind:
    """One bound session of a customer."""

    __slots__ = ("account", "origin", "receipts_in_flight", "session", "short_ids", "tell_id")

    def __init__(self, account: "Account", session: Session, origin: Origin) -> None:
        self.account = account
        self.session = session
        self.origin = origin
        self.receipts_in_flight = 0
        self.tell_as_wanted()
        self.short_ids = not session.peer_takes_tlvs  # SMPP 3.3: message ids of at most 8 characters

    def tell_as_wanted(self) -> None:
        """Ids in responses are written as the account wants them now: receipts are, too."""
        self.tell_id = tell_id_in_decimal if self.account.receipts.decimal_ids else tell_id

    @property
    def receives(self) -> bool:
        """Whether deliver_sm may go to it."""
        return self.session.state in RECEIVING


@dataclass(slots=True, eq=False)
class Account:
    """One customer. `sources` are the sender addresses it may use, None for any."""

    name: str
    system_id: bytes
    access: Access
    schedule: Schedule
    reading: Reading
    max_binds: int
    window: int
    receipt_window: int
    joins_parts: bool = False  # longer messages from phones are handed out whole
    sends_incomplete: bool = False  # a long message whose parts never all came goes as it is; else it fails
    bucket: TokenBucket | None = None
    above: Above = Above.THROTTLED  # what happens above the bucket's rate
    throttled_at: float = float("-inf")  # when it last went above that rate, monotonic seconds
    hold_seconds: float = 0.0  # for so long the bind that was just read is not read again; the link takes it away
    overloaded: bool = False  # it is refused for the sake of the others
    quota: Quota | None = None
    quota_above: Above | None = None  # what happens when it is used up; None: it is refused for good
    quota_changed: bool = False  # since it was kept
    quota_used_up: bool = False  # the last message was too much for it
    calendar: Calendar | None = None  # when its messages may leave
    scheduled: int = 0  # of its messages on disk, those that are not due
    shut_out: int = 0  # of its messages in memory, those that wait for their hours
    looking_up: int = 0  # of its messages, those that wait for a look-up or a check: gateway/flow/live.py counts them
    opt_out: OptOutList | None = None  # who wants no messages of it
    sources: frozenset[bytes] | None = None
    credit: Credit | None = None  # what may still be spent, where the account is prepaid or capped
    tax_percent: int = 10
    test: bool = False  # its messages cost nothing
    repeats: Repeats | None = None  # which submissions are one more time the same, if the account asks for that
    recipient_check: CheckPolicy | None = None
    kind: str = ""  # of its messages, where they name none
    kind_tag: int | None = None  # the parameter by which they name one
    carrier_tag: int | None = None  # the parameter by which it may say whose number a destination is
    held: bool = False  # an operator's word: nothing of it is claimed
    drained: bool = False  # an operator's word: no bind of it is let in
    receipts: ReceiptStyle = USUAL_STYLE
    decide: Callable[[Sequence[SegmentState]], SegmentState | None] = outcome  # one of model.deciding
    binds: list[CustomerBind] = field(default_factory=list)
    counts: CustomerCounts = field(default_factory=CustomerCounts)

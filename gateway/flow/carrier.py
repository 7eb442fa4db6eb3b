"""A carrier at run time: its lanes, its binds, the segments it has and the ids it gave them."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from gateway.flow.carrier_ids import IdForm, canonical
from gateway.flow.counts import CarrierCounts
from gateway.flow.message import Message
from gateway.flow.reasons import Reasons
from gateway.flow.retry import ErrorTable, Retries, Steps
from gateway.flow.settled_ids import SettledIds
from gateway.model.histogram import RESPONSE_MS, Histogram
from gateway.model.lifecycle import SegmentEvent, SegmentState
from gateway.segmenter.rules import TextRule
from gateway.smpp.session import Session
from gateway.smpp.states import SessionState
from gateway.smpp.tally import Tally
from gateway.store.contract import ReceiptEarly
from gateway.throttle.bucket import TokenBucket
from gateway.throttle.lanes import Lanes
from gateway.throttle.pace import Pace

SENDING = frozenset({SessionState.BOUND_TX, SessionState.BOUND_TRX})
RECEIVING = frozenset({SessionState.BOUND_RX, SessionState.BOUND_TRX})


class InDoubt(Enum):
    """What becomes of a segment that was sent and never answered."""

    RESEND = "resend"
    WAIT = "wait"  # for a receipt that carries our reference, then as RESEND
    FAIL = "fail"


class CarrierBind:
    """One configured bind to a carrier. `session` is None while it is down.

    `in_flight` counts segments claimed for it whose answers are not durable yet: that many can be in doubt.
    `bucket` is its own pace beside the carrier's, or None. A `drained` bind gets no new segments.
    `refused` is what the last attempt to bind was refused with, else 0.
    `times_bound`, `times_lost` and `answers_lost` count since the start; `response_ms` is the time from a submit_sm to
    its answer; `read` and `written` are the PDUs of sessions that are over.
    """

    __slots__ = (
        "answers_lost", "bucket", "drained", "in_flight", "name", "read", "refused", "response_ms", "session", "spent",
        "times_bound", "times_lost", "window", "written",
    )  # fmt: skip

    def __init__(self, name: str, window: int, bucket: TokenBucket | None = None) -> None:
        self.name = name
        self.bucket = bucket
        self.window = window
        self.in_flight = 0
        self.drained = False
        self.refused = 0
        self.spent = 0  # of what `allowed` granted last
        self.times_bound = 0
        self.times_lost = 0
        self.answers_lost = 0
        self.response_ms = Histogram(RESPONSE_MS)
        self.read: Tally = {}
        self.written: Tally = {}
        self.session: Session | None = None

    @property
    def room(self) -> int:
        """How many segments it can take now."""
        if self.session is None or self.drained or self.session.state not in SENDING:
            return 0
        return max(0, self.window - self.in_flight)

    def allowed(self, now: float) -> int:
        """How many segments it can take now by its own pace too; those that did not go return with `give_back`."""
        self.spent = 0
        return self.room if self.bucket is None else self.bucket.grant(self.room, now)

    def give_back(self, allowed: int) -> None:
        """Of what was allowed, what did not go."""
        if self.bucket is not None:
            self.bucket.give_back(allowed - self.spent)

    @property
    def sends(self) -> bool:
        """Whether segments can go over it, drained or not."""
        return self.session is not None and self.session.state in SENDING

    @property
    def receives(self) -> bool:
        """Whether receipts can come over it now."""
        return self.session is not None and self.session.state in RECEIVING


class Carrier:
    """One carrier. `lanes` hold (message, segment index)."""

    def __init__(
        self,
        key: str,
        rule: TextRule,
        bucket: Pace,
        binds: list[CarrierBind],
        *,
        destination: tuple[int, int],
        id_in_response: IdForm,
        id_in_receipt: IdForm,
        pause_seconds: float,
        in_doubt: InDoubt,
        validity_seconds: float,
        receipt_margin_seconds: float,
        in_doubt_wait_seconds: float = 60.0,
        silence_is_unknown: bool = False,
        send_without_receiver: bool = False,
        reasons: Reasons = Reasons(),  # noqa: B008 - it never changes
        elsewhere: frozenset[int] = frozenset(),
        not_mine: frozenset[int] = frozenset(),
        not_mine_errors: frozenset[bytes] = frozenset(),
        network_tag: int = 0,
        networks: Mapping[bytes, str] = MappingProxyType({}),
        errors: ErrorTable = ErrorTable({}),  # noqa: B008 - it never changes
        steps: Steps = Steps(),  # noqa: B008 - it never changes
        tries_seconds: float = float("inf"),
    ) -> None:
        self.key = key
        self.rule = rule
        self.bucket = bucket
        self.binds = binds
        self.destination_ton, self.destination_npi = destination
        self.response_id = canonical(id_in_response)
        self.receipt_id = canonical(id_in_receipt)
        self.reasons = reasons
        self.hinted_at = float("-inf")  # when it was last logged that its ids are read wrongly, monotonic seconds
        self.errors = errors
        self.elsewhere = elsewhere | not_mine
        self.not_mine = not_mine
        self.not_mine_errors = not_mine_errors
        self.network_tag = network_tag  # of the TLV in receipts that names the phone's network; 0: none
        self.networks = networks  # -> carrier
        self.pause_seconds = pause_seconds
        self.in_doubt = in_doubt
        self.validity_seconds = validity_seconds
        self.receipt_margin_seconds = receipt_margin_seconds
        self.in_doubt_wait_seconds = in_doubt_wait_seconds
        self.deadline = SegmentEvent.NO_RECEIPT if silence_is_unknown else SegmentEvent.DEADLINE
        self.sends_reference = in_doubt is InDoubt.WAIT
        self.doubtful: dict[tuple[bytes, bytes], tuple[Message, int] | None] = {}  # by doubt_key; None: several
        self.send_without_receiver = send_without_receiver
        self.lanes: Lanes[tuple[Message, int]] = Lanes()
        self.paused_until = 0.0
        self.scheduled = 0  # messages on disk that are not due
        self.retries: Retries[tuple[Message, int]] = Retries(steps)
        # How long it tries to reach a phone by itself; what has no receipt soon after that has none.
        self.tries_seconds = tries_seconds
        self.paces_binds = any(bind.bucket is not None for bind in binds)
        self.held = False  # an operator's word: nothing is claimed
        self.sent: dict[bytes, tuple[Message, int]] = {}
        self.early: dict[bytes, ReceiptEarly] = {}
        self.counts = CarrierCounts()
        self._settled_ids = SettledIds()

    def bound(self, now: float) -> None:
        """A bind came up."""
        if self.bucket.ramp is not None and any(bind.sends for bind in self.binds):
            self.bucket.ramp.up(now)

    def seconds_until_bind(self, now: float) -> float | None:
        """Until a bind with a place in its window may send by its own pace; None when it is not that."""
        waits = [bind.bucket.seconds_until(1, now) for bind in self.binds if bind.bucket is not None and bind.room]
        return min(waits, default=0.0) or None

    def unbound(self, now: float) -> None:
        """A bind went."""
        if self.bucket.ramp is not None and not any(bind.sends for bind in self.binds):
            self.bucket.ramp.down(now)

    @property
    def hints(self) -> list[str]:
        """What seems to be wrong with the profile, for a person; most often first."""
        return [
            f"{count} receipts match nothing, and would if their ids were read otherwise: {name}"
            for name, count in self.counts.receipts_would_match.most_common()
        ]

    def forget(self, carrier_id: bytes, message: Message) -> None:
        """The message of this id is final; a receipt for it from now on is a repetition."""
        holder = self.sent.get(carrier_id)
        if holder is None or holder[0] is not message:
            return
        del self.sent[carrier_id]
        self.dismiss(carrier_id, message, holder[1])

    def dismiss(self, carrier_id: bytes, message: Message, index: int) -> None:
        """Receipts of this id decide nothing, now or later."""
        self._settled_ids.add(carrier_id, message.row.message_id, message.states[index])

    def remember(self, carrier_id: bytes, message: Message, index: int) -> None:
        """The carrier gave a segment this id. An id used again goes to the newest."""
        self.sent[carrier_id] = (message, index)
        self._settled_ids.discard(carrier_id)

    def settled(self, carrier_id: bytes) -> tuple[int, SegmentState] | None:
        """The id of the message that had a segment of this id, if it ended lately, and how the segment ended."""
        return self._settled_ids.get(carrier_id)

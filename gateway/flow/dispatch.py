"""From the lanes to the binds: claim what pace and windows allow, make the claim durable, then send."""

from collections.abc import Iterable
from datetime import UTC, datetime

from gateway.flow.carrier import SENDING, Carrier, CarrierBind
from gateway.flow.claims import Claim, reference_of
from gateway.flow.clock import Clock
from gateway.flow.message import WAITING, Message
from gateway.flow.parking import Parking
from gateway.flow.router import unpack_sender
from gateway.flow.settle import Settler
from gateway.model.lifecycle import SegmentState
from gateway.segmenter.cut import Segment, cut, cut_binary
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.times import write_absolute
from gateway.smpp.tlv import Tag
from gateway.store.contract import MessageAccepted, SegmentsMoved, Store
from gateway.throttle.calendar import Calendar

UDH_INDICATOR = 0x40
UNDER_WAY = SegmentState.SENDING
Claimed = tuple[CarrierBind, Message, int]  # a segment, by its index, for a bind

FINAL_RECEIPT = 1  # asked for always: billing needs the outcome, whatever the customer asked


def segments_of(message: Message, carrier: Carrier) -> list[Segment]:
    """The message's segments. The same row and rule give the same octets again after a restart."""
    if message.cut is None:
        row = message.row
        if row.binary:
            message.cut = cut_binary(row.text, row.data_coding, carrier.rule, row.reference, row.other_elements)
        else:
            message.cut = cut(row.text, carrier.rule, row.reference, row.data_coding, row.other_elements)
    return message.cut


def submit_sm(carrier: Carrier, message: Message, index: int, segment: Segment) -> SubmitSm:
    """The PDU that takes a segment to the carrier."""
    row = message.row
    tlvs: tuple[tuple[int, bytes], ...] = ()
    if segment.payload:
        tlvs = ((Tag.MESSAGE_PAYLOAD, segment.octets),)
    elif segment.sar is not None:
        reference, total, number = segment.sar
        tlvs = (
            (Tag.SAR_MSG_REF_NUM, reference.to_bytes(2, "big")),
            (Tag.SAR_TOTAL_SEGMENTS, bytes((total,))),
            (Tag.SAR_SEGMENT_SEQNUM, bytes((number,))),
        )
    if carrier.sends_reference:
        tlvs = (*tlvs, (Tag.USER_MESSAGE_REFERENCE, reference_of(message, index)))
    ton, npi, source_addr = row.source_ton, row.source_npi, row.source_addr
    if row.sender:
        ton, npi, source_addr = unpack_sender(row.sender)
    return SubmitSm(
        source_addr_ton=ton,
        source_addr_npi=npi,
        source_addr=source_addr,
        dest_addr_ton=carrier.destination_ton,
        dest_addr_npi=carrier.destination_npi,
        destination_addr=row.e164,
        esm_class=UDH_INDICATOR if segment.udhi else 0,
        priority_flag=row.priority,
        validity_period=_validity_period(carrier, row),
        registered_delivery=FINAL_RECEIPT,
        data_coding=segment.data_coding,
        short_message=b"" if segment.payload else segment.octets,
        tlvs=tlvs,
    )


def _validity_period(carrier: Carrier, row: MessageAccepted) -> bytes:
    """Told to the carrier only when the customer asked for less than the carrier does by itself."""
    if row.expires_at - row.submitted_at >= int(carrier.validity_seconds * 1000):
        return b""
    return write_absolute(datetime.fromtimestamp(row.expires_at / 1000, UTC))


class Dispatcher:
    """One for all carriers; `run` at the end of every turn of the loop."""

    def __init__(
        self, store: Store, settler: Settler, clock: Clock, carriers: Iterable[Carrier], parking: Parking
    ) -> None:
        self._store = store
        self._settler = settler
        self._clock = clock
        self._carriers = tuple(carriers)
        self._parking = parking
        self._turn = 0
        self.held = False

    def take_carriers(self, carriers: Iterable[Carrier]) -> None:
        """From now on for these."""
        self._carriers = tuple(carriers)

    def run(self) -> float | None:
        """Claim what may go. Return the seconds after which pace alone lets more go; None when it is not pace."""
        again: float | None = None
        if self.held:
            return again
        now = self._clock.monotonic()
        for carrier in self._carriers:
            if carrier.retries:
                wait = self._settler.retry(carrier, now)
                if wait is not None and (again is None or wait < again):
                    again = wait
            if carrier.lanes and not carrier.held:
                wait = self._claim(carrier, now)
                if wait is not None and (again is None or wait < again):
                    again = wait
        return again

    def _claim(self, carrier: Carrier, now: float) -> float | None:
        if now < carrier.paused_until:
            return carrier.paused_until - now
        if not carrier.send_without_receiver and not any(bind.receives for bind in carrier.binds):
            return None  # its receipts, which decide the bill, would have nowhere to go
        rooms = [(bind, bind.allowed(now)) for bind in carrier.binds]
        wanted = min(carrier.lanes.ready, sum(free for _, free in rooms))
        granted = carrier.bucket.grant(wanted, now) if wanted else 0
        if granted:
            self._share_out(carrier, rooms, granted)
        if carrier.paces_binds:
            for bind, free in rooms:
                bind.give_back(free)
        if granted < wanted:
            return carrier.bucket.seconds_until(1, now)
        return carrier.seconds_until_bind(now) if carrier.paces_binds and carrier.lanes else None

    def _share_out(self, carrier: Carrier, rooms: list[tuple[CarrierBind, int]], granted: int) -> None:
        """Claim what was granted, about the same for each bind that has room."""
        claims: list[Claimed] = []
        left = granted
        self._turn += 1
        offset = self._turn % len(rooms)
        for place, (bind, free) in enumerate(rooms[offset:] + rooms[:offset]):
            share = min(free, -(-left // (len(rooms) - place)))
            left -= self._take(carrier, bind, share, claims)
        if left and len(claims) < granted:  # the last binds were the small ones
            for bind, free in rooms:
                left -= self._take(carrier, bind, min(free - bind.spent, left), claims)
        if left:
            carrier.bucket.give_back(left)
        if claims:
            self._write(carrier, claims)

    def _take(self, carrier: Carrier, bind: CarrierBind, share: int, claims: list[Claimed]) -> int:
        taken = 0
        now_ms = self._clock.wall_ms()
        while taken < share:
            item = carrier.lanes.take()
            if item is None:
                break
            message, index = item
            if message.states[index] is not WAITING:
                continue  # it ended while it waited
            if message.account.calendar is not None and self._shut_out(message, message.account.calendar, now_ms):
                continue
            message.claim(index, now_ms)
            bind.in_flight += 1
            taken += 1
            claims.append((bind, message, index))
        bind.spent += taken
        return taken

    def _shut_out(self, message: Message, calendar: Calendar, now_ms: int) -> bool:
        """Whether it must not leave now. One of which something has left already goes on."""
        opens = calendar.opens_at(message.row.kind, now_ms)
        if opens <= now_ms or not message.untouched:
            return False
        if message.row.due_at <= now_ms:  # else a segment of it was here before this one
            self._parking.shut_out(message, opens)
        return True

    def _write(self, carrier: Carrier, claims: list[Claimed]) -> None:
        messages = {message.row.message_id: message for _, message, _ in claims}
        for message_id, message in messages.items():
            self._store.write(SegmentsMoved(message_id, message.life()))
        self._store.follow(self._transmit, (carrier, claims))

    def _transmit(self, durable: tuple[Carrier, list[Claimed]]) -> None:
        carrier, claims = durable
        now = self._clock.monotonic()
        stranded: list[Claim] = []
        for bind, message, index in claims:
            claim = Claim(bind, message, index, now)
            session = bind.session
            if session is None or session.state not in SENDING:
                stranded.append(claim)  # the bind went while the claim became durable
                continue
            if message.states[index] is not UNDER_WAY:
                stranded.append(claim)  # an earlier try turned out to have arrived: it need not go
                continue
            segment = segments_of(message, carrier)[index]
            session.request(submit_sm(carrier, message, index, segment), claim, now)
            if index == message.row.segments - 1:
                message.cut = None
        for claim in reversed(stranded):  # each goes to the front, so the first of them goes last
            self._settler.back_to_lane(carrier, claim)

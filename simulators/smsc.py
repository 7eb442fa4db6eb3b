"""A carrier's message centre without sockets: octets and time come in, octets come out of each session's `out`.

Receipts stand in one heap by the time they are due, then in a queue of the session that submitted or, when that
can't take them, of its system_id; they are kept until they are acknowledged.
"""

import heapq
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from simulators import phone, wire
from simulators.config import Outcome, SmscConfig

MOST_SEGMENT_OCTETS = 140  # TP-User-Data
MOST_PAYLOAD_OCTETS = 1_320  # 660 characters of UCS2
FIRST_IDS = (0x1000_0000, 0x6FFF_FFFF)  # hex and decimal differ in every digit's meaning, and hex has letters soon
ALWAYS, FAILURES, SUCCESSES = 1, 2, 3  # registered_delivery & 3 (section 5.2.17)

DELIVERED = Outcome.model_validate({"destination": ""})


class Receipt(NamedTuple):
    """A segment's final state, owed to whoever may receive for the system_id that submitted it."""

    due: float
    number: int  # the message's id as a number; unique, so that a heap never compares further
    session: "Session"
    source: bytes
    destination: bytes
    tons: tuple[int, int]
    stat: str
    err: str
    submitted: datetime


class Session:
    """One connection. `out` is what it has to be sent; with `closing`, the connection ends after that."""

    __slots__ = ("alive", "buffer", "closing", "in_flight", "mode", "out", "owed", "sequence", "system_id")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.out = bytearray()
        self.mode = 0  # the bind's command_id; 0: not bound
        self.system_id = b""
        self.sequence = 0
        self.in_flight: dict[int, Receipt] = {}
        self.owed: deque[Receipt] = deque()
        self.closing = False
        self.alive = True

    @property
    def receives(self) -> bool:
        """Whether receipts may go here."""
        return self.alive and not self.closing and self.mode in {wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER}


class Smsc:
    """One message centre. `record` is told every segment; `changed` holds the sessions that have something to send."""

    def __init__(
        self,
        name: str,
        config: SmscConfig,
        seed: int,
        wall: Callable[[], datetime],
        record: Callable[[phone.Segment], None] = lambda _: None,
    ) -> None:
        self.name = name
        self.config = config
        self._wall = wall
        self._record = record
        self._lot = Random(f"{seed} {name}")
        self._number = self._lot.randint(*FIRST_IDS)
        self._heap: list[Receipt] = []
        self._owed: dict[bytes, deque[Receipt]] = {}  # no session of their own may take these
        self._owing = 0
        self._second = float("-inf")
        self._in_second = 0
        self.sessions: dict[Session, None] = {}  # in the order they came
        self.changed: set[Session] = set()

    def connect(self) -> Session:
        """A peer connected."""
        session = Session()
        self.sessions[session] = None
        return session

    def disconnect(self, session: Session) -> None:
        """The peer is gone: what it was owed waits for another bind of its system_id."""
        self.sessions.pop(session, None)
        self.changed.discard(session)
        session.alive = False
        left = sorted([*session.in_flight.values(), *session.owed])
        session.in_flight.clear()
        session.owed.clear()
        if left:
            self._owed.setdefault(session.system_id, deque()).extendleft(reversed(left))
            self._hand_out(session.system_id)

    def receive(self, session: Session, octets: bytes, now: float) -> None:
        """Octets of any length came."""
        session.buffer += octets
        pdus, sound = wire.frames(session.buffer)
        for pdu in pdus:
            if session.closing:
                return
            self._judge(session, pdu, now)
        if not sound:
            self._send(session, wire.generic_nack(0, wire.ESME_RINVCMDLEN))
            session.closing = True

    def tick(self, now: float) -> float | None:
        """Hand out what is due. Return when the next receipt is."""
        waiting: set[bytes] = set()
        while self._heap and self._heap[0].due <= now:
            receipt = heapq.heappop(self._heap)
            session = receipt.session
            if session.receives:
                session.owed.append(receipt)
            else:
                self._owed.setdefault(session.system_id, deque()).append(receipt)
            waiting.add(session.system_id)
        for system_id in waiting:
            self._hand_out(system_id)
        return self.due

    @property
    def due(self) -> float | None:
        """When the next receipt is due."""
        return self._heap[0].due if self._heap else None

    @property
    def owing(self) -> int:
        """Receipts that were promised and aren't acknowledged."""
        return self._owing

    def _send(self, session: Session, pdu: bytes) -> None:
        session.out += pdu
        self.changed.add(session)

    def _judge(self, session: Session, pdu: bytes, now: float) -> None:
        _, command, status, sequence = wire.header(pdu)
        if command == wire.SUBMIT_SM:
            self._submit(session, pdu, sequence, now)
        elif command == wire.DELIVER_SM_RESP:
            self._acknowledged(session, status, sequence, now)
        elif command in wire.BINDS:
            self._bind(session, pdu, command, sequence)
        elif command == wire.ENQUIRE_LINK:
            if self.config.answers_enquire_link:
                self._send(session, wire.enquire_link_resp(sequence))
        elif command == wire.UNBIND:
            self._send(session, wire.unbind_resp(sequence))
            session.closing = True
        elif not command & wire.RESPONSE:
            self._send(session, wire.generic_nack(sequence, wire.ESME_RINVCMDID))

    def _bind(self, session: Session, pdu: bytes, command: int, sequence: int) -> None:
        status = wire.ESME_RALYBND if session.mode else self._identify(pdu)
        self._send(session, wire.bind_resp(command, status, sequence, self.name.encode()))
        if not status:
            session.mode = command
            session.system_id = wire.parse_bind(pdu).system_id
            self._hand_out(session.system_id)

    def _identify(self, pdu: bytes) -> int:
        try:
            said = wire.parse_bind(pdu)
        except ValueError:
            return wire.ESME_RINVCMDLEN
        config = self.config
        if said.system_id != config.system_id.encode():
            return wire.ESME_RINVSYSID
        if said.password != config.password.encode():
            return wire.ESME_RINVPASWD
        if said.system_type != config.system_type.encode():
            return wire.ESME_RINVSYSTYP
        return wire.ESME_ROK

    def _submit(self, session: Session, pdu: bytes, sequence: int, now: float) -> None:
        if session.mode not in {wire.BIND_TRANSMITTER, wire.BIND_TRANSCEIVER}:
            self._send(session, wire.submit_sm_resp(sequence, b"", wire.ESME_RINVBNDSTS))
            return
        try:
            sm = wire.parse_sm(pdu)
            octets = wire.text_octets(sm)
        except ValueError:
            self._send(session, wire.generic_nack(sequence, wire.ESME_RINVCMDLEN))
            return
        outcome = self._outcome(sm, octets)
        status = self._refusal(sm, octets, now) or outcome.status
        message_id = b""
        submitted = self._wall()
        if not status:
            self._number += 1
            message_id = self.config.id_in_response.write(self._number)
            self._promise(session, sm, outcome, now, submitted)
        self._send(session, wire.submit_sm_resp(sequence, message_id, status))
        self._record(
            phone.Segment(
                self.name,
                submitted.isoformat(timespec="milliseconds"),
                message_id.decode(),
                sm.source.decode("latin-1"),
                sm.destination.decode("latin-1"),
                bool(sm.esm_class & wire.ESM_UDHI),
                octets is not sm.short_message,
                sm.data_coding,
                octets,
                status,
                "" if status else outcome.stat,
            )
        )

    def _refusal(self, sm: wire.Sm, octets: bytes, now: float) -> int:
        """The status that refuses what this carrier doesn't take, or that came too fast; else ESME_ROK."""
        most = self.config.most_per_second
        if most is not None:
            if now >= self._second + 1.0:
                self._second, self._in_second = now, 0
            self._in_second += 1
            if self._in_second > most:
                return wire.ESME_RTHROTTLED
        if self._owing >= self.config.receipts.most_waiting:
            return wire.ESME_RMSGQFUL
        if not sm.destination.isdigit():
            return wire.ESME_RINVDSTADR
        return self._misfit(sm, octets)

    def _misfit(self, sm: wire.Sm, octets: bytes) -> int:
        """The status for text that isn't cut the way this carrier takes it; else ESME_ROK."""
        takes = self.config.takes
        if not octets:
            return wire.ESME_RINVMSGLEN
        part = None
        if sm.esm_class & wire.ESM_UDHI:
            try:
                part = phone.split_header(octets)
            except ValueError:
                return wire.ESME_RINVESMCLASS
        if takes == "anything":
            return wire.ESME_ROK
        if part is not None and takes != f"udh{part.width}":
            return wire.ESME_RINVESMCLASS
        longest = MOST_PAYLOAD_OCTETS if takes == "payload" else MOST_SEGMENT_OCTETS
        if len(octets) > longest:
            return wire.ESME_RINVMSGLEN
        if takes != "payload" and octets is not sm.short_message:
            return wire.ESME_ROPTPARNOTALLWD
        return wire.ESME_ROK

    def _outcome(self, sm: wire.Sm, octets: bytes) -> Outcome:
        text: str | None = None
        for one in self.config.outcomes:
            if one.destination is not None and not one.destination.search(sm.destination.decode("latin-1")):
                continue
            if one.text is not None:
                if text is None:
                    body = octets[octets[0] + 1 :] if sm.esm_class & wire.ESM_UDHI and octets else octets
                    text = phone.decode(body, sm.data_coding)
                if not one.text.search(text):
                    continue
            return one
        return DELIVERED

    def _promise(self, session: Session, sm: wire.Sm, outcome: Outcome, now: float, submitted: datetime) -> None:
        """Let a receipt fall due, if one was asked for."""
        asked = sm.registered_delivery & 3
        delivered = outcome.stat == "DELIVRD"
        if not asked or (asked == FAILURES and delivered) or (asked == SUCCESSES and not delivered):
            return
        receipts = self.config.receipts
        due = now + receipts.delay_seconds
        if receipts.jitter_seconds:
            due += self._lot.random() * receipts.jitter_seconds
        tons = (sm.destination_ton, sm.source_ton)
        self._owing += 1
        heapq.heappush(
            self._heap,
            Receipt(due, self._number, session, sm.destination, sm.source, tons, outcome.stat, outcome.err, submitted),
        )

    def _hand_out(self, system_id: bytes) -> None:
        """Send what is owed as far as windows allow: a session's own first, then what nobody else can take."""
        shared = self._owed.get(system_id)
        for session in self.sessions:
            if session.system_id != system_id or not session.receives:
                continue
            room = self.config.receipts.window - len(session.in_flight)
            while room > 0 and (session.owed or shared):
                receipt = session.owed.popleft() if session.owed or not shared else shared.popleft()
                self._deliver(session, receipt)
                room -= 1

    def _deliver(self, session: Session, receipt: Receipt) -> None:
        session.sequence = session.sequence % wire.MOST_SEQUENCE + 1
        session.in_flight[session.sequence] = receipt
        message_id = self.config.id_in_receipt.write(receipt.number)
        form = self.config.receipts.form
        done = receipt.submitted + timedelta(seconds=self.config.receipts.delay_seconds)
        text = tlvs = b""
        if form != "tlvs":
            dates = (f"{receipt.submitted:%y%m%d%H%M}", f"{done:%y%m%d%H%M}")
            text = wire.receipt_text(message_id, receipt.stat, receipt.err, *dates)
        if form != "text":
            tlvs = wire.receipt_tlvs(message_id, receipt.stat, receipt.err)
        self._send(
            session,
            wire.deliver_sm(
                session.sequence,
                receipt.source,
                receipt.destination,
                text,
                wire.ESM_RECEIPT,
                tlvs=tlvs,
                tons=receipt.tons,
            ),
        )

    def _acknowledged(self, session: Session, status: int, sequence: int, now: float) -> None:
        receipt = session.in_flight.pop(sequence, None)
        if receipt is None:
            return
        if status:
            again = receipt._replace(due=now + self.config.receipts.again_seconds, session=session)
            heapq.heappush(self._heap, again)
        else:
            self._owing -= 1
        self._hand_out(session.system_id)

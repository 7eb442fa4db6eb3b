"""Carriers: a message centre of bad manners, and the one of `simulators/`, both at the end of virtual wires."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random

from simulators import phone, wire
from simulators.config import SmscConfig
from simulators.smsc import Session, Smsc
from tests.simulation import pen
from tests.simulation.disk import WatchedDisk
from tests.simulation.history import History
from tests.simulation.ledger import NEVER, Ledger
from tests.simulation.timeline import Timeline
from tests.simulation.watch import CarrierWatch
from tests.simulation.wires import End, Wire

STATS = ("DELIVRD",) * 12 + ("UNDELIV", "EXPIRED", "REJECTD", "UNKNOWN")
ASK_AGAIN_SECONDS = 6.0
DATE = "2611240900"


@dataclass
class Mood:
    """How a carrier behaves at the moment; all but the first two are likelihoods or seconds."""

    down: bool = False
    bind_status: int = 0
    throttles: float = 0.0
    refuses: float = 0.0
    loses: float = 0.0  # a submit_sm, unanswered and not taken
    mute: float = 0.0  # takes it and does not answer
    never: float = 0.0
    doubles: float = 0.0
    answer_seconds: float = 0.05
    receipt_seconds: float = 0.2


class Owed:
    """A deliver_sm that is sent until it is acknowledged."""

    def __init__(
        self, source: bytes, destination: bytes, octets: bytes, esm_class: int, data_coding: int, tlvs: bytes = b""
    ) -> None:
        self.fields = source, destination, octets, esm_class, data_coding, tlvs
        self.done = False
        self.mo: tuple[int, str] | None = None  # token and owner of a message from a phone


class Call(End):
    """One connection to a bad centre."""

    def __init__(self, centre: "Centre") -> None:
        self.centre = centre
        self.wire: Wire | None = None
        self.buffer = bytearray()
        self.mode = 0
        self.sequence = 0
        self.in_flight: dict[int, Owed] = {}

    def receive(self, octets: bytes) -> None:
        """From the gateway."""
        self.buffer += octets
        pdus, _ = wire.frames(self.buffer)
        for pdu in pdus:
            self.centre.judge(self, pdu)

    def gone(self) -> None:
        """What was on its way is offered again in time."""
        self.wire = None
        self.centre.calls.remove(self)

    def send(self, pdu: bytes) -> None:
        """To the gateway."""
        if self.wire is not None:
            self.wire.to_gateway.send(pdu)


class Centre:
    """Takes segments, and does about everything that SMPP does not forbid, and some that it does."""

    def __init__(
        self, key: str, timeline: Timeline, lot: Random, history: History, ledger: Ledger, disk: WatchedDisk
    ) -> None:
        self.key = key
        self._disk = disk
        self._answered: set[bytes] = set()
        self.mood = Mood()
        self.calls: list[Call] = []
        self.owed: list[Owed] = []
        self._timeline = timeline
        self._lot = lot
        self._history = history
        self._ledger = ledger
        self._number = lot.randint(0x1000, 0x6FFF_FFFF)

    def connect(self, gateway: End) -> Wire | None:
        """The gateway connects; None: nobody answers."""
        if self.mood.down:
            return None
        call = Call(self)
        call.wire = Wire(self._timeline, self._lot, gateway, call)
        self.calls.append(call)
        return call.wire

    def watcher(self) -> CarrierWatch:
        """Who reads along at the gateway."""
        return CarrierWatch(self.key, 16, self._disk, self._answered)

    def wires(self) -> list[Wire]:
        """The connections that are up."""
        return [call.wire for call in self.calls if call.wire is not None]

    @property
    def resting(self) -> bool:
        """Whether it has nothing to say."""
        self.owed = [one for one in self.owed if not one.done]
        return not self.owed

    def judge(self, call: Call, pdu: bytes) -> None:
        """One PDU of the gateway."""
        _, command, status, sequence = wire.header(pdu)
        if command == wire.SUBMIT_SM:
            self._submit(call, pdu, sequence)
        elif command == wire.DELIVER_SM_RESP:
            self._acknowledged(call, sequence, status)
        elif command in wire.BINDS:
            refusal = self.mood.bind_status
            call.mode = 0 if refusal else command
            call.send(wire.bind_resp(command, refusal, sequence, b"centre"))
        elif command == wire.ENQUIRE_LINK:
            call.send(wire.enquire_link_resp(sequence))
        elif command == wire.UNBIND:
            call.send(wire.unbind_resp(sequence))

    def _submit(self, call: Call, pdu: bytes, sequence: int) -> None:
        sm = wire.parse_sm(pdu)
        mood, fate = self.mood, self._lot.random()
        delay = self._lot.random() * mood.answer_seconds
        if fate < mood.loses:
            self._history.note(self.key, f"loses {sequence}")
            return
        fate -= mood.loses
        status, stat, message_id = 0, "", b""
        if fate < mood.throttles:
            status = self._lot.choice((wire.ESME_RTHROTTLED, wire.ESME_RMSGQFUL))
        elif fate < mood.throttles + mood.refuses:
            status = wire.ESME_RSUBMITFAIL
        else:
            self._number += 1
            message_id = b"%x" % self._number
            stat = NEVER if self._lot.random() < mood.never else self._lot.choice(STATS)
        octets = wire.text_octets(sm)
        self._ledger.take(
            phone.Segment(
                self.key,
                "",
                message_id.decode(),
                sm.source.decode("latin-1"),
                sm.destination.decode("latin-1"),
                bool(sm.esm_class & wire.ESM_UDHI),
                octets is not sm.short_message,
                sm.data_coding,
                octets,
                status,
                stat,
            )
        )
        mute = status == 0 and self._lot.random() < mood.mute
        self._history.note(self.key, f"takes {sequence}: status {status:x} {message_id!r} {stat}{' mute' * mute}")
        if not mute:
            answer = wire.submit_sm_resp(sequence, message_id, status)
            self._timeline.after(delay, partial(call.send, answer))
        if stat not in {"", NEVER}:
            for _ in range(2 if self._lot.random() < mood.doubles else 1):
                text = wire.receipt_text(b"%d" % self._number, stat, "000" if stat == "DELIVRD" else "012", DATE, DATE)
                self.owe(
                    Owed(sm.destination, sm.source, text, wire.ESM_RECEIPT, 0, _reference(sm)),
                    self._lot.random() * mood.receipt_seconds,
                )

    def owe(self, owed: Owed, seconds: float) -> None:
        """A deliver_sm of ours, from then on until it is acknowledged."""
        self.owed.append(owed)
        self._timeline.after(seconds, partial(self._offer, owed))

    def _offer(self, owed: Owed) -> None:
        if owed.done:
            return
        calls = [call for call in self.calls if call.mode in {wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER}]
        if calls:
            call = self._lot.choice(calls)
            call.sequence += 1
            call.in_flight[call.sequence] = owed
            call.send(wire.deliver_sm(call.sequence, *owed.fields, tons=(1, 1)))
        self._timeline.after(ASK_AGAIN_SECONDS + self._lot.random(), partial(self._offer, owed))

    def _acknowledged(self, call: Call, sequence: int, status: int) -> None:
        owed = call.in_flight.pop(sequence, None)
        if owed is not None and status == 0:
            owed.done = True
            if owed.mo is not None:
                token, owner = owed.mo
                self._ledger.mo_promised[token] = owner


def _reference(sm: wire.Sm) -> bytes:
    """The TLV that gives the gateway its own reference back."""
    reference = wire.parse_tlvs(sm.tlvs).get(pen.USER_MESSAGE_REFERENCE)
    return b"" if reference is None else wire.tlv(pen.USER_MESSAGE_REFERENCE, reference)


class SmscLine(End):
    """One connection to the simulators' centre."""

    def __init__(self, centre: "SmscCentre", session: Session) -> None:
        self._centre = centre
        self.session = session
        self.wire: Wire | None = None

    def receive(self, octets: bytes) -> None:
        """From the gateway."""
        self._centre.receive(self, octets)

    def gone(self) -> None:
        """The connection ended."""
        self._centre.gone(self)


class SmscCentre:
    """Drives `simulators.smsc.Smsc`."""

    def __init__(
        self,
        key: str,
        config: SmscConfig,
        seed: int,
        timeline: Timeline,
        lot: Random,
        history: History,
        ledger: Ledger,
        disk: WatchedDisk,
    ) -> None:
        self.key = key
        self._disk = disk
        self._answered: set[bytes] = set()
        self.mood = Mood()
        self._timeline = timeline
        self._lot = lot
        self._history = history
        self._ledger = ledger
        self._lines: dict[Session, SmscLine] = {}
        self._due: float | None = None
        self._smsc = Smsc(key, config, seed, lambda: datetime.fromtimestamp(timeline.wall_ms() / 1000, UTC), self._take)

    def _take(self, segment: phone.Segment) -> None:
        self._history.note(self.key, f"takes: status {segment.status:x} {segment.message_id} {segment.stat}")
        self._ledger.take(segment)

    def connect(self, gateway: End) -> Wire | None:
        """The gateway connects; None: nobody answers."""
        if self.mood.down:
            return None
        line = SmscLine(self, self._smsc.connect())
        line.wire = Wire(self._timeline, self._lot, gateway, line)
        self._lines[line.session] = line
        return line.wire

    def watcher(self) -> CarrierWatch:
        """Who reads along at the gateway."""
        return CarrierWatch(self.key, 10, self._disk, self._answered)

    def wires(self) -> list[Wire]:
        """The connections that are up."""
        return [line.wire for line in self._lines.values() if line.wire is not None]

    @property
    def resting(self) -> bool:
        """Whether it has nothing to say."""
        return not self._smsc.owing

    def receive(self, line: SmscLine, octets: bytes) -> None:
        """Octets of the gateway."""
        if line.session in self._lines:
            self._smsc.receive(line.session, octets, self._timeline.now)
            self._pump()

    def gone(self, line: SmscLine) -> None:
        """A connection ended."""
        if self._lines.pop(line.session, None) is not None:
            self._smsc.disconnect(line.session)
            self._pump()

    def _pump(self) -> None:
        while self._smsc.changed:
            changed = [session for session in self._lines if session in self._smsc.changed]
            self._smsc.changed.clear()
            for session in changed:
                self._flush(session)
        due = self._smsc.due
        if due is not None and (self._due is None or due < self._due):
            self._due = due
            self._timeline.at(due, self._tick)

    def _flush(self, session: Session) -> None:
        line = self._lines[session]
        octets = bytes(session.out)
        session.out.clear()
        if line.wire is not None:
            if octets:
                line.wire.to_gateway.send(octets)
            if session.abort:
                line.wire.reset()
                self.gone(line)
            elif session.closing:
                line.wire.close_from_peer()
                self.gone(line)

    def _tick(self) -> None:
        self._due = None
        self._smsc.tick(self._timeline.now)
        self._pump()

"""A carrier's message centre without sockets: octets and time come in, octets come out of each session's `out`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from random import Random

from simulators import phone, wire
from simulators.cast import Cast, Meter, of
from simulators.characters import (
    Character,
    Early,
    Elsewhere,
    OfMessages,
    Refusing,
    Restarting,
    Silent,
    Slow,
    Throttling,
)
from simulators.config import Outcome, SmscConfig
from simulators.handset import Script, pieces
from simulators.link import Links, Session
from simulators.outbox import Delivery, Outbox
from simulators.promises import ids, is_asked_for, promised
from simulators.segment import Text, misfit
from simulators.timetable import Timetable

__all__ = ["Session", "Smsc"]

FIRST_IDS = (0x1000_0000, 0x6FFF_FFFF)  # hex and decimal differ in every digit's meaning, and hex has letters soon

DELIVERED = Outcome.model_validate({"destination": ""})
NO_LIMIT = Meter(1)  # of a simulator that has none; never counted


class Smsc:
    """One message centre. `record` is told every segment; `changed` holds the sessions that have something to do.

    A driver (sockets, or a simulation on virtual time) does this:

    - `tick(now)` once before anything else, so that what is scripted begins, and then whenever `due` has come;
    - `connect()`, `receive(session, octets, now)` and `disconnect(session)` as they happen; `disconnect` also for
      connections that it ended itself;
    - after each of these calls, for every session in `changed`: send `out` and clear it; then with `abort` end the
      connection by RST, with `closing` in order; while `frozen` read nothing of it. Then clear `changed`.
    """

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
        self._seed = f"{seed} {name}"
        self._cast = Cast(config.characters, self._seed)
        self._meter = NO_LIMIT if config.most_per_second is None else Meter(config.most_per_second)
        self._time = Timetable()
        self._late = 0  # answers that wait
        self._down = False
        self._references = 0
        self._answering = [one for one in config.phones if one.at_seconds is None]
        self.sessions: dict[Session, None] = {}  # in the order they came
        self.changed: set[Session] = set()
        self._links = Links(self._cast, self._time, self.changed, self._thawed)
        self._outbox = Outbox(config.receipts, self._time, self.sessions, Random(f"{seed} {name} out"), self._send)

    def recast(self, characters: Sequence[Character]) -> None:
        """These play from now on, for messages, connections and binds to come; `restarting` only from the start."""
        self._cast = Cast(characters, self._seed)
        self._links.recast(self._cast)

    def connect(self) -> Session:
        """A peer connected."""
        session = Session()
        self.sessions[session] = None
        self._links.connect(session)
        if self._down:
            self._links.reset(session)
        return session

    def disconnect(self, session: Session) -> None:
        """The peer is gone: what it was owed waits for another bind of its system_id."""
        self.sessions.pop(session, None)
        self.changed.discard(session)
        session.alive = False
        session.held.clear()
        self._outbox.take_back(session)

    def receive(self, session: Session, octets: bytes, now: float) -> None:
        """Octets of any length came."""
        self._tell(now)
        session.buffer += octets
        self._read(session)

    def _read(self, session: Session) -> None:
        if _stopped(session):
            return
        pdus, sound = wire.frames(session.buffer)
        for place, pdu in enumerate(pdus):
            if session.ending:
                return
            if _stopped(session):  # in the middle: the rest is as if it were not read
                session.buffer[:0] = b"".join(pdus[place:])
                return
            self._judge(session, pdu, self._time.now)
        if not sound:
            self._send(session, wire.generic_nack(0, wire.ESME_RINVCMDLEN))
            session.ending = True

    def tick(self, now: float) -> float | None:
        """Do what is due. Return when the next thing is."""
        self._tell(now)
        self._outbox.run()
        self._time.run()
        self._outbox.run()
        return self.due

    @property
    def due(self) -> float | None:
        """When the next thing is due."""
        times = [one for one in (self._time.due, self._outbox.due) if one is not None]
        return min(times) if times else None

    @property
    def owing(self) -> int:
        """Receipts and messages of phones that were promised and aren't acknowledged."""
        return self._outbox.owing

    def _tell(self, now: float) -> None:
        if not self._time.tell(now):
            return
        for one in self._cast.restarts:
            self._time.after(one.every_seconds, partial(self._restart, one))
        for script in self.config.phones:
            if script.at_seconds is not None:
                self._time.after(script.at_seconds, partial(self._scripted, script, script.times))

    def _send(self, session: Session, pdu: bytes) -> None:
        self._links.send(session, pdu)

    def _thawed(self, session: Session) -> None:
        self._read(session)
        self._outbox.hand_out(session.system_id)

    def _restart(self, one: Restarting) -> None:
        self._time.after(one.every_seconds + one.down_seconds, partial(self._restart, one))
        if not one.holds(self._time.seconds):
            return
        self._down = True
        if one.forgets:
            self._outbox.forget()
        for session in self.sessions:
            self._links.reset(session)
        self._time.after(one.down_seconds, self._up)

    def _up(self) -> None:
        self._down = False

    def _scripted(self, script: Script, left: int) -> None:
        if left > 1:
            self._time.after(script.every_seconds, partial(self._scripted, script, left - 1))
        self._from_phone(script, (script.source or "").encode(), (script.destination or "").encode(), 0.0)

    def _from_phone(self, script: Script, source: bytes, destination: bytes, wait: float) -> None:
        if self._outbox.full:
            return
        self._references += 1
        ton = wire.TON_INTERNATIONAL if destination.isdigit() else wire.TON_ALPHANUMERIC
        for one in pieces(script, self._references):
            self._outbox.promise(
                Delivery(
                    self._time.now + wait,
                    self._time.serial(),
                    None,
                    self.config.system_id.encode(),
                    source,
                    destination,
                    (wire.TON_INTERNATIONAL, ton),
                    one.octets,
                    one.esm_class,
                    wire.DCS_UCS2,
                    one.tlvs,
                )
            )

    def _judge(self, session: Session, pdu: bytes, now: float) -> None:
        _, command, status, sequence = wire.header(pdu)
        if command == wire.SUBMIT_SM:
            self._submit(session, pdu, sequence, now)
        elif command == wire.DELIVER_SM_RESP:
            self._outbox.acknowledged(session, status, sequence)
        elif command in wire.BINDS:
            self._bind(session, pdu, command, sequence)
        elif command == wire.ENQUIRE_LINK:
            if self.config.answers_enquire_link and self._links.answers_enquire_link(session):
                self._send(session, wire.enquire_link_resp(sequence))
        elif command == wire.UNBIND:
            self._send(session, wire.unbind_resp(sequence))
            session.ending = True
        elif command == wire.UNBIND_RESP:
            session.ending = True
            self.changed.add(session)
        elif not command & wire.RESPONSE:
            self._send(session, wire.generic_nack(sequence, wire.ESME_RINVCMDID))

    def _bind(self, session: Session, pdu: bytes, command: int, sequence: int) -> None:
        status = wire.ESME_RALYBND if session.mode else self._identify(pdu)
        status = status or self._cast.refuses_bind(self._time.seconds)
        self._send(session, wire.bind_resp(command, status, sequence, self.name.encode()))
        if not status:
            session.mode = command
            session.system_id = wire.parse_bind(pdu).system_id
            self._links.bound(session)
            self._outbox.hand_out(session.system_id)

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
        text = Text(sm, octets)
        outcome = self._outcome(text)
        chosen = self._cast.choose(self._time.seconds, text.destination, text.read)
        silent = of(chosen, Silent)
        if silent is not None and silent.about == "message":
            return
        status, tlvs = self._throttle(chosen, now)
        status = self._refusal(sm, octets, now) or status or outcome.status
        message_id = b""
        submitted = self._wall()
        if not status:
            self._number += 1
            message_id, id_in_receipt = ids(self.config, chosen, self._number)
            self._promise(session, sm, outcome, chosen, id_in_receipt, submitted)
            self._answer_by_phone(sm, outcome, text)
        self._answer(session, wire.submit_sm_resp(sequence, message_id, status, tlvs), chosen)
        self._record(
            phone.Segment(
                self.name,
                submitted.isoformat(timespec="milliseconds"),
                message_id.decode(),
                sm.source.decode("latin-1"),
                text.destination,
                bool(sm.esm_class & wire.ESM_UDHI),
                octets is not sm.short_message,
                sm.data_coding,
                octets,
                status,
                "" if status else outcome.stat,
            )
        )

    def _answer(self, session: Session, pdu: bytes, chosen: Sequence[OfMessages]) -> None:
        """Let the submit_sm_resp leave: at once, late, or never."""
        wait = 0.0
        for one in chosen:
            if isinstance(one, Silent) and one.about == "response":
                return
            if isinstance(one, Slow | Early):
                wait = max(wait, self._wait(one))
        if wait or of(chosen, Early) is not None:
            self._late += 1
            self._time.after(wait, partial(self._answer_late, session, pdu))
        else:
            self._send(session, pdu)

    def _wait(self, one: Slow | Early) -> float:
        least, most = one.seconds
        if isinstance(one, Early) or one.spread == "uniform":
            return self._lot.uniform(least, most)
        return min(most, least + self._lot.expovariate(4.0 / (most - least))) if most > least else least

    def _answer_late(self, session: Session, pdu: bytes) -> None:
        self._late -= 1
        if session.alive and not session.ending:
            self._send(session, pdu)

    def _throttle(self, chosen: Sequence[OfMessages], now: float) -> tuple[int, bytes]:
        """The status of who refuses, and the TLVs of the response."""
        one = of(chosen, Throttling)
        refusing = of(chosen, Refusing)
        status, tlvs = 0 if refusing is None else refusing.status, b""
        if one is not None:
            meter = self._cast.meter(one)
            if meter.over(now):
                status = one.status
            if one.congestion:
                tlvs = wire.tlv(wire.CONGESTION_STATE, bytes((meter.percent,)))
        return status, tlvs

    def _refusal(self, sm: wire.Sm, octets: bytes, now: float) -> int:
        """The status that refuses what this carrier doesn't take, or that came too fast; else ESME_ROK."""
        if self._meter is not NO_LIMIT and self._meter.over(now):
            return wire.ESME_RTHROTTLED
        if self._outbox.full or self._late >= self.config.receipts.most_waiting:
            return wire.ESME_RMSGQFUL
        if not sm.destination.isdigit():
            return wire.ESME_RINVDSTADR
        return misfit(self.config.takes, sm, octets)

    def _outcome(self, text: Text) -> Outcome:
        for one in self.config.outcomes:
            if one.destination is not None and not one.destination.search(text.destination):
                continue
            if one.text is not None and not one.text.search(text.read()):
                continue
            return one
        return DELIVERED

    def _promise(
        self,
        session: Session,
        sm: wire.Sm,
        outcome: Outcome,
        chosen: Sequence[OfMessages],
        message_id: bytes,
        submitted: datetime,
    ) -> None:
        """Let receipts fall due, if one was asked for."""
        if not is_asked_for(sm.registered_delivery, outcome.stat):
            return
        elsewhere = of(chosen, Elsewhere) is not None
        for one in promised(self.config, outcome, chosen, message_id, submitted, self._lot):
            self._outbox.promise(
                Delivery(
                    self._time.now + one.seconds,
                    self._time.serial(),
                    session,
                    session.system_id,
                    sm.destination,
                    sm.source,
                    (sm.destination_ton, sm.source_ton),
                    one.written.text,
                    one.written.esm_class,
                    0,
                    one.written.tlvs,
                    elsewhere,
                )
            )

    def _answer_by_phone(self, sm: wire.Sm, outcome: Outcome, text: Text) -> None:
        if outcome.stat != "DELIVRD":
            return
        for script in self._answering:
            number, read = script.answers_destination, script.answers_text
            if (number is None or number.search(text.destination)) and (read is None or read.search(text.read())):
                self._from_phone(script, sm.destination, sm.source, script.after_seconds)


def _stopped(session: Session) -> bool:
    return session.frozen or session.abort

"""A customer of its own pen: sends everything the gateway offers, loses its connections, takes its receipts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from simulators import phone, wire
from tests.simulation import pen
from tests.simulation.history import History
from tests.simulation.ledger import MO_TOKEN, RECEIPT, Ledger, Promise, Text
from tests.simulation.timeline import Timeline
from tests.simulation.wires import End, Wire

WINDOW = 20
ANSWER_SECONDS = 25.0  # then it gives the connection up
LATER = (wire.ESME_RX_T_APPN, wire.ESME_RTHROTTLED)
NUMBERS = [b"81903000%04d" % one for one in range(25)] + [b"81805000%04d" % one for one in range(25)]
UNSERVED = b"81200000000"
SHORT = (20, 60, 70, 96, 111)  # characters of texts that fit short_message, whatever the cut
LONG = (171, 240, 370, 500, 640)


@dataclass(frozen=True)
class Manners:
    """What a customer is like. `binds` are command_ids."""

    system_id: bytes
    source: bytes
    binds: tuple[int, ...]
    version: int = 0x34
    repeats: bool = False  # what was not answered is sent again under the reference that it had


@dataclass
class Asked:
    """A request under way."""

    kind: str
    text: Text
    part: int = 1
    promise: Promise | None = None
    octets: bytes = b""  # of a part, as it is sent again


class Call(End):
    """One of its connections."""

    def __init__(self, customer: "Customer", place: int, command: int) -> None:
        self.customer = customer
        self.place = place
        self.command = command
        self.bound = False
        self.wire: Wire | None = None
        self.buffer = bytearray()
        self.sequence = 0
        self.asked: dict[int, Asked] = {}

    def receive(self, octets: bytes) -> None:
        """From the gateway."""
        self.buffer += octets
        pdus, _ = wire.frames(self.buffer)
        for pdu in pdus:
            self.customer.judge(self, pdu)

    def gone(self) -> None:
        """The connection ended."""
        self.customer.lost(self)

    def send(self, pdu: bytes) -> None:
        """To the gateway."""
        if self.wire is not None:
            self.wire.to_gateway.send(pdu)

    def next(self) -> int:
        """A sequence_number."""
        self.sequence += 1
        return self.sequence


class Customer:
    """`connect` gives a wire to the gateway, or None while nobody is there."""

    def __init__(
        self,
        name: str,
        manners: Manners,
        connect: Callable[[str, End], Wire | None],
        timeline: Timeline,
        lot: Random,
        history: History,
        ledger: Ledger,
        next_token: Callable[[], int],
    ) -> None:
        self.name = name
        self.polite = False  # sends nothing new, and takes every receipt at once
        self._manners = manners
        self._connect = connect
        self._timeline = timeline
        self._lot = lot
        self._history = history
        self._ledger = ledger
        self._next_token = next_token
        self._calls: list[Call] = []
        self._missing: list[tuple[Text, int, bytes]] = []  # what is to be sent, maybe again: parts and repeats
        for place in range(len(manners.binds)):
            self._come_later(place, 0.5)

    # Connections

    def _come_later(self, place: int, seconds: float) -> None:
        self._timeline.after(self._lot.random() * seconds, partial(self._come, place))

    def _come(self, place: int) -> None:
        call = Call(self, place, self._manners.binds[place])
        call.wire = self._connect(self.name, call)
        if call.wire is None:
            self._come_later(place, 2.0)
            return
        self._calls.append(call)
        manners = self._manners
        call.send(wire.bind(call.command, call.next(), manners.system_id, b"secret", interface_version=manners.version))
        self._timeline.after(ANSWER_SECONDS, partial(self._unless_bound, call))

    def _unless_bound(self, call: Call) -> None:
        if not call.bound:
            self.leave(call)

    def leave(self, call: Call) -> None:
        """Hang up, and come back."""
        if call in self._calls and call.wire is not None:
            call.wire.close_from_peer()
            self.lost(call)

    def lost(self, call: Call) -> None:
        """The connection ended: nobody answers what was asked."""
        if call not in self._calls:
            return
        self._history.note(self.name, f"bind {call.place} ended, {len(call.asked)} unanswered")
        self._calls.remove(call)
        call.wire = None
        call.bound = False
        for asked in call.asked.values():
            if asked.kind == "submit" and self._manners.repeats and self._lot.random() < 0.7:
                self._missing.append((asked.text, asked.part, asked.octets))
            if asked.kind == "part" and self._lot.random() < 0.8:
                asked.text.sent_again = True
                self._missing.append((asked.text, asked.part, asked.octets))
        call.asked.clear()
        self._come_later(call.place, 2.0 if self.polite or self._lot.random() < 0.8 else 25.0)

    @property
    def resting(self) -> bool:
        """Whether all its binds are up and nothing is asked."""
        up = sum(call.bound for call in self._calls) == len(self._manners.binds)
        return up and not self._missing and not any(call.asked for call in self._calls)

    def wires(self) -> list[Wire]:
        """The connections that are up."""
        return [call.wire for call in self._calls if call.wire is not None]

    # Requests

    def act(self) -> None:
        """Do something."""
        if self._lot.random() < 0.02 and self._calls:
            self.leave(self._lot.choice(self._calls))
            return
        call = self._sending()
        if call is None:
            return
        if self._missing:
            self._send_part(call, *self._missing.pop(0))
        doings = (self._one, self._long, self._parts, self._multi, self._data, self._ask, self._take_back, self._change)
        doing = self._lot.choices(doings, (50, 14, 10, 5, 4, 7, 7, 4))[0]
        doing(call)

    def catch_up(self) -> None:
        """Send what is missing yet."""
        while self._missing and (call := self._sending()) is not None:
            self._send_part(call, *self._missing.pop(0))

    def _sending(self) -> Call | None:
        able = [call for call in self._calls if call.bound and call.command != wire.BIND_RECEIVER]
        able = [call for call in able if len(call.asked) < WINDOW]
        return self._lot.choice(able) if able else None

    def _text(self, characters: int, destinations: tuple[bytes, ...] | None = None) -> Text:
        token = self._next_token()
        to = destinations or (self._lot.choice(NUMBERS),)
        octets = (f"<{token:06d}>あ" * 80)[:characters].encode("utf_16_be")
        registered = self._lot.choices((1, 0, 2, 3), (80, 8, 6, 6))[0]
        text = self._ledger.texts[token] = Text(token, self.name, to, octets, registered)
        return text

    def _put(self, call: Call, asked: Asked, pdu: bytes) -> None:
        self._history.note(self.name, f"asks {asked.kind} {asked.text.token:06d} part {asked.part} on {call.place}")
        call.asked[call.sequence] = asked
        call.send(pdu)
        self._timeline.after(ANSWER_SECONDS, partial(self._give_up, call, call.sequence))

    def _give_up(self, call: Call, sequence: int) -> None:
        if sequence in call.asked:
            self.leave(call)

    def _one(self, call: Call) -> None:
        self._submit(call, self._text(self._lot.choice(SHORT)))

    def _long(self, call: Call) -> None:
        self._submit(call, self._text(self._lot.choice(LONG)))

    def _submit(self, call: Call, text: Text) -> None:
        to = text.destinations[0]
        if self._lot.random() < 0.03:
            text.destinations = (UNSERVED,)
            to = UNSERVED
        replaces = self._lot.random() < 0.03
        if replaces:
            for other in self._ledger.texts.values():
                if other.customer == self.name and to in other.destinations and other is not text:
                    other.meddled = True
        validity = b""
        if self._lot.random() < 0.04:
            text.limited, validity = True, b"000000000130000R"
        tlvs = schedule = b""
        if self._manners.repeats:
            tlvs = wire.tlv(pen.USER_MESSAGE_REFERENCE, text.token.to_bytes(2, "big"))
        if self._lot.random() < 0.06:
            schedule = b"0000000000%02d000R" % self._lot.randint(1, 12)
        pdu = pen.submit_sm(
            call.next(),
            self._manners.source,
            to,
            text.octets,
            registered=text.registered,
            replaces=replaces,
            priority=self._lot.choice((0, 0, 0, 1, 3)),
            validity=validity,
            schedule=schedule,
            tlvs=tlvs,
        )
        self._put(call, Asked("submit", text, octets=pdu), pdu)

    def _parts(self, call: Call) -> None:
        total = self._lot.randint(2, 4)
        each = self._lot.randint(31, 60)
        text = self._text(each * (total - 1) + self._lot.randint(31, 60))
        text.parts = total
        style = self._lot.choice((pen.udh16, pen.udh8, None))
        body = text.octets
        order = self._lot.sample(range(1, total + 1), total)
        for number in order:
            piece = body[(number - 1) * each * 2 : number * each * 2 if number < total else len(body)]
            head = style(text.token, total, number) if style is not None else b""
            tlvs = pen.sar(text.token, total, number) if style is None else b""
            rest = pen.submit_sm(
                0,
                self._manners.source,
                text.destinations[0],
                head + piece,
                registered=text.registered,
                esm_class=0x40 if style is not None else 0,
                tlvs=tlvs,
            )
            if self._lot.random() < 0.03:
                continue  # this one never comes
            again = self._sending() or call
            if self._lot.random() < 0.5:
                self._send_part(again, text, number, rest)
            else:
                self._missing.append((text, number, rest))

    def _send_part(self, call: Call, text: Text, part: int, pdu: bytes) -> None:
        sequence = call.next()
        kind = "part" if text.parts > 1 else "submit"
        self._put(call, Asked(kind, text, part, octets=pdu), pdu[:12] + sequence.to_bytes(4, "big") + pdu[16:])

    def _multi(self, call: Call) -> None:
        to = tuple(self._lot.sample(NUMBERS, self._lot.randint(1, 4)))
        if self._lot.random() < 0.2:
            to = (*to, UNSERVED)
        text = self._text(60, to)
        pdu = pen.submit_multi(call.next(), self._manners.source, to, text.octets, text.registered)
        self._put(call, Asked("multi", text), pdu)

    def _data(self, call: Call) -> None:
        if self._manners.version < 0x34:
            return
        text = self._text(self._lot.choice(SHORT + LONG))
        pdu = pen.data_sm(call.next(), self._manners.source, text.destinations[0], text.octets, text.registered)
        self._put(call, Asked("data", text), pdu)

    def _some_promise(self) -> Promise | None:
        own = [one for (name, _), one in self._ledger.promises.items() if name == self.name]
        return self._lot.choice(own[-12:]) if own else None

    def _ask(self, call: Call) -> None:
        promise = self._some_promise()
        if promise is not None:
            pdu = pen.query_sm(call.next(), self._tell(promise.told), self._manners.source)
            self._put(call, Asked("query", promise.text, promise=promise), pdu)

    def _take_back(self, call: Call) -> None:
        promise = self._some_promise()
        if promise is not None:
            promise.text.meddled = True
            pdu = pen.cancel_sm(call.next(), self._tell(promise.told), self._manners.source, b"")
            self._put(call, Asked("cancel", promise.text, promise=promise), pdu)

    def _change(self, call: Call) -> None:
        promise = self._some_promise()
        if promise is None or promise.text.parts > 1 or len(promise.text.destinations) > 1:
            return
        old = promise.text
        old.meddled = True
        text = self._text(self._lot.choice(SHORT), old.destinations)
        text.registered, text.meddled = old.registered, True
        old.maybe.append(text)
        pdu = pen.replace_sm(call.next(), self._tell(promise.told), self._manners.source, text.octets, text.registered)
        self._put(call, Asked("replace", text, promise=promise), pdu)

    def _tell(self, told: int) -> bytes:
        return b"%08x" % told if told < 1 << 32 else b"%016x" % told

    # What comes

    def judge(self, call: Call, pdu: bytes) -> None:
        """One PDU of the gateway."""
        _, command, status, sequence = wire.header(pdu)
        if command == wire.DELIVER_SM:
            self._delivered(call, pdu, sequence)
        elif command == wire.ENQUIRE_LINK:
            call.send(wire.enquire_link_resp(sequence))
        elif command == wire.UNBIND:
            call.send(wire.unbind_resp(sequence))
        elif command == wire.RESPONSE | call.command:
            call.bound = status == 0
            self._history.note(self.name, f"bind {call.place} answered {status:x}")
            if status:
                self.leave(call)
        elif command & wire.RESPONSE:
            asked = call.asked.pop(sequence, None)
            if asked is not None:
                self._answered(asked, pdu, status)

    def _answered(self, asked: Asked, pdu: bytes, status: int) -> None:
        text = asked.text
        self._history.note(self.name, f"gets {asked.kind} {text.token:06d} part {asked.part}: {status:x}")
        if status:
            if asked.kind == "part" and status in {0x08, 0x14, 0x58, 0x64}:
                self._missing.append((text, asked.part, asked.octets))
        elif asked.kind in {"submit", "data", "part", "multi"}:
            told = int(wire.parse_id(pdu), 16)
            destinations = text.destinations
            if asked.kind == "multi":
                refused = set(pen.refused_of_multi(pdu))
                destinations = tuple(one for one in destinations if one not in refused)
            key = self.name, told
            self._ledger.promises.setdefault(key, Promise(text, told, destinations, asked.part))
        elif asked.promise is not None:
            if asked.kind == "query":
                asked.promise.states_seen.add(pen.state_of_query(pdu))
            elif asked.kind == "cancel":
                text.cancelled = True
            else:
                asked.promise.text.replaced_by = text
                asked.promise.text = text

    def _delivered(self, call: Call, pdu: bytes, sequence: int) -> None:
        sm = wire.parse_sm(pdu)
        fate = 1.0 if self.polite else self._lot.random()
        status = 0
        if fate < 0.02:
            return
        if fate < 0.07:
            status = self._lot.choice(LATER)
        answer = wire.deliver_sm_resp(sequence, status)
        slow = 0.02 if self.polite or self._lot.random() < 0.95 else 8.0
        self._timeline.after(self._lot.random() * slow, partial(call.send, answer))
        if status:
            return
        if sm.esm_class & wire.ESM_RECEIPT:
            found = RECEIPT.match(sm.short_message)
            assert found is not None
            state = wire.STATE_OF[found[2].decode()]
            self._ledger.got[self.name, int(found[1], 16), sm.source].append(state)
            self._history.note(self.name, f"takes receipt {found[1].decode()} {found[2].decode()} on {call.place}")
            return
        octets = wire.text_octets(sm)
        body = octets[octets[0] + 1 :] if sm.esm_class & wire.ESM_UDHI else octets
        for token in MO_TOKEN.findall(phone.decode(body, sm.data_coding)):
            self._history.note(self.name, f"takes message {token} on {call.place}")
            self._ledger.mo_got[self.name].add(int(token))

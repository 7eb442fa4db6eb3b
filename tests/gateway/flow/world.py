"""A whole gateway in a for loop: real flow, real sessions, memory store, a clock that a test moves by hand."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from gateway.assemble import Flow, assemble
from gateway.flow.carriers import CarrierLink
from gateway.flow.clock import Clock
from gateway.flow.credentials import Verify
from gateway.flow.customer_link import CustomerLink
from gateway.model.origin import Origin
from gateway.net.verifier import verify_at_once
from gateway.settings.load import load
from gateway.settings.models import Settings
from gateway.smpp.events import Answer, Closed, Event
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import (
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.smpp.status import CommandStatus
from gateway.store.memory import Disk, MemoryStore

START_MS = 1_795_478_400_000  # 2026-11-24 00:00 UTC
MOST_ROUNDS = 10_000

DOCOMO_NUMBER = b"09030000001"
AU_NUMBER = b"08050000001"

ANYWHERE = Origin.of("192.0.2.1", 5_000)


def profile(**changes: Any) -> dict[str, Any]:
    """A carrier that cuts at 70 and 66, with one bind."""
    return {
        "title": "One",
        "text": {
            "first": 70,
            "following": 66,
            "concatenation": "udh16",
            "max_characters": 660,
            "units": [70, *range(132, 661, 66)],
        },
        "binds": [{"host": "127.0.0.1", "port": 27761, "system_id": "gw", "password": "secret"}],
        "session": {"window": 10},
        "pace": {"segments_per_second": 1000.0, "burst_segments": 1000},
        "receipts": {"id_in_response": "hex", "id_in_receipt": "decimal"},
        "errors": {"temporary": [0x14, 0x58], "pause_seconds": 1.0},
        "in_doubt": "resend",
        "validity_hours": 72.0,
        "receipt_margin_hours": 1.0,
    } | changes


def settings(**changes: Any) -> Settings:
    """Two carriers, `one` (blocks of docomo) and `two` (of au), and the customer `shop`."""
    whole = {
        "listen": [{"host": "127.0.0.1", "port": 0}],
        "store": {"directory": "nowhere"},
        "numbers": {
            "country_code": "81",
            "trunk_prefix": "0",
            "mobile_digits": 10,
            "mobile": ["60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"],
        },
        "portability": {"library_names": {"NTT Docomo": "one", "KDDI": "two"}},
        "tariffs": {"standard": {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "10.0"}]}},
        "carriers": {"one": profile(), "two": profile()},
        "customers": {"shop": {"system_id": "shop", "password": "secret", "tariff": "standard"}},
    } | changes
    with NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        json.dump(whole, file)  # JSON is YAML too
        file.flush()
        return load(Path(file.name))


class Peer:
    """The other end of one of our sessions, with the events that it saw."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []
        self.answer: Callable[[Peer, Pdu], None] = silent
        self.answered: Callable[[Answer], None] = lambda _: None

    def take(self, events: Sequence[Event]) -> None:
        """What its session reports."""
        for event in events:
            self.events.append(event)
            if isinstance(event, Pdu):
                self.answer(self, event)
            elif isinstance(event, Answer):
                self.answered(event)

    def requests(self, kind: type[Pdu]) -> list[Any]:
        """The requests of one kind that came, in order."""
        return [event for event in self.events if type(event) is kind]

    def answers(self) -> list[Any]:
        """The responses that came to our requests, in order."""
        return [event.pdu for event in self.events if isinstance(event, Answer)]


class World:
    """`pump` lets everything happen that can happen without time passing."""

    def __init__(
        self,
        configured: Settings | None = None,
        disk: Disk | None = None,
        now: float = 1_000.0,
        verify: Verify = verify_at_once,
    ) -> None:
        self.settings = configured or settings()
        self.now = now
        self.store = MemoryStore(disk)
        self.clock = Clock(lambda: self.now, lambda: START_MS + int(self.now * 1000))
        self.flow: Flow = assemble(self.settings, self.store, self.clock, asyncio.run(self.store.load()), verify)
        self.commits_left: int | None = None  # so many commits reach the disk, then none; None: all
        self._pairs: list[tuple[CustomerLink | CarrierLink, Peer]] = []

    def customer(
        self,
        system_id: bytes = b"shop",
        password: bytes = b"secret",
        *,
        bind: Pdu | None = None,
        origin: Origin = ANYWHERE,
    ) -> Peer:
        """A customer's connection; it asks to bind as a transceiver unless told otherwise."""
        ours = Session(Side.MC, self.settings.sessions.limits(), self.now, lambda: None)
        link = CustomerLink(ours, origin, self.flow.customers, self.flow.requests, self.flow.receipts_out)
        peer = Peer(
            Session(Side.ESME, SessionLimits(send_window=10_000, receive_window=10_000), self.now, lambda: None)
        )
        peer.answer = acknowledge
        self._pairs.append((link, peer))
        request = bind or BindTransceiver(system_id=system_id, password=password, interface_version=0x34)
        peer.session.bind(request, self.now)  # type: ignore[arg-type]
        self.pump()
        return peer

    def carrier(self, key: str = "one", place: int = 0, centre: "Centre | None" = None) -> Peer:
        """A carrier's end of one of our binds, bound. Without `centre` it gives ids 1, 2, ... and sends no receipts."""
        carrier = self.flow.carriers[key]
        bind = carrier.binds[place]
        limits = self.settings.carriers[key].session.limits()
        ours = Session(Side.ESME, limits, self.now, lambda: None)
        ours.bind(BindTransceiver(system_id=b"gw", password=b"secret", interface_version=0x34), self.now)
        link = CarrierLink(ours, carrier, bind, self.flow.settler, self.flow.receipts_in)
        peer = Peer(Session(Side.MC, SessionLimits(send_window=10_000, receive_window=10_000), self.now, lambda: None))
        centre = centre or Centre()
        peer.answer, peer.answered = centre.answer, centre.answered
        self._pairs.append((link, peer))
        self.pump()
        return peer

    def pump(self) -> None:
        """Octets, turns and commits until nothing moves."""
        for _ in range(MOST_ROUNDS):
            moved = self._octets()
            self.flow.end_of_turn()
            self.store.flush()
            moved += self._sync() + self._octets()
            if not moved:
                return
        raise AssertionError("it never comes to rest")

    def _sync(self) -> int:
        if self.commits_left is None:
            return self.store.sync()
        if not self.commits_left:
            return 0
        done = self.store.sync()
        self.commits_left = max(0, self.commits_left - done)
        return done

    def _octets(self) -> int:
        moved = 0
        for link, peer in tuple(self._pairs):
            out, back = link.session.take_output(), peer.session.take_output()
            if out:
                peer.take(peer.session.receive(out, self.now))
            if back:
                link.handle(link.session.receive(back, self.now))
            if (link.session.closing or peer.session.closing) and not (out or back):
                self.cut(peer)
            moved += len(out) + len(back)
        return moved

    def cut(self, peer: Peer) -> None:
        """The connection is gone, with everything on its way."""
        for pair in self._pairs:
            link, candidate = pair
            if candidate is peer:
                self._pairs.remove(pair)
                link.handle(link.session.end_of_stream(self.now))
                peer.take(peer.session.end_of_stream(self.now))
                return

    def advance(self, seconds: float) -> None:
        """Time passes: in one jump, then every timer looks once."""
        self.now += seconds
        for link, peer in tuple(self._pairs):
            link.handle(link.session.tick(self.now))
            peer.take(peer.session.tick(self.now))
        self.flow.tick()
        self.pump()

    def crash(self) -> "World":
        """The process dies; what was synced is what the next one finds."""
        return World(self.settings, self.store.disk, self.now)

    def submit(self, customer: Peer, pdu: Pdu) -> Any:
        """Ask, let everything happen, and return the response (None while there is none)."""
        before = len(customer.answers())
        customer.session.request(pdu, None, self.now)
        self.pump()
        answers = customer.answers()[before:]
        return answers[0] if answers else None

    @property
    def records(self) -> list[Any]:
        """Billing records, in the order of ids."""
        return [record for _, record in sorted(self.store.disk.records.items())]


class Centre:
    """A message centre: ids 1, 2, ... in hexadecimal; with `receipts`, one for each, again until it is acknowledged."""

    def __init__(self, *, accepts: bool = True, receipts: bool = False) -> None:
        self.last_id = 0
        self.accepts = accepts  # else it answers no submit_sm
        self.receipts = receipts
        self.owed: list[int] = []

    def answer(self, peer: Peer, pdu: Pdu) -> None:
        """Bind; accept, and tell at once that it was delivered."""
        if isinstance(pdu, BindTransceiver):
            peer.session.accept_bind(pdu, b"centre")
            for one in self.owed:
                peer.session.request(receipt(b"%d" % one), one, 0.0)
        elif isinstance(pdu, SubmitSm) and self.accepts:
            self.last_id += 1
            peer.session.submit_sm_resp(pdu.sequence_number, CommandStatus.ESME_ROK, b"%x" % self.last_id)
            if self.receipts:
                self.owed.append(self.last_id)
                peer.session.request(receipt(b"%d" % self.last_id), self.last_id, 0.0)

    def answered(self, answer: Answer) -> None:
        """A receipt was acknowledged."""
        if answer.context in self.owed:
            self.owed.remove(answer.context)


def acknowledge(peer: Peer, pdu: Pdu) -> None:
    """A customer that takes every receipt."""
    if isinstance(pdu, DeliverSm):
        peer.session.deliver_sm_resp(pdu.sequence_number, CommandStatus.ESME_ROK)


def refuse(status: int) -> Callable[[Peer, Pdu], None]:
    """A message centre that binds and answers every submit_sm with this status."""

    def answer(peer: Peer, pdu: Pdu) -> None:
        if isinstance(pdu, SubmitSm):
            peer.session.submit_sm_resp(pdu.sequence_number, status)

    return answer


def silent(peer: Peer, pdu: Pdu) -> None:
    """Somebody who answers nothing."""


def text(characters: int) -> bytes:
    """So many kana, as UCS2."""
    return ("あいうえおかきくけこ" * 70)[:characters].encode("utf_16_be")


def message(destination: bytes = DOCOMO_NUMBER, characters: int = 10, **fields: Any) -> SubmitSm:
    """A submit_sm that asks for a receipt. Longer than 127 characters: in message_payload."""
    octets = text(characters)
    tlvs: tuple[tuple[int, bytes], ...] = fields.pop("tlvs", ())
    if len(octets) > 254:
        tlvs, octets = (*tlvs, (0x0424, octets)), b""
    whole: dict[str, Any] = {
        "source_addr": b"0312345678",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": destination,
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": octets,
        "tlvs": tlvs,
    } | fields
    return SubmitSm(**whole)


def receipt(carrier_id: bytes, stat: bytes = b"DELIVRD", err: bytes = b"000") -> DeliverSm:
    """A carrier's receipt."""
    return DeliverSm(
        source_addr=DOCOMO_NUMBER,
        destination_addr=b"0312345678",
        esm_class=0x04,
        short_message=b"id:%b sub:001 dlvrd:001 submit date:2611240900 done date:2611240901 stat:%b err:%b text:"
        % (carrier_id, stat, err),
    )


__all__ = [
    "AU_NUMBER",
    "DOCOMO_NUMBER",
    "Centre",
    "Closed",
    "DeliverSmResp",
    "Peer",
    "SubmitSmResp",
    "World",
    "acknowledge",
    "message",
    "profile",
    "receipt",
    "refuse",
    "settings",
    "silent",
    "text",
]

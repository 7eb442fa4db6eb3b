"""The PDUs of one bind as log lines, for some minutes: what was said, and never a text or a password."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import structlog

from gateway.model.errors import PeerFault
from gateway.net.connection import Connection
from gateway.smpp.codec import HEADER_OCTETS, decode
from gateway.smpp.commands import CommandId
from gateway.smpp.pdu import Pdu
from gateway.smpp.status import describe
from gateway.smpp.tlv import Tag

log = structlog.get_logger(room="pdu_trace")

MOST_TRACES = 4  # at a time
MOST_LINES = 20_000  # of one trace
MOST_PDU_OCTETS = 1 << 20
HIDDEN = frozenset({"password", "short_message"})
# Others may hold texts or numbers: only how long they are is told.
SHOWN_TAGS = frozenset(
    {
        Tag.CONGESTION_STATE,
        Tag.DELIVERY_FAILURE_REASON,
        Tag.MESSAGE_STATE,
        Tag.MORE_MESSAGES_TO_SEND,
        Tag.NETWORK_ERROR_CODE,
        Tag.RECEIPTED_MESSAGE_ID,
        Tag.SAR_MSG_REF_NUM,
        Tag.SAR_SEGMENT_SEQNUM,
        Tag.SAR_TOTAL_SEGMENTS,
        Tag.SC_INTERFACE_VERSION,
        Tag.USER_MESSAGE_REFERENCE,
    }
)

Find = Callable[[str], Iterable[Connection]]  # the connections that a bind of this name has now


class _Tap:
    """One connection that is listened to. It may begin within a PDU: what makes no sense is skipped."""

    def __init__(self, bind: str, tell: Callable[[str, bool, bytes], None]) -> None:
        self._bind = bind
        self._tell = tell
        self._rest = {False: b"", True: b""}

    def __call__(self, octets: bytes, ours: bool) -> None:
        octets = self._rest[ours] + octets
        while len(octets) >= HEADER_OCTETS:
            length, command = int.from_bytes(octets[:4], "big"), int.from_bytes(octets[4:8], "big")
            if not HEADER_OCTETS <= length <= MOST_PDU_OCTETS or command not in _COMMANDS:
                octets = b""
                break
            if len(octets) < length:
                break
            self._tell(self._bind, ours, octets[:length])
            octets = octets[length:]
        self._rest[ours] = octets


_COMMANDS = frozenset(int(one) for one in CommandId)


class PduTraces:
    """Those that run. `find` names the connections of a bind; call `tick` about once a second."""

    def __init__(self, find: Find, now: Callable[[], float]) -> None:
        self._find = find
        self._now = now
        self._until: dict[str, float] = {}
        self._lines: dict[str, int] = {}
        self._tapped: dict[str, set[Connection]] = {}

    def start(self, bind: str, seconds: float) -> None:
        """Trace it from now on, also when it connects anew. ValueError when too many run."""
        if bind not in self._until and len(self._until) >= MOST_TRACES:
            raise ValueError(f"{MOST_TRACES} traces run already: {', '.join(self._until)}")
        self._until[bind] = self._now() + seconds
        self._lines[bind] = 0
        self._tapped.setdefault(bind, set())
        self.tick()

    def stop(self, bind: str) -> bool:
        """End it early. Whether it ran."""
        if self._until.pop(bind, None) is None:
            return False
        del self._lines[bind]
        for connection in self._tapped.pop(bind):
            connection.tap = None
        return True

    def running(self) -> dict[str, float]:
        """Seconds that are left, by bind."""
        return {bind: round(until - self._now(), 1) for bind, until in self._until.items()}

    def tick(self) -> None:
        """End those whose time is over, follow the others to new connections."""
        for bind, until in tuple(self._until.items()):
            if self._now() >= until:
                self.stop(bind)
                log.info("pdu_trace_ended", bind=bind)
                continue
            tapped = self._tapped[bind]
            present = set(self._find(bind))
            tapped &= present
            for connection in present - tapped:
                connection.tap = _Tap(bind, self._tell)
                tapped.add(connection)

    def _tell(self, bind: str, ours: bool, frame: bytes) -> None:
        if self._lines.get(bind, MOST_LINES) >= MOST_LINES:
            return
        self._lines[bind] += 1
        log.info("pdu", bind=bind, way="out" if ours else "in", **shown(frame))
        if self._lines[bind] == MOST_LINES:
            log.warning("pdu_trace_full", bind=bind, lines=MOST_LINES)


def shown(frame: bytes) -> dict[str, Any]:
    """One PDU as it may be told: of texts and passwords only how long they are."""
    command, status, sequence = (int.from_bytes(frame[at : at + 4], "big") for at in (4, 8, 12))
    told: dict[str, Any] = {
        "command": CommandId(command).name.lower(),
        "status": describe(status),
        "sequence": sequence,
        "length": len(frame),
    }
    try:
        pdu = decode(frame)
    except PeerFault as fault:
        return told | {"why": str(fault)}
    return told | _fields(pdu)


def _fields(pdu: Pdu) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for one in fields(pdu):
        value = getattr(pdu, one.name)
        if one.name in {"command_status", "sequence_number"} or value in {b"", 0} or value == ():
            continue
        if one.name == "tlvs":
            told["tlvs"] = [_tlv(tag, octets) for tag, octets in value]
        elif one.name in HIDDEN or isinstance(value, tuple):
            told[f"{one.name}_length"] = len(value)
        else:
            told[one.name] = value
    return told


def _tlv(tag: int, octets: bytes) -> str:
    name = Tag(tag).name.lower() if tag in Tag.__members__.values() else f"0x{tag:04x}"
    return f"{name}: {octets.hex() if tag in SHOWN_TAGS else f'{len(octets)} octets'}"

"""What the judge knows: what customers asked and were promised, what carriers took and decided, who got what."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from simulators import phone

TOKEN = re.compile(r"<(\d{6})>")
RECEIPT = re.compile(rb"id:(\w+) .* stat:(\w+)")  # the text of a receipt of the gateway
MO_TOKEN = re.compile(r"\[(\d{6})\]")
NEVER = "NEVER"  # in the place of a stat: the carrier has it and tells nothing


class Wrong(AssertionError):
    """A promise was broken."""


@dataclass(eq=False)
class Text:
    """One text that a customer wants on phones. Its segments carry the token."""

    token: int
    customer: str
    destinations: tuple[bytes, ...]
    octets: bytes
    registered: int
    parts: int = 1
    sent_again: bool = False  # a part of it, so that there may be two messages
    meddled: bool = False  # somebody asked to cancel, replace or displace it
    limited: bool = False  # it has a validity of its own
    replaced_by: "Text | None" = None  # and that was answered ESME_ROK
    maybe: "list[Text]" = field(default_factory=list)  # texts that it was to be replaced by, answered or not
    cancelled: bool = False  # and that was answered ESME_ROK


@dataclass(eq=False)
class Promise:
    """An id that was told with ESME_ROK."""

    text: Text
    told: int
    destinations: tuple[bytes, ...]
    part: int = 1
    states_seen: set[int] = field(default_factory=set)  # final ones, by query_sm


@dataclass
class Tries:
    """What a carrier took of one segment, and how often it refused it for good."""

    total: int = 1
    stats: list[str] = field(default_factory=list)
    refused: int = 0


class Ledger:
    """Of one seed."""

    def __init__(self) -> None:
        self.texts: dict[int, Text] = {}
        self.promises: dict[tuple[str, int], Promise] = {}
        self.tries: dict[tuple[int, bytes], dict[int, Tries]] = {}
        self._token_of: dict[tuple[str, int, int], int] = {}  # destination, reference, total of a concatenation
        self._unread: dict[tuple[str, int, int], list[tuple[phone.Segment, phone.Part]]] = {}
        self.got: dict[tuple[str, int, bytes], list[int]] = defaultdict(list)  # message_state of receipts answered
        self.mo_promised: dict[int, str] = {}  # token -> owner: the carrier has our ESME_ROK
        self.mo_got: dict[str, set[int]] = defaultdict(set)
        self.in_doubt = 0  # that ended lives of the gateway counted
        self.lies = False  # receipts contradict each other, or do not come
        self.expired_early = False  # the wall clock jumped forward: what was alive may have expired

    def take(self, segment: phone.Segment) -> None:
        """A carrier took or refused a segment."""
        part = phone.split_header(segment.octets) if segment.udhi else None
        body = part.octets if part is not None else segment.octets
        found = TOKEN.search(phone.decode(body, segment.data_coding))
        if part is None:
            if found is None:
                raise Wrong(f"{segment.smsc} got a text of nobody: {segment.octets.hex()}")
            self._book(int(found[1]), segment, None)
            return
        siblings = segment.destination, part.reference, part.total
        if found is not None:
            self._token_of[siblings] = int(found[1])
        token = self._token_of.get(siblings)
        if token is None:  # too short to have the token in it; a sibling will tell
            self._unread.setdefault(siblings, []).append((segment, part))
            return
        for early, its_part in self._unread.pop(siblings, []):
            self._book(token, early, its_part)
        self._book(token, segment, part)

    def _book(self, token: int, segment: phone.Segment, part: phone.Part | None) -> None:
        segments = self.tries.setdefault((token, segment.destination.encode()), {})
        tries = segments.setdefault(part.number if part is not None else 1, Tries())
        tries.total = part.total if part is not None else 1
        if segment.status == 0:
            tries.stats.append(segment.stat)
        elif segment.status not in {0x14, 0x58}:
            tries.refused += 1

    @property
    def doubled(self) -> int:
        """Segments that phones have twice, apart from what customers sent twice themselves."""
        return sum(
            len(tries.stats) - 1
            for (token, _), segments in self.tries.items()
            if not self.texts[token].sent_again
            for tries in segments.values()
            if len(tries.stats) > 1
        )

"""From what happened to letters: who is told, on which way, in which language. Sends nothing itself.

One letter goes to one address, so that nobody sees whom else we tell and one refusal holds up nobody.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson

from gateway.flow.announcements import Announcement, Occasion
from gateway.ops.fault_kinds import About, Kind, Severity
from gateway.ops.faults import Told
from gateway.ops.notice_words import TONGUES, Tongue, Words, in_language, of_announcement, of_fault, of_test
from gateway.store.contract import Kept, KeptDropped

KEPT = "notice"
MAIL = "mail"
HOOK = "webhook "  # and its name

Language: TypeAlias = Literal["ja", "en", "both"]


class Letter(NamedTuple):
    """`way` is `mail`, or `webhook NAME`; `notice` is what kind of notice it is, for metrics.

    `key` is the same for all who are told the same; `thread` that of the first notice of the matter. A webhook's `body`
    is its JSON document, and it has no subject.
    """

    key: str
    thread: str
    notice: str
    way: str
    to: str
    subject: str
    body: str
    at_ms: int

    def kept(self, until: int) -> Kept:
        """What the store keeps until it is sent."""
        value = orjson.dumps((self.thread, self.notice, self.subject, self.body, self.at_ms))
        return Kept(KEPT, self.way, f"{self.key} {self.to}".encode(), value, until)

    def dropped(self) -> KeptDropped:
        """It is sent, or never will be."""
        return KeptDropped(KEPT, self.way, f"{self.key} {self.to}".encode())


def letters_of(kept: Iterable[Kept]) -> list[Letter]:
    """What was on its way when the process ended, the oldest first."""
    found = []
    for row in kept:
        if row.kind == KEPT:
            key, _, to = row.key.decode("utf-8", "replace").partition(" ")
            try:
                thread, notice, subject, body, at_ms = orjson.loads(row.value)
            except (ValueError, TypeError):
                continue  # its time will be over
            found.append(Letter(key, thread, notice, row.owner, to, subject, body, at_ms))
    return sorted(found, key=lambda one: one.at_ms)


class Recipient(NamedTuple):
    """Somebody of the operator's: an address, or the name of a webhook."""

    way: str
    to: str
    language: Language
    least: Severity


class CustomerContact(NamedTuple):
    """Somebody of a customer's. `carriers` None: all."""

    to: str
    language: Language
    carriers: frozenset[str] | None


class Audience(NamedTuple):
    """Everybody. `titles` are names of carriers as people call them; `runbooks` precedes a page's name."""

    gateway: str
    node: int
    recipients: tuple[Recipient, ...]
    customers: tuple[CustomerContact, ...]
    titles: Mapping[str, str]
    runbooks: str


class Letters:
    """Writes them."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience

    def of_fault(self, told: Told, now_ms: int) -> list[Letter]:
        """To those of the operator's who want to hear of it."""
        who, kind = self.audience, told.kind
        matter = f"{kind.name}.{told.subject}.{told.thread}"
        words: dict[Tongue, Words] = {
            tongue: of_fault(told, tongue, now_ms, who.gateway, self.title(kind, told.subject), who.runbooks)
            for tongue in TONGUES
        }
        document = {
            "fault": kind.name,
            "about": kind.about.value,
            "subject": told.subject,
            "severity": kind.severity.value,
            "number": told.number,
            "began_ms": told.since,
            "detected_ms": told.raised,
            "ended_ms": told.ended or None,
            "times_within_the_hour": told.times,
            "facts": dict(told.facts),
            "runbook": f"{who.runbooks}{kind.runbook}.md" if kind.runbook else None,
        }
        keys = (_word(f"{matter}.{told.number}"), _word(f"{matter}.1"))
        wanted = [one for one in who.recipients if kind.severity is Severity.PAGE or one.least is Severity.TICKET]
        return list(self._letters(keys, told.change.value, words, document, wanted, now_ms))

    def of_announcement(
        self, shown: Announcement, occasion: Occasion, now_ms: int, *, operators: bool = True
    ) -> list[Letter]:
        """To the customers whom it concerns, and to the operator's, who know of faults already that are announced."""
        words: dict[Tongue, Words] = {
            tongue: of_announcement(shown, occasion, tongue, self.audience.gateway) for tongue in TONGUES
        }
        document = {
            "announcement": shown.id,
            "kind": shown.kind,
            "occasion": occasion.value,
            "begins_ms": shown.begins_ms,
            "ends_ms": shown.ends_ms,
            "about": shown.about or None,
        }
        matter = f"announcement.{shown.id}.{shown.begins_ms}"
        first = _word(f"{matter}.added")
        key = first if occasion is Occasion.ADDED else _word(f"{matter}.{occasion.value}.{now_ms}")
        concerned = [
            Recipient(MAIL, one.to, one.language, Severity.TICKET)
            for one in self.audience.customers
            if not shown.about or one.carriers is None or shown.about in one.carriers
        ]
        everybody = [*(self.audience.recipients if operators else ()), *concerned]
        return list(self._letters((key, first), "announcement", words, document, everybody, now_ms))

    def of_test(self, who: str, now_ms: int) -> list[Letter]:
        """To all of the operator's, whatever they want to hear; to no customer."""
        words: dict[Tongue, Words] = {tongue: of_test(tongue, now_ms, self.audience.gateway, who) for tongue in TONGUES}
        key = _word(f"test.{now_ms}")
        return list(self._letters((key, key), "test", words, {"who": who}, self.audience.recipients, now_ms))

    def title(self, kind: Kind, subject: str) -> str:
        """What people call the subject of a fault."""
        if kind.about is About.CARRIER and subject in self.audience.titles:
            return f"{self.audience.titles[subject]} ({subject})"
        return subject

    def _letters(
        self,
        keys: tuple[str, str],
        notice: str,
        words: Mapping[Tongue, Words],
        document: Mapping[str, Any],
        to: Iterable[Recipient],
        now_ms: int,
    ) -> Iterator[Letter]:
        seen = set()
        for one in to:
            if (one.way, one.to) in seen:
                continue
            seen.add((one.way, one.to))
            said = in_language(words, one.language)
            if one.way == MAIL:
                yield Letter(*keys, notice, one.way, one.to, said.subject, said.body, now_ms)
            else:
                head = {"id": keys[0], "thread": keys[1], "notice": notice, "at_ms": now_ms}
                from_us = {"gateway": self.audience.gateway, "node": self.audience.node}
                text = {"text": f"{said.subject}\n\n{said.body}", "words": {t: words[t]._asdict() for t in TONGUES}}
                body = orjson.dumps(head | from_us | dict(document) | text).decode()
                yield Letter(*keys, notice, one.way, one.to, "", body, now_ms)


def _word(name: str) -> str:
    """What a Message-ID may have before its @ (RFC 5322's dot-atom), and an HTTP header."""
    return re.sub(r"\.{2,}", ".-.", re.sub(r"[^A-Za-z0-9.-]", "-", name)).strip(".")

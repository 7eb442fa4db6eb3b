"""Announcements and notices by hand: verbs of the socket, and `smpp-gateway announce` and `notices`."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from gateway.flow.announcements import Announcement, AnnouncementRefused, Occasion
from gateway.net.courier import Delivery, Handed
from gateway.net.tasks import Tasks
from gateway.ops.notice_words import JST, moment
from gateway.ops.notices import Letter
from gateway.ops.steering import Asked, RefusedVerb, Result, Verb
from gateway.steer_cli import DIRECTORY, JSON, answer_of, change, changes, say, who

if TYPE_CHECKING:  # the command line needs none of it, and is quicker without
    from gateway.assemble import Flow
    from gateway.notices import NoticeDesk

LONGEST_MS = 1 << 53
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]


class AnnounceVerbs:
    """What an operator may ask of the desk. `tasks` are those in which the ways are tried."""

    def __init__(self, flow: "Flow", desk: "NoticeDesk", tasks: Tasks) -> None:
        self._flow = flow
        self._desk = desk
        self._tasks = tasks
        self._trying = 0

    def verbs(self) -> dict[str, Verb]:
        """By name."""
        return {
            "announce-list": Verb(self._list),
            "announce-add": Verb(self._add, changes=True, traffic=True),
            "announce-end": Verb(self._end, changes=True, traffic=True),
            "notices-status": Verb(self._status),
            "notices-test": Verb(self._test, changes=True),
        }

    def _list(self, _: Asked) -> Result:
        return {"announcements": [_shown(one) for one in self._desk.announcements.current(self._now())]}

    def _add(self, asked: Asked) -> Result:
        kind = asked.word("kind")
        if kind not in {"fault", "maintenance"}:
            raise RefusedVerb("a kind is fault or maintenance")
        about = asked.optional("about") or ""
        if about and about not in self._flow.carriers:
            raise RefusedVerb(f"there is no carrier {about}; there are {', '.join(self._flow.carriers)}")
        begins = self._now() if asked.arguments.get("begins") is None else asked.number("begins", 0, LONGEST_MS)
        ends = None if asked.arguments.get("ends") is None else asked.number("ends", 0, LONGEST_MS)
        ja, en = (asked.word(name).replace("\r\n", "\n") for name in ("ja", "en"))  # as browsers send lines
        mail = asked.arguments.get("mail") is True
        board = self._desk.announcements
        try:
            board.judge(kind, begins, ends, ja, en)
            if asked.dry_run:
                shown = Announcement("0", cast("Literal['fault', 'maintenance']", kind), begins, ends, ja, en, about)
            else:
                shown = board.add(
                    cast("Literal['fault', 'maintenance']", kind), begins, ends, ja, en, about=about, mail=mail
                )
        except AnnouncementRefused as refused:
            raise RefusedVerb(str(refused)) from None
        return self._told(asked, shown, Occasion.ADDED, mail=mail)

    def _end(self, asked: Asked) -> Result:
        name, board = asked.word("id"), self._desk.announcements
        shown = board.find(name)
        if shown is None or shown not in board.current(self._now()) or shown.kind == "recovered":
            raise RefusedVerb(f"nothing of the id {name} is announced; announce list tells what is")
        mail = board.mailed(name)
        if asked.dry_run:
            return {"dry_run": True, "announcement": _shown(shown), "is_mailed": mail}
        ended, occasion = board.end(name)
        return self._told(asked, ended, occasion, mail=mail)

    def _told(self, asked: Asked, shown: Announcement, occasion: Occasion, *, mail: bool) -> Result:
        letters = self._desk.announced(shown, occasion) if mail else []
        if not asked.dry_run:
            self._desk.send(letters)
        subjects = {one.subject for one in letters if one.subject}
        by_way = Counter(one.way for one in letters)
        return {
            "dry_run": asked.dry_run,
            "announcement": _shown(shown),
            "mailed": dict(by_way),
            "subjects": sorted(subjects),
        }

    def _status(self, _: Asked) -> Result:
        desk = self._desk
        return {
            "faults": [
                {
                    "fault": one.kind.name,
                    "subject": one.subject,
                    "severity": one.kind.severity.value,
                    "since": moment(one.since, "en"),
                    "notices": one.number,
                    "flaps": one.flapping,
                    "facts": dict(one.facts),
                }
                for one in desk.faults.open
            ],
            "ways": [
                {
                    "way": way,
                    "waiting": len(courier),
                    "retries": courier.counts.retries,
                    **{name: courier.counts.results[name] for name in ("sent", "never", "given_up", "refused")},
                }
                for way, courier in desk.couriers.items()
            ],
        }

    def _test(self, asked: Asked) -> Result | None:
        letters = self._desk.letters.of_test(asked.who or "-", self._now())
        if not letters:
            raise RefusedVerb("nobody is told: `notices` of the configuration names no address and no webhook")
        if asked.dry_run:
            return {"dry_run": True, "would_tell": [f"{one.way}: {one.to}" for one in letters]}
        if self._trying:
            raise RefusedVerb("a test is under way")
        self._trying = len(letters)
        results: list[dict[str, Any]] = []

        def tried(letter: Letter, handed: Handed, seconds: float) -> None:
            self._trying -= 1
            word = {Delivery.SENT: "sent", Delivery.LATER: "failed", Delivery.NEVER: "refused"}[handed.how]
            row = {"way": letter.way, "to": letter.to, "result": word, "seconds": seconds, "why": handed.why}
            results.append(row)
            if not self._trying:
                asked.answer({"tests": sorted(results, key=lambda one: (one["way"], one["to"]))})

        for letter in letters:
            self._tasks.start(self._try(letter, tried), f"notice test {letter.way}")
        return None

    async def _try(self, letter: Letter, then: Callable[[Letter, Handed, float], None]) -> None:
        """Once, at once, past the queue: what is asked is whether the way is open now."""
        begun = self._flow.clock.monotonic()
        handed = await self._desk.couriers[letter.way].carry_once(letter)
        then(letter, handed, round(self._flow.clock.monotonic() - begun, 1))

    def _now(self) -> int:
        return self._flow.clock.wall_ms()


def _shown(one: Announcement) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "begins": moment(one.begins_ms, "en"),
        "ends": "" if one.ends_ms is None else moment(one.ends_ms, "en"),
        "about": one.about,
        "ja": one.ja,
        "en": one.en,
    }


@click.group("announce")
def announce() -> None:
    """What customers are told of faults and planned maintenance, on the page and by mail."""


@announce.command("list")
@DIRECTORY
@JSON
def list_command(directory: Path, as_json: bool) -> None:
    """Tell what is announced now."""
    say("announce-list", answer_of(directory, {"verb": "announce-list"}), as_json)


@announce.command("add")
@click.option("--kind", required=True, type=click.Choice(["fault", "maintenance"]))
@click.option("--begins", type=click.DateTime(FORMATS), help="2026-12-01T02:00, in Japan's time, or with +00:00. [now]")
@click.option("--ends", type=click.DateTime(FORMATS), help="When it is, or is expected to be, over.")
@click.option("--ja", required=True, help="What customers read in Japanese; the first sentence is the subject.")
@click.option("--en", required=True, help="The same in English.")
@click.option("--about", help="A carrier: customers who use others only are not mailed. [all]")
@click.option("--mail", is_flag=True, help="Mail it to who gets notices and to customers; its reminders and end too.")
@changes
def add_command(
    kind: str,
    begins: datetime | None,
    ends: datetime | None,
    ja: str,
    en: str,
    about: str | None,
    mail: bool,
    **options: Any,
) -> None:
    """Announce a fault, or planned maintenance."""
    moments = {"begins": _ms(begins), "ends": _ms(ends)}
    arguments = {"kind": kind, "ja": ja, "en": en, "mail": mail, "about": about} | moments
    change("announce-add", {name: one for name, one in arguments.items() if one is not None}, options)


@announce.command("end")
@click.argument("announcement", metavar="ID")
@changes
def end_command(announcement: str, **options: Any) -> None:
    """Say that it is over: a fault is shown as recovered for a day. What was mailed is told by mail again."""
    change("announce-end", {"id": announcement}, options)


@click.group("notices")
def notices() -> None:
    """Notices of faults, by mail and webhook."""


@notices.command("status")
@DIRECTORY
@JSON
def status_command(directory: Path, as_json: bool) -> None:
    """Tell the faults that hold now, and how notices went."""
    say("notices-status", answer_of(directory, {"verb": "notices-status"}), as_json)


@notices.command("test")
@DIRECTORY
@JSON
def test_command(directory: Path, as_json: bool) -> None:
    """Send a test notice over every way, to everybody of the operator's, and tell what happened."""
    say("notices-test", answer_of(directory, {"verb": "notices-test", "who": who()}), as_json)


def _ms(moment: datetime | None) -> int | None:
    """Without an offset it is Japan's time."""
    if moment is None:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=JST)).timestamp() * 1000)

"""Notices wired: what is watched, who is told, and the couriers that carry; kept in the store until they are sent.

All of it stands beside the traffic: a mail server that is down, or a bug in here, delays and ends nothing else.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from pathlib import Path

import structlog

from gateway.assemble import Flow
from gateway.flow.announcements import Announcement, AnnouncementRefused, Announcements, Occasion
from gateway.net.courier import Courier, CourierRules, Delivery, Handed
from gateway.net.mail import Mail, MailServer, Postman, Security
from gateway.net.tasks import Tasks
from gateway.net.webhook import Hook, Webhook
from gateway.ops.fault_facts import FaultFacts
from gateway.ops.fault_kinds import KINDS, About, Severity
from gateway.ops.faults import KEPT as KEPT_FAULT
from gateway.ops.faults import Change, FaultRules, Faults, Told
from gateway.ops.notice_metrics import NoticeFigures
from gateway.ops.notice_words import for_customers, read_templates
from gateway.ops.notices import HOOK, MAIL, Audience, CustomerContact, Letter, Letters, Recipient, letters_of
from gateway.ops.watched import Watched
from gateway.settings.models import Settings
from gateway.settings.notices import MailSettings, NoticeSettings, WebhookSettings
from gateway.store.contract import Kept, KeptDropped

log = structlog.get_logger(room="notices")

KEPT_ANNOUNCED = "fault_announced"  # which announcement a fault has
HOUR_MS = 3_600_000
MOST_LETTERS = {MAIL: 5_000}
MOST_OF_A_HOOK = 500
MAILS_AT_A_TIME = 4

Carry = Callable[[Letter], Awaitable[Handed]]


class NoticeDesk:
    """Looks at nothing until `watch`, sends nothing until `start`. `wake` makes the store's batch go."""

    def __init__(self, settings: Settings, flow: Flow, kept: Sequence[Kept], wake: Callable[[], None]) -> None:
        own = settings.notices
        self._settings = own
        self._store = flow.store
        self._clock = flow.clock
        self._wake = wake
        self._broken = False
        self._facts: FaultFacts | None = None
        self.letters = Letters(audience_of(settings))
        self.announcements = Announcements(flow.store, flow.clock, own.remind_hours)
        self.announcements.restore(kept)
        self.faults = Faults(_rules(own))
        self.faults.restore(row for row in kept if row.kind == KEPT_FAULT and self._known(row, flow))
        self._announced = {
            (row.key.decode("ascii", "replace"), row.owner): row.value.decode("ascii", "replace")
            for row in kept
            if row.kind == KEPT_ANNOUNCED
        }
        self.counts: Counter[tuple[str, str, str]] = Counter()  # by way, notice and result
        self.couriers = {way: self._courier(way, carry) for way, carry in _ways(own, flow.clock.wall_ms).items()}
        read_templates()
        for letter in letters_of(kept):
            if letter.way not in self.couriers or not self.couriers[letter.way].put(letter):
                self._store.write(letter.dropped())

    @property
    def figures(self) -> NoticeFigures:
        """For the metrics."""
        return NoticeFigures(self.counts, self.couriers, lambda: self.faults.open)

    def watch(self, watched: Watched, directory: Path) -> None:
        """Look at this from now on."""
        self._facts = FaultFacts(watched, directory, self._settings.least_free_percent)

    def start(self, tasks: Tasks) -> None:
        """Begin to carry. The tasks end with `tasks`; what is not sent by then is kept."""
        for courier in self.couriers.values():
            courier.start(tasks)

    def tick(self) -> None:
        """About once a second."""
        if self._facts is None or self._broken:
            return
        try:
            self._look(self._facts)
        except Exception:
            self._broken = True
            log.exception("notices_failed")

    def _look(self, facts: FaultFacts) -> None:
        now_ms = self._clock.wall_ms()
        for told in self.faults.look(facts.look(), facts.unsure(), self._clock.monotonic(), now_ms):
            self._tell(told, now_ms)
        for change in self.faults.take_changes():
            self._store.write(change)
        for shown in self.announcements.due():
            self.send(self.letters.of_announcement(shown, Occasion.REMINDER, now_ms))

    def _tell(self, told: Told, now_ms: int) -> None:
        if told.change is Change.RECOVERED:
            seconds = (told.ended - told.since) // 1000
            log.info("fault_over", fault=told.kind.name, subject=told.subject, seconds=seconds)
        else:
            change, facts = told.change.value, dict(told.facts)
            log.warning("fault", fault=told.kind.name, subject=told.subject, change=change, facts=facts)
        self.send(self.letters.of_fault(told, now_ms))
        if self._settings.announce or (told.kind.name, told.subject) in self._announced:
            self._announce(told, now_ms)

    def _announce(self, told: Told, now_ms: int) -> None:
        """Customers are told of what they notice, and of its end; not of each time that it comes back."""
        key = (told.kind.name, told.subject)
        ja, en = for_customers(told.kind, self.letters.audience.titles.get(told.subject, told.subject))
        about = told.subject if told.kind.about is About.CARRIER else ""
        row = (KEPT_ANNOUNCED, told.subject, told.kind.name.encode("ascii"))
        if told.change is Change.RECOVERED and key in self._announced:
            name = self._announced.pop(key)
            self._store.write(KeptDropped(*row))
            try:
                shown, occasion = self.announcements.end(name)
            except KeyError:
                return  # a person ended it before
            self.send(self.letters.of_announcement(shown, occasion, now_ms, operators=False))
        elif told.change is Change.RAISED and ja and key not in self._announced:
            try:
                shown = self.announcements.add("fault", told.since, None, ja, en, about=about, mail=True)
            except AnnouncementRefused as refused:
                log.error("not_announced", fault=told.kind.name, subject=told.subject, why=str(refused))  # noqa: TRY400
                return
            self._announced[key] = shown.id
            self._store.write(Kept(*row, shown.id.encode("ascii"), 0))
            self.send(self.letters.of_announcement(shown, Occasion.ADDED, now_ms, operators=False))

    def announced(self, shown: Announcement, occasion: Occasion) -> list[Letter]:
        """The letters that tell it, to be sent or only shown."""
        return self.letters.of_announcement(shown, occasion, self._clock.wall_ms())

    def send(self, letters: Iterable[Letter]) -> None:
        """Each is kept until it is sent, refused or too old."""
        until = self._clock.wall_ms() + int(self._settings.give_up_hours * HOUR_MS)
        for letter in letters:
            if self._store.stuck:  # that must be told all the same
                self._hand(letter)
                self._store.write(letter.kept(until))
            else:  # so that a crash tells nothing twice
                self._store.write(letter.kept(until), self._hand, letter)

    def _hand(self, letter: Letter) -> None:
        courier = self.couriers.get(letter.way)
        if courier is None or not courier.put(letter):
            self.counts[letter.way, letter.notice, "refused"] += 1
            self._store.write(letter.dropped())

    def _done(self, letter: Letter, handed: Handed) -> None:
        result = "given_up" if handed.how is Delivery.LATER else handed.how.value
        self.counts[letter.way, letter.notice, result] += 1
        self._store.write(letter.dropped())
        self._wake()

    def _courier(self, way: str, carry: Carry) -> Courier[Letter]:
        rules = CourierRules(
            self._settings.retry_seconds,
            self._settings.give_up_hours * 3_600,
            MAILS_AT_A_TIME if way == MAIL else 1,
            MOST_LETTERS.get(way, MOST_OF_A_HOOK),
        )
        return Courier(way, carry, rules, self._clock.monotonic, self._done)

    def _known(self, row: Kept, flow: Flow) -> bool:
        """Whether the configuration still has whom a fault is of; else it is forgotten."""
        kind = KINDS.get(row.key.decode("ascii", "replace"))
        there: dict[About, Container[str]] = {About.CARRIER: flow.carriers, About.CUSTOMER: flow.accounts}
        known = kind is None or kind.about not in there or row.owner in there[kind.about]
        if not known:
            self._store.write(KeptDropped(row.kind, row.owner, row.key))
        return known


def audience_of(settings: Settings) -> Audience:
    """Everybody whom the configuration names."""
    own = settings.notices
    mails = [Recipient(MAIL, one.address, one.language, Severity(one.least)) for one in own.to]
    hooks = [Recipient(f"{HOOK}{name}", name, one.language, Severity(one.least)) for name, one in own.webhooks.items()]
    contacts = [
        CustomerContact(to, one.notices.language, _set(one.notices.carriers))
        for one in settings.customers.values()
        if one.notices is not None and own.mail is not None
        for to in one.notices.to
    ]
    titles = {key: one.title for key, one in settings.carriers.items()}
    return Audience(own.name, settings.node, (*mails, *hooks), tuple(contacts), titles, own.runbooks)


def _set(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _rules(settings: NoticeSettings) -> FaultRules:
    return FaultRules(
        settings.follow_up_minutes,
        settings.most_an_hour,
        settings.rest_minutes,
        {name: one.raise_seconds for name, one in settings.faults.items() if one.raise_seconds is not None},
        {name: one.clear_seconds for name, one in settings.faults.items() if one.clear_seconds is not None},
        frozenset(name for name, one in settings.faults.items() if not one.notify),
    )


def _ways(settings: NoticeSettings, wall_ms: Callable[[], int]) -> dict[str, Carry]:
    ways = {f"{HOOK}{name}": _hook(one, wall_ms) for name, one in settings.webhooks.items()}
    return ways if settings.mail is None else {MAIL: _mail(settings.mail), **ways}


def _mail(settings: MailSettings) -> Carry:
    servers = [
        MailServer(
            one.host,
            one.port,
            Security(one.security),
            one.user or "",
            "" if one.password is None else one.password.reveal(),
            one.ca,
        )
        for one in settings.servers
    ]
    postman = Postman(servers, settings.sender, settings.deadline_seconds)

    async def carry(letter: Letter) -> Handed:
        return await postman.carry(
            Mail(letter.key, letter.thread, letter.to, letter.subject, letter.body, letter.at_ms)
        )

    return carry


def _hook(settings: WebhookSettings, wall_ms: Callable[[], int]) -> Carry:
    secret = None if settings.secret is None else settings.secret.reveal()
    webhook = Webhook(settings.url, secret, settings.ca, settings.deadline_seconds, wall_ms)

    async def carry(letter: Letter) -> Handed:
        return await webhook.carry(Hook(letter.key, letter.body.encode()))

    return carry

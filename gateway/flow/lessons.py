"""What is learned of numbers while the gateway runs: carriers' answers, kept durably, and the newest imported file."""

from collections.abc import Callable, Iterable, Iterator

import structlog

from gateway.flow.clock import Clock
from gateway.routing.imported import ImportedNumbers
from gateway.routing.learned import Learned, LearnedNumbers
from gateway.store.contract import Kept, KeptDropped, MessageAccepted, Store

log = structlog.get_logger(room="lessons")

KIND = "learned"  # of what the store keeps


class Lessons:
    """`learned` None: nothing is learned. `forget` is told numbers that are not where their sources think."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        learned: LearnedNumbers | None,
        imported: ImportedNumbers | None,
        forget: Callable[[bytes], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self.learned = learned
        self.imported = imported
        self._forget = forget
        self._trouble = ""

    def restore(self, kept: Iterable[Kept]) -> None:
        """After a start: what was learned before."""
        if self.learned is not None:
            self.learned.load(_facts(kept), self._clock.wall_ms())

    def denied(self, row: MessageAccepted) -> None:
        """The carrier that a message went to says that the number is another one's."""
        self._forget(row.e164)
        if self.learned is None:
            return
        fact = self.learned.denied(row.e164, row.serving, self._clock.wall_ms())
        log.info("number_denied", message_id=f"{row.message_id:016x}", carrier=row.serving, disputed=fact.disputed)
        self._write()

    def redirected(self, row: MessageAccepted, to: str) -> None:
        """A receipt says that the phone of a message was found on another network."""
        self._forget(row.e164)
        if self.learned is None:
            return
        fact = self.learned.redirected(row.e164, row.serving, to, self._clock.wall_ms())
        log.info(
            "number_redirected",
            message_id=f"{row.message_id:016x}",
            carrier=row.serving,
            to=to,
            disputed=fact.disputed,
        )
        self._write()

    def tick(self) -> None:
        """About once a second: what has been believed long enough; another imported file."""
        if self.learned is not None:
            self.learned.expire(self._clock.wall_ms())
            self._write()
        if self.imported is not None:
            self._look(self.imported)

    def _write(self) -> None:
        if self.learned is None:
            return
        changed, gone = self.learned.take_changes()
        for fact in changed:
            self._store.write(Kept(KIND, "", b"%d" % fact.number, fact.pack(), fact.expires_at))
        for number in gone:
            self._store.write(KeptDropped(KIND, "", b"%d" % number))

    def _look(self, imported: ImportedNumbers) -> None:
        if imported.refresh():
            log.info("imported_numbers_taken", numbers=len(imported), made_at=imported.made_at)
        if imported.trouble != self._trouble:
            self._trouble = imported.trouble
            if imported.trouble:
                log.error("imported_numbers_not_taken", why=imported.trouble)


def _facts(kept: Iterable[Kept]) -> Iterator[Learned]:
    for one in kept:
        if one.kind == KIND:
            try:
                yield Learned.unpack(int(one.key), one.value, one.until)
            except ValueError:
                log.warning("fact_not_read", octets=len(one.value))

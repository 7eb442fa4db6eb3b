"""The check whether a number changed hands since the customer knew its owner, before a message is sent to it.

No socket: what asks the service is a callable. Who asks the same at the same time shares one request; nothing is kept,
as tomorrow's owner may be another one. A check that the service answered is billed to each message that wanted it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from gateway.model.money import Sen
from gateway.routing.recycling import NO_ANSWER, Check, Checked, Outcome, read_date

FREE = Sen(0)

# Asks the service of a carrier, elsewhere; calls back in the loop. False: nobody can be asked, or too much waits.
AskService: TypeAlias = Callable[[str, Check, Callable[[Checked], None]], bool]


class CheckPolicy(NamedTuple):
    """What an account asked for. `tag`: the optional parameter with the date; `since` holds where it is not sent."""

    tag: int | None
    since: date | None
    sends_when_unclear: bool  # cannot tell: send, or fail

    def since_of(self, octets: bytes | None, today: date) -> date | None:
        """The date to check from, by what the message brought under `tag`; None: no check. ValueError: no date."""
        if octets is None:
            return self.since
        return read_date(octets, today)


class CheckVerdict(NamedTuple):
    """Whether the message goes, what was found, and what the check costs."""

    send: bool
    outcome: Outcome
    charge: Sen


Then: TypeAlias = Callable[[CheckVerdict], None]


@dataclass(slots=True)
class CheckCounts:
    """Since the start."""

    outcomes: Counter[str] = field(default_factory=Counter)  # by Outcome
    billed: int = 0
    unanswered: int = 0
    joined: int = 0
    refused: int = 0  # too many waited


class _Asker(NamedTuple):
    sends_when_unclear: bool
    then: Then


class RecipientChecks:
    """`price` is of one check; `most_waiting` counts messages."""

    def __init__(self, ask: AskService, price: Sen, most_waiting: int) -> None:
        self._ask = ask
        self._price = price
        self._most_waiting = most_waiting
        self._flights: dict[tuple[str, Check], list[_Asker]] = {}
        self._waiting = 0
        self.counts = CheckCounts()

    def __len__(self) -> int:
        """How many messages wait for their check."""
        return self._waiting

    def ask(self, carrier: str, check: Check, sends_when_unclear: bool, then: Then) -> None:
        """Call `then` with the verdict, now or later. `carrier` serves the number, as far as we know."""
        asker = _Asker(sends_when_unclear, then)
        if self._waiting >= self._most_waiting:
            self.counts.refused += 1
            self._tell(asker, NO_ANSWER)
            return
        key = (carrier, check)
        askers = self._flights.get(key)
        if askers is not None:
            self.counts.joined += 1
            self._waiting += 1
            askers.append(asker)
            return
        askers = self._flights[key] = [asker]
        self._waiting += 1

        def answered(checked: Checked) -> None:
            if self._flights.get(key) is not askers:
                return  # it was told twice
            del self._flights[key]
            self._waiting -= len(askers)
            for one in askers:
                self._tell(one, checked)

        if not self._ask(carrier, check, answered):
            answered(NO_ANSWER)

    def _tell(self, asker: _Asker, checked: Checked) -> None:
        self.counts.outcomes[checked.outcome.name] += 1
        if checked.answered:
            self.counts.billed += 1
        else:
            self.counts.unanswered += 1
        send = checked.outcome is Outcome.SAME or (checked.outcome is Outcome.CANNOT_TELL and asker.sends_when_unclear)
        asker.then(CheckVerdict(send, checked.outcome, self._price if checked.answered else FREE))

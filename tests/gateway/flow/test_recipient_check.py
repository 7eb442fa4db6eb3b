"""Checks of owners, in a for loop: shared, bounded, billed when they were answered."""

from collections.abc import Callable
from datetime import date

import pytest

from gateway.flow.recipient_check import CheckPolicy, CheckVerdict, RecipientChecks
from gateway.model.money import Sen
from gateway.routing.recycling import NO_ANSWER, Check, Checked, Outcome

CHECK = Check(b"819012345678", date(2024, 4, 1))
PRICE = Sen(350)


class Service:
    """Takes questions, and answers when the test says so."""

    def __init__(self, most_waiting: int = 10, takes: bool = True) -> None:
        self.takes = takes
        self.open: list[tuple[str, Check, Callable[[Checked], None]]] = []
        self.told: list[CheckVerdict] = []
        self.checks = RecipientChecks(self.take, PRICE, most_waiting)

    def take(self, carrier: str, check: Check, then: Callable[[Checked], None]) -> bool:
        if self.takes:
            self.open.append((carrier, check, then))
        return self.takes

    def ask(self, check: Check = CHECK, carrier: str = "one", sends: bool = True) -> None:
        self.checks.ask(carrier, check, sends, self.told.append)


@pytest.mark.parametrize("sends", [True, False])
@pytest.mark.parametrize(
    ("checked", "verdict"),
    [
        (Checked(Outcome.SAME, answered=True), (True, PRICE)),
        (Checked(Outcome.CHANGED, answered=True), (False, PRICE)),
        (Checked(Outcome.CANNOT_TELL, answered=True, elsewhere=True), (None, PRICE)),
        (NO_ANSWER, (None, Sen(0))),
    ],
)
def test_outcomes(sends: bool, checked: Checked, verdict: tuple[bool | None, Sen]) -> None:
    service = Service()
    service.ask(sends=sends)
    assert (service.told, len(service.checks)) == ([], 1)
    service.open.pop()[2](checked)
    send, charge = verdict
    assert service.told == [CheckVerdict(sends if send is None else send, checked.outcome, charge)]
    assert service.checks.counts.outcomes == {checked.outcome.name: 1}
    assert (service.checks.counts.billed, service.checks.counts.unanswered) == (int(bool(charge)), int(not charge))
    assert len(service.checks) == 0


def test_the_same_question_is_asked_once_and_billed_to_each() -> None:
    service = Service()
    service.ask()
    service.ask(sends=False)
    service.ask(CHECK._replace(since=date(2025, 4, 1)))
    service.ask(carrier="two")
    assert len(service.open) == 3
    service.open[0][2](Checked(Outcome.CANNOT_TELL, answered=True))
    assert [(one.send, one.charge) for one in service.told] == [(True, PRICE), (False, PRICE)]
    service.ask()
    assert len(service.open) == 4  # nothing is kept


def test_nobody_can_be_asked_or_too_many_wait() -> None:
    service = Service(takes=False)
    service.ask()
    service.ask(sends=False)
    assert service.told == [
        CheckVerdict(True, Outcome.CANNOT_TELL, Sen(0)),
        CheckVerdict(False, Outcome.CANNOT_TELL, Sen(0)),
    ]
    full = Service(most_waiting=1)
    full.ask()
    full.ask()
    assert (len(full.told), full.checks.counts.refused, len(full.checks)) == (1, 1, 1)


def test_an_answer_that_comes_twice_counts_once() -> None:
    service = Service()
    service.ask()
    (_, _, then) = service.open[0]
    then(NO_ANSWER)
    then(Checked(Outcome.CHANGED, answered=True))
    assert len(service.told) == 1


def test_whose_date_holds() -> None:
    today, fixed = date(2026, 11, 25), date(2024, 4, 1)
    by_message = CheckPolicy(0x1410, None, sends_when_unclear=True)
    assert by_message.since_of(None, today) is None
    assert by_message.since_of(b"20250101", today) == date(2025, 1, 1)
    both = by_message._replace(since=fixed)
    assert both.since_of(None, today) == fixed
    assert both.since_of(b"2025-01-01", today) == date(2025, 1, 1)
    with pytest.raises(ValueError, match="ahead"):
        both.since_of(b"20270101", today)

"""Messages that wait for an answer before they can go, in a for loop."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gateway.flow.inquiry import ERROR, Ended, Inquiries
from gateway.flow.lookups import Act, LookupPolicy, Lookups, WhenSilent
from gateway.flow.message import Message
from gateway.flow.recipient_check import RecipientChecks
from gateway.model.errors import Reason, Refusal
from gateway.model.lifecycle import SegmentEvent, SegmentState
from gateway.model.money import Sen
from gateway.model.values import Ported, Serving
from gateway.routing.blocks import NumberBlocks
from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.lookup_cache import Keeping, LookupCache
from gateway.routing.portability import Portability, Unanswered
from gateway.routing.recycling import Check, Checked, Outcome
from tests.gateway.flow.world import World
from tests.gateway.flow.world import message as submitted

SINCE = date(2024, 4, 1)
PRICE = Sen(350)
HERE = Serving("one", Ported.NO, "number block")


class Waiting:
    """One message, and those who are asked about it."""

    def __init__(
        self,
        silent: WhenSilent = WhenSilent.BLOCKS,
        unknown: Act = Act.BLOCKS,
        blocks: bool = True,
        kept: int = 0,
    ) -> None:
        world = World()
        world.submit(world.customer(), submitted())
        (self.message,) = world.flow.live._messages.values()
        self.asked: list[tuple[str, Callable[[Answer], None]]] = []
        self.checks_asked: list[tuple[str, Check, Callable[[Checked], None]]] = []
        self.went: list[tuple[Serving, Sen]] = []
        self.ended: list[SegmentState] = []
        self.alive = True
        self.refuses: Reason | None = None
        home = {self.message.row.e164[:5]: "home"} if blocks else {}
        self.portability = Portability(NumberBlocks(home), None, network=("tree",))
        cache = LookupCache(kept, {"tree": Keeping(1.0, 1.0, 1.0)})
        lookups = Lookups(self.take, cache, lambda: 0.0, LookupPolicy(silent, unknown))
        self.inquiries = Inquiries(
            lookups,
            RecipientChecks(self.take_check, PRICE, 10),
            self.portability,
            lambda _: self.alive,
            self.go,
            lambda message, final: self.ended.append(final),
        )

    def go(self, _: Message, serving: Serving, charge: Sen) -> None:
        if self.refuses is not None:
            raise Refusal(self.refuses)
        self.went.append((serving, charge))

    def take(self, source: str, _: bytes, then: Callable[[Answer], None]) -> bool:
        self.asked.append((source, then))
        return True

    def take_check(self, carrier: str, check: Check, then: Callable[[Checked], None]) -> bool:
        self.checks_asked.append((carrier, check, then))
        return True

    def begin(self, since: date | None = None, sends: bool = True) -> None:
        found = self.portability.ask(self.message.row.e164)
        assert found == Unanswered(("tree",))
        self.inquiries.begin(self.message, found, since, sends)

    def answer(self, said: Said, carrier: str = "", ported: Ported = Ported.UNKNOWN) -> None:
        self.asked.pop()[1](Answer(said, "tree", carrier, ported, 77))

    def check(self, outcome: Outcome, *, answered: bool = True) -> None:
        self.checks_asked.pop()[2](Checked(outcome, answered))


@pytest.mark.parametrize(
    ("said", "carrier", "ported", "serving"),
    [
        (Said.KNOWN, "one", Ported.UNKNOWN, Serving("one", Ported.YES, "tree", 77)),
        (Said.KNOWN, "home", Ported.UNKNOWN, Serving("home", Ported.NO, "tree", 77)),
        (Said.KNOWN, "home", Ported.YES, Serving("home", Ported.YES, "tree", 77)),
        (Said.AT_HOME, "", Ported.NO, Serving("home", Ported.NO, "tree", 77)),
        (Said.UNKNOWN, "", Ported.UNKNOWN, Serving("home", Ported.UNKNOWN, "number block")),
        (Said.SILENT, "", Ported.UNKNOWN, Serving("home", Ported.UNKNOWN, "number block")),
    ],
)
def test_where_it_goes(said: Said, carrier: str, ported: Ported, serving: Serving) -> None:
    one = Waiting()
    one.begin()
    assert (one.went, one.ended) == ([], [])
    one.answer(said, carrier, ported)
    assert one.went == [(serving, Sen(0))]


@pytest.mark.parametrize(
    ("silent", "unknown", "blocks", "said"),
    [
        (WhenSilent.FAIL, Act.BLOCKS, True, Said.SILENT),
        (WhenSilent.BLOCKS, Act.FAIL, True, Said.UNKNOWN),
        (WhenSilent.BLOCKS, Act.BLOCKS, False, Said.UNKNOWN),
        (WhenSilent.BLOCKS, Act.BLOCKS, False, Said.AT_HOME),
    ],
)
def test_when_it_ends(silent: WhenSilent, unknown: Act, blocks: bool, said: Said) -> None:
    one = Waiting(silent, unknown, blocks)
    one.begin(SINCE)
    one.answer(said)
    assert (one.went, one.ended, one.checks_asked) == ([], [SegmentState.REJECTED], [])
    assert one.message.outcome is SegmentState.REJECTED
    assert (one.message.reason, one.message.error) == ("no_carrier", b"901")
    assert one.message.row.check_sen == 0


@pytest.mark.parametrize(
    ("outcome", "answered", "sends", "goes", "reason"),
    [
        (Outcome.SAME, True, False, True, ""),
        (Outcome.CHANGED, True, True, False, "recipient_changed"),
        (Outcome.CANNOT_TELL, True, True, True, ""),
        (Outcome.CANNOT_TELL, True, False, False, "recipient_unclear"),
        (Outcome.CANNOT_TELL, False, True, True, ""),
        (Outcome.CANNOT_TELL, False, False, False, "recipient_unclear"),
    ],
)
def test_the_check_follows_and_is_billed_when_it_was_answered(
    outcome: Outcome, answered: bool, sends: bool, goes: bool, reason: str
) -> None:
    one = Waiting()
    one.begin(SINCE, sends)
    one.answer(Said.KNOWN, "one")
    carrier, check, _ = one.checks_asked[0]
    assert (carrier, check) == ("one", Check(one.message.row.e164, SINCE))
    one.check(outcome, answered=answered)
    charge = PRICE if answered else Sen(0)
    if goes:
        assert [charged for _, charged in one.went] == [charge]
        assert one.ended == []
    else:
        assert (one.went, one.ended) == ([], [SegmentState.REJECTED])
        assert one.message.row.check_sen == charge
        assert (one.message.row.serving, one.message.row.known_by) == ("one", "tree")
    assert one.message.reason == reason


def test_a_number_that_was_asked_for_not_long_ago_need_not_wait() -> None:
    one = Waiting(kept=10)
    e164, found = one.message.row.e164, Unanswered(("tree",))
    assert one.inquiries.known(e164, found) is found
    one.begin()
    one.answer(Said.KNOWN, "one")
    assert one.inquiries.known(e164, found) == Serving("one", Ported.YES, "tree", 77)
    failing = Waiting(unknown=Act.FAIL, kept=10)
    failing.begin()
    failing.answer(Said.UNKNOWN)
    assert failing.inquiries.known(e164, found) is None


def test_a_carrier_that_is_known_needs_only_the_check() -> None:
    one = Waiting()
    one.inquiries.begin(one.message, HERE, SINCE, sends_when_unclear=True)
    assert (len(one.asked), len(one.checks_asked)) == (0, 1)
    one.check(Outcome.SAME)
    assert one.went == [(HERE, PRICE)]


def test_without_anything_to_ask_it_goes_at_once() -> None:
    one = Waiting()
    one.inquiries.begin(one.message, HERE, None, sends_when_unclear=True)
    assert one.went == [(HERE, Sen(0))]
    one.inquiries.begin(one.message, None, None, sends_when_unclear=True)
    assert one.ended == [SegmentState.REJECTED]


@pytest.mark.parametrize("while_checked", [False, True])
def test_what_ended_meanwhile_is_forgotten(while_checked: bool) -> None:
    one = Waiting()
    one.begin(SINCE)
    if while_checked:
        one.answer(Said.KNOWN, "one")
    one.alive = False
    one.message.move_waiting(SegmentEvent.CANCEL)
    if while_checked:
        one.check(Outcome.CHANGED)
    else:
        one.answer(Said.SILENT)
    assert (one.went, one.ended, one.checks_asked) == ([], [], [])
    assert one.message.outcome is SegmentState.DELETED


def test_every_end_has_an_error_of_its_own_that_fits_a_receipt() -> None:
    assert set(ERROR) == set(Ended)
    assert len(set(ERROR.values())) == len(ERROR)
    assert all(len(error) == 3 and error.isdigit() for error in ERROR.values())


def test_the_page_tells_all_of_them() -> None:
    page = (Path(__file__).parents[3] / "docs" / "lookups.md").read_text("utf-8")
    told = dict(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", page, re.MULTILINE))
    assert told == {error.decode(): why.value for why, error in ERROR.items()}


@pytest.mark.parametrize(("refused", "reason"), [(Reason.NO_ROUTE, "no_carrier"), (Reason.TEXT_TOO_LONG, "not_taken")])
@pytest.mark.parametrize("since", [None, SINCE])
def test_the_carrier_that_was_found_may_not_take_it(refused: Reason, reason: str, since: date | None) -> None:
    one = Waiting()
    one.refuses = refused
    one.begin(since)
    one.answer(Said.KNOWN, "one")
    if since is not None:
        one.check(Outcome.SAME)
    assert (one.ended, one.message.reason) == ([SegmentState.REJECTED], reason)
    assert one.message.row.check_sen == (0 if since is None else PRICE)

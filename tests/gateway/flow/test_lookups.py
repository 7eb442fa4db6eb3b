"""Look-ups as the flow sees them, in a for loop: one at a time for each number, sources in order, policies."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.lookups import Act, LookupPolicy, Lookups, Verdict, WhenSilent
from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.lookup_cache import Keeping, LookupCache

NUMBER = b"819012345678"
OTHER = b"818011112222"
BOTH = ("s", "t")


class Desk:
    """Takes questions, and answers when the test says so."""

    def __init__(self, policy: LookupPolicy | None = None, most_kept: int = 100) -> None:
        self.now = 0.0
        self.open: list[tuple[str, bytes, Callable[[Answer], None]]] = []
        self.asked: list[tuple[str, bytes]] = []
        self.full = False
        self.told: list[Verdict] = []
        keeping = Keeping(1000.0, 60.0, 10.0)
        cache = LookupCache(most_kept, dict.fromkeys(("s", "t", "u"), keeping))
        self.lookups = Lookups(self.take, cache, lambda: self.now, policy or LookupPolicy())

    def take(self, source: str, e164: bytes, then: Callable[[Answer], None]) -> bool:
        if self.full:
            return False
        self.asked.append((source, e164))
        self.open.append((source, e164, then))
        return True

    def ask(self, e164: bytes = NUMBER, sources: tuple[str, ...] = BOTH, until: float = float("inf")) -> None:
        self.lookups.ask(e164, sources, self.told.append, until)

    def answer(self, said: Said, carrier: str = "") -> None:
        source, _, then = self.open.pop(0)
        then(Answer(said, source, carrier))

    @property
    def acts(self) -> list[Act]:
        return [verdict.act for verdict in self.told]


def test_the_first_source_that_decides() -> None:
    desk = Desk()
    desk.ask()
    assert (desk.asked, desk.told, len(desk.lookups)) == ([("s", NUMBER)], [], 1)
    desk.answer(Said.KNOWN, "one")
    assert desk.told == [Verdict(Act.ROUTE, Answer(Said.KNOWN, "s", "one"))]
    assert (desk.open, len(desk.lookups)) == ([], 0)


@pytest.mark.parametrize("first", [Said.UNKNOWN, Said.SILENT])
def test_the_next_source_is_asked_when_the_first_does_not_decide(first: Said) -> None:
    desk = Desk()
    desk.ask()
    desk.answer(first)
    assert desk.asked == [("s", NUMBER), ("t", NUMBER)]
    desk.answer(Said.AT_HOME)
    assert desk.acts == [Act.BLOCKS]
    assert desk.told[0].answer.source == "t"


def test_never_two_for_one_number_at_a_time() -> None:
    desk = Desk()
    for _ in range(5):
        desk.ask()
    desk.ask(OTHER)
    assert desk.asked == [("s", NUMBER), ("s", OTHER)]
    desk.answer(Said.KNOWN, "one")
    assert desk.acts == [Act.ROUTE] * 5
    assert desk.lookups.counts.joined == 4


def test_answers_are_kept_negative_ones_too_and_for_their_time() -> None:
    desk = Desk()
    desk.ask()
    desk.answer(Said.UNKNOWN)
    desk.answer(Said.KNOWN, "one")
    desk.ask()
    assert (desk.acts, len(desk.asked)) == ([Act.ROUTE, Act.ROUTE], 2)
    desk.now = 10.0  # what `s` did not know is asked again, and it still does not
    desk.ask()
    assert desk.asked[2:] == [("s", NUMBER)]
    desk.answer(Said.UNKNOWN)
    assert desk.acts == [Act.ROUTE] * 3  # `t` is remembered
    assert desk.lookups.counts.from_cache == 1


def test_what_is_remembered_can_be_had_without_asking() -> None:
    desk = Desk()
    assert desk.lookups.remembered(NUMBER, BOTH) is None
    desk.ask()
    assert desk.lookups.remembered(NUMBER, BOTH) is None
    desk.answer(Said.UNKNOWN)
    desk.answer(Said.KNOWN, "one")
    assert desk.lookups.remembered(NUMBER, BOTH) == Verdict(Act.ROUTE, Answer(Said.KNOWN, "t", "one"))
    assert desk.lookups.remembered(NUMBER, ("s", "u")) is None
    assert desk.lookups.remembered(NUMBER, ("s",)) == Verdict(Act.BLOCKS, Answer(Said.UNKNOWN, "s"))
    assert desk.lookups.counts.from_cache == 2


def test_silence_is_not_kept() -> None:
    desk = Desk()
    for _ in range(2):
        desk.ask(sources=("s",))
        desk.answer(Said.SILENT)
    assert len(desk.asked) == 2


@pytest.mark.parametrize(
    ("silent", "unknown", "said", "act"),
    [
        (WhenSilent.BLOCKS, Act.FAIL, (Said.SILENT, Said.SILENT), Act.BLOCKS),
        (WhenSilent.FAIL, Act.BLOCKS, (Said.SILENT, Said.SILENT), Act.FAIL),
        (WhenSilent.FAIL, Act.BLOCKS, (Said.SILENT, Said.UNKNOWN), Act.FAIL),
        (WhenSilent.FAIL, Act.BLOCKS, (Said.UNKNOWN, Said.SILENT), Act.FAIL),
        (WhenSilent.FAIL, Act.BLOCKS, (Said.UNKNOWN, Said.UNKNOWN), Act.BLOCKS),
        (WhenSilent.BLOCKS, Act.FAIL, (Said.UNKNOWN, Said.UNKNOWN), Act.FAIL),
        (WhenSilent.WAIT, Act.FAIL, (Said.UNKNOWN, Said.UNKNOWN), Act.FAIL),
        (WhenSilent.FAIL, Act.FAIL, (Said.SILENT, Said.AT_HOME), Act.BLOCKS),
    ],
)
def test_policies(silent: WhenSilent, unknown: Act, said: tuple[Said, Said], act: Act) -> None:
    desk = Desk(LookupPolicy(silent, unknown))
    desk.ask()
    for one in said:
        desk.answer(one)
    assert desk.acts == [act]
    assert desk.lookups.counts.acts[act] == 1


def test_waiting_asks_again_until_somebody_answers() -> None:
    desk = Desk(LookupPolicy(WhenSilent.WAIT, wait_seconds=30.0))
    desk.ask(sources=("s",))
    desk.answer(Said.SILENT)
    desk.now = 29.9
    desk.lookups.tick()
    assert (desk.open, desk.told, len(desk.lookups)) == ([], [], 1)
    desk.now = 30.0
    desk.lookups.tick()
    desk.answer(Said.KNOWN, "one")
    assert desk.acts == [Act.ROUTE]
    assert (len(desk.lookups), desk.lookups.counts.again) == (0, 1)
    desk.now = 1000.0
    desk.lookups.tick()
    assert desk.open == []


def test_waiting_ends_with_the_messages_validity() -> None:
    desk = Desk(LookupPolicy(WhenSilent.WAIT, wait_seconds=30.0))
    desk.ask(sources=("s",), until=45.0)
    desk.answer(Said.SILENT)
    desk.now = 30.0
    desk.lookups.tick()
    desk.answer(Said.SILENT)
    assert desk.acts == [Act.FAIL]
    assert len(desk.lookups) == 0


def test_who_comes_while_others_wait_starts_a_look_up_that_serves_all() -> None:
    desk = Desk(LookupPolicy(WhenSilent.WAIT, wait_seconds=30.0))
    desk.ask(sources=("s",))
    desk.answer(Said.SILENT)
    desk.now = 29.0
    desk.ask(sources=("s",))
    desk.now = 30.0
    desk.lookups.tick()
    assert len(desk.open) == 1
    desk.answer(Said.KNOWN, "one")
    assert desk.acts == [Act.ROUTE, Act.ROUTE]


@pytest.mark.parametrize(
    ("silent", "act"), [(WhenSilent.BLOCKS, Act.BLOCKS), (WhenSilent.WAIT, Act.BLOCKS), (WhenSilent.FAIL, Act.FAIL)]
)
def test_when_too_many_wait_one_more_is_told_at_once(silent: WhenSilent, act: Act) -> None:
    desk = Desk(LookupPolicy(silent, most_waiting=2))
    desk.ask()
    desk.ask()
    desk.ask()
    desk.ask(OTHER)
    assert desk.acts == [act, act]
    assert desk.lookups.counts.refused == 2
    desk.answer(Said.KNOWN, "one")
    desk.ask(OTHER)
    assert len(desk.open) == 1


def test_a_desk_that_is_full_is_a_silence_and_the_next_is_asked() -> None:
    desk = Desk(LookupPolicy(WhenSilent.FAIL))
    desk.full = True
    desk.ask()
    assert desk.acts == [Act.FAIL]
    assert desk.told[0].answer.said is Said.SILENT


def test_nobody_to_ask_is_no_silence() -> None:
    desk = Desk(LookupPolicy(WhenSilent.WAIT, Act.BLOCKS))
    desk.ask(sources=())
    assert desk.acts == [Act.BLOCKS]
    assert desk.told[0].answer.said is Said.UNKNOWN


def test_who_trusts_other_sources_gets_a_look_up_of_his_own() -> None:
    desk = Desk()
    desk.ask(sources=("s",))
    desk.ask(sources=("t",))
    desk.ask(sources=("t", "s"))
    desk.answer(Said.KNOWN, "one")
    assert desk.acts == [Act.ROUTE, Act.ROUTE]  # both trust `s`
    assert [source for source, *_ in desk.open] == ["t"]
    desk.answer(Said.KNOWN, "two")
    assert desk.told[-1].answer.carrier == "two"


def test_an_answer_that_comes_twice_counts_once() -> None:
    desk = Desk()
    desk.ask()
    _, _, then = desk.open[0]
    desk.answer(Said.KNOWN, "one")
    then(Answer(Said.KNOWN, "s", "two"))
    assert len(desk.told) == 1


def test_who_is_told_may_ask_again_at_once() -> None:
    desk = Desk(most_kept=0)
    desk.lookups.ask(NUMBER, ("s",), lambda _: desk.ask(sources=("s",)))
    desk.answer(Said.KNOWN, "one")
    assert len(desk.open) == 1
    desk.answer(Said.KNOWN, "one")
    assert (desk.acts, len(desk.lookups)) == ([Act.ROUTE], 0)


def test_a_source_may_answer_within_the_call() -> None:
    told: list[Verdict] = []

    def at_once(source: str, _: bytes, then: Callable[[Answer], None]) -> bool:
        then(Answer(Said.UNKNOWN if source == "s" else Said.KNOWN, source, "" if source == "s" else "one"))
        return True

    cache = LookupCache(0, dict.fromkeys(BOTH, Keeping(1.0, 1.0, 1.0)))
    Lookups(at_once, cache, lambda: 0.0, LookupPolicy()).ask(NUMBER, BOTH, told.append)
    assert [verdict.act for verdict in told] == [Act.ROUTE]


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"), st.integers(0, 2), st.sampled_from([(), ("s",), ("t",), ("s", "t"), ("t", "u", "s")])
        ),
        st.tuples(st.just("answer"), st.integers(0, 10), st.sampled_from(list(Said))),
        st.tuples(st.just("pass"), st.integers(1, 40), st.just(None)),
        st.tuples(st.just("full"), st.integers(0, 1), st.just(None)),
    ),
    max_size=60,
)


@given(steps, st.sampled_from(list(WhenSilent)), st.integers(1, 6), st.integers(0, 3))
def test_everybody_is_told_once_and_no_number_is_asked_for_twice_at_a_time(
    told_to_do: list[tuple[str, int, object]], silent: WhenSilent, most_waiting: int, most_kept: int
) -> None:
    desk = Desk(LookupPolicy(silent, Act.FAIL, 15.0, most_waiting), most_kept)
    told: dict[int, int] = {}
    for step, (what, number, more) in enumerate(told_to_do):
        if what == "ask":
            told[step] = 0

            def then(_: Verdict, step: int = step) -> None:
                told[step] += 1

            desk.lookups.ask(b"81%d" % number, more, then, desk.now + 100.0)  # type: ignore[arg-type]
        elif what == "answer" and desk.open:
            source, _, answered = desk.open.pop(number % len(desk.open))
            answered(Answer(more, source, "one" if more is Said.KNOWN else ""))  # type: ignore[arg-type]
        elif what == "pass":
            desk.now += number
            desk.lookups.tick()
        elif what == "full":
            desk.full = bool(number)
        assert len({e164 for _, e164, _ in desk.open}) == len(desk.open)
        assert len(desk.lookups) == sum(not count for count in told.values()) <= most_waiting
    for _ in range(60):  # silence for ever: all waits end
        while desk.open:
            desk.answer(Said.SILENT)
        desk.now += 15.0
        desk.lookups.tick()
    assert set(told.values()) <= {1}
    assert len(desk.lookups) == 0

"""The lifecycle table is total, its final states absorb, and no story of tries, losses and receipts leads to a Bug."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.model.errors import Bug
from gateway.model.lifecycle import FINAL, IMPOSSIBLE, IS_FINAL, MOVES, SegmentEvent, SegmentState, move, outcome

S, E = SegmentState, SegmentEvent

PAIRS = [(state, event) for state in S for event in E]
RECEIPTS = {
    E.RECEIPT_DELIVERED: S.DELIVERED,
    E.RECEIPT_UNDELIVERABLE: S.UNDELIVERABLE,
    E.RECEIPT_EXPIRED: S.EXPIRED,
    E.RECEIPT_REJECTED: S.REJECTED,
    E.RECEIPT_DELETED: S.DELETED,
    E.RECEIPT_UNKNOWN: S.UNKNOWN,
}
ALIVE = [state for state in S if state not in FINAL]


def test_every_pair_moves_or_is_impossible() -> None:
    assert {*MOVES, *IMPOSSIBLE} == set(PAIRS)
    assert not MOVES.keys() & IMPOSSIBLE


def test_what_is_impossible_is_what_only_our_own_code_could_do() -> None:
    """Nothing that a carrier, a link or a clock does may be in here, wherever the segment stands."""
    ours = {E.CLAIM, E.RESEND, E.GIVE_UP, E.CANCEL}
    once_a_try = {(S.WAITING, E.ANSWER_LOST)}
    assert {pair for pair in IMPOSSIBLE if pair[1] not in ours} == once_a_try
    assert {pair for pair in MOVES if pair[1] in ours} == {
        (S.WAITING, E.CLAIM),
        (S.IN_DOUBT, E.RESEND),
        (S.IN_DOUBT, E.GIVE_UP),
        (S.WAITING, E.CANCEL),
    }


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_move_obeys_the_table(pair: tuple[SegmentState, SegmentEvent]) -> None:
    if pair in IMPOSSIBLE:
        with pytest.raises(Bug, match=f"segment {pair[0].name}: {pair[1].name} cannot happen"):
            move(*pair)
    else:
        assert move(*pair) is MOVES[pair]


def test_the_numbers_are_those_on_disk() -> None:
    """They are stored in every hot row: a change here is a migration."""
    assert [(state.name, int(state)) for state in S] == [
        ("WAITING", 0),
        ("SENDING", 1),
        ("SENT", 2),
        ("IN_DOUBT", 3),
        ("DELIVERED", 4),
        ("UNDELIVERABLE", 5),
        ("EXPIRED", 6),
        ("REJECTED", 7),
        ("DELETED", 8),
        ("UNKNOWN", 9),
    ]
    assert [int(event) for event in E] == list(range(len(E)))  # the table is indexed by them


def test_is_final_agrees_with_final() -> None:
    assert {state for state in S if IS_FINAL[state]} == FINAL


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_state_absorbs(state: SegmentState) -> None:
    assert {to for (one, _), to in MOVES.items() if one is state} == {state}


@pytest.mark.parametrize("state", ALIVE)
@pytest.mark.parametrize("event", RECEIPTS)
def test_a_final_receipt_settles_a_segment_wherever_it_stands(state: SegmentState, event: SegmentEvent) -> None:
    assert move(state, event) is RECEIPTS[event]


@pytest.mark.parametrize("state", ALIVE)
@pytest.mark.parametrize("event", [E.ACCEPTED, E.RECEIPT_INTERMEDIATE])
def test_what_the_carrier_says_it_has_is_never_sent_again(state: SegmentState, event: SegmentEvent) -> None:
    assert move(state, event) is S.SENT
    back = {event for (one, event), to in MOVES.items() if one is S.SENT and to is S.WAITING}
    assert back == set()


@pytest.mark.parametrize("state", [S.SENDING, S.SENT, S.IN_DOUBT])
def test_what_may_be_on_a_phone_is_not_abandoned(state: SegmentState) -> None:
    assert move(state, E.ABANDON) is state


def test_only_a_receipt_delivers() -> None:
    arrive = {event for (state, event), to in MOVES.items() if to is S.DELIVERED and state is not S.DELIVERED}
    assert arrive == {E.RECEIPT_DELIVERED}


def test_every_state_alive_can_be_reached_and_can_end() -> None:
    def reached(start: SegmentState) -> set[SegmentState]:
        seen, todo = set(), [start]
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo += [to for (one, _), to in MOVES.items() if one is state]
        return seen

    assert reached(S.WAITING) == set(S)
    for state in ALIVE:
        assert move(state, E.DEADLINE) is S.EXPIRED or state is S.SENDING  # nothing waits for ever


@given(st.sampled_from(S), st.lists(st.sampled_from(E), max_size=40))
def test_no_walk_ever_leaves_a_final_state(state: SegmentState, events: list[SegmentEvent]) -> None:
    settled: SegmentState | None = state if IS_FINAL[state] else None
    for event in events:
        if (state, event) in IMPOSSIBLE:
            continue
        state = move(state, event)
        assert settled is None or state is settled
        settled = state if IS_FINAL[state] else None


class Try(NamedTuple):
    """One submit_sm of the segment, numbered."""

    number: int


class OneSegment(RuleBasedStateMachine):
    """A segment with several tries under way, as a carrier, dying links and clocks can treat it.

    It obeys what docs/lifecycle.md asks of the flow: one claim at a time, the policy speaks only when a loss left the
    segment in doubt, and a late refusal moves nothing while another try is under way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = S.WAITING
        self.settled: SegmentState | None = None
        self.tries = 0
        self.under_way: Try | None = None  # the try whose answer is awaited
        self.lost: set[Try] = set()  # their answers and receipts may come yet
        self.accepted: set[Try] = set()

    def happen(self, event: SegmentEvent) -> None:
        self.state = move(self.state, event)  # a Bug here is the failure that this machine looks for

    @precondition(lambda self: self.state is S.WAITING)
    @rule()
    def claim(self) -> None:
        self.happen(E.CLAIM)
        self.tries += 1
        self.under_way = Try(self.tries)

    @precondition(lambda self: self.state is S.WAITING and not self.tries)
    @rule()
    def cancel(self) -> None:
        self.happen(E.CANCEL)

    @precondition(lambda self: self.under_way)
    @rule(event=st.sampled_from([E.ACCEPTED, E.REFUSED, E.REFUSED_FOR_NOW]))
    def answer(self, event: SegmentEvent) -> None:
        one, self.under_way = self.under_way, None
        assert one is not None
        if event is E.ACCEPTED:
            self.accepted.add(one)
        self.happen(event)

    @precondition(lambda self: self.under_way)
    @rule(resend=st.booleans())
    def lose(self, resend: bool) -> None:
        one, self.under_way = self.under_way, None
        assert one is not None
        self.lost.add(one)
        self.happen(E.ANSWER_LOST)
        if self.state is S.IN_DOUBT and resend:
            self.happen(E.RESEND)

    @precondition(lambda self: self.state is S.IN_DOUBT)
    @rule(event=st.sampled_from([E.RESEND, E.GIVE_UP]))
    def policy_after_a_wait(self, event: SegmentEvent) -> None:
        self.happen(event)

    @precondition(lambda self: self.lost)
    @rule(event=st.sampled_from([E.ACCEPTED, E.REFUSED, E.REFUSED_FOR_NOW]))
    def late_answer(self, event: SegmentEvent) -> None:
        one = self.lost.pop()
        if event is E.ACCEPTED:
            self.accepted.add(one)
            self.happen(event)
        elif self.state is not S.SENDING:
            self.happen(event)

    @precondition(lambda self: self.tries)
    @rule(event=st.sampled_from([*RECEIPTS, E.RECEIPT_INTERMEDIATE]))
    def receipt(self, event: SegmentEvent) -> None:
        """Of any try, once or repeated, before its answer or after."""
        self.happen(event)

    @rule(event=st.sampled_from([E.DEADLINE, E.ABANDON]))
    def clock_or_sibling(self, event: SegmentEvent) -> None:
        self.happen(event)

    @invariant()
    def the_first_final_word_stands(self) -> None:
        assert self.settled is None or self.state is self.settled
        if IS_FINAL[self.state]:
            self.settled = self.state

    @invariant()
    def what_was_accepted_waits_no_more(self) -> None:
        assert not self.accepted or self.state is S.SENT or IS_FINAL[self.state]

    @invariant()
    def one_try_at_a_time_is_awaited(self) -> None:
        assert self.state is not S.SENDING or self.under_way is not None


TestOneSegment = OneSegment.TestCase


def test_a_message_is_final_when_all_of_its_segments_are() -> None:
    assert outcome([S.DELIVERED, S.SENT]) is None
    assert outcome([S.DELIVERED, S.DELIVERED]) is S.DELIVERED
    assert outcome([S.DELIVERED, S.EXPIRED, S.REJECTED]) is S.EXPIRED
    assert outcome([S.REJECTED, S.EXPIRED, S.UNDELIVERABLE]) is S.EXPIRED
    assert outcome([S.REJECTED, S.IN_DOUBT]) is None


@given(st.lists(st.sampled_from(S), min_size=1, max_size=10))
def test_a_message_is_delivered_only_when_every_segment_was(states: list[SegmentState]) -> None:
    final = outcome(iter(states))
    if any(state in ALIVE for state in states):
        assert final is None
    elif all(state is S.DELIVERED for state in states):
        assert final is S.DELIVERED
    else:
        failed = [state for state in states if state is not S.DELIVERED]
        assert final is next((state for state in failed if state is not S.REJECTED), S.REJECTED)


def test_a_sibling_that_need_not_go_says_nothing_beside_the_cause() -> None:
    first = S.WAITING
    for event in (E.CLAIM, E.ANSWER_LOST, E.RESEND, E.ABANDON):
        first = move(first, event)
    assert outcome([first, S.UNDELIVERABLE]) is S.UNDELIVERABLE

"""Which segments decide how a message ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.deciding import OUTCOME, Deciding
from gateway.model.lifecycle import FINAL, MOVES, SegmentEvent, SegmentState, move, outcome

S = SegmentState
W, SEND, SENT, DOUBT, OK, BAD, REJ, EXP = (
    S.WAITING, S.SENDING, S.SENT, S.IN_DOUBT, S.DELIVERED, S.UNDELIVERABLE, S.REJECTED, S.EXPIRED,
)  # fmt: skip


@pytest.mark.parametrize(
    ("states", "all_of_them", "first_failure", "last_segment"),
    [
        ([OK, OK], OK, OK, OK),
        ([OK, SENT], None, None, None),
        ([SENT, OK], None, None, OK),
        ([BAD, OK], BAD, BAD, OK),
        ([OK, BAD], BAD, BAD, BAD),
        ([BAD, SENT], None, BAD, None),
        ([BAD, W], None, BAD, None),
        ([SENT, BAD], None, BAD, BAD),
        ([W, OK], None, None, None),
        ([SEND, OK], None, None, None),
        ([DOUBT, OK], None, None, None),
        ([W, BAD], None, BAD, None),
        ([EXP, BAD, REJ], EXP, EXP, EXP),
        ([SENT, REJ], None, REJ, REJ),
    ],
)
def test_the_policies(
    states: list[SegmentState],
    all_of_them: SegmentState | None,
    first_failure: SegmentState | None,
    last_segment: SegmentState | None,
) -> None:
    assert OUTCOME[Deciding.ALL](states) is all_of_them
    assert OUTCOME[Deciding.FIRST_FAILURE](states) is first_failure
    assert OUTCOME[Deciding.LAST_SEGMENT](states) is last_segment


def test_every_policy_has_its_function() -> None:
    assert set(OUTCOME) == set(Deciding)


@given(st.sampled_from(S), st.sampled_from(Deciding))
def test_of_one_segment_it_is_always_its_own_end(state: SegmentState, deciding: Deciding) -> None:
    assert OUTCOME[deciding]([state]) is outcome([state]) is (state if state in FINAL else None)


@given(
    st.lists(st.sampled_from(S), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(SegmentEvent)), max_size=12),
    st.sampled_from(Deciding),
)
def test_what_is_decided_stays_decided(
    states: list[SegmentState], events: list[tuple[int, SegmentEvent]], deciding: Deciding
) -> None:
    decided = False
    for index, event in events:
        place = index % len(states)
        if (states[place], event) in MOVES:
            states[place] = move(states[place], event)
        now = OUTCOME[deciding](states) is not None
        assert now or not decided
        decided = now

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.settled_ids import REMEMBERED_IDS, SettledIds
from gateway.model.ids import GREATEST
from gateway.model.lifecycle import SegmentState


@pytest.mark.parametrize("state", SegmentState)
@pytest.mark.parametrize("message_id", [1, GREATEST])
def test_what_is_added_is_found_as_it_was(state: SegmentState, message_id: int) -> None:
    ids = SettledIds()
    ids.add(b"ab12", message_id, state)
    assert ids.get(b"ab12") == (message_id, state)
    assert isinstance(ids.get(b"ab12")[1], SegmentState)  # type: ignore[index]
    assert ids.get(b"ab13") is None


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=200))
def test_the_last_half_is_always_known_and_never_more_than_all(steps: list[tuple[int, bool]]) -> None:
    ids = SettledIds(20)
    order: dict[bytes, int] = {}
    for number, (key, goes) in enumerate(steps):
        carrier_id = b"%d" % key
        order.pop(carrier_id, None)
        if goes:
            ids.discard(carrier_id)
            assert ids.get(carrier_id) is None
        else:
            ids.add(carrier_id, number, SegmentState.DELIVERED)
            order[carrier_id] = number
        assert len(ids) <= 20
        for last in list(order)[-9:]:
            assert ids.get(last) == (order[last], SegmentState.DELIVERED)


def test_they_are_bounded() -> None:
    ids = SettledIds()
    for number in range(2 * REMEMBERED_IDS):
        ids.add(b"%d" % number, number, SegmentState.DELIVERED)
        assert len(ids) <= REMEMBERED_IDS
    assert ids.get(b"0") is None
    assert ids.get(b"%d" % (2 * REMEMBERED_IDS - REMEMBERED_IDS // 2)) is not None

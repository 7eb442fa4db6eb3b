"""Frames between gateway and store process, in every cut."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.store import wire

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda some: st.lists(some).map(tuple),
    max_leaves=10,
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=5), st.integers(1, 50))
def test_messages_come_out_as_they_went_in_whatever_the_cut(messages: list[tuple[object, ...]], step: int) -> None:
    stream = b"".join(wire.pack(message) for message in messages)
    buffer = bytearray()
    found = []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        found += wire.unpack(buffer)
    assert found == messages
    assert buffer == b""

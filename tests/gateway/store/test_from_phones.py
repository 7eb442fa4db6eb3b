"""A part of a message from a phone begins with the fields of a whole one, so that it can be owed as it is."""

from gateway.store.from_phones import MoOwed, MoPartAccepted


def test_a_part_is_a_whole_one_and_more() -> None:
    common = [field.replace("part_id", "owed_id") for field in MoPartAccepted._fields[: len(MoOwed._fields)]]
    assert common == list(MoOwed._fields)

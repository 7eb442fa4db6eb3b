"""Parts in any order, over any binds, repeated, lost, displaced: joined once, or given up once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Bug
from gateway.segmenter.reassembly import Key, Part, Reassembler, Repeated, Waiting, Whole

KEY: Key = ("insurer", b"0312345678", b"819011112222", 7, 3, False)
WAIT = 300.0


def part(number: int, octets: bytes | None = None, part_id: int | None = None) -> Part[None]:
    return Part(100 + number if part_id is None else part_id, number, octets or b"part %d" % number, 8, None)


def fullness(machine: Reassembler[None]) -> bool:
    return machine.full


def reassembler(max_open: int = 10) -> Reassembler[None]:
    return Reassembler(WAIT, max_open)


def test_parts_become_whole_in_the_order_of_their_numbers() -> None:
    machine = reassembler()
    assert machine.add(KEY, 3, part(3), 0.0) == Waiting()
    assert machine.add(KEY, 3, part(1), 1.0) == Waiting()
    assert len(machine) == 1
    assert machine.add(KEY, 3, part(2), 2.0) == Whole((part(1), part(2), part(3)))
    assert len(machine) == 0
    assert machine.expire(1e9) == []


def test_a_part_of_one_is_whole_at_once() -> None:
    machine = reassembler(max_open=1)
    machine.add(KEY, 3, part(1), 0.0)
    assert machine.add((*KEY[:4], 1, False), 1, part(1), 0.0) == Whole((part(1),))
    assert len(machine) == 1


def test_a_repeated_part_has_its_first_id_and_does_not_count() -> None:
    machine = reassembler()
    machine.add(KEY, 3, part(1), 0.0)
    assert machine.add(KEY, 3, part(1, part_id=999), 1.0) == Repeated(101)
    assert machine.add(KEY, 3, part(1, part_id=998), 1.0) == Repeated(101)
    assert machine.add(KEY, 3, part(2), 1.0) == Waiting()
    assert machine.add(KEY, 3, part(2, part_id=997), 1.0) == Repeated(102)
    whole = machine.add(KEY, 3, part(3), 2.0)
    assert isinstance(whole, Whole)
    assert [one.part_id for one in whole.parts] == [101, 102, 103]


@pytest.mark.parametrize(
    "other",
    [
        ("bank", b"0312345678", b"819011112222", 7, 3, False),
        ("insurer", b"0312345679", b"819011112222", 7, 3, False),
        ("insurer", b"0312345678", b"819011112223", 7, 3, False),
        ("insurer", b"0312345678", b"819011112222", 8, 3, False),
        ("insurer", b"0312345678", b"819011112222", 7, 4, False),
        ("insurer", b"0312345678", b"819011112222", 7, 3, True),
    ],
    ids=["account", "source", "destination", "reference", "total", "width"],
)
def test_what_differs_in_one_respect_is_another_message(other: Key) -> None:
    machine = reassembler()
    machine.add(KEY, 3, part(1), 0.0)
    machine.add(KEY, 3, part(2), 0.0)
    total = 4 if 4 in other else 3
    assert machine.add(other, total, part(3), 0.0) == Waiting()
    assert len(machine) == 2


def test_what_never_becomes_whole_is_given_up_once_with_what_came() -> None:
    machine = reassembler()
    machine.add(KEY, 3, part(3), 10.0)
    machine.add(KEY, 3, part(1), 200.0)
    assert machine.expire(309.9) == []
    assert machine.expire(310.0) == [(KEY, [part(1), part(3)])]
    assert machine.expire(1e9) == []
    assert machine.add(KEY, 3, part(2), 400.0) == Waiting()  # too late for the others: a message of its own


def test_the_wait_counts_from_the_first_part_and_a_repetition_does_not_lengthen_it() -> None:
    machine = reassembler()
    machine.add(KEY, 3, part(1), 0.0)
    machine.add(KEY, 3, part(1), 299.0)
    assert len(machine.expire(300.0)) == 1


def test_only_what_is_over_is_given_up_and_in_the_order_of_coming() -> None:
    machine = reassembler()
    keys: list[Key] = [(*KEY[:3], reference, 3, False) for reference in range(5)]
    for second, key in enumerate(keys):
        machine.add(key, 3, part(1), float(second))
    assert [key for key, _ in machine.expire(302.0)] == keys[:3]
    assert [key for key, _ in machine.expire(304.0)] == keys[3:]


def test_other_octets_under_a_number_begin_a_new_message_under_the_reference_used_again() -> None:
    machine = reassembler()
    machine.add(KEY, 3, part(1, b"old"), 0.0)
    machine.add(KEY, 3, part(2, b"old two"), 0.0)
    assert machine.add(KEY, 3, part(1, b"new", 201), 1.0) == Waiting()
    assert len(machine) == 2
    assert machine.add(KEY, 3, part(2, b"new two", 202), 1.0) == Waiting()
    whole = machine.add(KEY, 3, part(3, b"new three", 203), 1.0)
    assert isinstance(whole, Whole)
    assert [one.part_id for one in whole.parts] == [201, 202, 203]
    assert machine.expire(300.0) == [(KEY, [part(1, b"old"), part(2, b"old two")])]
    assert len(machine) == 0


def test_giving_up_a_displaced_message_leaves_its_successor_alone() -> None:
    machine = reassembler()
    machine.add(KEY, 3, part(1, b"old"), 0.0)
    machine.add(KEY, 3, part(1, b"new"), 100.0)
    assert len(machine.expire(300.0)) == 1
    assert machine.add(KEY, 3, part(1, b"new", 999), 301.0) == Repeated(101)
    assert machine.expire(400.0) == [(KEY, [part(1, b"new")])]


def test_after_whole_a_message_is_forgotten() -> None:
    machine = reassembler()
    for number in (1, 2, 3):
        machine.add(KEY, 3, part(number), 0.0)
    assert machine.add(KEY, 3, part(2, part_id=555), 1.0) == Waiting()
    assert machine.expire(301.0) == [(KEY, [part(2, part_id=555)])]


def test_the_most_that_are_open() -> None:
    machine = reassembler(max_open=2)
    other: Key = (*KEY[:3], 8, 3, False)
    third: Key = (*KEY[:3], 9, 3, False)
    machine.add(KEY, 3, part(1), 0.0)
    assert not fullness(machine)
    machine.add(other, 3, part(1), 0.0)
    assert fullness(machine)
    with pytest.raises(Bug):
        machine.add(third, 3, part(1), 0.0)
    assert len(machine) == 2
    assert machine.knows(KEY, part(1))  # a repetition
    assert machine.knows(KEY, part(2))
    assert not machine.knows(KEY, part(1, b"other octets"))
    assert not machine.knows(third, part(1))
    with pytest.raises(Bug):
        machine.add(KEY, 3, part(1, b"other octets"), 0.0)
    assert machine.add(KEY, 3, part(1), 0.0) == Repeated(101)
    assert machine.add(KEY, 3, part(2), 0.0) == Waiting()
    assert isinstance(machine.add(KEY, 3, part(3), 0.0), Whole)
    assert not fullness(machine)
    assert machine.add(third, 3, part(1), 0.0) == Waiting()


def test_a_restart_takes_all_that_was_taken_even_above_a_limit_that_was_lowered() -> None:
    machine = reassembler(max_open=1)
    other: Key = (*KEY[:3], 8, 3, False)
    assert machine.restore(KEY, 3, part(1), 5.0) == Waiting()
    assert machine.restore(other, 3, part(2), 5.0) == Waiting()
    assert fullness(machine)
    assert len(machine) == 2
    assert machine.expire(304.9) == []
    machine.add(KEY, 3, part(2), 100.0)
    assert isinstance(machine.add(KEY, 3, part(3), 100.0), Whole)
    assert machine.expire(305.0) == [(other, [part(2)])]


@pytest.mark.parametrize("number", [0, -1, 4])
def test_a_number_above_the_total_or_below_one_is_our_bug(number: int) -> None:
    for take in (reassembler().add, reassembler().restore):
        with pytest.raises(Bug):
            take(KEY, 3, part(number), 0.0)


def test_255_parts_backwards() -> None:
    machine = reassembler()
    key: Key = (*KEY[:4], 255, False)
    for number in range(255, 1, -1):
        assert machine.add(key, 255, part(number), 0.0) == Waiting()
    whole = machine.add(key, 255, part(1), 0.0)
    assert isinstance(whole, Whole)
    assert [one.number for one in whole.parts] == list(range(1, 256))


@given(st.data())
def test_messages_that_cross_are_each_joined_once_or_given_up_once(data: st.DataObject) -> None:
    """Every part of every message, shuffled, some lost, some repeated: nothing is joined twice, mixed, or forgotten."""
    totals = data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=6))
    sent = [(message, number) for message, total in enumerate(totals) for number in range(1, total + 1)]
    lost = data.draw(st.sets(st.sampled_from(sent)))
    arriving = [one for one in sent if one not in lost]
    arriving = data.draw(st.permutations(arriving + data.draw(st.lists(st.sampled_from(sent), max_size=5))))
    machine: Reassembler[int] = Reassembler(WAIT, len(totals))
    came: dict[tuple[int, int], int] = {}
    joined: list[int] = []
    for part_id, (message, number) in enumerate(arriving):
        if message in joined:
            continue  # what comes after Whole is another test's
        one = Part(part_id, number, b"%d/%d" % (message, number), 8, message)
        result = machine.add((message,), totals[message], one, float(part_id) / 100)
        if (message, number) in came:
            assert result == Repeated(came[message, number])
            continue
        came[message, number] = part_id
        complete = all((message, other) in came for other in range(1, totals[message] + 1))
        assert isinstance(result, Whole) == complete
        if isinstance(result, Whole):
            joined.append(message)
            expected = [b"%d/%d" % (message, other) for other in range(1, totals[message] + 1)]
            assert [piece.octets for piece in result.parts] == expected
            assert {piece.extra for piece in result.parts} == {message}
    given_up = machine.expire(1e6)
    assert sorted([*joined, *(key[0] for key, _ in given_up)], key=str) == sorted({one for one, _ in came}, key=str)
    for key, parts in given_up:
        numbers = [one.number for one in parts]
        assert numbers == sorted(number for message, number in came if message == key[0])
    assert len(machine) == 0

"""What carriers teach is believed for a while, within bounds, and not when they contradict each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.learned import MOST_DENIALS, Learned, LearnedNumbers

NUMBER = b"819012345678"
TTL = 1_000


def learned(most: int = 100, *, durable: bool = True) -> LearnedNumbers:
    return LearnedNumbers(TTL, most, durable=durable)


def test_a_redirect_is_believed_until_it_expires() -> None:
    facts = learned()
    assert facts.redirected(NUMBER, "a", "b", 5) == Learned(int(NUMBER), "b", ("a",), "a", 5, 1_005)
    assert facts.expire(1_004) == 0
    assert facts.expire(1_005) == 1
    assert len(facts) == 0


def test_not_mine_denies_one_and_names_none() -> None:
    fact = learned().denied(NUMBER, "a", 5)
    assert (fact.carrier, fact.not_carriers, fact.disputed) == ("", ("a",), False)


def test_two_that_point_at_each_other_are_not_believed() -> None:
    facts = learned()
    facts.redirected(NUMBER, "a", "b", 1)
    assert facts.redirected(NUMBER, "b", "a", 2).disputed
    assert facts.redirected(NUMBER, "a", "b", 3).disputed  # it does not go round again
    assert facts.denied(NUMBER, "c", 4).disputed
    facts.expire(2 + TTL)
    assert facts.redirected(NUMBER, "a", "b", 2 + TTL).carrier == "b"  # later is another story


def test_a_longer_ring_ends_as_well() -> None:
    facts = learned()
    facts.redirected(NUMBER, "a", "b", 1)
    assert facts.redirected(NUMBER, "b", "c", 2).carrier == "c"
    assert facts.redirected(NUMBER, "c", "a", 3).disputed


def test_one_that_points_at_itself_is_not_believed() -> None:
    assert learned().redirected(NUMBER, "a", "a", 1).disputed


def test_whom_a_redirect_named_may_deny() -> None:
    facts = learned()
    facts.redirected(NUMBER, "a", "b", 1)
    fact = facts.denied(NUMBER, "b", 2)
    assert (fact.carrier, fact.not_carriers) == ("", ("a", "b"))
    assert facts.redirected(NUMBER, "c", "b", 3).disputed


def test_a_third_ones_denial_leaves_what_is_known() -> None:
    facts = learned()
    facts.redirected(NUMBER, "a", "b", 1)
    fact = facts.denied(NUMBER, "c", 2)
    assert (fact.carrier, fact.not_carriers) == ("b", ("a", "c"))


def test_when_all_deny_nobody_is_believed() -> None:
    facts = learned()
    for place in range(MOST_DENIALS):
        assert not facts.denied(NUMBER, f"c{place}", 1).disputed
    assert facts.denied(NUMBER, "one more", 1).disputed


def test_the_oldest_makes_room() -> None:
    facts = learned(most=2)
    for at, number in enumerate((1, 2, 3)):
        facts.denied(b"%d" % number, "a", at)
    assert [fact.number for fact in facts] == [2, 3]
    facts.denied(b"2", "a", 9)
    facts.denied(b"4", "a", 10)
    assert [fact.number for fact in facts] == [2, 4]


def test_what_is_to_be_written_is_the_last_word_of_each() -> None:
    facts = learned(most=2)
    facts.denied(b"1", "a", 1)
    facts.denied(b"1", "b", 2)
    facts.denied(b"2", "a", 3)
    changed, gone = facts.take_changes()
    assert [(fact.number, fact.not_carriers) for fact in changed] == [(1, ("a", "b")), (2, ("a",))]
    assert gone == []
    facts.denied(b"3", "a", 4)
    facts.forget(b"3")
    assert facts.take_changes() == ([], [1, 3])
    assert facts.take_changes() == ([], [])


def test_without_a_store_nothing_piles_up() -> None:
    facts = learned(durable=False)
    facts.denied(b"1", "a", 1)
    facts.forget(b"1")
    assert facts.take_changes() == ([], [])


def test_load_drops_what_is_over_and_what_is_too_much() -> None:
    rows = [Learned(number, "", ("a",), "a", 0, 100 + number) for number in (4, 1, 3, 2)]
    facts = learned(most=2)
    facts.load(rows, 101)
    assert [fact.number for fact in facts] == [3, 4]


@pytest.mark.parametrize(
    "fact",
    [
        Learned(819012345678, "b", ("a", "c"), "a", 5, 1_005),
        Learned(819012345678, "", (), "a", 5, 1_005),
    ],
)
def test_a_fact_is_packed_and_unpacked(fact: Learned) -> None:
    assert Learned.unpack(fact.number, fact.pack(), fact.expires_at) == fact


@pytest.mark.parametrize(
    "value", [b"", b"{}", b"[]", b"1", b'["a",1,"b",2]', b'["a",[],"b",null]', b'["a",[],"b",1,2]']
)
def test_what_is_no_fact_is_told(value: bytes) -> None:
    with pytest.raises(ValueError, match="no fact"):
        Learned.unpack(1, value, 2)


STEPS = st.tuples(st.sampled_from([b"1", b"2", b"3"]), st.sampled_from("abc"), st.sampled_from(["", "a", "b", "c"]))


@given(st.lists(STEPS, max_size=40))
def test_nobody_is_believed_who_denied(steps: list[tuple[bytes, str, str]]) -> None:
    facts = learned(most=2)
    for at, (number, by, to) in enumerate(steps):
        fact = facts.redirected(number, by, to, at) if to else facts.denied(number, by, at)
        assert fact.carrier not in fact.not_carriers or not fact.carrier
        assert len(fact.not_carriers) <= len({"a", "b", "c"})
        assert len(facts) <= 2


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_store_gives_back_what_it_got(count: int) -> None:
    facts = learned()
    for number in range(count):
        facts.redirected(b"%d" % number, "a", "b", number)
    again = learned()
    again.load(facts.take_changes()[0], 0)
    assert list(again) == list(facts)

"""Lanes: the higher priority first, order kept within one, what comes back stands in front."""

from bisect import insort

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.model.errors import Bug
from gateway.throttle.lanes import PRIORITIES, Lanes


def drain(lanes: Lanes[str]) -> list[str]:
    taken = []
    while (item := lanes.take()) is not None:
        taken.append(item)
    return taken


def test_higher_priority_goes_first_and_equals_keep_their_order() -> None:
    lanes: Lanes[str] = Lanes()
    for item, priority in (("campaign 1", 0), ("notice", 1), ("campaign 2", 0), ("password", 3)):
        lanes.put(item, priority)
    assert len(lanes) == 4
    assert drain(lanes) == ["password", "notice", "campaign 1", "campaign 2"]
    assert len(lanes) == 0


def test_what_comes_back_stands_in_front_of_its_equals() -> None:
    lanes: Lanes[str] = Lanes()
    lanes.put("first", 0)
    lanes.put("second", 0)
    first = lanes.take()
    assert first is not None
    lanes.put_back(first, 0)
    assert drain(lanes) == ["first", "second"]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, PRIORITIES - 1)), max_size=50))
def test_everything_put_in_comes_out_once(items: list[tuple[int, int]]) -> None:
    lanes: Lanes[tuple[int, int, int]] = Lanes()
    for place, (value, priority) in enumerate(items):
        lanes.put((priority, place, value), priority)
    taken = []
    while (item := lanes.take()) is not None:
        taken.append(item)
    assert taken == sorted(taken, key=lambda item: (-item[0], item[1]))
    assert len(taken) == len(items)


class Model(RuleBasedStateMachine):
    """Lanes beside the plainest thing that could be right: one sorted list."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: Lanes[int] = Lanes()
        self.expected: list[tuple[int, int, int]] = []  # (-priority, place, item)
        self.last = 0

    @rule(priority=st.integers(0, PRIORITIES - 1))
    def put(self, priority: int) -> None:
        self.last += 1
        self.lanes.put(self.last, priority)
        insort(self.expected, (-priority, self.last, self.last))

    @rule(priority=st.integers(0, PRIORITIES - 1))
    def put_back(self, priority: int) -> None:
        self.last += 1
        self.lanes.put_back(self.last, priority)
        insort(self.expected, (-priority, -self.last, self.last))

    @rule()
    def take(self) -> None:
        assert self.lanes.take() == (self.expected.pop(0)[2] if self.expected else None)

    @invariant()
    def the_length_is_what_waits(self) -> None:
        assert len(self.lanes) == len(self.expected)


TestModel = Model.TestCase


@pytest.mark.parametrize("priority", [-1, PRIORITIES])
def test_a_priority_that_smpp_does_not_have_is_a_bug(priority: int) -> None:
    lanes: Lanes[str] = Lanes()
    with pytest.raises(Bug, match="no priority"):
        lanes.put("x", priority)
    with pytest.raises(Bug, match="no priority"):
        lanes.put_back("x", priority)
    assert len(lanes) == 0
    assert lanes.take() is None


def test_what_is_not_wanted_leaves_and_the_order_stays() -> None:
    lanes: Lanes[int] = Lanes()
    for item in range(8):
        lanes.put(item, item % 2)
    lanes.keep(lambda item: item not in {3, 4})
    assert len(lanes) == 6
    assert [lanes.take() for _ in range(7)] == [1, 5, 7, 0, 2, 6, None]


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 25)), max_size=120),
    st.integers(1, 20),
    st.integers(0, PRIORITIES - 1),
)
def test_customers_that_wait_get_the_same_units(items: list[tuple[str, int]], quantum: int, priority: int) -> None:
    """While two of them have something waiting, no one of them is ahead by more than a turn and a cost, and each
    customer's own order is kept."""
    lanes: Lanes[tuple[str, int, int]] = Lanes(quantum)
    own: dict[str, list[tuple[str, int, int]]] = {}
    for place, (customer, cost) in enumerate(items):
        item = (customer, cost, place)
        lanes.put(item, priority, customer, cost)
        own.setdefault(customer, []).append(item)
    most = max((cost for _, cost in items), default=1)
    served = dict.fromkeys(own, 0)
    while (taken := lanes.take()) is not None:
        customer, cost, _ = taken
        assert own[customer].pop(0) == taken
        served[customer] += cost
        waiting = set(lanes.customers(priority))
        assert waiting == {one for one, left in own.items() if left}
        assert lanes.waiting(priority, customer) == len(own[customer])
        shares = [served[one] for one in waiting]
        assert max(shares, default=0) - min(shares, default=0) <= 2 * (quantum + most)
    assert not any(own.values())


def test_one_password_behind_a_million_of_another_customer_waits_one_turn() -> None:
    lanes: Lanes[str] = Lanes(quantum=10)
    for _ in range(100_000):
        lanes.put("campaign", 0, "shop")
    for _ in range(7):
        lanes.take()
    lanes.put("password", 0, "bank")
    ahead = 0
    while lanes.take() != "password":
        ahead += 1
    assert ahead <= 10


def test_what_comes_back_keeps_the_place_of_its_customer() -> None:
    lanes: Lanes[str] = Lanes(quantum=2)
    for item in ("a1", "b1", "b2", "c1"):
        lanes.put(item, 0, item[0])
    assert lanes.take() == "a1"
    lanes.put_back("a1", 0, "a")
    lanes.put("a2", 0, "a")
    assert drain(lanes) == ["a1", "b1", "b2", "c1", "a2"]  # its turn was worth what came back, and no more


def test_an_item_that_is_always_refused_does_not_hold_the_round() -> None:
    lanes: Lanes[str] = Lanes(quantum=3)
    for item in ("poison", "a2", "a3"):
        lanes.put(item, 0, "a")
    lanes.put("b1", 0, "b")
    seen = []
    while (taken := lanes.take()) != "b1":
        assert taken is not None
        seen.append(taken)
        if taken == "poison":
            lanes.put_back(taken, 0, "a")
    assert seen == ["poison"] * 3


def test_a_queue_that_ran_empty_forgets_what_it_had_left() -> None:
    lanes: Lanes[str] = Lanes(quantum=10)
    for _ in range(5):  # it would have saved fifty units
        lanes.put("a", 0, "a")
        lanes.take()
    for _ in range(30):
        lanes.put("a", 0, "a")
        lanes.put("b", 0, "b")
    assert [lanes.take() for _ in range(20)] == ["a"] * 10 + ["b"] * 10


def test_the_oldest_is_found_among_the_first_of_each() -> None:
    lanes: Lanes[int] = Lanes()
    assert lanes.oldest(1, float) is None
    for item, customer in ((7, "a"), (3, "b"), (9, "b"), (5, "c")):
        lanes.put(item, 1, customer)
    assert lanes.oldest(1, float) == 3
    assert len(lanes) == 4


def test_keep_forgets_customers_that_have_nothing_left() -> None:
    lanes: Lanes[str] = Lanes(quantum=1)
    for item in ("a1", "b1", "a2", "c1"):
        lanes.put(item, 2, item[0])
    lanes.keep(lambda item: item[0] != "a")
    assert list(lanes.customers(2)) == ["b", "c"]
    assert lanes.waiting(2, "a") == 0
    lanes.put("a3", 2, "a")
    assert drain(lanes) == ["b1", "c1", "a3"]


@pytest.mark.parametrize("cost", [0, -1])
def test_a_cost_that_would_never_end_a_turn_is_a_bug(cost: int) -> None:
    lanes: Lanes[str] = Lanes()
    with pytest.raises(Bug, match="cost"):
        lanes.put("x", 0, "a", cost)
    with pytest.raises(Bug, match="cost"):
        lanes.put_back("x", 0, "a", cost)
    with pytest.raises(Bug, match="turn"):
        Lanes[str](0)


def test_a_customer_that_is_held_waits_in_order_and_the_rest_go_on() -> None:
    lanes: Lanes[str] = Lanes()
    for item in ("a1", "b1", "a2"):
        lanes.put(item, 0, item[0])
    lanes.hold("a")
    lanes.put("a3", 3, "a")
    lanes.put_back("a0", 0, "a")
    lanes.put("b2", 0, "b")
    assert (len(lanes), lanes.ready) == (6, 2)
    assert drain(lanes) == ["b1", "b2"]
    assert (len(lanes), lanes.ready, lanes.waiting(0, "a")) == (4, 0, 3)
    lanes.release("a")
    assert lanes.ready == 4
    assert drain(lanes) == ["a3", "a0", "a1", "a2"]


def test_held_twice_is_held_once_and_what_is_dropped_meanwhile_is_gone() -> None:
    lanes: Lanes[str] = Lanes()
    lanes.put("a1", 0, "a")
    lanes.put("a2", 0, "a")
    lanes.hold("a")
    lanes.hold("a")
    lanes.keep(lambda item: item != "a1")
    assert (len(lanes), lanes.ready, lanes.take()) == (1, 0, None)
    lanes.put("a3", 0, "a")
    assert lanes.oldest(0, lambda item: float(item[1])) == "a2"
    lanes.release("a")
    lanes.release("a")
    assert drain(lanes) == ["a2", "a3"]
    assert (len(lanes), lanes.ready) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("prhlt"), st.sampled_from("abc"), st.integers(0, 1)), max_size=60))
def test_nothing_is_lost_or_doubled_by_holding(steps: list[tuple[str, str, int]]) -> None:
    lanes: Lanes[str] = Lanes(quantum=2)
    put, taken, held = 0, list[str](), set[str]()
    for step, customer, priority in steps:
        if step == "p":
            put += 1
            lanes.put(f"{customer}{put}", priority, customer)
        elif step == "r" and taken:
            item = taken.pop()
            lanes.put_back(item, priority, item[0])
        elif step == "h":
            held.add(customer)
            lanes.hold(customer)
        elif step == "l":
            held.discard(customer)
            lanes.release(customer)
        elif step == "t" and (one := lanes.take()) is not None:
            assert one[0] not in held
            taken.append(one)
    for customer in "abc":
        lanes.release(customer)
    left = drain(lanes)
    assert len(set(taken + left)) == len(taken + left) == put


def test_the_depth_of_a_priority_is_everybodys() -> None:
    lanes: Lanes[str] = Lanes()
    for item, priority, customer in (("a", 0, "x"), ("b", 0, "y"), ("c", 0, "x"), ("d", 3, "x")):
        lanes.put(item, priority, customer)
    assert [lanes.depth(priority) for priority in range(PRIORITIES)] == [3, 0, 0, 1]
    drain(lanes)
    assert [lanes.depth(priority) for priority in range(PRIORITIES)] == [0] * PRIORITIES

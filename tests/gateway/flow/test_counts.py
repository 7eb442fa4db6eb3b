"""Counts begin at nothing and are each customer's and carrier's own."""

from gateway.flow.counts import CarrierCounts, CustomerCounts


def test_they_are_not_shared() -> None:
    first, second = CustomerCounts(), CustomerCounts()
    first.refused["THROTTLED"] += 1
    assert second.refused == {}
    assert second.refused["THROTTLED"] == 0
    one, two = CarrierCounts(), CarrierCounts()
    one.answers[0x58] += 1
    assert two.answers == {}

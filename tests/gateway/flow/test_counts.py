"""Counts begin at nothing and are each customer's and carrier's own."""

from gateway.flow.counts import CarrierCounts, CustomerCounts
from gateway.model.lifecycle import SegmentState


def test_they_are_not_shared() -> None:
    first, second = CustomerCounts(), CustomerCounts()
    first.refused["THROTTLED"] += 1
    assert second.refused == {}
    assert second.refused["THROTTLED"] == 0
    one, two = CarrierCounts(), CarrierCounts()
    one.answers[0x58] += 1
    assert two.answers == {}


def test_a_message_that_ended_counts_once_and_each_of_its_segments() -> None:
    states = (SegmentState.DELIVERED, SegmentState.EXPIRED, SegmentState.DELIVERED)
    customer, carrier, other = CustomerCounts(), CarrierCounts(), CarrierCounts()
    customer.ended(SegmentState.EXPIRED, states, 61_000)
    carrier.ended(SegmentState.EXPIRED, states)
    assert customer.settled == {"EXPIRED": 1}
    for counts in (customer.segments_settled, carrier.segments_settled):
        assert (counts[SegmentState.DELIVERED], counts[SegmentState.EXPIRED], sum(counts)) == (2, 1, 3)
    assert (carrier.messages_settled[SegmentState.EXPIRED], sum(carrier.messages_settled)) == (1, 1)
    assert (customer.outcome_ms.total, sum(customer.outcome_ms.counts)) == (61_000, 1)
    assert sum(other.segments_settled) == 0

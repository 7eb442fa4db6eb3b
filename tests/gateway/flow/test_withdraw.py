"""Cancelled messages leave the lanes, in bounded space."""

from gateway.flow.withdraw import SLACK, Withdraw
from gateway.smpp.pdu import CancelSm, SubmitSm
from tests.gateway.flow.world import World, message


def test_its_segments_are_not_sent() -> None:
    world = World()
    told = world.submit(world.customer(), message(characters=200)).message_id
    (one,) = world.flow.live.told("shop", int(told, 16))
    Withdraw(world.flow.carriers).out(one)
    assert not one.untouched
    assert world.carrier().requests(SubmitSm) == []


def test_who_sends_and_cancels_does_not_fill_the_lanes() -> None:
    world = World()
    customer = world.customer()
    world.submit(customer, message())
    for _ in range(200):
        told = world.submit(customer, message(characters=660)).message_id
        world.submit(customer, CancelSm(message_id=told, source_addr=b"0312345678"))
    assert len(world.flow.carriers["one"].lanes) <= SLACK + 11
    assert len(world.carrier().requests(SubmitSm)) == 1

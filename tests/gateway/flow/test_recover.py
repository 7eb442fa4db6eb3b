"""After a crash at any commit: nothing acknowledged is lost, nothing is billed twice, what was sent is in doubt."""

import pytest

from gateway.settings.models import Settings
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.receipt import read_receipt
from gateway.smpp.status import CommandStatus
from gateway.store.memory import Disk
from tests.gateway.flow.world import Centre, World, message, profile, receipt, settings, silent


def test_what_waited_goes_and_in_order() -> None:
    world = World()
    customer = world.customer()
    for characters in (10, 11, 12):
        world.submit(customer, message(characters=characters))
    after = world.crash()
    assert after.flow.recovery.messages == 3
    carrier = after.carrier()
    assert [len(pdu.short_message) // 2 for pdu in carrier.requests(SubmitSm)] == [10, 11, 12]


def test_what_was_sent_waits_for_its_receipt() -> None:
    world = World()
    carrier = world.carrier()
    answer = world.submit(world.customer(), message())
    after = world.crash()
    assert after.flow.recovery.in_doubt == 0
    again = after.carrier()
    customer = after.customer()
    assert again.requests(SubmitSm) == []
    again.session.request(receipt(b"1"), None, after.now)
    after.pump()
    assert [b"%016x" % record.message_id for record in after.records] == [answer.message_id]
    assert len(customer.requests(DeliverSm)) == 1
    assert carrier.requests(SubmitSm)


def test_what_was_being_sent_is_in_doubt() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    after = world.crash()
    assert after.flow.recovery.in_doubt == 1
    assert after.flow.carriers["one"].counts.in_doubt == 1
    assert len(after.carrier().requests(SubmitSm)) == 1


def test_receipts_owed_are_handed_out() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    customer.answer = silent
    world.submit(customer, message())
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    after = world.crash()
    assert len(after.customer().requests(DeliverSm)) == 1
    assert after.store.disk.owed == {}


def test_ids_go_on_when_the_clock_was_set_back() -> None:
    world = World()
    first = world.submit(world.customer(), message()).message_id
    after = World(world.settings, world.store.disk, now=-1_000_000.0)
    second = after.submit(after.customer(), message()).message_id
    assert second > first


def test_references_in_flight_are_not_given_again() -> None:
    world = World()
    world.carrier().answer = silent
    world.submit(world.customer(), message(characters=71))
    (row,) = world.store.disk.messages.values()
    after = world.crash()
    after.flow.settler._references._last = row.reference - 1
    after.submit(after.customer(), message(characters=71))
    references = [one.reference for one in after.store.disk.messages.values()]
    assert len(set(references)) == 2


def test_a_customer_that_is_gone_strands_its_messages() -> None:
    world = World()
    world.submit(world.customer(), message())
    shop = {"system_id": "other", "password": "secret", "tariff": "standard"}
    after = World(settings(customers={"other": shop}), world.store.disk, world.now)
    assert after.flow.recovery.stranded == 1
    assert len(after.store.disk.messages) == 1


def test_validity_goes_on_counting() -> None:
    world = World()
    world.submit(world.customer(), message(validity_period=b"000000010000000R"))
    after = World(world.settings, world.store.disk, world.now + 3_000)
    after.advance(599.0)
    assert after.records == []
    after.advance(2.0)
    assert [record.outcome for record in after.records] == ["EXPIRED"]


@pytest.mark.parametrize("commits", range(12))
def test_a_crash_after_any_number_of_commits(commits: int) -> None:
    """The whole life of a two-segment message, cut off after `commits` commits; then a second life ends it."""
    centre = Centre(receipts=True)
    world = World()
    world.carrier(centre=centre)
    customer = world.customer()
    world.commits_left = commits
    answer = world.submit(customer, message(characters=71))
    after = world.crash()
    after.carrier(centre=centre)
    again = after.customer()
    after.pump()
    assert (answer is not None) == (commits > 0)
    assert [(record.outcome, record.charge_sen) for record in after.records] == [("DELIVERED", 2_000)] * (commits > 0)
    told = [*customer.requests(DeliverSm), *again.requests(DeliverSm)]
    assert {read_receipt(pdu).message_id for pdu in told} == ({answer.message_id} if answer else set())  # type: ignore[union-attr]
    assert after.store.disk.owed == {}
    assert after.store.disk.messages == {}
    assert centre.owed == []


def test_nothing_to_recover() -> None:
    assert World(disk=Disk()).flow.recovery == (0, 0, 0, 0, 0)


def test_early_receipt_and_crash_between_response_and_receipt() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    carrier.session.request(receipt(b"7"), None, world.now)
    world.pump()
    after = world.crash()
    again = after.carrier(centre=Centre(accepts=False))
    (sent,) = again.requests(SubmitSm)
    again.session.submit_sm_resp(sent.sequence_number, CommandStatus.ESME_ROK, b"7")
    after.pump()
    assert [record.outcome for record in after.records] == ["DELIVERED"]


def edited() -> Settings:
    """The carrier's profile cuts at 67 now, not at 66."""
    text = {
        "first": 70,
        "following": 67,
        "concatenation": "udh8",
        "max_characters": 660,
        "units": [*range(66, 661, 66)],
    }
    return settings(carriers={"one": profile(text=text), "two": profile()})


def test_an_edited_profile_cuts_what_waits_anew_and_its_units_stay() -> None:
    world = World()
    world.submit(world.customer(), message(characters=133))
    after = World(edited(), world.store.disk, world.now)
    carrier = after.carrier(centre=Centre(receipts=True))
    after.pump()
    assert [pdu.short_message[4:6] for pdu in carrier.requests(SubmitSm)] == [b"\2\1", b"\2\2"]
    assert [(record.outcome, record.units, record.segments) for record in after.records] == [("DELIVERED", 3, 2)]


def test_an_edited_profile_and_a_message_half_sent() -> None:
    world = World(settings(carriers={"one": profile(session={"window": 1}), "two": profile()}))
    centre = Centre(accepts=False)
    carrier = world.carrier(centre=centre)
    customer = world.customer()
    world.submit(customer, message(characters=133))
    (sent,) = carrier.requests(SubmitSm)
    world.commits_left = 1
    carrier.session.submit_sm_resp(sent.sequence_number, CommandStatus.ESME_ROK, b"1")
    world.pump()
    after = World(edited(), world.store.disk, world.now)
    again = after.carrier()
    assert again.requests(SubmitSm) == []
    again.session.request(receipt(b"1"), None, after.now)
    after.pump()
    assert [(record.outcome, record.charge_sen) for record in after.records] == [("REJECTED", 0)]
    assert len(after.customer().requests(DeliverSm)) == 1

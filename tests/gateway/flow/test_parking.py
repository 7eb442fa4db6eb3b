"""Messages beyond a lane's head, and those that are not due, wait on disk and come back in order."""

from typing import Any

import pytest

from gateway.smpp.pdu import CancelSm, QuerySm, ReplaceSm, SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import AU_NUMBER, DOCOMO_NUMBER, Centre, Peer, World, message, profile, settings

HEAD = 4
IN_AN_HOUR = b"000000010000000R"


def crowded(**changes: Any) -> World:
    """Few messages fit into memory."""
    store = {"directory": "nowhere", "queue_in_memory": HEAD, "messages_in_memory": 10} | changes
    return World(settings(store=store))


def fill(world: World, customer: Peer, count: int, **fields: Any) -> list[bytes]:
    """Messages numbered by their text. Their ids."""
    ids = []
    for number in range(count):
        answer = world.submit(customer, message(short_message=f"{number:04d}".encode("utf_16_be"), **fields))
        assert answer.command_status == 0
        ids.append(answer.message_id)
    return ids


def seen(carrier: Peer) -> list[str]:
    """The texts that came to a carrier."""
    return [pdu.short_message.decode("utf_16_be") for pdu in carrier.requests(SubmitSm)]


def test_what_does_not_fit_waits_on_disk_only_and_goes_in_order() -> None:
    world = crowded()
    fill(world, world.customer(), 50)
    assert len(world.flow.live) == HEAD
    assert world.flow.parking.waiting == len(world.store.disk.parked) == 50 - HEAD
    carrier = world.carrier(centre=Centre(receipts=True))
    assert seen(carrier) == [f"{number:04d}" for number in range(50)]
    assert len(world.records) == 50
    assert (len(world.flow.parking), len(world.flow.live), world.store.disk.parked) == (0, 0, {})
    assert world.submit(world.customer(), message()).command_status == 0
    assert len(world.records) == 51


def test_after_a_crash_it_stays_on_disk_until_it_is_needed() -> None:
    world = crowded()
    fill(world, world.customer(), 50)
    after = world.crash()
    assert len(after.flow.live) == HEAD
    assert after.flow.parking.waiting == 50 - HEAD
    carrier = after.carrier(centre=Centre(receipts=True))
    assert seen(carrier) == [f"{number:04d}" for number in range(50)]


@pytest.mark.parametrize("commits", range(12))
def test_wherever_a_crash_cuts_the_way_back_to_memory_nothing_is_lost_or_sent_twice(commits: int) -> None:
    world = crowded()
    fill(world, world.customer(), 20)
    world.commits_left = commits
    first = world.carrier(centre=Centre(receipts=True))
    after = world.crash()
    in_doubt = after.flow.recovery.in_doubt
    second = after.carrier(centre=Centre(receipts=True))
    after.pump()
    settled = {record.message_id for record in after.records}
    assert len(settled) == len(after.records) == 20
    assert set(seen(first) + seen(second)) == {f"{number:04d}" for number in range(20)}
    assert len(seen(first)) + len(seen(second)) - 20 <= in_doubt
    assert len(after.flow.parking) == len(after.flow.live) == 0


def test_another_carrier_and_a_higher_priority_do_not_wait_behind_a_full_lane() -> None:
    world = crowded(messages_in_memory=1_000)
    customer = world.customer()
    fill(world, customer, 50)
    fill(world, customer, 1, destination=AU_NUMBER)
    fill(world, customer, 1, priority_flag=3)
    assert len(seen(world.carrier("two", centre=Centre(receipts=True)))) == 1
    carrier = world.carrier(centre=Centre())
    assert carrier.requests(SubmitSm)[0].priority_flag == 3


def test_memory_is_bounded_over_all_lanes() -> None:
    world = crowded()
    customer = world.customer()
    for priority in range(4):
        for destination in (DOCOMO_NUMBER, AU_NUMBER):
            fill(world, customer, 10, priority_flag=priority, destination=destination)
    assert len(world.flow.live) + world.flow.parking.waiting == 80
    assert len(world.flow.live) <= 10 + 5 * HEAD  # a page for each lane that would have nothing else
    world.carrier(centre=Centre(receipts=True))
    world.carrier("two", centre=Centre(receipts=True))
    assert len(world.records) == 80


def test_a_message_on_disk_can_be_asked_for_taken_back_and_changed() -> None:
    world = crowded()
    customer = world.customer()
    ids = fill(world, customer, 20)
    asked = world.submit(customer, QuerySm(message_id=ids[19], source_addr=b"0312345678"))
    assert (asked.command_status, asked.message_state) == (0, 1)
    assert world.flow.parking.waiting == 16
    gone = world.submit(customer, CancelSm(message_id=ids[18], source_addr=b"0312345678"))
    assert gone.command_status == 0
    assert [record.outcome for record in world.records] == ["DELETED"]
    changed = ReplaceSm(
        message_id=ids[17], source_addr=b"0312345678", registered_delivery=1, short_message="新".encode("utf_16_be")
    )
    assert world.submit(customer, changed).command_status == 0
    unknown = world.submit(customer, CancelSm(message_id=b"7" + b"0" * 15, source_addr=b"0312345678"))
    assert unknown.command_status == CommandStatus.ESME_RCANCELFAIL
    texts = seen(world.carrier(centre=Centre(receipts=True)))
    assert sorted(texts) == sorted([f"{number:04d}" for number in range(17)] + ["0019", "新"])
    assert len(world.records) == 20
    assert len(world.flow.parking) == 0


def test_all_to_a_number_are_taken_back_on_disk_too() -> None:
    world = crowded()
    customer = world.customer()
    fill(world, customer, 20)
    fill(world, customer, 3, destination=b"09030000002")
    pdu = CancelSm(source_addr=b"0312345678", dest_addr_ton=1, dest_addr_npi=1, destination_addr=DOCOMO_NUMBER)
    assert world.submit(customer, pdu).command_status == 0
    assert [record.outcome for record in world.records] == ["DELETED"] * 20
    assert len(seen(world.carrier(centre=Centre(receipts=True)))) == 3


def test_a_message_that_replaces_others_replaces_those_on_disk_too() -> None:
    world = crowded()
    customer = world.customer()
    fill(world, customer, 10)
    fill(world, customer, 1, replace_if_present_flag=1)
    assert [record.outcome for record in world.records] == ["DELETED"] * 10
    assert seen(world.carrier(centre=Centre(receipts=True))) == ["0000"]


def test_what_is_over_before_it_can_be_sent_ends_on_disk_too() -> None:
    world = crowded()
    fill(world, world.customer(), 20, validity_period=b"000000000100000R")
    world.advance(61)
    world.advance(1)
    assert [record.outcome for record in world.records] == ["EXPIRED"] * 20
    assert (len(world.flow.parking), world.store.disk.parked) == (0, {})


@pytest.mark.parametrize("crash", [False, True])
def test_a_scheduled_message_goes_at_its_moment_and_not_before(crash: bool) -> None:
    world = crowded()
    (message_id,) = fill(world, world.customer(), 1, schedule_delivery_time=IN_AN_HOUR)
    if crash:
        world = world.crash()
    carrier = world.carrier(centre=Centre(receipts=True))
    customer = world.customer()
    world.advance(3_599)
    assert seen(carrier) == []
    assert world.submit(customer, QuerySm(message_id=message_id, source_addr=b"0312345678")).message_state == 1
    assert world.flow.end_of_turn() == pytest.approx(1.0)
    world.advance(1)
    assert seen(carrier) == ["0000"]
    assert [record.outcome for record in world.records] == ["DELIVERED"]


def test_the_validity_of_a_scheduled_message_begins_when_it_is_due() -> None:
    world = World(settings(carriers={"one": profile(validity_hours=0.5), "two": profile()}))
    fill(world, world.customer(), 1, schedule_delivery_time=IN_AN_HOUR)
    world.advance(3_600 + 1_799)
    assert world.records == []
    world.advance(2)
    assert [record.outcome for record in world.records] == ["EXPIRED"]


def test_a_crowd_that_is_due_at_once_passes_through_memory_in_pieces() -> None:
    world = crowded()
    fill(world, world.customer(), 60, schedule_delivery_time=IN_AN_HOUR)
    assert (world.flow.parking.scheduled, len(world.flow.live)) == (60, 0)
    carrier = world.carrier(centre=Centre(receipts=True))
    world.advance(3_600)
    assert sorted(seen(carrier)) == [f"{number:04d}" for number in range(60)]
    assert len(world.flow.parking) == 0


def test_a_scheduled_message_that_is_replaced_keeps_its_moment_or_gets_another() -> None:
    world = crowded()
    customer = world.customer()
    ids = fill(world, customer, 2, schedule_delivery_time=IN_AN_HOUR)
    carrier = world.carrier(centre=Centre(receipts=True))
    for message_id, schedule in zip(ids, (b"", b"000000020000000R"), strict=True):
        pdu = ReplaceSm(
            message_id=message_id,
            source_addr=b"0312345678",
            schedule_delivery_time=schedule,
            short_message=message_id[-4:].decode().encode("utf_16_be"),
        )
        assert world.submit(customer, pdu).command_status == 0
    assert seen(carrier) == []
    world.advance(3_600)
    assert seen(carrier) == [ids[0][-4:].decode()]
    world.advance(3_600)
    assert seen(carrier) == [one[-4:].decode() for one in ids]


def test_a_full_store_counts_what_is_on_disk() -> None:
    world = World(settings(store={"directory": "nowhere", "queue_in_memory": 2, "max_waiting_messages": 5}))
    customer = world.customer()
    fill(world, customer, 5)
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_RMSGQFUL


def test_references_of_long_messages_on_disk_are_held_when_they_come_back_after_a_crash() -> None:
    world = crowded()
    customer = world.customer()
    for _ in range(8):
        assert world.submit(customer, message(characters=133)).command_status == 0
    after = world.crash()
    carrier = after.carrier(centre=Centre())
    assert len({pdu.short_message[3:5] for pdu in carrier.requests(SubmitSm)}) == 8
    assert after.submit(after.customer(), message(characters=133)).command_status == 0
    assert len({pdu.short_message[3:5] for pdu in carrier.requests(SubmitSm)}) == 9


def test_depths_tell_what_waits_on_disk_by_carrier_and_priority() -> None:
    world = crowded(messages_in_memory=50)
    customer = world.customer()
    fill(world, customer, 10)
    fill(world, customer, 6, priority_flag=2, destination_addr=AU_NUMBER)
    fill(world, customer, 3, schedule_delivery_time=IN_AN_HOUR)
    depths = {key: count for key, count in world.flow.parking.depths().items() if count}
    assert depths == {("one", 0): 10 - HEAD, ("two", 2): 6 - HEAD}
    world.carrier(centre=Centre(receipts=True))
    assert world.flow.parking.depths()["one", 0] == 0

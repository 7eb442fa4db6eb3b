"""Short ids: none twice, over restarts and around the end."""

from gateway.flow.short_ids import BLOCK, ShortIds
from gateway.smpp.pdu import BindTransceiver, DeliverSm
from gateway.store.memory import MemoryStore
from tests.gateway.flow.world import Centre, World, message, text


def synced(store: MemoryStore) -> int:
    """What is durable."""
    store.flush()
    store.sync()
    return store.disk.short_ids


def test_they_count_and_are_reserved_before_they_are_used() -> None:
    store = MemoryStore()
    ids = ShortIds(store, 0, 0)
    given = []
    for _ in range(2 * BLOCK + 1):
        given.append(ids.next())
        assert synced(store) >= given[-1]
    assert given == list(range(1, 2 * BLOCK + 2))


def test_a_restart_repeats_none() -> None:
    store = MemoryStore()
    last = [ShortIds(store, 0, synced(store)).next() for _ in range(5)]
    assert last == [1, BLOCK + 1, 2 * BLOCK + 1, 3 * BLOCK + 1, 4 * BLOCK + 1]


def test_after_the_last_comes_the_first_and_never_0() -> None:
    store = MemoryStore()
    ids = ShortIds(store, 0, 0xFFFF_FFFD)
    assert [ids.next() for _ in range(4)] == [0xFFFF_FFFE, 0xFFFF_FFFF, 1, 2]
    assert synced(store) == BLOCK


def test_nodes_begin_apart() -> None:
    assert ShortIds(MemoryStore(), 31, 0).next() == (31 << 27) + 1


OLD = BindTransceiver(system_id=b"shop", password=b"secret", interface_version=0x33)


def test_a_peer_of_3_3_is_told_eight_digits_everywhere_and_gets_no_tlvs() -> None:
    world = World()
    world.carrier(centre=Centre(receipts=True))
    customer = world.customer(bind=OLD)
    assert world.submit(customer, message()).message_id == b"00000001"
    (receipt,) = customer.requests(DeliverSm)
    assert receipt.short_message.startswith(b"id:00000001 ")
    assert receipt.tlvs == ()
    assert world.records[0].message_id > 1 << 32


def test_the_short_id_of_a_message_survives_a_crash_and_is_not_given_again() -> None:
    world = World()
    world.submit(world.customer(bind=OLD), message())
    again = world.crash()
    customer = again.customer(bind=OLD)
    assert again.submit(customer, message()).message_id == b"000003e9"
    again.carrier(centre=Centre(receipts=True))
    assert sorted(one.short_message[3:11] for one in customer.requests(DeliverSm)) == [b"00000001", b"000003e9"]


def test_parts_of_a_peer_of_3_3() -> None:
    world = World()
    customer = world.customer(bind=OLD)
    part = [message(esm_class=0x40, short_message=b"\x05\0\x03\x07\x02%c" % one + text(60)) for one in (1, 2)]
    ids = [world.submit(customer, one).message_id for one in (part[0], part[0], part[1])]
    assert ids == [b"00000001", b"00000001", b"00000003"]  # the second was a repetition
    world.carrier(centre=Centre(receipts=True))
    assert sorted(one.short_message[3:11] for one in customer.requests(DeliverSm)) == [b"00000001", b"00000003"]

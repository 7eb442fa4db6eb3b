"""What a receipt of a segment in doubt is matched by."""

from gateway.flow.claims import doubt_key, reference_of
from tests.gateway.flow.world import World, message


def test_segments_and_messages_have_references_of_their_own() -> None:
    world = World()
    customer = world.customer()
    for _ in range(200):
        world.submit(customer, message(characters=133))
    alive = list(world.flow.live._messages.values())
    references = [reference_of(one, index) for one in alive for index in range(3)]
    assert {len(reference) for reference in references} == {2}
    assert len(set(references)) > 550  # of 600, out of 65,536: what chance leaves
    assert all(len({reference_of(one, index) for index in range(3)}) == 3 for one in alive)


def test_a_number_is_the_same_with_and_without_its_country() -> None:
    world = World()
    world.submit(world.customer(), message())
    (one,) = world.flow.live._messages.values()
    assert doubt_key(one, 0) == (b"30000001", reference_of(one, 0))

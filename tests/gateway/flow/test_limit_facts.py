"""The facts are those of the moment: what is held waits for nobody, what is on disk waits too."""

from typing import Any

from gateway.flow.limit_facts import facts_of_carrier, facts_of_customer, waiting_of
from gateway.flow.limits_now import Limit, limit_of_carrier, limit_of_customer
from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Said
from gateway.smpp.pdu import CancelSm
from tests.gateway.flow.world import Centre, World, message, profile, refuse, settings

SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "two"}}


def limit(world: World, on_disk: int = 0, *, store_held: bool = False) -> Limit:
    return limit_of_carrier(facts_of_carrier(world.flow.carriers["one"], on_disk, store_held, world.now), world.now)


def test_nothing_waits_then_no_bind_then_the_window() -> None:
    world = World()
    shop = world.customer()
    assert limit(world) is Limit.NOTHING
    assert limit(world, on_disk=1) is Limit.CARRIER_DOWN
    world.submit(shop, message())
    assert limit(world) is Limit.CARRIER_DOWN
    world.carrier("one", centre=Centre(accepts=False))
    for _ in range(12):
        world.submit(shop, message())
    assert limit(world) is Limit.WINDOW
    assert limit(world, store_held=True) is Limit.STORE
    world.flow.carriers["one"].paused_until = world.now + 1.0
    assert limit(world) is Limit.CARRIER_REFUSES


def test_a_held_customer_s_segments_are_not_waited_for() -> None:
    world = World()
    world.submit(world.customer(), message())
    carrier = world.flow.carriers["one"]
    carrier.lanes.hold("shop")
    assert facts_of_carrier(carrier, 0, False, world.now).waiting == 0
    assert waiting_of(world.flow.accounts["shop"], carrier) == 1


def test_a_customer_is_limited_by_what_it_waits_for() -> None:
    world = World()
    world.submit(world.customer(), message())
    account, carriers = world.flow.accounts["shop"], world.flow.carriers.values()
    facts = facts_of_customer(account, carriers, False, world.now)
    assert (facts.waiting, facts.window_full, facts.seconds_until_token) == (1, False, 0.0)
    assert limit_of_customer(facts, frozenset({Limit.CARRIER_DOWN})) is Limit.CARRIER_DOWN
    account.quota_used_up = True
    assert limit_of_customer(facts_of_customer(account, carriers, False, world.now), frozenset()) is Limit.QUOTA


def test_what_waits_for_its_next_try_is_the_carriers_refusal() -> None:
    world = World(settings(carriers={"one": profile(errors={"temporary": [0x08]}), "two": profile()}))
    world.carrier(centre=Centre(accepts=False)).answer = refuse(0x08)
    world.submit(world.customer(), message())
    assert len(world.flow.carriers["one"].retries) == 1
    assert limit(world) is Limit.CARRIER_REFUSES
    world.now += 3.0
    assert limit(world) is Limit.NOTHING  # it goes in the next turn


def test_a_pause_of_the_adaptive_rate_is_a_refusal_too() -> None:
    world = World()
    world.carrier(centre=Centre(accepts=False)).answer = refuse(0x58)
    world.submit(world.customer(), message())
    assert limit(world) is Limit.CARRIER_REFUSES


def test_overload_is_told() -> None:
    world = World()
    account = world.flow.accounts["shop"]
    account.overloaded = True
    assert facts_of_customer(account, (), store_held=False, now=world.now).overload


def test_who_was_refused_for_its_rate_is_limited_by_it_though_a_token_is_left() -> None:
    account = {"system_id": "shop", "password": "secret", "tariff": "standard"}
    throttle = {"segments_per_second": 2.0, "burst_segments": 3}
    world = World(settings(customers={"shop": account | {"throttle": throttle}}))
    shop, found = world.customer(), world.flow.accounts["shop"]
    assert facts_of_customer(found, (), False, world.now).seconds_until_token == 0.0
    world.submit(shop, message())
    world.submit(shop, message(characters=200))  # more segments than are left
    assert found.bucket is not None
    assert found.bucket.seconds_until(1, world.now) == 0.0
    assert facts_of_customer(found, (), False, world.now).seconds_until_token > 0.0
    world.now += 1.5
    assert facts_of_customer(found, (), False, world.now).seconds_until_token == 0.0


def looked_up(world: World, said: Said, *rest: Any) -> None:
    _, then = world.flow.network.desks["service"]._queue.get_nowait()
    then(Answer(said, "service", *rest))
    world.pump()


def customer_limit(world: World) -> Limit:
    account, carriers = world.flow.accounts["shop"], world.flow.carriers.values()
    return limit_of_customer(facts_of_customer(account, carriers, False, world.now), frozenset())


def test_who_waits_for_a_look_up_is_limited_by_it_until_the_answer_or_the_end() -> None:
    world = World(settings(lookups={"order": ["service"], "http": {"service": SERVICE}}))
    shop, account = world.customer(), world.flow.accounts["shop"]
    first = world.submit(shop, message()).message_id
    world.submit(shop, message(b"09030000002"))
    assert (account.looking_up, customer_limit(world)) == (2, Limit.LOOK_UP)
    after = world.crash()
    assert (after.flow.accounts["shop"].looking_up, customer_limit(after)) == (2, Limit.LOOK_UP)
    after.submit(after.customer(), CancelSm(message_id=first, source_addr=message().source_addr))
    assert after.flow.accounts["shop"].looking_up == 1  # though its answer has not come
    looked_up(after, Said.UNKNOWN)
    looked_up(after, Said.KNOWN, "one", Ported.NO, 5)
    assert (after.flow.accounts["shop"].looking_up, customer_limit(after)) == (0, Limit.NOTHING)


def test_the_own_pace_of_the_binds_is_a_rate_too() -> None:
    pace = {"segments_per_second": 1000.0, "burst_segments": 1000}
    each = {"segments_per_second": 2.0, "burst_segments": 1}
    world = World(settings(carriers={"one": profile(pace=pace | {"each_bind": each}), "two": profile()}))
    world.carrier()
    shop = world.customer()
    for _ in range(3):
        world.submit(shop, message())
    assert limit(world) is Limit.RATE


def test_what_is_not_due_is_told_of_its_customer_and_carrier() -> None:
    world = World()
    world.submit(world.customer(), message(schedule_delivery_time=b"000000010000000R"))
    assert (limit(world), customer_limit(world)) == (Limit.SCHEDULE, Limit.SCHEDULE)
    world = world.crash()
    assert (limit(world), customer_limit(world)) == (Limit.SCHEDULE, Limit.SCHEDULE)
    account, carrier = world.flow.accounts["shop"], world.flow.carriers["one"]
    assert (account.scheduled, carrier.scheduled) == (1, 1)
    world.carrier(centre=Centre(receipts=True))
    world.advance(3_600)
    assert (account.scheduled, carrier.scheduled) == (0, 0)
    assert (limit(world), customer_limit(world)) == (Limit.NOTHING, Limit.NOTHING)

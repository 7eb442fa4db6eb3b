"""What the operator is told is what is: depths, limits, binds, attempts; and it changes nothing."""

from gateway.steer_status import name_of
from tests.gateway.flow.world import AU_NUMBER, Centre, World, message, settings
from tests.gateway.steered import Steered


def test_all_at_a_glance() -> None:
    night = Steered()
    world = night.world
    world.carrier("one", centre=Centre(accepts=False))
    shop = world.customer()
    for _ in range(12):
        world.submit(shop, message(priority_flag=1))
    world.submit(shop, message(AU_NUMBER))
    told = night.do("status")
    one, two = told["carriers"]
    assert (one["limit"], one["in_flight"], one["window"], one["waiting"], one["binds_up"]) == ("window", 10, 10, 2, 1)
    assert (two["limit"], two["binds_up"], two["waiting"]) == ("carrier_down", 0, 1)
    assert told["messages"] == {"in_memory": 13, "on_disk": 0, "not_due": 0, "unfinished": 0, "looking_up": 0}
    assert (told["customers_bound"], told["store"]["batches"]) == (1, 3)
    night.do("hold", what="all")
    assert [row["limit"] for row in night.do("status")["carriers"]] == ["held", "held"]
    assert night.do("customers")["customers"][0]["limit"] == "held"
    night.close()


def test_a_stuck_store_is_the_limit() -> None:
    night = Steered()
    night.world.carrier("one")
    night.world.flow.carriers["one"].held = True
    night.world.submit(night.world.customer(), message())
    night.world.flow.carriers["one"].held = False
    night.figures.stuck = "database or disk is full"
    told = night.do("status")
    assert told["store"]["stuck"] == "database or disk is full"
    night.close()


def test_queues_are_told_by_priority_the_highest_first() -> None:
    night = Steered()
    shop = night.world.customer()
    for priority in (0, 3, 3):
        night.world.submit(shop, message(priority_flag=priority))
    lanes = [(row["carrier"], row["priority"], row["waiting"]) for row in night.do("queues")["queues"]]
    assert lanes == [("one", 3, 2), ("one", 0, 1)]
    night.close()


def test_binds_are_told_with_state_and_where_they_come_from() -> None:
    night = Steered()
    night.world.carrier("one")
    night.world.customer()
    told = night.do("binds")
    assert [(one["bind"], one["state"]) for one in told["carriers"]] == [("one-0-0", "bound_trx"), ("two-0-0", "down")]
    assert [(one["bind"], one["state"]) for one in told["customers"]] == [("shop@192.0.2.1:5000", "bound_trx")]
    assert name_of(night.world.flow.accounts["shop"].binds[0]) == "shop@192.0.2.1:5000"
    night.close()


def test_attempts_are_the_last_ones_with_their_reasons() -> None:
    night = Steered()
    night.world.customer(password=b"wrong")
    night.world.customer()
    told = night.do("attempts")["attempts"]
    assert [(one["outcome"], one["why"]) for one in told] == [("bound", "bound"), ("wrong_password", "wrong password")]
    assert night.world.flow.customers.attempts is not None
    night.close()


def test_five_hundred_customers_are_told() -> None:
    many = {f"c{n}": {"system_id": f"c{n}", "password": "secret", "tariff": "standard"} for n in range(500)}
    night = Steered(World(settings(customers=many)))
    assert len(night.do("customers")["customers"]) == 500
    assert night.do("queues") == {"queues": []}
    night.close()


def test_a_profile_that_reads_ids_wrongly_is_hinted_at() -> None:
    night = Steered()
    carrier = night.world.flow.carriers["one"]
    assert night.do("status")["carriers"][0]["hints"] == []
    carrier.counts.receipts_would_match["decimal"] += 3
    (hint,) = night.do("status")["carriers"][0]["hints"]
    assert hint.startswith("3 receipts match nothing")
    assert hint.endswith("decimal")
    night.close()

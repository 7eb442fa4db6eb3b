"""What the page reads: how it is in words, the worst first, and who waits."""

from gateway.page.throughput import Throughput
from gateway.page.view import FRESH_SECONDS, PAGE, TOP, View
from tests.gateway.flow.world import AU_NUMBER, World, message, settings
from tests.gateway.steered import Steered


class Seen:
    """A world and its view."""

    def __init__(self, **changes: object) -> None:
        self.steered = Steered(World(settings(**changes)))
        self.world = self.steered.world
        flow = self.world.flow
        self.throughput = Throughput(flow.accounts, flow.carriers)
        self.view = View(flow, self.steered.steer._status, self.throughput, {"one": "Carrier One"}, None)

    def fresh(self) -> list[tuple[str, str]]:
        """The troubles as they are now."""
        self.world.now += FRESH_SECONDS
        return [(one.level, one.word) for one in self.view.overview().troubles]

    def bind(self) -> None:
        """Both carriers are up."""
        for key in ("one", "two"):
            self.world.carrier(key)
        self.world.pump()


def test_all_is_well_when_both_carriers_are_up() -> None:
    seen = Seen()
    assert seen.fresh() == [("bad", "carrier_down"), ("bad", "carrier_down")]
    assert seen.view.overview().level == "bad"
    assert seen.view.announcements() == ()
    seen.bind()
    assert seen.fresh() == []
    assert seen.view.overview().level == "good"
    seen.steered.close()


def test_what_an_operator_holds_is_a_note_and_a_stuck_store_is_worse() -> None:
    seen = Seen()
    seen.bind()
    seen.steered.do("hold", what="carrier", name="one")
    seen.steered.do("hold", what="customer", name="shop")
    assert seen.fresh() == [("note", "carrier_held"), ("note", "held_customers")]
    assert seen.view.overview().level == "note"
    seen.steered.figures.stuck = "disk is full"
    seen.world.flow.accept.draining = True
    assert seen.fresh()[:2] == [("bad", "store_stuck"), ("warn", "draining")]
    assert seen.view.overview().troubles[0].values == {"why": "disk is full"}
    seen.steered.close()


def test_binds_that_an_operator_took_out_are_no_fault() -> None:
    seen = Seen()
    seen.bind()
    seen.steered.do("drain", what="carrier", name="one")
    assert seen.fresh() == [("note", "binds_drained")]
    seen.steered.close()


def test_what_was_read_is_shown_for_a_second() -> None:
    seen = Seen()
    first = seen.view.overview()
    assert seen.view.overview() is first
    seen.world.now += FRESH_SECONDS
    assert seen.view.overview() is not first
    seen.world.now -= 10.0  # a clock that steps back
    assert seen.view.overview() is not first
    seen.steered.close()


def test_a_carrier_with_its_lanes_and_who_waits() -> None:
    seen = Seen()
    shop = seen.world.customer()
    for priority in (0, 0, 2):
        seen.world.submit(shop, message(priority_flag=priority))
    seen.world.submit(shop, message(destination=AU_NUMBER))
    seen.world.pump()
    seen.world.now += 90.0
    told = seen.view.carrier("one")
    assert told is not None
    assert told["title"] == "Carrier One"
    assert [(one["priority"], one["waiting"], one["oldest_seconds"]) for one in told["lanes"]] == [
        (3, 0, 0),
        (2, 1, 90.0),
        (1, 0, 0),
        (0, 2, 90.0),
    ]
    assert told["waiting_customers"] == [("shop", 3)]
    assert told["limit"] == "carrier_down"
    assert told["binds"] == len(told["bind_list"]) == 1
    assert told["oldest_seconds"] == 90.0
    (customer,) = seen.view.overview().customers
    assert (customer["customer"], customer["waiting"]) == ("shop", 4)
    assert seen.view.carrier("three") is None
    assert seen.view.customer("shop") is not None
    assert seen.view.customer("one") is None
    assert seen.view.names() == ["one", "one-0-0", "two", "two-0-0"]
    seen.steered.close()


def test_many_customers_are_cut_into_pages_and_found_by_name_or_system_id() -> None:
    one = {"password": "secret", "tariff": "standard"}
    many = {f"c{number:03d}": one | {"system_id": f"S{number}"} for number in range(2 * PAGE + 1)}
    seen = Seen(customers=many)
    overview = seen.view.overview()
    assert (len(overview.customers), overview.customers_in_all) == (TOP, 2 * PAGE + 1)
    found, pages = seen.view.customers("", 1)
    assert (len(found), pages) == (PAGE, 3)
    assert [one["customer"] for one in seen.view.customers("", 99)[0]] == ["c100"]
    assert [one["customer"] for one in seen.view.customers(" s42", 1)[0]] == ["c042"]
    assert [one["customer"] for one in seen.view.customers("C042", -5)[0]] == ["c042"]
    assert seen.view.customers("nobody", 1) == ([], 1)
    seen.steered.close()

"""What counts on stays, what is configured changes; what cannot be built changes nothing."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import reload
from gateway.carrier_binds import LEAVING
from gateway.reload import OF_ACCOUNT, OF_CARRIER, Reload, ReloadRefused, build, prepare
from gateway.settings.difference import Change, How
from gateway.settings.models import Settings
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.states import SessionState
from tests.gateway.flow.world import World, message, profile, settings
from tests.gateway.kept_binds import Centre, Gateway, until
from tests.gateway.steered import Steered

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}
PACE = {"segments_per_second": 7.0, "burst_segments": 7}


class House:
    """A world that is reloaded within a call."""

    def __init__(self, **sections: Any) -> None:
        self.steered = Steered(World(settings(**sections)))
        self.world = self.steered.world
        self.shell: list[Settings] = []
        self.reload = Reload(None, self.world.settings, self.world.flow, self.steered.binds, self.shell.append)

    def take(self, **sections: Any) -> tuple[Change, ...]:
        """The differences, taken over."""
        clock = self.world.flow.clock
        found = build(settings(**sections), self.reload._settings, clock.monotonic(), clock.wall_ms())
        self.reload.take(found)
        return found.changes


@pytest.fixture
def houses() -> Iterator[list[House]]:
    opened: list[House] = []
    yield opened
    for one in opened:
        one.steered.close()


def house(houses: list[House], **sections: Any) -> House:
    houses.append(House(**sections))
    return houses[-1]


def test_what_counts_on_stays_and_what_is_configured_changes(houses: list[House]) -> None:
    quota = {"day": {"messages": 3}}
    shop = SHOP | {"quota": quota, "throttle": PACE}
    one = house(houses, customers={"shop": shop})
    world, account = one.world, one.world.flow.accounts["shop"]
    customer = world.customer()
    assert world.submit(customer, message()).command_status == 0
    bucket = account.bucket
    one.take(customers={"shop": shop | {"window": 7, "sources": ["0312345678"], "quota": {"day": {"messages": 2}}}})
    assert account is world.flow.accounts["shop"]
    assert (account.window, account.sources) == (7, frozenset({b"0312345678"}))
    assert account.bucket is bucket  # nobody gets a burst by a reload
    assert world.submit(customer, message()).command_status == 0
    assert world.submit(customer, message()).command_status != 0  # the first one counts still
    one.take(customers={"shop": shop | {"throttle": PACE | {"burst_segments": 9}}})
    assert account.bucket is bucket
    one.take(customers={"shop": shop | {"throttle": None}})
    assert account.bucket is None
    one.take(customers={"shop": shop})
    assert account.bucket is not None


def test_another_rate_is_no_burst(houses: list[House]) -> None:
    slow = {"segments_per_second": 1.0, "burst_segments": 4}
    carriers = {"one": profile(pace=slow), "two": profile()}
    one = house(houses, customers={"shop": SHOP | {"throttle": slow | {"burst_segments": 6}}}, carriers=carriers)
    centre, customer = one.world.carrier("one"), one.world.customer()
    for _ in range(8):
        one.world.submit(customer, message())
    carriers["one"] = profile(pace=slow | {"segments_per_second": 2.0})
    one.take(customers={"shop": SHOP | {"throttle": slow | {"segments_per_second": 2.0}}}, carriers=carriers)
    refused = one.world.submit(customer, message())
    one.world.pump()
    assert refused.command_status != 0
    assert len(centre.requests(SubmitSm)) == 4
    one.world.now += 1.0
    assert one.world.submit(customer, message()).command_status == 0
    one.world.pump()
    assert len(centre.requests(SubmitSm)) == 6


def test_ids_are_told_as_the_receipts_will_have_them(houses: list[House]) -> None:
    one = house(houses)
    customer = one.world.customer()
    one.take(customers={"shop": SHOP | {"receipts": {"ids": "decimal"}}})
    told = one.world.submit(customer, message())
    assert int(told.message_id) in one.world.flow.live._messages


def test_nothing_is_taken_over_at_the_end(houses: list[House]) -> None:
    one = house(houses)
    one.world.flow.hold()
    with pytest.raises(ReloadRefused, match="end"):
        one.take(customers={"shop": SHOP | {"window": 7}})


def test_what_needs_a_restart_may_not_name_what_is_gone() -> None:
    later = {"customers": {"shop": SHOP | {"billing": {"tariffs": [{"first": "2026-12", "tariff": "summer"}]}}}}
    price = {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "10.0"}]}
    old = settings(**later, tariffs={"standard": price, "summer": price})
    new = settings(tariffs={"standard": price})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reload, "load", lambda _: new)
        with pytest.raises(ReloadRefused, match="summer"):
            prepare(Path(), old, 0.0, 0)


def test_a_new_password_holds_from_the_next_bind_on(houses: list[House]) -> None:
    one = house(houses)
    bound = one.world.customer()
    one.take(customers={"shop": SHOP | {"password": "other"}})
    assert one.world.submit(bound, message()).command_status == 0
    assert one.world.customer(password=b"secret").session.state is not SessionState.BOUND_TRX
    assert one.world.customer(password=b"other").session.state is SessionState.BOUND_TRX


def test_a_customer_comes_goes_and_comes_back(houses: list[House]) -> None:
    one = house(houses)
    mall = SHOP | {"system_id": "mall"}
    assert one.take(customers={"shop": SHOP, "mall": mall}) == (Change("customers.mall", "added", How.LIVE),)
    customer = one.world.customer(b"mall")
    assert one.world.submit(customer, message()).command_status == 0
    one.take(customers={"shop": SHOP})
    one.world.pump()
    assert customer.session.state is not SessionState.BOUND_TRX
    assert one.world.customer(b"mall").session.state is not SessionState.BOUND_TRX
    account = one.world.flow.accounts["mall"]
    one.take(customers={"shop": SHOP, "mall": mall})
    assert one.world.customer(b"mall").session.state is SessionState.BOUND_TRX
    assert one.world.flow.accounts["mall"] is account


def test_routes_numbers_and_prices_from_the_next_message_on(houses: list[House], tmp_path: Path) -> None:
    one = house(houses)
    customer = one.world.customer()
    one.world.submit(customer, message())
    blocks = tmp_path / "blocks.csv"
    blocks.write_text("prefix,carrier\n819030,two\n", encoding="utf-8")
    portability = {"library_names": {"NTT Docomo": "one", "KDDI": "two"}, "block_files": [str(blocks)]}
    tariffs = {"standard": {"version": "2", "unit_price_yen": [{"up_to": None, "yen": "11.0"}]}}
    one.take(portability=portability, tariffs=tariffs)
    one.world.submit(customer, message())
    first, second = one.world.flow.live._messages.values()
    assert (first.row.carrier, second.row.carrier) == ("one", "two")
    assert second.account.schedule.at(second.row.submitted_at).label == "standard/2"
    routing = {"rules": [{"name": "all", "routes": [{"to": "one"}]}], "routes": {"one": {"serves": ["two"]}}}
    one.take(portability=portability, routing=routing)
    one.world.submit(customer, message())
    assert [*one.world.flow.live._messages.values()][-1].row.carrier == "one"


def test_a_price_goes_by_the_moment_of_submission(houses: list[House]) -> None:
    one = house(houses)
    customer, centre = one.world.customer(), one.world.carrier("one")
    account = one.world.flow.accounts["shop"]
    one.world.submit(customer, message())
    (waits,) = one.world.flow.live._messages.values()
    dearer = {"standard": {"version": "2", "unit_price_yen": [{"up_to": None, "yen": "11.0"}]}}
    one.world.now += 1.0
    for _ in range(3):  # what is the same again adds nothing
        one.take(tariffs=dearer)
    one.world.now += 1.0
    one.world.submit(customer, message())
    new = [*one.world.flow.live._messages.values()][-1]
    assert account.schedule.at(waits.row.submitted_at).label == "standard/1"
    assert account.schedule.at(new.row.submitted_at).label == "standard/2"
    assert len(account.schedule.steps) == 2
    assert centre.session.state is SessionState.BOUND_TRX


def test_a_window_holds_for_who_is_bound(houses: list[House]) -> None:
    one = house(houses)
    customer = one.world.customer()
    (bind,) = one.world.flow.accounts["shop"].binds
    one.take(customers={"shop": SHOP | {"window": 7}})
    assert bind.session.receive_window == 7
    assert one.world.submit(customer, message()).command_status == 0


def test_a_carrier_that_is_new_and_one_that_is_not_in_the_file_any_more(houses: list[House]) -> None:
    one = house(houses)
    flow = one.world.flow
    customer = one.world.customer()
    one.world.submit(customer, message())
    old = flow.carriers["one"]
    carriers = {"two": profile(), "three": profile()}
    one.take(carriers=carriers, portability={"library_names": {"NTT Docomo": "three", "KDDI": "two"}})
    assert flow.fitness.state("three").waiting_segments == 0
    one.world.submit(customer, message())
    waits, new = flow.live._messages.values()
    assert (waits.row.carrier, new.row.carrier) == ("one", "three")
    assert flow.carriers["one"] is old  # what waits for it leaves, what it has gets its receipts
    centre = one.world.carrier("one")
    one.world.pump()
    assert len(centre.requests(SubmitSm)) == 1


def test_a_shell_that_refuses_changes_nothing(houses: list[House]) -> None:
    one = house(houses)

    def refuse(_: Settings) -> None:
        raise ReloadRefused(["the certificate is no good"])

    one.reload._shell = refuse
    with pytest.raises(ReloadRefused):
        one.take(customers={"shop": SHOP | {"window": 7}})
    assert one.world.flow.accounts["shop"].window != 7
    assert one.reload._settings is one.world.settings


def test_every_attribute_is_there() -> None:
    world = World()
    assert [name for name in OF_ACCOUNT if not hasattr(world.flow.accounts["shop"], name)] == []
    assert [name for name in OF_CARRIER if not hasattr(world.flow.carriers["one"], name)] == []


def test_a_bad_file_is_refused_with_its_places(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("node: 99\nlisten: nowhere\n", encoding="utf-8")
    with pytest.raises(ReloadRefused) as refused:
        prepare(path, settings(), 0.0, 0)
    assert any("gateway.yaml:1:" in one and "node" in one for one in refused.value.mistakes)


async def test_one_at_a_time_and_what_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre).open()
    whole = settings()
    one = Reload(tmp_path / "gateway.yaml", whole, gateway.flow, gateway.binds, lambda _: None)
    answers: list[Any] = []
    done = asyncio.Event()

    def then(found: Any) -> None:
        answers.append(found)
        done.set()

    def bug(*_: object) -> None:
        raise TypeError("of ours")

    one.begin(False, then)  # there is no such file
    with pytest.raises(ReloadRefused, match="under way"):
        one.begin(False, then)
    await asyncio.wait_for(done.wait(), 10)
    assert isinstance(answers[0], ReloadRefused)
    assert (one.figures.refused, one.figures.applied, one.figures.failed) == (1, 0, True)
    monkeypatch.setattr(reload, "load", lambda _: whole)
    monkeypatch.setattr(reload, "build", bug)  # of ours: it ends nobody
    done.clear()
    one.begin(True, then)
    await asyncio.wait_for(done.wait(), 10)
    assert isinstance(answers.pop(), ReloadRefused)
    monkeypatch.setattr(reload, "build", build)
    for dry_run in (True, False):
        done.clear()
        one.begin(dry_run, then)
        await asyncio.wait_for(done.wait(), 10)
    assert answers[1:] == [(), ()]
    assert (one.figures.refused, one.figures.applied, one.figures.failed) == (1, 1, False)
    assert one.figures.applied_ms > 0
    with pytest.raises(ReloadRefused, match="without a file"):
        Reload(None, whole, gateway.flow, gateway.binds, lambda _: None).begin(True, then)
    await gateway.close()
    await centre.close()


async def test_binds_that_did_not_change_stay_and_the_others_are_made_anew() -> None:
    centre, other = await Centre().open(), await Centre().open()
    places = [
        {"host": "127.0.0.1", "port": one.port, "system_id": "gw", "password": "secret", "count": count}
        for one, count in ((centre, 2), (other, 1))
    ]
    gateway = await Gateway(binds=places).open()
    await until(lambda: gateway.up() == [True] * 3)
    before = [bind.session for bind in gateway.carrier.binds]
    changed = [places[0] | {"count": 3}, places[1] | {"password": "new"}]
    new = settings(
        carriers={"one": profile(binds=changed, session=json.loads(gateway_session(gateway))), "two": profile()}
    )
    fresh = build(new, new, 0.0, 0).carriers["one"].binds
    gateway.binds.replace("one", fresh, new.carriers["one"], gateway.flow)
    names = [bind.name for bind in gateway.carrier.binds]
    assert names == ["one-0-0", "one-0-1", "one-0-2", "one-1-0", f"one-1-0{LEAVING}"]
    await until(lambda: all(bind.session is not None for bind in gateway.carrier.binds[:4]))
    assert [bind.session for bind in gateway.carrier.binds[:2]] == before[:2]
    assert other.binds == 2
    gateway.binds.tick(0.0)
    await until(lambda: gateway.carrier.binds[-1].session is None)
    gateway.binds.tick(0.0)
    assert len(gateway.carrier.binds) == 4
    assert all(not bind.drained for bind in gateway.carrier.binds)
    await gateway.close()
    await centre.close()
    await other.close()


async def test_a_bind_that_only_asks_is_given_up_and_what_was_drained_stays_so() -> None:
    centre = await Centre(None, 0).open()  # the first request is not answered
    place = {"host": "127.0.0.1", "port": centre.port, "system_id": "gw", "password": "secret"}
    gateway = await Gateway(binds=[place]).open()
    await until(lambda: centre.binds == 1)
    session = json.loads(gateway_session(gateway))

    def replace(password: str) -> None:
        new = settings(
            carriers={"one": profile(binds=[place | {"password": password}], session=session), "two": profile()}
        )
        gateway.binds.replace("one", build(new, new, 0.0, 0).carriers["one"].binds, new.carriers["one"], gateway.flow)

    replace("new")
    await until(lambda: gateway.up() == [True, False])
    gateway.binds.tick(0.0)
    gateway.turn.wake()
    await until(lambda: len(gateway.connections) == 1)
    gateway.binds.tick(0.0)
    assert [bind.name for bind in gateway.carrier.binds] == ["one-0-0"]
    gateway.binds.drain("one")
    gateway.carrier.binds[0].in_flight += 2  # answers are awaited for long
    replace("newer")
    replace("newest")
    assert [(bind.name, bind.drained) for bind in gateway.carrier.binds] == [
        ("one-0-0", True),
        (f"one-0-0{LEAVING}", True),
        (f"one-0-0{LEAVING}-2", True),
    ]
    assert centre.binds == 2
    await gateway.close()
    await centre.close()


def gateway_session(gateway: Gateway) -> str:
    """The session section that its binds were made with."""
    (kept, *_) = gateway.binds._kept["one"]
    return str(kept.like[1].model_dump_json())  # type: ignore[attr-defined]

"""Each verb over a whole gateway in a for loop: what it does, leaves alone, refuses, and what stays after a restart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.carrier_binds import Drain
from gateway.ops import logs
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.status import CommandStatus
from gateway.store.contract import MessageSettled
from gateway.store.sqlite import SqliteEngine
from tests.gateway.flow.world import AU_NUMBER, Centre, World, message, settings
from tests.gateway.steered import Steered
from tests.gateway.store.rows import LAST_LIFE, accepted, record
from tests.gateway.store.test_archiver import archive_all, commit

TWO_CUSTOMERS = {
    "shop": {"system_id": "shop", "password": "secret", "tariff": "standard"},
    "bank": {"system_id": "bank", "password": "secret", "tariff": "standard"},
}


@pytest.fixture
def night() -> Iterator[Steered]:
    one = Steered(World(settings(customers=TWO_CUSTOMERS)))
    yield one
    one.close()


def sent(peer: Any) -> int:
    return len(peer.requests(SubmitSm))


def told(response: Any) -> str:
    return str(response.message_id.decode())


# hold and release -----------------------------------------------------------------------------------------------------


def test_a_held_carrier_gets_nothing_while_intake_and_others_go_on(night: Steered) -> None:
    world = night.world
    one, two, shop = world.carrier("one"), world.carrier("two"), world.customer()
    assert night.do("hold", what="carrier", name="one", dry_run=True)["dry_run"]
    world.submit(shop, message())
    assert sent(one) == 1  # a dry run holds nothing
    assert night.do("hold", what="carrier", name="one") == {"dry_run": False, "of": ["carrier one"], "waiting": 0}
    assert world.submit(shop, message()).command_status == CommandStatus.ESME_ROK
    assert world.submit(shop, message(AU_NUMBER)).command_status == CommandStatus.ESME_ROK
    world.advance(5.0)
    assert (sent(one), sent(two)) == (1, 1)
    assert night.do("release", what="carrier", name="one")["waiting"] == 1
    assert sent(one) == 2


def test_a_held_customer_waits_and_the_others_pass(night: Steered) -> None:
    world = night.world
    centre, shop, bank = world.carrier("one"), world.customer(), world.customer(b"bank")
    night.do("hold", what="customer", name="shop")
    for priority in (0, 3):
        world.submit(shop, message(priority_flag=priority))
    for _ in range(3):
        world.submit(bank, message())
    world.advance(5.0)
    assert sent(centre) == 3
    assert [row["held"] for row in night.do("queues")["queues"]] == [True, True]
    night.do("release", what="all")
    assert sent(centre) == 5
    assert [pdu.priority_flag for pdu in centre.requests(SubmitSm)][3:] == [3, 0]


def test_a_held_customer_alone_does_not_spin_the_loop(night: Steered) -> None:
    world = night.world
    world.carrier("one")
    shop = world.customer()
    night.do("hold", what="customer", name="shop")
    for _ in range(5):
        world.submit(shop, message())
    assert world.flow.dispatcher.run() is None


def test_what_is_held_expires(night: Steered) -> None:
    world = night.world
    world.carrier("one")
    night.do("hold", what="all")
    world.submit(world.customer(), message())
    world.advance(73 * 3600.0)
    world.advance(73 * 3600.0)
    assert [one.outcome for one in world.records] == ["EXPIRED"]


def test_a_restart_does_not_undo_what_was_held_or_drained(night: Steered) -> None:
    night.do("hold", what="carrier", name="one")
    night.do("hold", what="customer", name="bank")
    night.do("drain", what="bind", name="two-0-0")
    night.do("drain", what="customer", name="bank")
    night.do("hold", what="customer", name="shop")
    night.do("release", what="customer", name="shop")
    after = Steered(night.world.crash())
    after.steer.restore(after.world.store.disk.kept.values())
    flow = after.world.flow
    assert [one.held for one in flow.carriers.values()] == [True, False]
    assert [(one.name, one.held, one.drained) for one in flow.accounts.values()] == [
        ("shop", False, False),
        ("bank", True, True),
    ]
    assert after.binds.drains() == {"one": {"one-0-0": Drain.IN_SERVICE}, "two": {"two-0-0": Drain.DRAINED}}
    after.do("release", what="all")
    after.do("resume", what="all")
    assert not after.world.store.disk.kept
    after.close()


def test_what_the_configuration_no_longer_has_is_forgotten(night: Steered) -> None:
    night.do("hold", what="customer", name="bank")
    after = Steered(World(settings(), night.world.store.disk))
    after.steer.restore(tuple(after.world.store.disk.kept.values()))
    after.world.pump()
    assert not after.world.store.disk.kept
    after.close()


@pytest.mark.parametrize("verb", ["hold", "release", "drain", "resume"])
def test_whom_it_does_not_know_it_names(night: Steered, verb: str) -> None:
    assert "there is no carrier three; there are one, two" in night.refused(verb, what="carrier", name="three")
    assert "there is no customer nobody" in night.refused(verb, what="customer", name="nobody")
    assert "needs name" in night.refused(verb, what="carrier")
    assert "takes carrier, customer" in night.refused(verb, what="weather", name="one")


# drain and resume -----------------------------------------------------------------------------------------------------


def test_draining_tells_who_is_left_without_a_bind(night: Steered) -> None:
    night.world.carrier("one")
    would = night.do("drain", what="bind", name="one-0-0", dry_run=True)
    assert would["left_without_a_bind"] == ["one"]
    assert not night.world.flow.carriers["one"].binds[0].drained
    done = night.do("drain", what="carrier", name="one")
    assert (done["binds"], done["of"]) == (["one-0-0"], ["carrier one"])
    assert night.binds.drains()["one"] == {"one-0-0": Drain.DRAINING}
    assert night.do("binds")["carriers"][0]["service"] == Drain.DRAINING.value
    night.do("resume", what="bind", name="one-0-0")
    assert night.binds.drains()["one"] == {"one-0-0": Drain.IN_SERVICE}
    assert [len(night.do("drain", what="all")[what]) for what in ("of", "binds")] == [2, 2]


def test_a_drained_customer_is_unbound_after_its_answers_and_let_in_no_more(night: Steered) -> None:
    world = night.world
    world.carrier("one", centre=Centre(receipts=True))
    shop, bank = world.customer(), world.customer(b"bank")
    world.submit(shop, message())
    done = night.do("drain", what="customer", name="shop")
    assert done["binds"] == ["shop@192.0.2.1:5000"]
    assert (len(world.flow.accounts["shop"].binds), len(world.flow.accounts["bank"].binds)) == (0, 1)
    assert shop.session.closing
    assert not bank.session.closing
    world.customer()
    assert night.do("attempts")["attempts"][0]["why"] == "an operator took the account out of service"
    night.do("resume", what="customer", name="shop")
    assert world.submit(world.customer(), message()).command_status == CommandStatus.ESME_ROK


# One message ----------------------------------------------------------------------------------------------------------


def test_cancel_takes_back_what_has_not_left(night: Steered) -> None:
    world = night.world
    shop = world.customer()
    one = told(world.submit(shop, message()))
    would = night.do("cancel", id=one, dry_run=True)
    expected = {"id": one, "customer": "shop", "carrier": "one", "segments": ["waiting"]}
    assert would == {"dry_run": True, "messages": [expected]}
    assert not world.records
    assert night.do("cancel", id=one)["messages"] == [expected]
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("DELETED", 0)]
    assert "no message of this id is alive" in night.refused("cancel", id=one)


def test_cancel_refuses_what_is_with_the_carrier(night: Steered) -> None:
    world = night.world
    world.carrier("one")
    one = told(world.submit(world.customer(), message()))
    assert "with the carrier" in night.refused("cancel", id=one)
    assert "the carrier has them all" in night.refused("expire", id=one)


def test_expire_ends_what_waits_of_a_message(night: Steered) -> None:
    world = night.world
    one = told(world.submit(world.customer(), message(characters=200)))
    assert night.do("expire", id=one, dry_run=True)["messages"][0]["segments"] == ["waiting"] * 4
    assert not world.records
    night.do("expire", id=one)
    assert [(record.outcome, record.segments) for record in world.records] == [("EXPIRED", 4)]
    world.carrier("one")
    world.advance(1.0)
    assert world.flow.carriers["one"].counts.segments_sent == 0


def test_messages_on_disk_are_found_by_id() -> None:
    store = {"directory": "nowhere", "queue_in_memory": 2}
    night = Steered(World(settings(customers=TWO_CUSTOMERS, store=store)))
    shop = night.world.customer()
    ids = [told(night.world.submit(shop, message())) for _ in range(6)]
    assert night.do("status")["messages"]["on_disk"] == 4
    assert sum(row["on_disk"] for row in night.do("queues")["queues"]) == 4
    assert night.do("cancel", id=ids[5])["messages"][0]["id"] == ids[5]
    assert "no message" in night.refused("cancel", id=ids[4], customer="bank")
    assert night.do("expire", id=ids[4], customer="shop")["messages"][0]["id"] == ids[4]
    assert [record.outcome for record in night.world.records] == ["EXPIRED", "DELETED"]
    night.close()


@pytest.mark.parametrize(
    ("arguments", "words"), [({}, "needs id"), ({"id": "zzz"}, "hexadecimal"), ({"id": 7}, "word")]
)
def test_what_is_no_id_is_told(night: Steered, arguments: dict[str, Any], words: str) -> None:
    for verb in ("cancel", "expire"):
        assert words in night.refused(verb, **arguments)


# Receipts, logs -------------------------------------------------------------------------------------------------------


def test_receipts_are_pushed_again_by_id_and_since_a_moment(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    for number in (20, 30, 40):
        ended = record(number)._replace(customer="shop", done_at=1_800_000_000_000 + number)
        commit(engine, accepted(number)._replace(customer="shop"), MessageSettled(ended, LAST_LIFE, ()))
    archive_all(engine)
    engine.close()
    night = Steered(directory=tmp_path)
    moment = 1_800_000_000_030
    assert night.do("push-receipts", id="0000000000000014", dry_run=True) == {"dry_run": True, "messages": 1}
    assert night.do("push-receipts", customer="shop", since=moment, dry_run=True)["messages"] == 2
    pushed = night.do("push-receipts", customer="shop", since=moment)
    assert pushed["messages"] == 2
    assert "nothing is found" in night.refused("push-receipts", id="0000000000000015")
    assert "no customer" in night.refused("push-receipts", customer="nobody", since=moment)
    assert "since must be" in night.refused("push-receipts", customer="shop")
    night.close()


def test_a_room_has_its_level_at_run_time(night: Steered) -> None:
    assert night.do("log-level", room="carriers", level="debug", dry_run=True)["levels"] == {}
    assert night.do("log-level", room="carriers", level="debug")["levels"] == {"carriers": "debug"}
    assert "small letters" in night.refused("log-level", room="Carriers!", level="debug")
    assert "one of debug" in night.refused("log-level", room="carriers", level="loud")
    assert night.do("log-level", room="carriers", level="usual")["levels"] == {}
    assert logs.levels() == {}


def test_only_binds_that_are_there_are_traced(night: Steered) -> None:
    assert "there is no bind" in night.refused("pdu-trace", bind="nine", minutes=1)
    assert "minutes must be" in night.refused("pdu-trace", bind="one-0-0", minutes=61)
    assert night.do("pdu-trace", bind="one-0-0", minutes=1, dry_run=True)["traces"] == {}
    assert night.do("pdu-trace", bind="one-0-0", minutes=1)["traces"] == {"one-0-0": 60.0}
    assert night.do("status")["pdu_traces"] == {"one-0-0": 60.0}
    assert night.do("pdu-trace", bind="one-0-0", minutes=0)["traces"] == {}


def test_what_changes_traffic_is_marked_so(night: Steered) -> None:
    verbs = night.steer.verbs()
    reads = {"status", "binds", "queues", "customers", "attempts"}
    assert {name for name, verb in verbs.items() if not verb.changes} == reads
    assert {name for name, verb in verbs.items() if verb.changes and not verb.traffic} == {"log-level", "pdu-trace"}


# reroute --------------------------------------------------------------------------------------------------------------

BOTH_WAYS = {
    "routes": {"two": {"serves": ["one"]}, "one": {"serves": ["two"]}},
    "rules": [{"name": "both", "routes": [{"to": "one"}, {"to": "two"}]}],
}


def test_what_waits_for_a_carrier_leaves_by_its_other_route() -> None:
    night = Steered(World(settings(routing=BOTH_WAYS)))
    world = night.world
    shop = world.customer()
    for _ in range(5):
        world.submit(shop, message())  # nobody is fit: they wait for the first
    two = world.carrier("two")
    would = night.do("reroute", carrier="one", to="two", dry_run=True)
    assert would == {"dry_run": True, "waiting": 5, "of_the_first": {"two": 5}}
    world.advance(1.0)
    assert len(world.flow.carriers["one"].lanes) == 5
    night.do("reroute", carrier="one", to="two")
    assert night.do("status")["reroutes"] == {"one": "two"}
    for _ in range(4):
        world.advance(1.0)
    assert len(world.flow.carriers["one"].lanes) == 0
    assert night.do("status")["reroutes"] == {}
    assert sent(two) == 5
    night.close()


def test_what_has_no_other_route_stays(night: Steered) -> None:
    night.world.submit(night.world.customer(), message())
    assert night.do("reroute", carrier="one")["of_the_first"] == {"nowhere else": 1}
    for _ in range(3):
        night.world.advance(1.0)
    assert len(night.world.flow.carriers["one"].lanes) == 1
    assert night.do("status")["reroutes"] == {}
    assert "no carrier nine" in night.refused("reroute", carrier="one", to="nine")

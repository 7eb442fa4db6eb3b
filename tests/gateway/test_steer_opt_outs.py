"""Opt-out lists are changed, told and kept; what cannot be is refused in words."""

from collections.abc import Iterator

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.steer_opt_outs import opt_out_verbs
from tests.gateway.flow.world import World, message, settings
from tests.gateway.steered import Steered
from tests.gateway.test_steer_cli import Answering, door  # noqa: F401 - a fixture

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


@pytest.fixture
def steered() -> Iterator[Steered]:
    customers = {"shop": SHOP | {"opt_out": {}}, "mall": SHOP | {"system_id": "mall"}}
    one = Steered(World(settings(customers=customers)))
    one.verbs |= opt_out_verbs(one.world.flow)
    yield one
    one.close()


def test_a_number_that_is_put_on_the_list_gets_nothing_until_it_is_taken_off(steered: Steered) -> None:
    world = steered.world
    customer = world.customer()
    number = {"customer": "shop", "number": "090-3000-0001"}
    assert steered.answer("opt-out-add", dry_run=True, **number)["result"]["dry_run"] is True
    assert world.submit(customer, message()).command_status == 0
    assert steered.do("opt-out-add", **number)["changed"] is True
    assert steered.do("opt-out-add", **number)["changed"] is False
    assert world.submit(customer, message()).command_status != 0
    assert steered.do("opt-out-list", customer="shop")["numbers"] == ["819030000001"]
    after = world.crash()
    assert after.flow.opt_outs.numbers("shop") == ["819030000001"]
    assert steered.do("opt-out-remove", **number)["changed"] is True
    assert world.submit(customer, message()).command_status == 0


def test_what_cannot_be_is_said(steered: Steered) -> None:
    assert "there is no customer kiosk" in steered.refused("opt-out-list", customer="kiosk")
    assert "has no opt-out list" in steered.refused("opt-out-add", customer="mall", number="09030000001")
    assert "not a mobile number" in steered.refused("opt-out-add", customer="shop", number="0312345678")


def test_the_commands_ask_the_socket(door: Answering) -> None:  # noqa: F811
    door.answer = {"ok": True, "result": {"customer": "shop", "numbers": ["819030000001"]}}
    assert door.run("opt-out", "list", "shop").output == "819030000001\n"
    door.answer = {"ok": True, "result": {"dry_run": False, "changed": True}}
    result = door.run("opt-out", "add", "shop", "09030000001", "--why", "a letter", "--yes", "--json")
    assert orjson.loads(result.output)["changed"] is True
    assert [one["verb"] for one in door.requests] == ["opt-out-list", "opt-out-add"]
    assert door.requests[1]["arguments"] == {"customer": "shop", "number": "09030000001"}


def test_a_change_needs_its_why() -> None:
    assert CliRunner().invoke(main, ["opt-out", "add", "shop", "1", "--state-directory", "."]).exit_code == 2

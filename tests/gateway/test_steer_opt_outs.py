"""Opt-out lists are changed, told and kept; what cannot be is refused in words."""

from collections.abc import Iterator
from pathlib import Path

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


def test_many_at_once(steered: Steered) -> None:
    numbers = ["09030000001", "090-3000-0002", "09030000001", "0312345678"]
    would = steered.answer("opt-out-import", dry_run=True, customer="shop", numbers=numbers)["result"]
    assert (would["numbers"], would["added"]) == (4, 0)
    done = steered.do("opt-out-import", customer="shop", numbers=numbers)
    assert (done["numbers"], done["added"]) == (4, 2)
    assert [one.partition(":")[0] for one in done["wrong"]] == ["0312345678"]
    assert steered.do("opt-out-list", customer="shop")["numbers"] == ["819030000001", "819030000002"]
    for wrong in ([], ["1"] * 501, "09030000001", None):
        assert "1 to 500" in steered.refused("opt-out-import", customer="shop", numbers=wrong)


def test_a_file_goes_in_pieces(door: Answering, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "stop.txt"
    file.write_text("".join(f"0903000{number:04d}\n\n" for number in range(1_200)), encoding="utf-8")
    door.answer = {"ok": True, "result": {"customer": "shop", "numbers": 500, "added": 499, "wrong": ["x: no"]}}
    result = door.run("opt-out", "import", "shop", str(file), "--why", "a list", "--yes", "--json")
    assert [len(one["arguments"]["numbers"]) for one in door.requests] == [500, 500, 200]
    assert orjson.loads(result.output) == {"customer": "shop", "numbers": 1_500, "added": 1_497, "wrong": ["x: no"] * 3}


def test_a_change_needs_its_why() -> None:
    assert CliRunner().invoke(main, ["opt-out", "add", "shop", "1", "--state-directory", "."]).exit_code == 2

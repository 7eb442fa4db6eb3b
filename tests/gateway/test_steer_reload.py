"""The verb answers when the file was read; why it was refused comes in words."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.ops.steering import Asked
from gateway.reload import Reload
from gateway.steer_reload import reload_verbs
from tests.gateway.flow.world import settings
from tests.gateway.kept_binds import Centre, Gateway, until
from tests.gateway.test_steer_cli import Answering, door  # noqa: F401 - a fixture


async def test_the_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre).open()
    whole = settings()
    reload = Reload(tmp_path / "gateway.yaml", whole, gateway.flow, gateway.binds, lambda _: None)
    verb = reload_verbs(reload)["reload"]
    assert (verb.changes, verb.traffic) == (True, True)
    answers: list[dict[str, Any]] = []

    async def asked(dry_run: bool) -> dict[str, Any]:
        one = Asked({"verb": "reload", "dry_run": dry_run, "who": "kim", "why": "x"}, 0, answers.append)
        seen = len(answers)
        one.judge(lambda: verb.run(one))
        await until(lambda: len(answers) > seen)
        return answers[-1]

    refused = await asked(False)
    assert not refused["ok"]
    assert refused["error"].startswith("nothing was changed:\n")
    assert "gateway.yaml" in refused["error"]
    monkeypatch.setattr("gateway.reload.load", _changed)
    told = (await asked(True))["result"]
    assert told["changes"] == [{"where": "customers.shop.window", "what": "changed", "takes": "at once"}]
    assert (told["dry_run"], told["needs_restart"]) == (True, [])
    assert gateway.flow.accounts["shop"].window != 7
    assert (await asked(False))["ok"]
    assert gateway.flow.accounts["shop"].window == 7
    await gateway.close()
    await centre.close()


def _changed(_: Path) -> Any:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "window": 7}
    return settings(customers={"shop": shop})


def test_the_command_shows_what_it_takes(door: Answering) -> None:  # noqa: F811
    row = {"where": "customers.shop.window", "what": "changed", "takes": "at once"}
    door.answer = {"ok": True, "result": {"dry_run": False, "changes": [row], "needs_restart": ["node"]}}
    result = door.run("reload", "--why", "a new contract", "--yes")
    assert "customers.shop.window" in result.output
    assert "at once" in result.output
    assert "needs restart: node" in result.output
    result = door.run("reload", "--why", "a new contract", "--yes", "--json")
    assert orjson.loads(result.output)["needs_restart"] == ["node"]
    door.answer = {"ok": False, "error": "nothing was changed:\ngateway.yaml:1:1: node: must be 0 to 31"}
    assert door.run("reload", "--why", "x", "--yes").exit_code == 1

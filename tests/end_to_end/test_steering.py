"""An operator at the command line, a gateway that runs: hold, look, trace, release, push a receipt again, drain."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.ops.audit_log import FILE_NAME
from gateway.steer_cli import ask
from tests.end_to_end.rig import Centre, Customer, Gateway, write_config

NUMBER = b"09030000001"


class Night:
    """A gateway, its customer, and who steers it."""

    def __init__(self, directory: Path, gateway: Gateway, customer: Customer) -> None:
        self.state = directory / "state"
        self.gateway = gateway
        self.customer = customer

    async def do(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """The result of a verb, asked at the socket."""
        request = {"verb": verb, "arguments": arguments, "who": "kim", "why": "night"}
        answer = await asyncio.to_thread(ask, self.state, request)
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result

    async def type(self, *words: str) -> tuple[int, Any]:
        """What the command says, typed as an operator does; its exit code and JSON."""
        command = [sys.executable, "-m", "gateway", *words, "--state-directory", str(self.state), "--json"]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        return process.returncode or 0, json.loads(output) if output else None


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    centre = Centre()
    await centre.open()
    config, port = write_config(tmp_path, centre.port)
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    yield Night(tmp_path, gateway, customer)
    customer.close()
    code, _ = await gateway.stop()
    assert code == 0
    assert not (tmp_path / "state" / "steering.sock").exists()
    centre.close()


async def test_a_night_shift(night: Night) -> None:
    customer = night.customer
    await night.do("hold", what="carrier", name="one")
    customer.send(NUMBER, "held")
    await customer.until(lambda: customer.promised)
    (message_id,) = (one.decode() for one in customer.promised)
    assert [(row["waiting"], row["held"]) for row in (await night.do("queues"))["queues"]] == [(1, True)]
    code, told = await night.type("trace", "09030000001", "--as", "number")
    assert code == 0
    assert [(one["id"], one["state"]) for one in told["messages"]] == [(message_id, "alive")]
    code, would = await night.type("cancel", message_id, "--why", "asked", "--dry-run")
    assert (code, would["dry_run"]) == (0, True)
    await night.do("release", what="all")
    await customer.until(lambda: customer.receipts)
    pushed = await night.do("push-receipts", id=message_id)
    assert (pushed["messages"], pushed["receipts"]) == (1, 1)
    await customer.until(lambda: sum(customer.receipts.values()) == 2)
    code, told = await night.type("trace", message_id)
    assert told["messages"][0]["outcome"]["state"] == "delivered"
    audit = [json.loads(line) for line in (night.state / FILE_NAME).read_text("utf-8").splitlines()]
    assert [(one["verb"], one["who"], one["why"], one["ok"]) for one in audit] == [
        ("hold", "kim", "night", True),
        ("release", "kim", "night", True),
        ("push-receipts", "kim", "night", True),
    ]


async def test_what_was_held_is_held_after_a_restart(tmp_path: Path) -> None:
    centre = Centre()
    await centre.open()
    config, port = write_config(tmp_path, centre.port)
    gateway = await Gateway.start(config)
    await Night(tmp_path, gateway, Customer(port)).do("hold", what="carrier", name="one")
    await gateway.stop()
    gateway = await Gateway.start(config)
    night = Night(tmp_path, gateway, Customer(port))
    assert [one["held"] for one in (await night.do("status"))["carriers"]] == [True]
    await night.do("release", what="all")
    assert [one["held"] for one in (await night.do("status"))["carriers"]] == [False]
    await gateway.stop()
    centre.close()


async def test_pdus_of_a_bind_are_logged_for_a_while(tmp_path: Path) -> None:
    centre = Centre()
    await centre.open()
    config, port = write_config(tmp_path, centre.port)
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    night = Night(tmp_path, gateway, customer)
    (bind,) = (one["bind"] for one in (await night.do("binds"))["customers"])
    assert (await night.do("pdu-trace", bind=bind, minutes=1))["traces"] == {bind: 60.0}
    customer.send(NUMBER, "secret words")
    await customer.until(lambda: customer.receipts)
    customer.close()
    _, lines = await gateway.stop()
    seen = [(line["way"], line["command"]) for line in lines if line["event"] == "pdu"]
    assert seen[:3] == [("in", "submit_sm"), ("out", "submit_sm_resp"), ("out", "deliver_sm")]
    assert "secret words" not in repr(lines)
    assert NUMBER.decode() not in repr(lines)
    centre.close()

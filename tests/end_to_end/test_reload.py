"""The configuration changes while a customer sends: what did not change notices nothing; a bad file changes nothing."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from gateway.steer_cli import ask
from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config

NUMBER = b"09030000001"


class House:
    """A gateway, its file, and whoever steers it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **sections: Any) -> None:
        """Other sections from now on."""
        whole = json.loads(self.path.read_text("utf-8")) | sections
        self.path.write_text(json.dumps(whole), encoding="utf-8")

    def section(self, name: str) -> dict[str, Any]:
        """As it is in the file."""
        found: dict[str, Any] = json.loads(self.path.read_text("utf-8"))[name]
        return found

    async def reload(self, *, dry_run: bool = False) -> dict[str, Any]:
        """The answer."""
        request = {"verb": "reload", "arguments": {}, "dry_run": dry_run, "who": "kim", "why": "new contract"}
        return await asyncio.to_thread(ask, self.path.parent / "state", request)


class Sending:
    """One customer that sends without a pause, one message after the other."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer
        self._goes_on = True
        self._task = asyncio.ensure_future(self._run())  # noqa: TID251 - a test has no owner of tasks

    async def _run(self) -> None:
        while self._goes_on:
            before = len(self._customer.promised) + sum(self._customer.refused.values())
            self._customer.send(NUMBER, "あ")
            await self._customer.until(
                lambda before=before: len(self._customer.promised) + sum(self._customer.refused.values()) > before
            )

    async def end(self) -> None:
        """Every message has its receipt."""
        self._goes_on = False
        await self._task
        await self._customer.until(lambda: self._customer.promised.keys() <= self._customer.receipts.keys())


async def test_a_change_of_nearly_everything_while_messages_flow(tmp_path: Path) -> None:
    centre, other_centre = Centre(), Centre()
    await centre.open()
    await other_centre.open()
    path, port = write_config(tmp_path, centre.port)
    house, gateway, customer = House(path), await Gateway.start(path), Customer(port)
    await customer.connect()
    sending = Sending(customer)
    await customer.until(lambda: len(customer.promised) > 20)
    peer = customer._transport

    # A bad file changes nothing and says why, with file, line and key.
    good = path.read_text("utf-8")
    house.write(tariffs={"other": house.section("tariffs")["standard"]})
    refused = await house.reload()
    assert not refused["ok"]
    assert "gateway.yaml" in refused["error"]
    assert "tariff" in refused["error"]
    path.write_text(good, encoding="utf-8")

    # A dry run tells, and does nothing.
    carriers = house.section("carriers")
    two = json.loads(json.dumps(carriers["one"])) | {"title": "Two"}
    two["binds"][0]["port"] = other_centre.port
    carriers["one"]["pace"]["segments_per_second"] = 4000.0
    carriers["one"]["binds"][0]["count"] = 3
    carriers["one"]["text"]["max_characters"] = 600
    customers = house.section("customers")
    customers["shop"] |= {"window": 500, "throttle": {"segments_per_second": 100_000.0, "burst_segments": 1_000}}
    customers["bank"] = {"system_id": "bank", "password": "secret", "tariff": "dear"}
    tariffs = house.section("tariffs")
    tariffs["dear"] = {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "20.0"}]}
    tariffs["standard"] = {"version": "2", "unit_price_yen": [{"up_to": None, "yen": "11.0"}]}
    portability = {"library_names": {"NTT Docomo": "one"}, "block_files": [str(tmp_path / "blocks.csv")]}
    (tmp_path / "blocks.csv").write_text("prefix,carrier\n819040,two\n", encoding="utf-8")
    house.write(carriers=carriers | {"two": two}, customers=customers, tariffs=tariffs, portability=portability, node=3)
    would = await house.reload(dry_run=True)
    assert would["result"]["dry_run"]
    takes = {row["where"]: row["takes"] for row in would["result"]["changes"]}
    assert takes["carriers.two"] == takes["customers.bank"] == takes["tariffs"] == "at once"
    assert takes["carriers.one.binds"] == "its binds are made anew"
    assert set(would["result"]["needs_restart"]) == {"node", "carriers.one.text"}

    # And then it is done, under load.
    before = len(customer.promised)
    done = await house.reload()
    assert done["ok"], done
    assert not done["result"]["dry_run"]
    await customer.until(lambda: len(customer.promised) > before + 50)
    assert customer._transport is peer  # its bind did not notice
    bank = Customer(port)
    bank.system_id = b"bank"
    await bank.connect()
    bank.send(b"09040000001", "い")
    await bank.until(lambda: len(bank.receipts) == 1)
    assert [segment.destination for segment in other_centre.segments] == ["819040000001"]

    # What still needs a restart is told again; what was taken over is not.
    again = await house.reload(dry_run=True)
    assert {row["where"] for row in again["result"]["changes"]} == {"node", "carriers.one.text"}

    # A customer that is not in the file any more is unbound, and what it is owed is kept.
    del customers["bank"]
    house.write(customers=customers)
    gateway.process.send_signal(signal.SIGHUP)
    await bank.until(lambda: not bank.bound)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bank.connect(), 1.0)
    await sending.end()
    assert not customer.refused
    code, events = await gateway.stop()
    assert code == 0
    told = [one for one in events if one["event"] in {"reloaded", "reload_refused"}]
    assert [one["event"] for one in told] == ["reload_refused", "reloaded", "reloaded"]
    assert told[1]["rebound"] == ["carriers.one.binds changed"]
    for one in (customer, bank):
        one.close()
    centre.close()
    other_centre.close()
    records = rows(tmp_path, "SELECT customer, carrier, tariff, units, charge_sen, outcome FROM billing_record")
    shop = [row for row in records if row[0] == "shop"]
    assert len(shop) == len(customer.promised)
    assert {row[2:] for row in shop} == {
        ("standard/1", 1, 1_000, "DELIVERED"),
        ("standard/2", 1, 1_100, "DELIVERED"),
    }
    assert [row for row in records if row[0] == "bank"] == [("bank", "two", "dear/1", 1, 2_000, "DELIVERED")]

"""Numbers that are looked up over the network, through a kill -9 while they wait; who changed hands gets nothing."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gateway.cli import main
from simulators.lookup_server import LookupConfig, LookupServer
from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config

MESSAGES = 200
CHANGED = "819030000007"


async def explained(config: Path, *more: str) -> dict[str, Any]:
    """What an operator reads at the command line."""
    words = ["route", "explain", "09030000001", "--config", str(config), "--json"]
    result = await asyncio.to_thread(CliRunner().invoke, main, [*words, *more])
    found: dict[str, Any] = json.loads(result.output)
    return found


async def test_accepted_before_it_is_looked_up_and_asked_again_after_a_kill(tmp_path: Path) -> None:
    centre = Centre()
    await centre.open()
    entries = {
        f"8190300{n:05d}": {"mcc": "440", "mnc": "10", "ported": True, "recycled": False} for n in range(MESSAGES)
    }
    entries[CHANGED]["recycled"] = True
    service = LookupServer(LookupConfig.model_validate({"numbers": entries}))
    service.open.clear()  # it takes questions and answers none
    address = await service.listen()
    http = {"url": f"http://{address}/plain/{{number}}", "format": "plain", "carriers": {"440-10": "one"}}
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "window": 1000}
    config, port = write_config(
        tmp_path,
        centre.port,
        lookups={"order": ["service"], "http": {"service": http}, "when_silent": "wait", "wait_seconds": 0.2},
        recycling={"services": {"first": {"root": f"http://{address}/recycling"}}},
        customers={"shop": shop | {"recipient_check": {"since": "2024-04-01"}}},
    )
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    for number in range(MESSAGES):
        customer.send(b"8190300%05d" % number, "あ")
    await customer.until(lambda: len(customer.promised) == MESSAGES)
    assert centre.segments == []
    assert rows(tmp_path, "SELECT count(*) FROM message WHERE carrier = ''") == [(MESSAGES,)]
    gateway.process.send_signal(signal.SIGKILL)
    await gateway.ended()
    service.open.set()
    again = await Gateway.start(config)
    await customer.connect()
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    remembered = await explained(config)
    assert (remembered["carrier"], remembered["known_by"]) == ("one", "service")
    assert [(one["remembered"], one["decides"]) for one in remembered["network"]] == [(True, True)]
    asked = await explained(config, "--ask")
    assert [(one["remembered"], one["decides"]) for one in asked["network"]] == [(False, True)]
    service.faults = LookupConfig.model_validate({"faults": ({"number": ".", "fault": "broken"},)}).faults
    silent = await explained(config, "--ask")
    assert silent["network"][0]["said"] == "SILENT"
    assert "is asked again every 0.2 seconds" in silent["why"]
    assert (await again.stop())[0] == 0
    customer.close()
    centre.close()
    await service.close()
    assert len(centre.segments) == MESSAGES - 1
    assert CHANGED not in {segment.destination for segment in centre.segments}
    assert rows(
        tmp_path, "SELECT outcome, reason, known_by, check_sen, count(*) FROM billing_record GROUP BY 1 ORDER BY 1"
    ) == [
        ("DELIVERED", "", "service", 350, MESSAGES - 1),
        ("REJECTED", "recipient_changed", "service", 350, 1),
    ]

"""The nastiest carriers at once against a real gateway: everything is delivered, told and billed once."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulators import wire
from simulators.config import SmscConfig
from simulators.phone import Segment
from simulators.serve import Served
from simulators.smsc import Smsc
from tests.end_to_end.rig import Customer, Gateway, rows, write_config

COUNT = 100

IDS = [
    {"kind": "lying_ids", "in_response": {"radix": "hex", "width": 18}, "in_receipt": {"radix": "decimal"}, "bits": 64},
]
RECEIPTS: list[dict[str, Any]] = [
    {"kind": "early", "seconds": [0.5, 0.8], "share": 0.3},  # behind what contradicts
    {"kind": "repeating", "times": 3, "gap_seconds": 0.02, "share": 0.5},
    {"kind": "intermediate", "stats": ["ENROUTE"], "share": 0.5},
    {"kind": "elsewhere", "share": 0.5},
    {"kind": "odd_receipts", "shape": {"form": "tlvs"}, "share": 0.2},
    {"kind": "odd_receipts", "shape": {"form": "text", "shuffled": True, "dates": "14", "leave_out": ["sub", "text"]}},
]
CONTRADICTIONS = [{"kind": "contradicting", "after_seconds": 0.4, "share": 0.5}]
WRITES = [
    {"kind": "split_writes", "octets": 11, "pause_seconds": 0.0002, "share": 0.3},
    {"kind": "lumped_writes", "pdus": 20, "most_seconds": 0.03, "share": 0.5},
]
PRESSURE: list[dict[str, Any]] = [
    {"kind": "throttling", "most_per_second": 120, "congestion": True},
    {"kind": "refusing", "status": 0x14, "share": 0.1},
    {"kind": "slow", "seconds": [0.0, 0.1], "spread": "exponential"},
]
RESETS = [
    {"kind": "hanging_up", "after_pdus": [30, 90], "within_pdu": True, "share": 0.6, "to_seconds": 3},
    {"kind": "hanging_up", "by": "unbind", "after_pdus": [60, 120], "to_seconds": 3},
    {"kind": "refusing_binds", "status": 0x0D, "share": 0.3, "to_seconds": 3},
]


class Carrier:
    """A message centre with characters, and what it saw."""

    def __init__(self, characters: list[dict[str, Any]], seed: int, **more: Any) -> None:
        whole = {
            "port": 0,
            "system_id": "gateway",
            "password": "secret",
            "receipts": {"delay_seconds": 0.02, "again_seconds": 0.1},
            "characters": characters,
        } | more
        self.seen: list[Segment] = []
        smsc = Smsc("one", SmscConfig.model_validate(whole), seed, lambda: datetime.now(UTC), self.seen.append)  # noqa: TID251
        self.turned = asyncio.Event()
        self.served = Served(smsc, self.turned.set)

    def taken(self) -> Counter[tuple[str, bytes]]:
        """How often each segment was taken."""
        return Counter((one.destination, one.octets) for one in self.seen if not one.status)


def profile(config: Path, **changes: Any) -> None:
    """Change the carrier's profile in the gateway's file."""
    text = config.read_text(encoding="utf-8")
    whole = json.loads(text)
    whole["carriers"]["one"] |= changes
    config.write_text(json.dumps(whole), encoding="utf-8")


@pytest.mark.parametrize(
    ("characters", "resends"),
    [
        (IDS + RECEIPTS + CONTRADICTIONS, False),
        (IDS + RECEIPTS + WRITES + PRESSURE, False),
        (IDS + RECEIPTS + WRITES + RESETS, True),
    ],
    ids=["receipts", "pressure", "resets"],
)
async def test_everything_is_delivered_and_billed_once(
    characters: list[dict[str, Any]], resends: bool, tmp_path: Path
) -> None:
    carrier = Carrier(characters, 1)
    _, port = await carrier.served.listen()
    config, listens = write_config(tmp_path, port)
    profile(config, receipts={"id_in_response": "hex", "id_in_receipt": "decimal"})
    gateway = await Gateway.start(config)
    customer = Customer(listens)
    await customer.connect()
    for number in range(COUNT):
        customer.send(b"8190300%05d" % number, "あ" * (5 if number % 3 else 100))
    await customer.until(lambda: len(customer.promised) == COUNT)
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    code, lines = await gateway.stop()
    customer.close()
    carrier.served.close()

    assert code == 0
    assert {line["event"] for line in lines if line["level"] == "error"} <= {"carrier_refused_bind"}
    assert set(customer.receipts.values()) == {1}
    taken = carrier.taken()
    assert len(taken) == COUNT + len(range(0, COUNT, 3))
    doubtful = sum(line["in_doubt"] for line in lines if line["event"] == "carrier_gone")
    assert sum(taken.values()) - len(taken) <= doubtful
    assert bool(doubtful) == resends
    told = rows(tmp_path, "SELECT message_id, outcome, units, charge_sen FROM billing_record")
    assert {f"{message_id:016x}".encode() for message_id, *_ in told} == customer.promised.keys()
    assert len(told) == COUNT
    assert {outcome for _, outcome, *_ in told} == {"DELIVERED"}
    assert all(charge == 1000 * units for _, _, units, charge in told)
    assert wire.ESME_ROK not in customer.refused


async def test_a_profile_that_reads_ids_wrongly_is_told_in_the_log(tmp_path: Path) -> None:
    carrier = Carrier(IDS, 1)
    _, port = await carrier.served.listen()
    config, listens = write_config(tmp_path, port)
    profile(config, receipts={"id_in_response": "hex", "id_in_receipt": "hex"})
    gateway = await Gateway.start(config)
    customer = Customer(listens)
    await customer.connect()
    for number in range(10):
        customer.send(b"8190300%05d" % number, "あ")
    await customer.until(lambda: len(customer.promised) == 10)
    async with asyncio.timeout(30):
        while len(carrier.seen) < 10 or carrier.served.smsc.owing:
            carrier.turned.clear()
            await carrier.turned.wait()
    _, lines = await gateway.stop()
    customer.close()
    carrier.served.close()
    assert customer.receipts == {}
    assert rows(tmp_path, "SELECT message_id FROM billing_record") == []
    (told,) = [line for line in lines if line["event"] == "receipt_ids_misread"]
    assert (told["level"], told["carrier"], told["read_as"]) == ("warning", "one", "decimal")

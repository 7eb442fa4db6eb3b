"""kill -9 of the gateway or of its store process while messages are in flight: every promise is kept, once."""

import os
import signal
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config

ROUNDS = 4
WAVE = 150
LENGTHS = (5, 71, 200)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("victim", ["gateway", "store"])
async def test_every_promise_is_kept_once(victim: str, tmp_path: Path) -> None:
    lot = Random(f"{victim} 7")
    centre = Centre()
    await centre.open()
    config, port = write_config(tmp_path, centre.port)
    customer = Customer(port)
    numbers = count(1)
    in_doubt = 0
    for _ in range(ROUNDS):
        gateway = await Gateway.start(config)
        in_doubt += gateway.ready["in_doubt"]
        await customer.connect()
        before = len(customer.promised)
        for _ in range(WAVE):
            customer.send(b"8190300%05d" % next(numbers), "あ" * lot.choice(LENGTHS))
        enough = before + lot.randrange(WAVE)
        await customer.until(lambda enough=enough: len(customer.promised) > enough)
        os.kill(gateway.process.pid if victim == "gateway" else gateway.store_pid, signal.SIGKILL)
        code, _ = await gateway.ended()
        assert code == (-signal.SIGKILL if victim == "gateway" else 1)
        await customer.until(lambda: not customer.bound)
    gateway = await Gateway.start(config)
    in_doubt += gateway.ready["in_doubt"]
    await customer.connect()
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    await customer.until(lambda: True)
    code, lines = await gateway.stop()
    customer.close()
    centre.close()

    assert code == 0
    assert [line["event"] for line in lines if line["level"] == "error"] == []
    records = {f"{message_id:016x}".encode(): outcome for message_id, outcome in rows(tmp_path, RECORDS)}
    assert {records[message_id] for message_id in customer.promised} == {"DELIVERED"}
    assert rows(tmp_path, "SELECT message_id FROM billing_record GROUP BY message_id HAVING count(*) > 1") == []
    assert rows(tmp_path, "SELECT units FROM billing_record WHERE charge_sen != units * 1000") == []
    doubled = sum(seen - 1 for seen in centre.texts().values())
    assert doubled <= in_doubt
    assert len(customer.promised) > ROUNDS


RECORDS = "SELECT message_id, outcome FROM billing_record"


@pytest.mark.timeout(120)
async def test_parts_of_a_long_message_survive(tmp_path: Path) -> None:
    """Some parts before a kill -9, the rest after it, out of order: one message, whole, and a receipt for each part."""
    centre = Centre()
    await centre.open()
    config, port = write_config(tmp_path, centre.port)
    customer = Customer(port)
    pieces = ["あ" * 67, "い" * 67, "う" * 20]
    numbers = [b"8190300%05d" % number for number in range(20)]
    for life in range(2):
        gateway = await Gateway.start(config)
        await customer.connect()
        for place, number in enumerate(numbers):
            parts = [3, 1] if life == 0 else [2]
            for part in parts:
                octets = bytes((5, 0, 3, place, len(pieces), part)) + pieces[part - 1].encode("utf_16_be")
                customer.send_octets(number, octets, esm_class=0x40)
        expected = len(numbers) * (2 if life == 0 else 3)
        await customer.until(lambda expected=expected: len(customer.promised) == expected)
        if life == 0:
            gateway.process.kill()
            await gateway.ended()
            await customer.until(lambda: not customer.bound)
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    assert (await gateway.stop())[0] == 0
    customer.close()
    centre.close()
    assert max(customer.receipts.values()) == 1
    whole = "".join(pieces).encode("utf_16_be")
    for number in numbers:
        sent = [segment.octets for segment in centre.segments if segment.destination == number.decode()]
        in_order = sorted(sent, key=lambda octets: octets[6])  # two binds: any may be the first to arrive
        assert b"".join(octets[7:] for octets in in_order) == whole
    assert rows(tmp_path, "SELECT count(*), sum(units) FROM billing_record") == [(len(numbers), 3 * len(numbers))]
    assert rows(tmp_path, "SELECT count(*) FROM part") == [(0,)]

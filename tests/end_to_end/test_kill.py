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

"""A prepaid customer, through kill -9 and top-ups: what was delivered never comes to more than what was paid."""

import asyncio
import time
from pathlib import Path

import pytest

from gateway.finance.payments import top_up
from gateway.store.ledger import Ledger
from simulators import wire
from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config

YEN_A_MESSAGE = 11  # with tax
PAID = 30


def pay(directory: Path, messages: int) -> None:
    ledger = Ledger(directory / "state")
    top_up(ledger, "shop", messages * YEN_A_MESSAGE, "finance", "a test", time.time_ns() // 1_000_000)
    ledger.close()


async def send(customer: Customer, first: int, count: int) -> None:
    """Submit, and wait until each is answered."""
    for number in range(first, first + count):
        customer.send(b"8190300%05d" % number, "あ")
    await customer.until(lambda: not customer.unanswered)


@pytest.mark.timeout(120)
async def test_no_crash_lets_more_through_than_was_paid(tmp_path: Path) -> None:
    centre = Centre(delay_seconds=0.05)
    await centre.open()
    shop = {
        "system_id": "shop",
        "password": "secret",
        "tariff": "standard",
        "window": 1000,
        "billing": {"prepaid": True},
    }
    config, port = write_config(tmp_path, centre.port, customers={"shop": shop})
    customer = Customer(port)
    for life in range(3):
        if life == 0:
            (tmp_path / "state").mkdir()
            pay(tmp_path, PAID)
        gateway = await Gateway.start(config)
        await customer.connect()
        await send(customer, 100 * life, 14)
        gateway.process.kill()
        await gateway.ended()
        await customer.until(lambda: not customer.bound)
    assert len(customer.promised) == PAID
    assert customer.refused == {wire.ESME_RSUBMITFAIL: 3 * 14 - PAID}

    gateway = await Gateway.start(config)
    await customer.connect()
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    pay(tmp_path, 2)  # while it runs
    refused = customer.refused[wire.ESME_RSUBMITFAIL]
    async with asyncio.timeout(20):
        while len(customer.promised) < PAID + 2:
            await send(customer, 900, 1)
    await send(customer, 950, 1)
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    assert (await gateway.stop())[0] == 0
    customer.close()
    centre.close()
    assert customer.refused[wire.ESME_RSUBMITFAIL] > refused
    assert len(customer.promised) == PAID + 2
    assert rows(tmp_path, "SELECT count(*), sum(charge_sen) FROM billing_record") == [(PAID + 2, (PAID + 2) * 1000)]

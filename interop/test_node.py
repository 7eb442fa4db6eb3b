"""node's smpp library as a customer of ours, and as a carrier that we bind to."""

from pathlib import Path

import pytest

from interop.rig import HAS_NODE, line_of, node, running
from tests.end_to_end.rig import Customer

pytestmark = pytest.mark.skipif(not HAS_NODE, reason="node or its smpp library is not installed: see `make interop`")

RECEIPT, DELIVERED = 4, 2
ESME_RINVPASWD, ESME_RINVDSTADR = 0x0E, 0x0B


async def test_as_a_customer(tmp_path: Path) -> None:
    async with running(tmp_path) as port:
        process = await node("customer.js", str(port))
        told = await line_of(process)
        assert await process.wait() == 0
    for mode in ("bind_transmitter", "bind_receiver", "bind_transceiver"):
        assert told["binds"][mode] == [0, "smpp-gateway", 0x34, "enquire_link_resp", "unbind_resp"]
    assert told["refused"] == ESME_RINVPASWD
    assert told["wrong"] == ESME_RINVDSTADR
    assert told["statuses"] == [0, 0, 0, 0]
    assert len(set(told["ids"])) == 4
    assert set(told["receipts"]) == set(told["ids"])
    for message_id, (state, text, esm_class) in told["receipts"].items():
        assert (state, esm_class) == (DELIVERED, RECEIPT)
        assert text.startswith(f"id:{message_id} sub:00")
        assert " stat:DELIVRD err:000 " in text


async def test_as_a_carrier(tmp_path: Path) -> None:
    carrier = await node("carrier.js")
    try:
        async with running(tmp_path, await line_of(carrier)) as port:
            customer = Customer(port)
            await customer.connect()
            texts = {b"819030000001": "保険料のお支払い", b"819030000002": "あ" * 100}
            for destination, text in texts.items():
                customer.send(destination, text)
            segments = [await line_of(carrier) for _ in range(3)]
            await customer.until(lambda: len(customer.receipts) == 2)
            assert customer.promised.keys() == customer.receipts.keys()
            customer.close()
        assert (await line_of(carrier))["unbound"]
    finally:
        carrier.kill()
        await carrier.wait()
    for destination, text in texts.items():
        mine = sorted((one for one in segments if one["to"] == destination.decode()), key=lambda one: one["udh"])
        assert "".join(one["text"] for one in mine) == text
        assert {one["coding"] for one in mine} == {8}
        assert [len(one["udh"]) for one in mine] == ([0] if len(text) <= 70 else [1, 1])

"""smpplib as a customer of ours."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from interop.rig import running

DESTINATION = "819030000001"


def client(port: int) -> Any:
    one = smpplib.client.Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True)
    one.connect()
    return one


def binds(port: int) -> None:
    for mode in ("bind_transmitter", "bind_receiver", "bind_transceiver"):
        one = client(port)
        answer = getattr(one, mode)(system_id="shop", password="secret")
        assert answer.system_id == b"smpp-gateway"
        one.send_pdu(smpplib.smpp.make_pdu("enquire_link", client=one))
        assert one.read_pdu().command == "enquire_link_resp"
        one.unbind()
        one.disconnect()


def wrong_password(port: int) -> None:
    one = client(port)
    with pytest.raises(smpplib.exceptions.PDUError) as found:
        one.bind_transceiver(system_id="shop", password="wrong")
    assert found.value.args[1] == smpplib.consts.SMPP_ESME_RINVPASWD
    one.disconnect()


def messages(port: int) -> None:
    one = client(port)
    one.bind_transceiver(system_id="shop", password="secret")
    ids: list[bytes] = []
    receipts: dict[bytes, Any] = {}

    def sent(pdu: Any) -> None:
        assert pdu.status == 0
        ids.append(pdu.message_id)

    def received(pdu: Any) -> None:
        receipts[pdu.receipted_message_id] = pdu

    one.set_message_sent_handler(sent)
    one.set_message_received_handler(received)
    asked = {
        "source_addr": "0312345678",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": DESTINATION,
        "registered_delivery": True,
    }
    text = "保険料のお支払いのお願い"
    one.send_message(short_message=text.encode("utf_16_be"), data_coding=8, **asked)
    parts, coding, kind = smpplib.gsm.make_parts("あ" * 150)
    assert len(parts) == 3
    for part in parts:
        one.send_message(short_message=part, data_coding=coding, esm_class=kind, **asked)
    while len(ids) < 4 or set(receipts) != set(ids):
        one.read_once()
    for message_id, pdu in receipts.items():
        assert pdu.message_state == smpplib.consts.SMPP_MESSAGE_STATE_DELIVERED
        assert pdu.short_message.startswith(b"id:" + message_id + b" ")
    one.unbind()
    one.disconnect()


@pytest.mark.parametrize("talk", [binds, wrong_password, messages])
async def test_as_a_customer(talk: Callable[[int], None], tmp_path: Path) -> None:
    async with running(tmp_path) as port:
        async with asyncio.timeout(30):
            await asyncio.to_thread(talk, port)

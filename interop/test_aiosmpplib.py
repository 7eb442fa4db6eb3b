"""aiosmpplib as a customer of ours. It has no message centre's role."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmpplib import (
    ESME,
    BindMode,
    DeliverSm,
    EnquireLinkResp,
    PhoneNumber,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.hook import AbstractHook

from interop.rig import running

# It forgets to close what it wrote to.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <StreamWriter:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:loop is closed:ResourceWarning"),
]

PATIENCE_SECONDS = 20.0


class Seen(AbstractHook):  # type: ignore[misc]  # the library has no types
    """What the library read, by its own parsers."""

    def __init__(self) -> None:
        self.messages: list[SmppMessage] = []
        self.unread: list[bytes] = []
        self.errors: list[Exception] = []
        self._changed = asyncio.Event()

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        """The library calls it."""

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        """The library calls it."""
        if smpp_message is None:
            self.unread.append(pdu)
        else:
            self.messages.append(smpp_message)
        self._changed.set()

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        """The library calls it."""
        self.errors.append(error)
        self._changed.set()

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.messages if type(one) is kind]

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def esme(port: int, seen: Seen, mode: BindMode, password: str = "secret") -> AsyncIterator[ESME]:
    """The library at work; stopped as it wants to be, or when it is not bound, by force."""
    one = ESME("127.0.0.1", port, "shop", password, bind_mode=mode, hook=seen, enquire_link_interval=0.2)
    started = asyncio.create_task(one.start())  # noqa: TID251 - the library wants a task
    try:
        yield one
        await one.stop()
    finally:
        started.cancel()
        await asyncio.gather(started, return_exceptions=True)
        if one._writer is not None:
            one._writer.close()
        gc.collect()  # here, where the warning is expected


@pytest.mark.parametrize("mode", list(BindMode))
async def test_binds_asks_whether_we_live_and_unbinds(mode: BindMode, tmp_path: Path) -> None:
    seen = Seen()
    async with running(tmp_path) as port, esme(port, seen, mode):
        await seen.until(lambda: seen.of(EnquireLinkResp))
        assert seen.messages[0].command_status == SmppCommandStatus.ESME_ROK


async def test_a_wrong_password(tmp_path: Path) -> None:
    seen = Seen()
    async with running(tmp_path) as port, esme(port, seen, BindMode.TRANSCEIVER, "wrong"):
        # It does not read an answer without a body, which one with an error should be; nor does it bind.
        await seen.until(lambda: seen.unread or seen.messages)
        status = int.from_bytes(seen.unread[0][8:12], "big") if seen.unread else seen.messages[0].command_status
        assert status == SmppCommandStatus.ESME_RINVPASWD


async def test_messages_and_receipts(tmp_path: Path) -> None:
    seen = Seen()
    async with running(tmp_path) as port, esme(port, seen, BindMode.TRANSCEIVER) as one:
        for number, text in ((1, "保険料のお支払い"), (2, "あ" * 300)):
            await one.broker.enqueue(
                SubmitSm(
                    short_message=text,
                    source=PhoneNumber("0312345678"),
                    destination=PhoneNumber(f"+81903000000{number}"),
                    encoding="ucs2",
                    registered_delivery=1,
                    log_id=str(number),
                )
            )
        await seen.until(lambda: len(seen.of(SubmitSmResp)) == 2 and len(seen.of(DeliverSm)) == 2)
        assert seen.errors == []
        assert seen.unread == []
        ids = {answer.message_id for answer in seen.of(SubmitSmResp)}
        receipts = [receipt.parse_receipt() for receipt in seen.of(DeliverSm)]
        assert {receipt["id"] for receipt in receipts} == ids
        assert {receipt["stat"] for receipt in receipts} == {"DELIVRD"}

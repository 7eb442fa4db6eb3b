"""The pages of a gateway with its real store process, asked over HTTP by the standard library's client."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway import clock
from gateway.assemble import Flow, assemble
from gateway.carrier_binds import CarrierBinds
from gateway.flow.clock import Clock
from gateway.model.histogram import LAG_MS, Histogram
from gateway.net.listener import Crowd, Listener
from gateway.net.turn import Turn
from gateway.report import Report
from gateway.settings.models import AddressSettings
from gateway.store.client import StoreProcess
from tests.gateway.flow.world import settings

ANYWHERE = AddressSettings(host="127.0.0.1", port=0)


class Gateway:
    """Everything but the daemon."""

    def __init__(self, flow: Flow, store: StoreProcess, report: Report, address: str) -> None:
        self.flow = flow
        self.store = store
        self.report = report
        self.address = address

    async def get(self, path: str) -> tuple[int, str, str]:
        """Status, type and body."""

        def ask() -> tuple[int, str, str]:
            try:
                with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as answer:
                    return answer.status, answer.headers["Content-Type"], answer.read().decode()
            except urllib.error.HTTPError as refusal:
                with refusal:
                    return refusal.code, refusal.headers["Content-Type"], refusal.read().decode()

        return await asyncio.to_thread(ask)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    store = await StoreProcess.start(tmp_path, on_answer=lambda: None, on_lost=lambda _: None)
    flow = assemble(settings(), store, Clock(clock.monotonic, clock.wall_ms), await store.load())
    turn = Turn(asyncio.get_running_loop(), lambda: None)
    listener = Listener(turn, clock.monotonic, lambda *_: None, Crowd(10))  # type: ignore[arg-type]
    report = Report(flow, store, listener, CarrierBinds({}, flow, turn, clock.monotonic, set()), Histogram(LAG_MS))
    address = await report.serve(ANYWHERE)
    assert address is not None
    yield Gateway(flow, store, report, address)
    report.close()
    await store.close()


async def test_prometheus_gets_its_text_format(gateway: Gateway) -> None:
    status, kind, body = await gateway.get("/metrics")
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    assert "version=0.0.4" in kind
    assert 'smpp_gateway_messages_accepted_total{customer="shop"} 0\n' in body
    assert 'smpp_gateway_process_resident_memory_bytes{process="store"}' in body
    assert "python_gc" not in body


async def test_it_is_alive_and_ready(gateway: Gateway) -> None:
    assert (await gateway.get("/healthz"))[::2] == (200, "alive\n")
    assert (await gateway.get("/ready"))[::2] == (200, "ready\n")


async def test_while_it_drains_it_is_alive_and_not_ready(gateway: Gateway) -> None:
    gateway.flow.accept.draining = True
    assert (await gateway.get("/ready"))[::2] == (503, "draining\n")
    assert (await gateway.get("/healthz"))[0] == 200


async def test_a_stuck_store_is_the_cause_that_is_told(gateway: Gateway) -> None:
    gateway.store.stuck = "database or disk is full"
    assert (await gateway.get("/ready"))[::2] == (503, "the store is stuck: database or disk is full\n")
    gateway.flow.accept.draining = True
    assert (await gateway.get("/ready"))[2].splitlines() == ["draining", "the store is stuck: database or disk is full"]
    assert "smpp_gateway_store_stuck 1\n" in (await gateway.get("/metrics"))[2]


async def test_nothing_is_opened_where_nothing_is_configured(gateway: Gateway) -> None:
    assert await gateway.report.serve(None) is None


async def test_after_close_nobody_answers(gateway: Gateway) -> None:
    gateway.report.close()
    with pytest.raises(urllib.error.URLError):
        await gateway.get("/healthz")

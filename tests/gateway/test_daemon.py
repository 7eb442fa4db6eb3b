"""The process: ready, drained by SIGTERM with nothing in doubt, ended with what was promised on disk."""

import asyncio
import json
import signal
import socket
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from simulators import wire
from simulators.ports import free_port
from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config
from tests.gateway.net.tls_peer import CA, theirs
from tests.gateway.settings.issued import NAME, issue


@pytest.fixture
async def centre() -> Centre:
    one = Centre()
    await one.open()
    return one


async def test_sigterm_drains(centre: Centre, tmp_path: Path) -> None:
    config, port = write_config(tmp_path, centre.port)
    gateway = await Gateway.start(config)
    assert gateway.ready["listen"] == [f"127.0.0.1:{port}"]
    customer = Customer(port)
    await customer.connect()
    for number in range(300):
        customer.send(b"8190300%05d" % number, "あ")
    await customer.until(lambda: len(customer.promised) > 50)
    code, lines = await gateway.stop()
    assert code == 0
    assert [line["event"] for line in lines][-1] == "stopped"
    again = await Gateway.start(config)
    assert again.ready["in_doubt"] == 0
    await customer.connect()
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    assert (await again.stop())[0] == 0
    customer.close()
    centre.close()
    assert max(customer.receipts.values()) == 1
    assert max(centre.texts().values()) == 1
    assert rows(tmp_path, "SELECT count(*) FROM billing_record") == [(len(customer.promised),)]
    assert rows(tmp_path, "SELECT count(*) FROM message") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM receipt_owed") == [(0,)]


async def test_an_idle_gateway_stops_at_once(centre: Centre, tmp_path: Path) -> None:
    config, _ = write_config(tmp_path, centre.port)
    gateway = await Gateway.start(config)
    loop = asyncio.get_running_loop()
    began = loop.time()
    code, lines = await gateway.stop()
    centre.close()
    assert code == 0
    assert [line["event"] for line in lines if line["event"] in {"draining", "stopped"}] == ["draining", "stopped"]
    assert loop.time() - began < 4.0


async def test_the_lag_of_the_loop_and_the_binds_are_told(centre: Centre, tmp_path: Path) -> None:
    config, _ = write_config(tmp_path, centre.port, metrics={"host": "127.0.0.1", "port": 0})
    gateway = await Gateway.start(config)

    def scrape() -> dict[str, float]:
        with urllib.request.urlopen(f"http://{gateway.ready['metrics']}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines) if name[0] != "#"}

    told = {"smpp_gateway_event_loop_lag_seconds_count": 0.0}
    async with asyncio.timeout(20):  # two looks at the loop take 0.2 seconds
        while told["smpp_gateway_event_loop_lag_seconds_count"] < 2:
            told = await asyncio.to_thread(scrape)
    code, _ = await gateway.stop()
    centre.close()
    assert code == 0
    assert told["smpp_gateway_event_loop_lag_seconds_sum"] < 10
    assert abs(told["smpp_gateway_clock_shift_seconds"]) < 1
    assert told['smpp_gateway_carrier_connections_failed_total{carrier="one",bind="one-0-1"}'] == 0


async def test_an_address_in_use_is_said(centre: Centre, tmp_path: Path) -> None:
    config, port = write_config(tmp_path, centre.port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        code, output = await _run(config)
    centre.close()
    assert code == 1
    assert f"127.0.0.1', {port}" in output
    assert "Traceback" not in output


async def test_a_store_that_is_in_use_is_said(centre: Centre, tmp_path: Path) -> None:
    config, _ = write_config(tmp_path, centre.port)
    gateway = await Gateway.start(config)
    other = tmp_path / "other"
    other.mkdir()
    second, _ = write_config(other, centre.port, store={"directory": str(tmp_path / "state")})
    code, output = await _run(second)
    assert (await gateway.stop())[0] == 0
    centre.close()
    assert code == 1
    assert "another process uses the store" in output


class Tls:
    """A customer's bind over TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def bind(cls, port: int, *names: str) -> "Tls":
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=theirs(*names), server_hostname=NAME)
        writer.write(wire.bind(wire.BIND_TRANSCEIVER, 1, b"shop", b"secret"))
        return cls(reader, writer)

    async def status(self) -> int:
        """Of the next response."""
        head = await self.reader.readexactly(16)
        await self.reader.readexactly(int.from_bytes(head[:4], "big") - 16)
        return int.from_bytes(head[8:12], "big")

    @property
    def ends(self) -> str:
        """When our certificate ends, as this connection saw it."""
        return str(self.writer.get_extra_info("peercert")["notAfter"])


async def line(gateway: Gateway, event: str) -> dict[str, Any]:
    """The next log line of this kind."""
    assert gateway.process.stdout is not None
    async with asyncio.timeout(20):
        while octets := await gateway.process.stdout.readline():
            said: dict[str, Any] = json.loads(octets)
            if said["event"] == event:
                return said
    raise AssertionError("the gateway ended")


async def test_certificates_are_reloaded_without_a_drop_and_passwords_are_hashed(
    centre: Centre, tmp_path: Path
) -> None:
    files, port = issue(tmp_path, CA), free_port()
    tls = {"certificate": str(files.certificate), "key": str(files.key), "client_ca": str(files.ca)}
    hashed = PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash("secret")
    shop = {
        "system_id": "shop",
        "passwords": ["retired", {"argon2": hashed}],
        "tariff": "standard",
        "certificate_names": ["shop.example"],
        "allow_from": ["127.0.0.0/8"],
    }
    listen = [{"host": "127.0.0.1", "port": port, "tls": tls}]
    config, _ = write_config(tmp_path, centre.port, listen=listen, customers={"shop": shop})
    gateway = await Gateway.start(config)
    first = await Tls.bind(port, "shop.example")
    assert await first.status() == 0
    nameless = await Tls.bind(port)
    assert await nameless.status() == wire.ESME_RBINDFAIL
    issue(tmp_path, CA, not_after=datetime(2041, 1, 1, tzinfo=UTC))
    gateway.process.send_signal(signal.SIGHUP)
    assert (await line(gateway, "certificate"))["days_left"] > 3_650
    second = await Tls.bind(port, "shop.example")
    assert await second.status() == 0
    assert (first.ends, second.ends) == ("Dec 31 23:59:59 2049 GMT", "Jan  1 00:00:00 2041 GMT")
    files.key.write_text("nonsense")
    gateway.process.send_signal(signal.SIGHUP)
    assert "does not open the certificate" in (await line(gateway, "certificate_not_reloaded"))["why"]
    third = await Tls.bind(port, "shop.example")
    assert await third.status() == 0
    assert third.ends == second.ends
    for one in (first, second, third):
        one.writer.write(wire.enquire_link(2))
        assert await one.status() == 0
        one.writer.transport.abort()
    nameless.writer.transport.abort()
    code, _ = await gateway.stop()
    centre.close()
    assert code == 0


async def test_a_flood_of_wrong_passwords_is_not_felt_by_who_is_bound(centre: Centre, tmp_path: Path) -> None:
    hashed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash("secret")
    shop = {"system_id": "shop", "password": {"argon2": hashed}, "tariff": "standard", "window": 1_000}
    config, port = write_config(tmp_path, centre.port, customers={"shop": shop})
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    strangers = []
    for number in range(100):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.2.{1 + number}", 0))
        writer.write(wire.bind(wire.BIND_TRANSCEIVER, 1, b"shop", b"%d" % number))
        strangers.append((reader, writer))
    for number in range(200):
        customer.send(b"8190300%05d" % number, "あ")
    await customer.until(lambda: len(customer.promised) == 200)
    again = Customer(port)
    await again.connect()  # it bound before: no stranger's wrong passwords stand before it
    statuses = []
    for reader, writer in strangers:
        statuses.append(int.from_bytes((await reader.read())[8:12], "big"))
        writer.close()
    assert set(statuses) == {wire.ESME_RINVPASWD, wire.ESME_RTHROTTLED}
    assert len(statuses) == 100
    again.close()
    customer.close()
    assert (await gateway.stop())[0] == 0
    centre.close()


async def _run(config: Path) -> tuple[int, str]:
    """A gateway that ends by itself: exit code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        "run",
        "--config",
        str(config),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()

"""The process: ready, drained by SIGTERM with nothing in doubt, ended with what was promised on disk."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config


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

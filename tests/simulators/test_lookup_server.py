"""The look-up service with a client that is not ours."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from simulators.lookup_server import LookupConfig, LookupServer
from simulators.lookup_styles import STYLES

ROOT = Path(__file__).parents[2]
NUMBERS = {
    "8190": {"name": "X", "mcc": "440", "mnc": "10", "ported": True, "recycled": True, "since": "2025-01-01"},
    "8180": {"recycled": False},
    "8170": {},
}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[LookupServer]:
    one = LookupServer(LookupConfig.model_validate({"numbers": NUMBERS}))
    await one.listen()
    yield one
    await one.close()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize("style", STYLES)
async def test_every_style_names_the_network(server: LookupServer, client: aiohttp.ClientSession, style: str) -> None:
    async with client.get(f"http://{server.address}/{style}/8190") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "440" in text
    async with client.get(f"http://{server.address}/{style}/1") as answer:
        assert answer.status == 404
    assert server.asked == {"8190": 1, "1": 1}


@pytest.mark.parametrize(
    ("number", "since", "status", "told"),
    [
        ("+8190", "2024-12-31", 200, {"phoneNumberRecycled": True}),
        ("+8190", "2025-01-01", 200, {"phoneNumberRecycled": False}),
        ("+8180", "2025-01-01", 200, {"phoneNumberRecycled": False}),
        ("+8170", "2025-01-01", 422, "SERVICE_NOT_APPLICABLE"),
        ("+1", "2025-01-01", 404, "IDENTIFIER_NOT_FOUND"),
        ("+8190", "yesterday", 400, "INVALID_ARGUMENT"),
    ],
)
async def test_checks(
    server: LookupServer, client: aiohttp.ClientSession, number: str, since: str, status: int, told: object
) -> None:
    body = {"phoneNumber": number, "specifiedDate": since}
    async with client.post(f"http://{server.address}/recycling/check", json=body) as answer:
        content = await answer.json()
    assert answer.status == status
    assert content == told if status == 200 else content["code"] == told


async def test_many_numbers_in_one_request(server: LookupServer, client: aiohttp.ClientSession) -> None:
    asked = [{"telephone_number": number} for number in ("8190", "1")]
    async with client.post(f"http://{server.address}/hlrlookup", json={"requests": asked}) as answer:
        results = (await answer.json())["body"]["results"]
    assert [one["current_network"] for one in results] == ["AVAILABLE", "NOT_AVAILABLE"]
    for many in (0, 81):
        async with client.post(f"http://{server.address}/hlrlookup", json={"requests": asked[:1] * many}) as answer:
            assert answer.status == 400
    server.config = LookupConfig(body_key="us:hush")
    async with client.post(f"http://{server.address}/hlrlookup", json={"requests": asked, "api_key": "us"}) as answer:
        assert answer.status == 401


async def test_unsigned_requests_are_refused(server: LookupServer, client: aiohttp.ClientSession) -> None:
    for scheme in ("acs3", "x-digest"):
        signing = {"scheme": scheme, "key": "us", "secret": "hush"}
        server.config = LookupConfig.model_validate({"signing": signing})
        async with client.get(f"http://{server.address}/alibaba?PhoneNumber=8190") as answer:
            assert answer.status == 401


async def test_more_than_the_interface_has_is_refused(server: LookupServer, client: aiohttp.ClientSession) -> None:
    body = {"phoneNumber": "+8190", "specifiedDate": "2025-01-01", "more": 1}
    async with client.post(f"http://{server.address}/recycling/check", json=body) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    ("fault", "status"), [("throttled", 429), ("broken", 500), ("redirect", 302), ("malformed", 200), ("list", 200)]
)
async def test_faults(server: LookupServer, client: aiohttp.ClientSession, fault: str, status: int) -> None:
    server.faults = LookupConfig.model_validate({"faults": ({"number": "90$", "fault": fault},)}).faults
    async with client.get(f"http://{server.address}/plain/8190", allow_redirects=False) as answer:
        assert answer.status == status
    async with client.get(f"http://{server.address}/plain/8180") as answer:
        assert answer.status == 200


async def test_down(server: LookupServer, client: aiohttp.ClientSession) -> None:
    server.faults = LookupConfig.model_validate({"faults": ({"number": ".", "fault": "down"},)}).faults
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.post(f"http://{server.address}/sinch", json={"number": "+8190"})


def test_as_a_process(tmp_path: Path) -> None:
    config = tmp_path / "lookup.yaml"
    config.write_text('numbers: {"8190": {name: X}}\n', "utf-8")
    command = [sys.executable, "-m", "simulators.cli", "lookup", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert list(ready["addresses"]) == ["lookup"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_bad_file_is_exit_2(tmp_path: Path) -> None:
    config = tmp_path / "lookup.yaml"
    config.write_text("numbers: {x: {name: X}}\nport: none\n", "utf-8")
    command = [sys.executable, "-m", "simulators.cli", "lookup", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2

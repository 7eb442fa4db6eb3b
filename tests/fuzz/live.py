"""A gateway as its own process, strangers who send it nonsense, and beside them a customer who must be served."""

import asyncio
import contextlib
from pathlib import Path
from random import Random

from simulators import wire
from tests.end_to_end.rig import Centre, Customer, Gateway, write_config
from tests.fuzz.octets import cut, stream

AT_A_TIME = 8
SERVED_SECONDS = 20.0
MOST_GROWTH_OCTETS = 64 * 1024 * 1024


def resident_octets(pid: int) -> int:
    """What the process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * 4096


async def stranger(lot: Random, port: int) -> None:
    """Connects, perhaps binds, sends nonsense, perhaps reads, and goes in one way or another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError, TimeoutError):
        if lot.random() < 0.5:
            writer.write(wire.bind(wire.BIND_TRANSCEIVER, 1, b"fuzz", b"secret"))
        for piece in cut(lot, stream(lot, 8)):
            writer.write(piece)
        await writer.drain()
        if lot.random() < 0.5:
            async with asyncio.timeout(0.2):
                await reader.read(65_536)
    if lot.random() < 0.5:
        writer.transport.abort()
    else:
        writer.close()


async def run(seed: str, seconds: float, directory: Path) -> int:
    """Nonsense for so long; the number of strangers. AssertionError when the gateway did not bear it.

    Every round has a seed of its own, made of `seed` and its number, which a failure tells.
    """
    centre = Centre()
    await centre.open()
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "window": 1000}
    config, port = write_config(directory, centre.port, customers={"shop": shop, "fuzz": shop | {"system_id": "fuzz"}})
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    rounds, before = 0, 0
    try:
        while rounds < 2 or loop.time() < end:
            name = f"{seed} live {rounds}"
            try:
                await asyncio.gather(*(stranger(Random(f"{name} {one}"), port) for one in range(AT_A_TIME)))
                customer.send(b"8190300%05d" % (rounds % 100_000), "まもられる")
                await customer.until(
                    lambda: not customer.unanswered and customer.promised.keys() <= customer.receipts.keys(),
                    SERVED_SECONDS,
                )
            except Exception as error:
                raise AssertionError(f"after round {name!r}: {error!r}") from error
            assert gateway.process.returncode is None, f"it ended in round {name!r}"
            assert not customer.refused, name
            rounds += 1
            if rounds == 2:  # the modules are loaded and the pools are made
                before = resident_octets(gateway.process.pid)
        growth = resident_octets(gateway.process.pid) - before
        assert growth < MOST_GROWTH_OCTETS, f"{growth} octets more after {rounds} rounds of {seed!r}"
        code, lines = await gateway.stop()
    finally:
        customer.close()
        centre.close()
        if gateway.process.returncode is None:
            gateway.process.kill()
            await gateway.process.wait()
    assert code == 0, code
    errors = [line for line in lines if line["level"] == "error"]
    assert not errors, errors[:3]
    return rounds * AT_A_TIME

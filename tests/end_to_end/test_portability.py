"""A day's ported numbers imported while messages flow: taken within seconds, and nobody waits for it."""

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

from tests.end_to_end.rig import Centre, Customer, Gateway, rows, write_config

ROWS = 300_000
A_DAY = 20_000  # Japan's ported numbers of a day
DAYS = 2
AT_A_TIME = 10
TAKEN_SECONDS = 1.5  # the gateway looks once a second whether there is another file
MOST_STALL_SECONDS = 0.05


def write(path: Path, head: str, lines: Iterable[str]) -> Path:
    path.write_text("\n".join((head, *lines, "")), encoding="ascii")
    return path


async def import_file(config: Path, *arguments: str) -> None:
    """As an operator does it."""
    command = ("-m", "gateway", "portability", "import", *arguments, "--config", str(config))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


def waited_for_cpu(pids: Iterable[int]) -> float:
    """Seconds that these processes could have run, and others did (proc(5), schedstat)."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[1]) for pid in pids) / 1e9


class Flow:
    """Messages, some at a time, each batch when the one before is answered.

    `longest` is how long one took at most, without the time for which other processes had the machine.
    """

    def __init__(self, customer: Customer, gateway: Gateway) -> None:
        self._customer = customer
        self._pids = (gateway.process.pid, gateway.store_pid, os.getpid())
        self.sent = 0
        self.longest = 0.0

    async def run(self, seconds: float = 0.0, until: "asyncio.Task[None] | None" = None) -> None:
        """For so long, and as long as `until` is not done."""
        end = perf_counter() + seconds
        while perf_counter() < end or (until is not None and not until.done()):
            began, waited = perf_counter(), waited_for_cpu(self._pids)
            for _ in range(AT_A_TIME):
                self._customer.send(b"09030000001", "あ")
            self.sent += AT_A_TIME
            await self._customer.until(lambda: len(self._customer.promised) == self.sent)
            others = waited_for_cpu(self._pids) - waited
            self.longest = max(self.longest, perf_counter() - began - others)


async def test_a_day_s_changes_are_imported_under_load_without_a_stall(tmp_path: Path) -> None:
    """A stall of the import's would be in every day; what else delays an answer is there without it."""
    centre = Centre()
    await centre.open()
    portability = {"library_names": {"NTT Docomo": "one"}, "imported_file": str(tmp_path / "imported.numbers")}
    config, port = write_config(tmp_path, centre.port, portability=portability)
    everything = write(tmp_path / "all.csv", "number,carrier", (f"0901{n:07d},one" for n in range(ROWS)))
    await import_file(config, str(everything))
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    flow = Flow(customer, gateway)
    await flow.run(0.5)
    flow.longest = 0.0
    await flow.run(TAKEN_SECONDS)
    before, usual = flow.sent, flow.longest
    longest = []
    for day in range(DAYS):
        added = (f"add,0903{n:07d},one" for n in range(day * A_DAY, (day + 1) * A_DAY))
        changes = write(tmp_path / f"{day}.csv", "action,number,carrier", added)
        flow.longest = 0.0
        importing = asyncio.ensure_future(  # noqa: TID251 - a test has no owner of tasks
            import_file(config, str(changes), "--format", "changes", "--differences")
        )
        await flow.run(until=importing)
        await flow.run(TAKEN_SECONDS)
        longest.append(flow.longest)
    told = ", ".join(f"{one * 1000:.0f}" for one in longest)
    print(f"{AT_A_TIME} answers took at most {told} ms, and {usual * 1000:.0f} ms before the imports")  # noqa: T201
    await customer.until(lambda: customer.promised.keys() <= customer.receipts.keys())
    assert (await gateway.stop())[0] == 0
    customer.close()
    centre.close()
    known = [known for (known,) in rows(tmp_path, "SELECT known_by FROM billing_record ORDER BY message_id")]
    assert set(known[:before]) == {"number block"}
    assert known[-1] == "imported numbers"
    assert known == sorted(known, reverse=True)  # one moment, and not a message in between
    assert min(longest) < MOST_STALL_SECONDS

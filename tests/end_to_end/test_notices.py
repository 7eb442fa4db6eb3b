"""Real processes: a carrier goes, the gateway is killed, the carrier comes back; each is mailed once."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.steer_cli import ask
from gateway.store.schema import FILE_NAME
from tests.end_to_end.rig import Centre, Gateway, write_config
from tests.gateway.net.post_office import post_office

ADDED = {"kind": "maintenance", "begins": 4_000_000_000_000, "ends": 4_000_000_060_000, "ja": "作業", "en": "Work"}


async def asked(state: Path, verb: str, **arguments: Any) -> dict[str, Any]:
    """What the socket says."""
    request = {"verb": verb, "arguments": arguments, "who": "kim", "why": "night"}
    answer = await asyncio.to_thread(ask, state, request)
    assert answer["ok"], answer
    result: dict[str, Any] = answer["result"]
    return result


def notices_kept(state: Path) -> int:
    """How many are not sent, as the disk knows."""
    with closing(sqlite3.connect(f"file:{state / FILE_NAME}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM kept WHERE kind = 'notice'").fetchone()[0])


async def test_a_fault_and_its_end_are_mailed_once_though_the_gateway_is_killed_in_between(tmp_path: Path) -> None:
    centre = Centre()
    await centre.open()
    async with post_office() as office:
        notices = {
            "mail": {
                "sender": "gateway@example.jp",
                "servers": [{"host": "127.0.0.1", "port": office.port, "security": "plain"}],
            },
            "to": [{"address": "noc@example.jp", "language": "both"}],
            "faults": {
                "CarrierDown": {"raise_seconds": 1.0, "clear_seconds": 0.0},
                **{
                    name: {"notify": False}
                    for name in ("CarrierRefusesBind", "CarrierFlaps", "DiskNearlyFull", "LoopSlow")
                },
            },
        }
        config, _ = write_config(tmp_path, centre.port, notices=notices)
        first = await Gateway.start(config)
        state = tmp_path / "state"
        (test,) = (await asked(state, "notices-test"))["tests"]
        assert (test["result"], test["to"]) == ("sent", "noc@example.jp")
        await asked(state, "announce-add", mail=True, **ADDED)
        await office.until(2)
        centre.close()
        await office.until(3)
        assert str(office.mails[2]["Subject"]).startswith("【障害】One (one) 接続断（CarrierDown） / [Fault] outage of")
        while notices_kept(state):  # the server has it, and soon the store knows
            await asked(state, "notices-status")
        first.process.kill()
        await first.process.wait()

        again = Centre()
        await again.open()
        config, _ = write_config(tmp_path, again.port, notices=notices)
        second = await Gateway.start(config)
        await office.until(4)
        assert str(office.mails[3]["Subject"]).startswith("【復旧】One (one) 接続断（CarrierDown） / [Recovered]")
        assert office.mails[3]["References"] == office.mails[2]["Message-ID"]
        (shown,) = (await asked(state, "announce-list"))["announcements"]
        assert shown["ja"] == "作業"
        assert (await asked(state, "notices-status"))["faults"] == []
        second.process.terminate()
        code, _ = await second.ended()
        assert code == 0
        assert len(office.mails) == 4
        again.close()

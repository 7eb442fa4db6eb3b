"""What the files do not tell of a number: what carriers taught a gateway, what it remembers, what the network says now.

Read only, beside a gateway that runs or one that does not.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from gateway import clock
from gateway.flow.clock import Clock
from gateway.flow.lessons import KIND
from gateway.flow.lookups import Lookups, Verdict
from gateway.model.values import Ported
from gateway.ops.steering import SOCKET_NAME
from gateway.routing.learned import Learned
from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.lookup_cache import Keeping, LookupCache
from gateway.settings.lookups import LookupSettings
from gateway.steer_cli import GatewayUnreachable, ask
from gateway.steer_lookups import LOOKED_UP
from gateway.store.archive import read_only
from gateway.store.schema import FILE_NAME

NOT_KEPT = Keeping(0.0, 0.0, 0.0)


class Told(NamedTuple):
    """A network source's answer. `remembered`: a gateway's memory has it; else it was asked now, for `ms`."""

    answer: Answer
    remembered: bool
    ms: float = 0.0


class NotDecided(Exception):
    """What the network would say is not known: `waits` for sources that were silent, or nobody was asked."""

    def __init__(self, *, waits: bool) -> None:
        super().__init__()
        self.waits = waits


def kept_fact(directory: Path, e164: bytes) -> Learned | None:
    """What carriers taught the gateway whose store is in `directory`. sqlite3.Error when there is none to be read."""
    with closing(read_only(directory.absolute() / FILE_NAME)) as connection:
        select = "SELECT value, until FROM kept WHERE kind = ? AND owner = '' AND key = ?"
        row = connection.execute(select, (KIND, e164)).fetchone()
    return None if row is None else Learned.unpack(int(e164), row[0], row[1])


def remembered(directory: Path, e164: bytes) -> dict[str, Told]:
    """By source, what the gateway that runs on `directory` keeps of earlier look-ups; nothing if none runs."""
    if not (directory / SOCKET_NAME).exists():
        return {}
    try:
        reply = ask(directory, {"verb": LOOKED_UP, "arguments": {"number": e164.decode("ascii")}})
    except GatewayUnreachable:
        return {}
    answers = reply["result"]["answers"] if reply["ok"] else ()
    return {
        one["source"]: Told(
            Answer(
                Said[one["said"]],
                one["source"],
                one["carrier"] or "",
                Ported(one["ported"]),
                one["as_of"] or 0,
                one["called"] or "",
                one["seconds_left"],
            ),
            remembered=True,
        )
        for one in answers
    }


def ask_all(settings: LookupSettings, e164: bytes) -> dict[str, Told]:
    """Ask every source of `order` now, one after the other: it costs what their answers cost."""

    from gateway.lookups import NetworkLookups  # noqa: PLC0415 - as below

    async def asked() -> dict[str, Told]:
        network = NetworkLookups(settings, None, Clock(clock.monotonic, clock.wall_ms), lambda: None)
        found = {}
        try:
            for name in network.order:
                begun = clock.monotonic()
                answer = await network.sources[name].look_up(e164)
                found[name] = Told(answer, remembered=False, ms=1000 * (clock.monotonic() - begun))
        finally:
            await network.close()
        return found

    return asyncio.run(asked())


def verdict(settings: LookupSettings, e164: bytes, sources: tuple[str, ...], told: Mapping[str, Told]) -> Verdict:
    """What a gateway concludes of these answers. NotDecided when it would ask somebody who is not among them."""
    from gateway.lookups import policy  # noqa: PLC0415 - HTTP and DNS: other commands do not wait for them

    missing: list[str] = []
    verdicts: list[Verdict] = []

    def answered(source: str, _: bytes, then: Callable[[Answer], None]) -> bool:
        if source in told:
            then(told[source].answer)
        else:
            missing.append(source)  # who waits for it waits for good
        return True

    cache = LookupCache(0, dict.fromkeys(sources, NOT_KEPT))
    Lookups(answered, cache, lambda: 0.0, policy(settings)).ask(e164, sources, verdicts.append)
    if not verdicts:
        raise NotDecided(waits=not missing)
    return verdicts[0]

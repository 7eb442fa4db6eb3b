"""An answer that comes at once, later, twice, or never."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gateway.ops.steering import Result, Verb
from gateway.page.asking import NoAnswer, ask


class Desk:
    """Answers as the test says."""

    def __init__(self, how: Callable[[Callable[[Result], None]], None]) -> None:
        self._how = how
        self.asked: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def verb(self, name: str) -> Verb | None:
        return None

    def take(self, request: Mapping[str, Any], asker: Mapping[str, Any], reply: Callable[[Result], None]) -> None:
        self.asked.append((request, asker))
        self._how(reply)


async def test_an_answer_at_once_or_later_is_the_answer() -> None:
    desk = Desk(lambda reply: reply({"ok": True}))
    assert await ask(desk, {"verb": "x"}, {"signed_in": "noc"}) == {"ok": True}
    assert desk.asked == [({"verb": "x"}, {"signed_in": "noc"})]
    replies: list[Callable[[Result], None]] = []
    later = Desk(replies.append)
    asyncio.get_running_loop().call_soon(lambda: replies[0]({"ok": False}))
    assert await ask(later, {}, {}) == {"ok": False}


async def test_no_answer_is_told_and_one_that_comes_after_hurts_nobody() -> None:
    replies: list[Callable[[Result], None]] = []
    with pytest.raises(NoAnswer):
        await ask(Desk(replies.append), {}, {}, seconds=0.0)
    replies[0]({"ok": True})

"""A verb, asked by somebody over HTTP: the answer is awaited, not for ever."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from gateway.ops.steering import Result, Verb

ANSWER_SECONDS = 15.0


class NoAnswer(Exception):
    """Nothing in time; what was asked may still be done."""


class Desk(Protocol):
    """Who takes verbs."""

    def verb(self, name: str) -> Verb | None:
        """The verb of this name."""

    def take(self, request: Mapping[str, Any], asker: Mapping[str, Any], reply: Any) -> None:
        """One request; `reply` is called once."""


async def ask(
    desk: Desk, request: Mapping[str, Any], asker: Mapping[str, Any], seconds: float = ANSWER_SECONDS
) -> Result:
    """What is answered. NoAnswer."""
    answered: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def reply(answer: Result) -> None:
        if not answered.done():
            answered.set_result(answer)

    desk.take(request, asker, reply)
    try:
        async with asyncio.timeout(seconds):
            return await answered
    except TimeoutError:
        raise NoAnswer from None

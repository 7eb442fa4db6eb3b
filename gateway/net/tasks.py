"""The one place that starts tasks. Each has an owner, a name and an end; one that fails takes the owner down."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

CANCEL_AGAIN_SECONDS = 0.2


class Tasks:
    """A group of named tasks. `on_failure` is called once with what one of them raised."""

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> Callable[[], object]:
        """Start one. Return what ends it before all others end."""
        task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the place
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task.cancel

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._on_failure(failure)

    async def end(self) -> None:
        """Cancel all of them and wait until they are gone."""
        tasks = set(self._tasks)
        while tasks:  # what is awaited may swallow a cancellation that comes as it ends: then once more
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=CANCEL_AGAIN_SECONDS)

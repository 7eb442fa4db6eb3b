"""Seeds, one after another; the first that fails is told with the end of its history."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import structlog

from gateway.assemble import Flow, assemble
from gateway.flow import receipts_out
from tests.simulation.disk import SlowStore, WatchedDisk
from tests.simulation.history import History
from tests.simulation.scene import Scene

HEAD = 5  # of an outbox: so that the rest is read from the store, as it is with thousands


class Verdict(NamedTuple):
    """Of one seed; `failure` is empty when all promises were kept."""

    seed: int
    failure: str
    lines: list[str]
    digest: str


def play(
    seed: int,
    build: Callable[..., Flow] = assemble,
    make_store: Callable[[WatchedDisk], SlowStore] = SlowStore,
) -> Verdict:
    """One seed, from the start to the verdict."""
    with patch.object(receipts_out, "HEAD", HEAD):
        scene = Scene(seed, build, make_store)
        with logged(scene.history):
            failure = _played(scene)
    return Verdict(seed, failure, scene.history.lines, scene.history.digest())


def _played(scene: Scene) -> str:
    try:
        scene.run()
    except AssertionError as wrong:
        return f"{type(wrong).__name__}: {wrong}"
    except Exception:  # noqa: BLE001 - whatever the gateway raises is a find
        return traceback.format_exc()
    return ""


@contextmanager
def logged(history: History) -> Iterator[None]:
    """What the gateway logs stands in the history."""

    def note(_: object, level: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        what = event.pop("event")
        history.note("log", f"{level} {what} " + " ".join(f"{name}={value}" for name, value in event.items()))
        raise structlog.DropEvent

    before: dict[str, Any] = structlog.get_config()
    structlog.configure(processors=[note])
    try:
        yield
    finally:
        structlog.configure(**before)

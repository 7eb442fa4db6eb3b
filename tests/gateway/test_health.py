"""What systemd hears: every half of its patience, and not while the store process hangs."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import health
from gateway.health import MOST_SILENT_SECONDS, STATUS_SECONDS, Health, loading
from tests.gateway.flow.world import World


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    told = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(told)
        heard.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", told)
        yield heard


def said(heard: socket.socket) -> list[str]:
    """Everything so far."""
    heard.setblocking(False)
    told = []
    while True:
        try:
            told.append(heard.recv(4_096).decode())
        except BlockingIOError:
            return told


class Disk:
    """A store as slow as a test wants it."""

    def __init__(self) -> None:
        self.stuck = ""
        self.silent = 0.0

    def silent_seconds(self, now: float) -> float:
        return self.silent


def healthy(watchdog_seconds: float | None) -> tuple[Health, Disk]:
    disk = Disk()
    return Health(World().flow, disk, watchdog_seconds), disk


@pytest.mark.parametrize(("patience", "every"), [(20.0, 10), (10.0, 5), (2.0, 1), (0.4, 1), (7.0, 4)])
def test_the_watchdog_hears_twice_in_its_time(supervisor: socket.socket, patience: float, every: int) -> None:
    one, _ = healthy(patience)
    heard_at = []
    for second in range(1_000, 1_060):
        one.tick(float(second))
        heard_at += [second] * said(supervisor).count("WATCHDOG=1")
    assert heard_at == list(range(1_000, 1_060, every))


def test_without_a_watchdog_it_hears_only_how_it_is(supervisor: socket.socket) -> None:
    one, _ = healthy(None)
    one.tick(1.0)
    (told,) = said(supervisor)
    assert told.startswith("STATUS=")


def test_a_store_that_is_slow_for_two_minutes_is_no_reason(supervisor: socket.socket) -> None:
    one, disk = healthy(2.0)
    disk.silent = MOST_SILENT_SECONDS
    one.tick(1.0)
    assert "WATCHDOG=1" in said(supervisor)


def test_a_store_that_hangs_is_one_until_it_answers(supervisor: socket.socket) -> None:
    one, disk = healthy(2.0)
    disk.silent = MOST_SILENT_SECONDS + 1
    for second in range(10):
        one.tick(float(second))
    assert "WATCHDOG=1" not in said(supervisor)
    disk.silent = 0.0
    one.tick(10.0)
    assert "WATCHDOG=1" in said(supervisor)


def test_a_disk_that_refuses_is_none_and_is_told(supervisor: socket.socket) -> None:
    one, disk = healthy(2.0)
    disk.stuck = "database or disk is full"
    one.tick(1.0)
    told = said(supervisor)
    assert "WATCHDOG=1" in told
    assert any(words.endswith("; the store is stuck") for words in told)


def test_how_it_is_is_told_when_it_changed_and_not_more_often_than_that(supervisor: socket.socket) -> None:
    one, disk = healthy(None)
    for second in range(60):
        disk.stuck = "" if second < 30 else "full"
        one.tick(float(second))
    assert len(said(supervisor)) == 2
    assert STATUS_SECONDS < 10


async def test_while_it_loads_more_time_is_asked_for_as_long_as_the_store_answers(
    supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LOADING_EVERY_SECONDS", 0.0)
    disk = Disk()
    loop = asyncio.get_running_loop()
    with loading(disk):
        for _ in range(5):
            await asyncio.sleep(0)
        told = said(supervisor)
        assert len(told) > 2
        assert set(told) == {f"EXTEND_TIMEOUT_USEC={int(health.LOADING_NEEDS_SECONDS * 1_000_000)}"}
        disk.silent = MOST_SILENT_SECONDS + 1
        await asyncio.sleep(0)
        said(supervisor)
        for _ in range(5):
            await asyncio.sleep(0)
        assert said(supervisor) == []
        disk.silent = 0.0
    for _ in range(5):
        await asyncio.sleep(0)
    assert said(supervisor) == []
    assert loop.is_running()

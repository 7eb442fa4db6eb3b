"""A supervisor's socket hears what we say, in both kinds of address; without one nothing happens."""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import clock
from gateway.ops import notify


@pytest.fixture(params=["path", "abstract"])
def supervisor(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    told = str(tmp_path / "notify") if request.param == "path" else f"@smpp-gateway-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + told[1:] if told.startswith("@") else told)
        heard.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", told)
        yield heard


@pytest.mark.parametrize(
    ("say", "hear"),
    [
        (notify.ready, b"READY=1"),
        (notify.stopping, b"STOPPING=1"),
        (lambda: notify.stopping(40.5), b"STOPPING=1\nEXTEND_TIMEOUT_USEC=40500000"),
        (lambda: notify.loading(60), b"EXTEND_TIMEOUT_USEC=60000000"),
        (lambda: notify.status("2 of 4 carriers up"), b"STATUS=2 of 4 carriers up"),
        (notify.watchdog, b"WATCHDOG=1"),
    ],
)
def test_the_supervisor_hears_it(supervisor: socket.socket, say: Callable[[], None], hear: bytes) -> None:
    say()
    assert supervisor.recv(4096) == hear


def test_a_reload_tells_when_it_began(supervisor: socket.socket) -> None:
    before = clock.monotonic()
    notify.reloading()
    first, second = supervisor.recv(4096).split(b"\n")
    assert first == b"RELOADING=1"
    key, _, value = second.partition(b"=")
    assert key == b"MONOTONIC_USEC"
    assert int(before * 1_000_000) <= int(value) <= int(clock.monotonic() * 1_000_000)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "20000000"}, 20.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_long_the_watchdog_waits_for_this_process(told: dict[str, str], seconds: float | None) -> None:
    assert notify.watchdog_seconds(told) == seconds


def test_each_word_is_a_datagram_of_its_own_and_in_order(supervisor: socket.socket) -> None:
    notify.ready()
    notify.watchdog()
    notify.stopping()
    assert [supervisor.recv(4096) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_supervisor_nothing_happens(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if address is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", address)

    def never(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", never)
    notify.ready()
    notify.watchdog()


@pytest.mark.parametrize("address", ["/nowhere/notify", "@nobody-listens-here", "relative", "/" + "x" * 200])
def test_a_supervisor_that_is_not_there_harms_nothing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify.ready()
    notify.stopping()


def test_a_supervisor_that_does_not_read_does_not_hold_the_loop_up(supervisor: socket.socket) -> None:
    said = 2_000
    before = clock.monotonic()
    for _ in range(said):
        notify.watchdog()
    assert clock.monotonic() - before < 5
    supervisor.settimeout(0)
    heard = list(until_blocked(supervisor))
    assert 0 < len(heard) < said
    assert set(heard) == {b"WATCHDOG=1"}


def until_blocked(heard: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(BlockingIOError):
        while True:
            yield heard.recv(64)

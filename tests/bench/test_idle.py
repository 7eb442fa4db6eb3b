"""A few silent customers are bound, counted and weighed; what cannot be is told by the exit code."""

import json
import resource
from itertools import pairwise

import pytest

from bench import idle
from bench.children import RunFailed


@pytest.fixture(autouse=True)
def _no_time_to_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "SETTLE_SECONDS", 0.1)


def test_each_process_holds_what_it_may_open() -> None:
    assert idle.shares(10_000, 20_000) == [(0, 10_000)]
    assert idle.shares(10_000, 4_096) == [(0, 4_032), (4_032, 4_032), (8_064, 1_936)]
    assert idle.shares(3, 1) == [(0, 1), (1, 1), (2, 1)]
    for sockets, files in ((1, 64), (1_000, 1_064), (1_001, 1_064)):
        held = idle.shares(sockets, files)
        assert sum(count for _, count in held) == sockets
        assert all(first + count == following for (first, count), (following, _) in pairwise(held))


def test_a_run(capfd: pytest.CaptureFixture[str]) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert idle.main(["--sockets", "12", "--seconds", "0.2"]) == 0
    figures = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (figures["sockets"], figures["bound"], figures["refused"], figures["client_processes"]) == (12, 12, 0, 1)
    assert 0 <= figures["gateway_cpu_seconds_a_second"] < 2
    assert 10 < figures["gateway_rss_mb_empty"] <= figures["gateway_rss_mb"] < 1_000
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] == limits[1]


def test_more_client_processes_where_one_may_not_open_so_many() -> None:
    figures = idle.measure(6, 0.1, idle.FILES_OF_A_CLIENT + 4)
    assert (figures["client_processes"], figures["bound"]) == (2, 6)


def test_who_is_refused_is_counted(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(idle, "BINDS_OF_AN_ACCOUNT", 3)
    written = idle.configuration
    monkeypatch.setattr(idle, "configuration", lambda directory, _: written(directory, 3))
    assert idle.main(["--sockets", "4", "--seconds", "0.1"]) == 1
    figures = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (figures["bound"], figures["refused"]) == (3, 1)


def test_a_gateway_that_does_not_come_up(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(idle, "PASSWORD", "nine-octs")
    with pytest.raises(RunFailed, match="gateway did not say"):
        idle.measure(1, 0.1, 1_000)
    assert idle.main(["--sockets", "1"]) == 2
    assert "bench.idle: gateway did not say" in capfd.readouterr().err


@pytest.mark.parametrize("sockets", ["0", "100001", "many"])
def test_what_cannot_be_asked(sockets: str) -> None:
    with pytest.raises(SystemExit):
        idle.main(["--sockets", sockets])

"""Processes of a run: heard, measured, and ended whatever they do."""

import os
import select
import sys
from pathlib import Path

import pytest

from bench.children import Child, RunFailed, cpu_seconds, family, peak_mb

PATIENCE = 10.0


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


WAITING = 'import signal; print(\'{"event": "up"}\', flush=True); signal.pause()'
DEAF = (
    'import signal; signal.signal(15, signal.SIG_IGN); print(\'{"event": "up"}\', flush=True)\nwhile 1: signal.pause()'
)
# SIGTERM is waited for and not handled, so that it cannot fall between a handler's setting and a pause.
PARENT = """
import signal, subprocess, sys
program = "import signal; print(flush=True); signal.pause()"
child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
child.stdout.readline()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print('{"event": "up", "child": %d}' % child.pid, flush=True)
signal.sigwait([signal.SIGTERM])
child.kill()
child.wait()
sys.exit(3)
"""


def test_lines_are_heard_and_what_is_no_json_object_is_passed_over() -> None:
    program = "print('hello'); print('[1]'); print('{\"n\": 1}'); print('{\"n\": 2}'); print('bye')"
    with Child("talker", python(program)) as child:
        assert child.wait_for(lambda line: line["n"] == 2, PATIENCE) == {"n": 2}
        assert child.result(PATIENCE) == {"n": 2}


def test_stderr_is_heard_when_asked() -> None:
    program = 'import sys; print(\'{"from": "stderr"}\', file=sys.stderr)'
    with Child("talker", python(program), listen_to_stderr=True) as child:
        assert child.wait_for(lambda line: line.get("from") == "stderr", PATIENCE)
        child.result(PATIENCE)


def test_a_line_that_never_comes_is_not_waited_for_behind_the_end() -> None:
    with (
        Child("silent", python("pass")) as child,
        pytest.raises(RunFailed, match=r"silent did not say .* and ended"),
    ):
        child.wait_for(lambda _: True, 600.0)


def test_a_line_that_does_not_come_in_time() -> None:
    with Child("waiting", python(WAITING)) as child:
        child.wait_for(lambda line: line["event"] == "up", PATIENCE)
        with pytest.raises(RunFailed, match="waiting did not say"):
            child.wait_for(lambda line: line["event"] == "never", 0.01)
        with pytest.raises(RunFailed, match="did not end"):
            child.result(0.01)
        assert not child.ends_within(0.01)


def test_an_end_without_a_word() -> None:
    with Child("silent", python("raise SystemExit(5)")) as child, pytest.raises(RunFailed, match="with 5 and said"):
        child.result(PATIENCE)


def test_a_child_is_ended_when_the_run_fails() -> None:
    child = Child("waiting", python(WAITING))
    child.wait_for(lambda line: line["event"] == "up", PATIENCE)
    with pytest.raises(RunFailed), child:
        child.wait_for(lambda line: line["event"] == "never", 0.01)
    assert gone(child.pid)


def test_a_child_that_is_deaf_to_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.children.END_SECONDS", 0.1)
    with Child("deaf", python(DEAF)) as child:
        child.wait_for(lambda line: line["event"] == "up", PATIENCE)
        with pytest.raises(RunFailed, match="after SIGTERM"):
            child.terminate(0.05)
    assert gone(child.pid)


def test_a_child_does_not_outlive_a_harness_that_was_killed() -> None:
    harness = (
        "import sys, os; from bench.children import Child\n"
        f"child = Child('waiting', [sys.executable, '-c', {WAITING!r}])\n"
        "child.wait_for(lambda line: line['event'] == 'up', 10.0)\n"
        "print('{\"child\": %d}' % child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    with Child("harness", python(harness)) as child:
        orphan = child.result(PATIENCE)["child"]
    descriptor = -1
    try:
        descriptor = os.pidfd_open(orphan)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], PATIENCE)[0], "it lives"
    finally:
        os.close(descriptor)


def test_the_family_and_what_it_costs() -> None:
    with Child("parent", python(PARENT)) as child:
        up = child.wait_for(lambda line: line["event"] == "up", PATIENCE)
        pids = family(child.pid)
        assert pids == [child.pid, up["child"]]
        assert peak_mb(pids) > peak_mb(pids[:1]) > 1
        assert cpu_seconds(pids) >= 0
        assert child.terminate(PATIENCE) == 3
    with pytest.raises(OSError, match="No such file"):
        cpu_seconds(pids)


def test_cpu_is_counted() -> None:
    own = [os.getpid()]
    before = cpu_seconds(own)
    while cpu_seconds(own) < before + 0.05:
        sum(range(10_000))
    assert cpu_seconds(own) < before + 5

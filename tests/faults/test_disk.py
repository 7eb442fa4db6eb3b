"""The disk that fails, under plain SQLite: each fault is seen as what it is, and what was committed stays."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.plan import Action, Plan, Point

ROOT = Path(__file__).parents[2]
# Commits rows one by one, says for each whether it was taken; a fault ends nothing.
PROGRAM = """
import json, sqlite3, sys
from pathlib import Path
from tests.faults import disk
from tests.faults.plan import Plan
disk.install(Plan(Path(sys.argv[1])))
found = []
for number in range(4):
    connection = None
    try:
        connection = sqlite3.connect(sys.argv[2], isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS row (number)")
        connection.execute("INSERT INTO row VALUES (?)", (number,))
        found.append("")
        connection.close()
    except sqlite3.Error as error:
        found.append(error.sqlite_errorname)
        if connection is not None:
            connection.close()
    print(json.dumps(found), flush=True)
"""


def run(directory: Path) -> tuple[int, list[str]]:
    """The exit code, and by row what went wrong."""
    command = [sys.executable, "-c", PROGRAM, str(directory / "plan"), str(directory / "file")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else []


def rows(directory: Path) -> list[int]:
    """What is there, by a program without faults. Its own plan says nothing."""
    program = PROGRAM.replace("range(4)", "()") + (
        "connection = sqlite3.connect(sys.argv[2])\n"
        "assert connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)]\n"
        "print(json.dumps([n for (n,) in connection.execute('SELECT number FROM row')]))"
    )
    command = [sys.executable, "-c", program, str(directory / "no plan"), str(directory / "file")]
    return list(json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout))


def found_rows(found: list[str]) -> list[int]:
    """Those that were taken."""
    return [number for number, error in enumerate(found) if not error]


@pytest.mark.parametrize("action", [Action.FULL, Action.BROKEN])
def test_faults_come_one_after_the_other_until_none_is_left(tmp_path: Path, action: Action) -> None:
    plan = Plan(tmp_path / "plan")
    plan.arm(Point.DISK, 1, action, times=1_000)
    code, found = run(tmp_path)
    assert code == 0
    assert set(found) == {"SQLITE_CANTOPEN"}
    kinds = set()
    for at in (2, 5, 9, 14, 20, 27):
        for name in ("file", "file-wal", "file-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        plan.arm(Point.DISK, at, action)
        code, found = run(tmp_path)
        assert plan.disarm() == 1
        kinds |= set(found)
        taken = found_rows(found)
        assert len(taken) >= 3
        assert rows(tmp_path) == taken
    assert len(kinds) > 2


def test_a_torn_write_is_the_last_thing_it_does_and_tears_no_transaction(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "plan")
    run(tmp_path)
    before = len(rows(tmp_path))
    plan.arm(Point.DISK, 12, Action.TORN)
    code, found = run(tmp_path)
    assert code == -signal.SIGKILL
    there = rows(tmp_path)[before:]
    assert there in (found_rows(found), [*found_rows(found), len(found)])  # it may be durable before it can be said

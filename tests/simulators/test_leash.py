"""A leashed process ends when its parent does, kill -9 included, and is the command it was given."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# A parent that starts a leashed child, passes its own stdout on to it, tells the child's pid and waits.
PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "simulators.leash", str(os.getpid()), *sys.argv[1:]])
child.wait()
"""
CHILD = "import os, signal; print(os.getpid(), flush=True); signal.pause()"


def test_it_becomes_the_command() -> None:
    leash = [sys.executable, "-m", "simulators.leash", str(os.getpid())]
    said = subprocess.run([*leash, "/bin/echo", "a b", "c"], capture_output=True, text=True, cwd=ROOT, check=True)
    assert said.stdout == "a b c\n"


def test_it_ends_with_a_parent_that_was_killed() -> None:
    command = [sys.executable, "-c", PARENT, sys.executable, "-c", CHILD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        assert parent.stdout.read() == ""  # the end of the pipe: the child, which holds it too, is gone
        os.close(child)
    assert parent.returncode == -signal.SIGKILL


def test_it_does_not_start_when_the_parent_is_gone_already() -> None:
    leash = [sys.executable, "-m", "simulators.leash", "1"]
    said = subprocess.run([*leash, "/bin/echo", "late"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (said.returncode, said.stdout) == (1, "")

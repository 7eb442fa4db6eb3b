"""`python -m simulators.leash PARENT COMMAND...`: becomes COMMAND, which is told to end when the process PARENT ends.

Whatever ends the parent, kill -9 too, no child of a demo stays behind. Linux only (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(arguments[0]), arguments[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it was quicker to end than we were to start
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - no shell; the command is our starter's


if __name__ == "__main__":
    main(sys.argv[1:])

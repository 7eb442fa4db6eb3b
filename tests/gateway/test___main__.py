"""`python -m gateway` is `smpp-gateway`."""

import subprocess
import sys

from gateway import __version__


def test_the_module_runs_the_command_line() -> None:
    done = subprocess.run([sys.executable, "-m", "gateway", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("smpp-gateway")
    assert __version__ in done.stdout

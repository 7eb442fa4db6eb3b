"""`.ci/run` and the Makefile: what a newcomer does, on a machine that has Python, make and git."""

import os
import re
import shutil
import subprocess

from tests.house.tree import ROOT

RUN = ROOT / ".ci" / "run"
SCRIPT = RUN.read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_it_can_be_run_and_is_sound_bash() -> None:
    assert os.access(RUN, os.X_OK)
    assert subprocess.run(["bash", "-n", RUN], capture_output=True, check=False).stderr == b""


def test_it_stops_at_the_first_failure_and_reads_nothing() -> None:
    assert "set -euo pipefail" in SCRIPT
    assert "< /dev/null" in SCRIPT


def test_it_does_the_readmes_commands_and_all_that_check_does() -> None:
    (check,) = re.findall(r"^check: (.+)$", MAKEFILE, re.MULTILINE)
    done = {target for line in re.findall(r"^make (.+)$", SCRIPT, re.MULTILINE) for target in line.split()}
    assert set(check.split()) <= done
    assert "smpp-gateway demo --once" in SCRIPT


def test_neither_installs_anything_outside_of_the_environment() -> None:
    for text in (SCRIPT, MAKEFILE):
        # Unpacked in .venv, not installed.
        text = re.sub(r'apt-get --quiet (download "\$@"|update\b|--simulate install\b)', "", text)
        assert not re.search(r"\bsudo\b|\bapt\b|\bcurl\b|\bwget\b|--user\b|https?:", text)
    assert all("$(BIN)/python -m pip" in line for line in MAKEFILE.splitlines() if re.search(r"\bpip\b.*install", line))


def test_packages_come_by_the_lock_and_its_hashes() -> None:
    lines = [line for line in MAKEFILE.splitlines() if "pip install" in line]
    assert len(lines) == 2
    assert all("--no-deps" in line for line in lines)
    assert "--require-hashes" in lines[0]
    assert "--no-build-isolation" in lines[1]


def test_make_knows_every_target_and_what_an_old_python_is() -> None:
    make = shutil.which("make")
    assert make is not None
    for target in re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[0].split():
        done = subprocess.run([make, "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    command = [make, "--always-make", "setup", "PYTHON=false"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "Python 3.11 or newer is needed" in refused.stdout

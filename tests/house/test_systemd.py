"""The unit file: systemd's own judgement where systemd-analyze is installed, and where unit and code must agree."""

import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import click
import pytest

from gateway import cli, daemon
from gateway.settings.models import Settings
from gateway.store.client import CLOSE_SECONDS
from tests.house.tree import ROOT

UNIT = ROOT / "systemd" / "smpp-gateway.service"
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSURE = 13  # tenths; a unit without any hardening has 96

needs_analyze = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def sections(text: str) -> dict[str, dict[str, list[str]]]:
    """Section -> key -> values, in order."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in text.splitlines():
        if not line.strip() or line.startswith(("#", ";")):
            continue
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match.group(1)
        else:
            key, equals, value = line.partition("=")
            assert equals, f"{line!r} is no setting"
            found[section][key].append(value)
    return found


SERVICE = sections(UNIT.read_text("utf-8"))["Service"]


def seconds(key: str) -> float:
    """A time of the unit, which must be written in whole seconds."""
    (value,) = SERVICE[key]
    assert re.fullmatch(r"\d+s", value)
    return float(value[:-1])


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, timeout=50, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit as it is once its program is installed."""
    program = shutil.which("true")
    assert program is not None
    path = tmp_path / UNIT.name
    path.write_text(re.sub(r"(?m)^(ExecStart=)\S+", rf"\g<1>{program}", UNIT.read_text("utf-8")), "utf-8")
    return path


@needs_analyze
def test_systemd_has_nothing_to_say_about_it(installed: Path) -> None:
    done = analyze("verify", "--man=no", str(installed))
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


@needs_analyze
def test_systemd_would_say_so_if_there_were_a_mistake(installed: Path) -> None:
    installed.write_text(installed.read_text("utf-8").replace("ProtectHome=", "ProtectHoem="), "utf-8")
    assert "ProtectHoem" in analyze("verify", "--man=no", str(installed)).stderr


@needs_analyze
def test_it_is_locked_up_well(installed: Path) -> None:
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}", str(installed))
    assert done.returncode == 0, done.stdout


def test_what_it_starts_is_a_command_of_ours_with_options_that_it_knows() -> None:
    (line,) = SERVICE["ExecStart"]
    program, command, *arguments = shlex.split(line)
    assert Path(program).name == "smpp-gateway"
    known = cli.main.commands[command]
    options = {name for one in known.params if isinstance(one, click.Option) for name in one.opts}
    given = [word for word in arguments if word.startswith("--")]
    assert set(given) <= options
    assert "--config" in given


def test_the_store_is_where_systemd_makes_a_directory_for_us_alone() -> None:
    assert "${STATE_DIRECTORY}" in SERVICE["ExecStart"][0]
    assert SERVICE["StateDirectory"] == ["smpp-gateway"]
    assert SERVICE["StateDirectoryMode"] == ["0700"]


def test_a_stop_has_time_to_drain_and_to_close_the_store() -> None:
    drain = Settings.model_fields["drain_seconds"].default
    assert seconds("TimeoutStopSec") > drain + CLOSE_SECONDS
    assert SERVICE["KillMode"] == ["mixed"]  # SIGTERM for the gateway alone: it ends the store process itself


def test_the_watchdog_hears_from_us_several_times_in_its_time() -> None:
    assert SERVICE["Type"] == ["notify"]
    assert seconds("WatchdogSec") > 5 * daemon.TICK_SECONDS


def test_it_is_started_again_unless_the_configuration_is_wrong() -> None:
    assert SERVICE["Restart"] == ["always"]
    assert SERVICE["RestartPreventExitStatus"] == [str(cli.BAD_CONFIG)]


def test_no_secret_stands_in_it() -> None:
    text = UNIT.read_text("utf-8")
    assert "LoadCredential=" in text
    assert not re.search(r"(?i)^(environment|setcredential)\w*=", text, re.MULTILINE)

"""The units: systemd's own judgement where its tools are installed, and where units and code must agree."""

import os
import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import click
import pytest

from gateway import cli, daemon
from gateway.health import LOADING_EVERY_SECONDS, MOST_SILENT_SECONDS
from gateway.settings.load import load
from gateway.settings.models import Settings
from gateway.steer_cli import INSTALLED
from gateway.store.client import CLOSE_SECONDS
from tests.house.tree import ROOT

UNITS = sorted(path for path in (ROOT / "systemd").iterdir() if path.suffix != ".conf")
UNIT = ROOT / "systemd" / "smpp-gateway.service"
SOCKET = ROOT / "systemd" / "smpp-gateway.socket"
SYSUSERS = ROOT / "systemd" / "smpp-gateway.sysusers.conf"
TMPFILES = ROOT / "systemd" / "smpp-gateway.tmpfiles.conf"
TO_SERVE = re.compile(r"(?m)^(ExecStart=)/opt/\S+")
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
    """The unit as it is once its program is installed, the others beside it."""
    program = shutil.which("true")
    assert program is not None
    for unit in UNITS:
        (tmp_path / unit.name).write_text(TO_SERVE.sub(rf"\g<1>{program}", unit.read_text("utf-8")), "utf-8")
    return tmp_path / UNIT.name


@needs_analyze
def test_systemd_has_nothing_to_say_about_them(installed: Path) -> None:
    done = analyze("verify", "--man=no", *(str(installed.parent / unit.name) for unit in UNITS))
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


@needs_analyze
def test_systemd_would_say_so_if_there_were_a_mistake(installed: Path) -> None:
    installed.write_text(installed.read_text("utf-8").replace("ProtectHome=", "ProtectHoem="), "utf-8")
    assert "ProtectHoem" in analyze("verify", "--man=no", str(installed)).stderr


@needs_analyze
def test_they_are_locked_up_well(installed: Path) -> None:
    services = [str(installed.parent / unit.name) for unit in UNITS if unit.suffix == ".service"]
    assert len(services) == 3
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}", *services)
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
    assert SERVICE["StateDirectory"] == [INSTALLED.name]
    assert SERVICE["StateDirectoryMode"] == ["0700"]


def test_a_stop_has_time_to_drain_and_to_close_the_store() -> None:
    drain = Settings.model_fields["drain_seconds"].default
    assert seconds("TimeoutStopSec") > drain + CLOSE_SECONDS
    assert SERVICE["KillMode"] == ["mixed"]  # SIGTERM for the gateway alone: it ends the store process itself


def test_the_watchdog_hears_from_us_several_times_in_its_time() -> None:
    assert SERVICE["Type"] == ["notify"]
    assert seconds("WatchdogSec") > 5 * daemon.TICK_SECONDS


def test_what_takes_long_asks_for_more_time_in_time() -> None:
    assert seconds("TimeoutStartSec") > LOADING_EVERY_SECONDS
    assert 2 * seconds("WatchdogSec") < MOST_SILENT_SECONDS  # a disk that is slow for a while kills nobody


def test_the_socket_is_the_examples_where_it_may_be_reached() -> None:
    (stream,) = sections(SOCKET.read_text("utf-8"))["Socket"]["ListenStream"]
    host, port = stream.rsplit(":", 1)
    assert host == "0.0.0.0"
    assert int(port) == load(ROOT / "config" / "gateway.yaml").listen[0].port
    assert "smpp-gateway.socket" not in UNIT.read_text("utf-8")  # it is taken by its name where it is enabled, or not


def test_what_they_run_is_a_command_of_ours_with_what_it_needs() -> None:
    found = 0
    for unit in UNITS:
        for words in re.findall(r"/opt/smpp-gateway/bin/smpp-gateway ([^']+)", unit.read_text("utf-8")):
            command: click.Command = cli.main
            for word in shlex.split(words.replace("%%", "%").replace("$(", "").replace(")", "")):
                if isinstance(command, click.Group):
                    command = command.commands[word]
            options = {name for one in command.params if isinstance(one, click.Option) for name in one.opts}
            assert set(re.findall(r" (--[\w-]+)", words)) <= options
            found += 1
    assert found == 3


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("backup", r"store backup /var/lib/smpp-gateway /var/backups/smpp-gateway/\d{8}T\d{6}Z"),
        ("prune", r"store prune /var/lib/smpp-gateway --before \d{4}-\d\d --export /var/lib/smpp-gateway/exports"),
    ],
)
def test_what_the_timers_start_names_times_as_the_commands_want_them(unit: str, said: str) -> None:
    text = (ROOT / "systemd" / f"smpp-gateway-{unit}.service").read_text("utf-8")
    (script,) = re.findall(r"^ExecStart=/bin/sh -c '(.*)'$", text, re.MULTILINE)
    script = script.replace("%%", "%").replace("$$", "$").replace("/opt/smpp-gateway/bin/smpp-gateway", "echo")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert re.fullmatch(said, done.stdout.strip())


@pytest.mark.skipif(shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0, reason="needs systemd's tools, root")
def test_user_and_directories_are_made_as_they_should_be(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for tool, path in (("systemd-sysusers", SYSUSERS), ("systemd-tmpfiles", TMPFILES)):
        command = [tool, f"--root={tmp_path}", *(["--create"] if tool == "systemd-tmpfiles" else []), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
        assert done.returncode == 0, done.stderr
    assert re.search(r"^smpp-gateway:.*:/usr/sbin/nologin$", (tmp_path / "etc/passwd").read_text("utf-8"), re.MULTILINE)
    modes = {
        name: (tmp_path / name).stat().st_mode & 0o777
        for name in ("etc/smpp-gateway", "etc/smpp-gateway/secrets", "var/lib/smpp-gateway", "var/backups/smpp-gateway")
    }
    assert list(modes.values()) == [0o750, 0o700, 0o700, 0o700]


def test_it_is_started_again_unless_the_configuration_is_wrong() -> None:
    assert SERVICE["Restart"] == ["always"]
    assert SERVICE["RestartPreventExitStatus"] == [str(cli.BAD_CONFIG)]


def test_no_secret_stands_in_it() -> None:
    text = UNIT.read_text("utf-8")
    assert "LoadCredential=" in text
    assert not re.search(r"(?i)^(environment|setcredential)\w*=", text, re.MULTILINE)

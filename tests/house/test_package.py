"""The Debian package as it is laid out, and the installation guide, followed in an empty directory."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway import __version__
from gateway.cli import main
from package import build
from package.dependencies import NotAsInstalledError, closure, copy
from package.manual import escaped, page
from simulators.ports import free_port
from tests.house.tree import ROOT

GUIDE = (ROOT / "docs" / "installation.md").read_text("utf-8")
DPKG_DEB = shutil.which("dpkg-deb")
DEBIANS_PYTHON = Path("/usr/bin/python3")
HOME = Path("opt/smpp-gateway")
SITE = Path("lib", f"python{build.PYTHON}", "site-packages")
HERE = Path(structlog.__file__).parents[1]  # the same libraries with their bytecode, which takes seconds to make
READY_SECONDS = 20

needs_dpkg = pytest.mark.skipif(DPKG_DEB is None, reason="dpkg-deb is not installed")


def same_python() -> bool:
    """Whether the package is for the Python of this machine."""
    if not DEBIANS_PYTHON.exists():
        return False
    asked = [str(DEBIANS_PYTHON), "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == build.PYTHON


needs_python = pytest.mark.skipif(not same_python(), reason="/usr/bin/python3 is not the version that this runs on")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What `make package` packs, and the package itself, not compressed, beside it."""
    root, to = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("dist")
    if DPKG_DEB is None:
        build.lay_out(root)
    else:
        build.build(root, to, "none").rename(root.with_suffix(".deb"))
    yield root
    shutil.rmtree(root)
    root.with_suffix(".deb").unlink(missing_ok=True)


def told(package: Path, *how: str) -> str:
    assert DPKG_DEB is not None
    return subprocess.run(
        [DPKG_DEB, *how, str(package.with_suffix(".deb"))], capture_output=True, text=True, check=True
    ).stdout


@needs_dpkg
def test_dpkg_is_told_what_it_needs_to_know(package: Path) -> None:
    control = told(package, "--field")
    assert f"Version: {__version__}\n" in control
    assert f"python3 (>= {build.PYTHON}), python3 (<< {build.NEXT_PYTHON})" in control
    assert "installation.md" in control
    conffiles = (package / "DEBIAN" / "conffiles").read_text("ascii").splitlines()
    files = {f"/{path.relative_to(package)}" for path in (package / "etc").rglob("*") if path.is_file()}
    assert set(conffiles) == files
    assert "/etc/smpp-gateway/example/gateway.yaml" in files
    assert "/etc/smpp-gateway/gateway.yaml" not in files  # nothing starts before somebody wrote one


@needs_dpkg
def test_every_file_is_roots_and_of_one_time_whoever_built_it(package: Path) -> None:
    lines = told(package, "--contents").splitlines()
    assert len(lines) > 1_000
    assert {tuple(line.split()[3:5]) for line in lines} == {tuple(lines[0].split()[3:5])}
    assert {line.split()[1] for line in lines} == {"root/root"}
    assert {line.split()[0] for line in lines} <= {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}


def test_every_unit_is_where_systemd_looks(package: Path) -> None:
    units = {path.name for path in (ROOT / "systemd").iterdir() if path.suffix != ".conf"}
    assert {path.name for path in (package / build.UNITS).iterdir()} == units
    assert (package / "usr/lib/sysusers.d/smpp-gateway.conf").is_file()
    assert (package / "usr/lib/tmpfiles.d/smpp-gateway.conf").is_file()


def test_nothing_is_in_it_that_only_makes_it(package: Path) -> None:
    there = {path.name for path in (package / HOME / SITE).iterdir()}
    assert {"gateway", "simulators", "uvloop", "pydantic", "yaml"} <= there
    assert not there & {"pytest", "_pytest", "mypy", "ruff", "hypothesis", "pip", "setuptools", "tests", "bench"}
    assert not list((package / HOME / SITE / "structlog").rglob("*.pyc"))


@pytest.mark.parametrize("script", build.SCRIPTS)
def test_what_dpkg_runs_is_sound_shell(script: str) -> None:
    path = ROOT / "package" / "debian" / script
    done = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "set -e" in path.read_text("utf-8")


def test_a_file_that_was_changed_is_not_packed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "thing-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1\n")
    (info / "RECORD").write_text("thing.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n../../bin/x,,\n")
    (site / "thing.py").write_text("")
    program = (
        "import sys; from importlib.metadata import PathDistribution; from pathlib import Path;"
        "from package.dependencies import copy; copy(PathDistribution(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(info), str(tmp_path / "to")]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["thing.py"]
    (site / "thing.py").write_text("import os\n")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert NotAsInstalledError.__name__ in done.stderr
    assert copy.__name__ in done.stderr


def test_what_it_needs_is_what_the_lock_has() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    assert set(closure("smpp-gateway")) <= locked


def test_the_manual_has_every_command_and_troff_takes_nothing_for_a_request() -> None:
    text = page(main, __version__)
    for name in main.commands:
        assert f"\n.B {escaped(name)}" in text
    assert escaped(".so /etc/passwd -x\n'br") == "\\&.so /etc/passwd \\-x\n\\&'br"
    assert {line.split(maxsplit=1)[0] for line in text.splitlines() if line.startswith(".")} <= {
        *(".TH", ".SH", ".B", ".I", ".TP", ".RS", ".RE"),
    }


# The guide


def steps(text: str) -> list[tuple[str, str]]:
    """Its shell blocks, each with what stands in the comment before it."""
    return re.findall(r"^(?:<!-- ([^\n]*) -->\n)?```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


STEPS = steps(GUIDE)
SUDO = """#!/bin/sh
if [ "$1" = -u ]; then shift 2; fi
exec "$@"
"""


class Host:
    """A directory as a host's root: the package's files in it, paths of the guide led there."""

    def __init__(self, package: Path, root: Path) -> None:
        self.root = root
        self.port = free_port()
        shutil.copytree(package / "etc", root / "etc")
        (root / HOME).mkdir(parents=True)
        shutil.copytree(package / HOME / "bin", root / HOME / "bin", symlinks=True)
        shutil.copy(package / HOME / "pyvenv.cfg", root / HOME)
        self._libraries(package / HOME / SITE)
        (root / "usr").symlink_to(package / "usr")
        for made in ("etc/smpp-gateway/secrets", "var/lib/smpp-gateway", "var/backups/smpp-gateway", "bin"):
            (root / made).mkdir(parents=True)
        self._command("sudo", SUDO)
        self._command("smpp-gateway", f'#!/bin/sh\nexec {root / HOME}/bin/python -m gateway "$@"\n')
        self.environment = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "LANG": "C.UTF-8"}

    def _libraries(self, packed: Path) -> None:
        """Those that are packed, and no others."""
        site = self.root / HOME / SITE
        site.mkdir(parents=True)
        for one in packed.iterdir():
            (site / one.name).symlink_to(HERE / one.name if (HERE / one.name).exists() else one)

    def _command(self, name: str, text: str) -> None:
        path = self.root / "bin" / name
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    def led(self, text: str) -> str:
        """Paths of the host under its root; the port one that is free."""
        text = re.sub(r"(?<![\w.#])/(etc|var|usr|opt)/", rf"{self.root}/\1/", text)
        return text.replace("0.0.0.0, port: 2775", f"127.0.0.1, port: {self.port}")

    def follow(self, step: str) -> str:
        """Type it."""
        text = self.led(step)
        if "/var/lib/smpp-gateway" not in step:  # what the commands find by themselves, which is not there
            text = f"export SMPP_GATEWAY_STATE={self.root}/var/lib/smpp-gateway\n{text}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            env=self.environment,
            cwd=self.root,
        )
        assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self) -> "subprocess.Popen[str]":
        """As the unit does: its command line, with credentials, from another directory. Returns when it is ready."""
        unit = (ROOT / "systemd" / "smpp-gateway.service").read_text("utf-8")
        (line,) = re.findall(r"^ExecStart=\S+ (.*)$", unit, re.MULTILINE)
        command = self.led(line).replace("${STATE_DIRECTORY}", f"{self.root}/var/lib/smpp-gateway").split()
        config = self.root / "etc/smpp-gateway/gateway.yaml"
        config.write_text(re.sub(r"port: 927\d", lambda _: f"port: {free_port()}", config.read_text("utf-8")), "utf-8")
        process = subprocess.Popen(
            [str(self.root / "bin/smpp-gateway"), *command],
            stdout=subprocess.PIPE,
            text=True,
            env={**self.environment, "CREDENTIALS_DIRECTORY": f"{self.root}/etc/smpp-gateway/secrets"},
            cwd="/",
        )
        assert process.stdout is not None
        for said in process.stdout:
            event: dict[str, Any] = json.loads(said)
            if event["event"] == "ready":
                return process
        raise AssertionError("the gateway ended before it was ready")


def test_the_guide_says_of_every_block_whether_it_can_be_tried() -> None:
    assert len(STEPS) == GUIDE.count("```sh")
    marks = {mark.split(":")[0] for mark, _ in STEPS}
    assert marks == {"", "after the start", "not in a test"}
    for _, step in STEPS:
        done = subprocess.run(["bash", "-n"], input=step, capture_output=True, text=True, check=False)
        assert done.stderr == "", step


@needs_python
def test_the_guide_leads_to_a_gateway_that_runs(package: Path, tmp_path: Path) -> None:
    host = Host(package, tmp_path / "host")
    said = [host.follow(step) for mark, step in STEPS if not mark]
    assert any("sound: 4 carriers, 1 customer" in words for words in said)
    secrets = host.root / "etc/smpp-gateway/secrets"
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
    process = host.start()
    try:
        with socket.create_connection(("127.0.0.1", host.port), timeout=5):
            said = [host.follow(step) for mark, step in STEPS if mark == "after the start"]
        assert f"smpp-gateway {__version__}" in said[0]
        assert "sound" in said[1]
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=READY_SECONDS)
    assert process.returncode == 0, output


def test_what_the_guide_writes_for_systemd_are_settings_that_the_units_have_too() -> None:
    names = re.findall(r"^(LoadCredential|ListenStream)=", GUIDE, re.MULTILINE)
    assert len(names) >= 3
    credentials = set(re.findall(r"^LoadCredential=([\w-]+):", GUIDE, re.MULTILINE))
    assert credentials == set(re.findall(r"credential: ([\w-]+)\}", GUIDE))


def test_its_units_exist() -> None:
    named = set(re.findall(r"smpp-gateway[\w-]*\.(?:service|socket|timer)\b", GUIDE))
    assert {name for name in named if not (ROOT / "systemd" / name).is_file()} == set()

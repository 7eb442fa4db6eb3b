"""The wheel: built without a network, with everything in it that the commands need and nothing else."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import __version__
from tests.house.tree import ROOT, name_of, python_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = directory.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_every_module_of_the_product_is_in_it_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    modules = {name_of(path) for path in python_files("gateway", "simulators")}
    assert {name for name in wheel.namelist() if name.endswith(".py")} == modules
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"gateway", "simulators", f"smpp_gateway-{__version__}.dist-info"}


def test_the_examples_are_in_it(wheel: zipfile.ZipFile) -> None:
    examples = {path.relative_to(ROOT / "config").as_posix() for path in (ROOT / "config").rglob("*") if path.is_file()}
    found = {
        name.removeprefix("simulators/config/") for name in wheel.namelist() if name.startswith("simulators/config/")
    }
    assert found == examples
    assert "gateway.yaml" in found


def test_the_pages_templates_and_style_are_in_it(wheel: zipfile.ZipFile) -> None:
    files = [path for path in (ROOT / "gateway" / "page").rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert len(files) > 10
    assert {name_of(path) for path in files} <= set(wheel.namelist())


def test_it_brings_both_commands_and_its_license(wheel: zipfile.ZipFile) -> None:
    info = f"smpp_gateway-{__version__}.dist-info"
    commands = wheel.read(f"{info}/entry_points.txt").decode()
    assert "smpp-gateway = gateway.cli:main" in commands
    assert "smsc-simulator = simulators.cli:main" in commands
    assert any(name.startswith(f"{info}/licenses/LICENSE") for name in wheel.namelist())


def test_what_it_says_of_itself_is_what_the_code_says(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(f"smpp_gateway-{__version__}.dist-info/METADATA").decode()
    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata


def test_unpacked_elsewhere_it_runs_on_its_own_examples(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import gateway.cli as cli;"
        "assert cli.__file__.startswith(sys.path[0]), cli.__file__; cli.main()"
    )
    config = tmp_path / "simulators" / "config" / "gateway.yaml"
    command = [sys.executable, "-c", program, str(tmp_path), "check-config", "--config", str(config)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr

"""The quick start and the handbook are followed: a program, and commands in order, beside a gateway that runs."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway import cli
from simulators.stage import Ports, Stage, set_up
from tests.house.tree import ROOT

QUICK_START, HANDBOOK = ROOT / "docs" / "quickstart.md", ROOT / "docs" / "handbook.md"

# They go on until they are stopped, set something up, or want a list that the example's account does not have.
NOT_TRIED = ("make", "curl", "smsc-simulator", "smpp-gateway run", "smpp-gateway opt-out")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page, also those within a list."""
    return [
        "\n".join(line.removeprefix(indent) for line in block.splitlines())
        for indent, block in re.findall(
            rf"^( *)```{language}\n(.*?)^ *```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
    ]


def month_beside(month: str, by: int) -> str:
    """`2026-01`, -1 -> `2025-12`."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year}-{number + 1:02d}"


def typed(page: Path) -> list[list[str]]:
    """The words of each command that is tried."""
    lines = [line.removeprefix("$ ") for block in blocks(page, "console") for line in block.splitlines()]
    words = [shlex.split(line) for line in lines if not line.startswith(NOT_TRIED)]
    commands = [[Path(one[0]).name, *one[1:]] for one in words]
    return [one for one in commands if not " ".join(one).startswith(NOT_TRIED)]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, str]]:
    """The example's gateway and carriers, after the program of the quick start has sent and read its receipt; the month
    in Japan in which that was."""
    (program,) = blocks(QUICK_START, "python")
    with set_up(tmp_path_factory.mktemp("stage"), Ports()) as one:
        program = program.replace("127.0.0.1", one.host).replace("2775", str(one.port))
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=40, check=False)
        assert done.returncode == 0, done.stderr
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["accepted", "receipt"]
        (done_at,) = re.findall(r" done date:(\d{10}) ", done.stdout)
        yield one, f"20{done_at[:2]}-{done_at[2:4]}"


@pytest.mark.parametrize("page", [QUICK_START, HANDBOOK], ids=lambda page: page.stem)
def test_its_commands_do_what_they_say(
    page: Path, followed: tuple[Stage, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, month = followed
    monkeypatch.setenv("SMPP_GATEWAY_STATE", str(stage.store))
    config = stage.store.parent / "config"
    places = {
        "/var/lib/smpp-gateway": str(stage.store),
        "var/gateway": str(stage.store),
        "/etc/smpp-gateway": str(config),
        "config/gateway.yaml": str(config / "gateway.yaml"),
        "/backup": str(tmp_path),
        "insurer": "demo",
    }
    (tmp_path / "months").mkdir()
    commands = typed(page)
    assert len(commands) >= 5
    for command in commands:
        assert command[0] == "smpp-gateway"
        words = command[1:]
        for old, new in places.items():
            words = [new if word == old else word.replace(f"{old}/", f"{new}/") for word in words]
        if "--month" in words:
            words[words.index("--month") + 1] = month_beside(month, -1) if words[1] == "close" else month
        for option in {"--begins", "--ends"} & set(words):  # what was ahead when the page was written
            place = words.index(option) + 1
            words[place] = f"{month_beside(month, 1)}-03{words[place][10:]}"
        if words[0] == "usage" and "--state-directory" not in words:
            words += ["--state-directory", str(stage.store)]  # the example's is relative to where one stands
        if words[0] == "explain" and "--config" not in words:
            words += ["--config", str(config / "gateway.yaml")]
        done = CliRunner().invoke(cli.main, words)
        assert done.exit_code == 0, f"{' '.join(command)}\n{done.output}"
        assert done.stdout or "--out" in words or "prune" in words, command  # nothing to prune: nothing to say

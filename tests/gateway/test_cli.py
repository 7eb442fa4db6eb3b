"""What an operator types, and what the process answers: words and exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway import __version__
from gateway.cli import main
from gateway.net.verifier import is_right
from gateway.settings.passwords import PasswordOrHash

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "config" / "gateway.yaml"


def three_mistakes(directory: Path) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (("node: 0 ", "nod: 0 "), ("port: 2775}", "port: 277500}"), ("okinawa: au", "okinawa: docomoo")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    file = directory / "gateway.yaml"
    file.write_text(text.replace("- carriers/", f"- {EXAMPLE.parent}/carriers/"), encoding="utf-8")
    for name in ("ported.csv", "customers"):
        (directory / name).symlink_to(EXAMPLE.parent / name)
    return file


def expected(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8").splitlines()
    lines = {
        key: next(n for n, line in enumerate(text, 1) if key in line) for key in ("nod:", "277500", "okinawa: docomoo")
    }
    meant = "; did you mean 'docomo'?"
    return [
        f"{file}:{lines['nod:']}:1: nod: there is no such key; did you mean 'node'?",
        f"{file}:{lines['277500']}:23: listen.0.port: must be 65535 or below",
        f"{file}:{lines['okinawa: docomoo']}:3: routes.okinawa: there is no profile in `carriers` of this name{meant}",
        f"{file}: 3 mistakes",
    ]


def test_the_example_is_sound() -> None:
    result = CliRunner().invoke(main, ["check-config", "--config", str(EXAMPLE)])
    assert result.exit_code == 0
    assert result.stdout == f"{EXAMPLE}: sound: 4 carriers, 1 customer\n"


def test_the_schema_for_editors_is_the_one_that_the_documents_have() -> None:
    result = CliRunner().invoke(main, ["config-schema"])
    assert result.exit_code == 0
    assert result.stdout == (REPOSITORY / "docs" / "gateway.schema.json").read_text("utf-8")


def test_three_mistakes_are_told_and_the_code_is_2(tmp_path: Path) -> None:
    file = three_mistakes(tmp_path)
    result = CliRunner().invoke(main, ["check-config", "--config", str(file)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == expected(file)


def test_the_process_says_the_same(tmp_path: Path) -> None:
    file = three_mistakes(tmp_path)
    command = [sys.executable, "-m", "gateway", "check-config", "--config", str(file)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == expected(file)


def test_a_gateway_does_not_run_on_a_configuration_with_mistakes(tmp_path: Path) -> None:
    state = tmp_path / "state"
    arguments = ["run", "--config", str(three_mistakes(tmp_path)), "--state-directory", str(state)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "3 mistakes" in result.stderr
    assert not state.exists()


@pytest.mark.parametrize("command", ["check-config", "run"])
def test_a_file_that_is_not_there(tmp_path: Path, command: str) -> None:
    result = CliRunner().invoke(main, [command, "--config", str(tmp_path / "absent.yaml")])
    assert result.exit_code == 2
    assert "absent.yaml:1:1: the file cannot be read: No such file or directory" in result.stderr
    assert "1 mistake\n" in result.stderr


def test_a_configuration_must_be_named() -> None:
    assert CliRunner().invoke(main, ["check-config"]).exit_code == 2


def test_a_password_is_hashed() -> None:
    result = CliRunner().invoke(main, ["hash-password"], input="secret\n")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert line.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_right(line, b"secret")
    assert PasswordOrHash.model_validate({"argon2": line}).hashed
    assert CliRunner().invoke(main, ["hash-password"], input="secret\n").stdout != result.stdout


@pytest.mark.parametrize("typed", ["", "\n", "too-long-by-far\n", "a b\n", "パス\n"])
def test_what_is_no_password_is_not_hashed(typed: str) -> None:
    result = CliRunner().invoke(main, ["hash-password"], input=typed)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "1 to 8" in result.stderr
    assert not typed.strip() or typed.strip() not in result.stderr


def test_it_tells_its_version_and_commands() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout
    told = CliRunner().invoke(main, ["--help"]).stdout
    assert all(command in told for command in ("run", "check-config", "hash-password", "demo"))

"""`smpp-gateway portability`: a gateway's file is made, changed, looked at; a bad list leaves it as it was."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.portability import carriers_in_files, portability
from gateway.routing.imported import ImportedNumbers
from gateway.routing.ported_build import alone
from gateway.settings.load import load

CONFIG = Path(__file__).parents[2] / "config"
NUMBER = b"819012345678"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example's configuration with a file of imported numbers and codes for carriers."""
    shutil.copytree(CONFIG, tmp_path / "config")
    path = tmp_path / "config" / "gateway.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(
        written.replace(
            "portability:\n",
            'portability:\n  imported_file: ../imported.numbers\n  file_carriers: {"010": docomo, "999": null}\n',
        ),
        encoding="utf-8",
    )
    return path


def run(*arguments: str | Path, config: Path) -> Result:
    return CliRunner().invoke(portability, [*map(str, arguments), "--config", str(config)])


def rows(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rows"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_is_imported_changed_and_shown(tmp_path: Path, config: Path) -> None:
    done = run("import", rows(tmp_path, "number,carrier\n09012345678,au\n09012345679,999\n"), config=config)
    assert done.exit_code == 0, done.output
    assert "2 numbers now; 2 rows, " in done.output
    imported = ImportedNumbers(tmp_path / "imported.numbers")
    assert imported.carrier(NUMBER) == "au"
    changed = rows(tmp_path, "C,09012345678,010\nD,09012345679,\n")
    done = run("import", changed, "--format", "acd", "--differences", config=config)
    assert done.exit_code == 0, done.output
    assert imported.refresh()
    assert (imported.carrier(NUMBER), len(imported)) == ("docomo", 1)
    shown = run("show", "--number", "090-1234-5678", config=config)
    assert shown.exit_code == 0, shown.output
    assert "sound: 1 numbers" in shown.output
    assert "090-1234-5678: docomo" in shown.output
    assert "is not in it" in run("show", "--number", "09012345679", config=config).output


def test_a_bad_row_is_told_and_nothing_is_taken(tmp_path: Path, config: Path) -> None:
    run("import", rows(tmp_path, "number,carrier\n09012345678,au\n"), config=config)
    failed = run("import", rows(tmp_path, "number,carrier\n09012345678,kddi\n09012345679,au\n"), config=config)
    assert failed.exit_code == 1
    assert "rows:2: no carrier is called 'kddi'" in failed.output
    assert "nothing was taken" in failed.output
    assert ImportedNumbers(tmp_path / "imported.numbers").carrier(NUMBER) == "au"
    skipped = run("import", tmp_path / "rows", "--skip-bad", config=config)
    assert skipped.exit_code == 0
    assert "1 bad ones left out" in skipped.output
    assert ImportedNumbers(tmp_path / "imported.numbers").carrier(NUMBER) is None


def test_a_directory_may_be_named(tmp_path: Path, config: Path) -> None:
    (tmp_path / "there").mkdir()
    done = run("import", rows(tmp_path, "number,carrier\n"), "--into", tmp_path / "there", config=config)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "there" / "imported.numbers").is_file()


def test_somewhere_it_must_be(tmp_path: Path) -> None:
    failed = run("import", rows(tmp_path, "number,carrier\n"), config=CONFIG / "gateway.yaml")
    assert failed.exit_code == 2
    assert "--into" in failed.output


def test_two_at_a_time_are_one_too_many(tmp_path: Path, config: Path) -> None:
    with alone(tmp_path / "imported.numbers"):
        failed = run("import", rows(tmp_path, "number,carrier\n"), config=config)
    assert failed.exit_code == 1
    assert "another import runs" in failed.output


def test_a_damaged_file_is_told(tmp_path: Path, config: Path) -> None:
    assert "No such file" in run("show", config=config).output
    run("import", rows(tmp_path, "number,carrier\n09012345678,au\n"), config=config)
    path = tmp_path / "imported.numbers"
    octets = bytearray(path.read_bytes())
    octets[16_384] ^= 1
    path.write_bytes(octets)
    failed = run("show", config=config)
    assert failed.exit_code == 1
    assert "its body is damaged" in failed.output


def test_a_configuration_that_is_wrong(tmp_path: Path, config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace('"010": docomo', '"010": docom'), encoding="utf-8")
    failed = run("show", config=config)
    assert failed.exit_code == 2
    assert "portability.file_carriers.010" in failed.output
    assert "docomo" in failed.output


def test_files_may_call_carriers_as_we_do_or_by_codes(config: Path) -> None:
    called = carriers_in_files(load(config))
    assert {name: called[name] for name in ("docomo", "okinawa", "010", "999", "")} == {
        "docomo": "docomo",
        "okinawa": "okinawa",
        "010": "docomo",
        "999": "",
        "": "",
    }


def test_columns_are_described(tmp_path: Path, config: Path) -> None:
    source = rows(tmp_path, "a|b\nx|010|09012345678|N|y\n")
    columns = ("--number-column", "3", "--carrier-column", "2", "--action-column", "4", "--adds", "N")
    layout = ("--format", "delimited", "--delimiter", "pipe", *columns, "--removes", "D", "--skip-lines", "1")
    done = run("import", source, *layout, config=config)
    assert done.exit_code == 0, done.output
    imported = ImportedNumbers(tmp_path / "imported.numbers")
    assert imported.carrier(NUMBER) == "docomo"
    done = run("import", rows(tmp_path, "\n||09012345678|D\n"), *layout, "--differences", config=config)
    assert done.exit_code == 0, done.output
    assert imported.refresh()
    assert imported.carrier(NUMBER) is None


@pytest.mark.parametrize(
    ("layout", "says"),
    [
        (("--number-column", "1"), "--format delimited only"),
        (("--skip-lines", "0"), "--format delimited only"),
        (("--format", "delimited"), "in which columns"),
        (("--format", "delimited", "--number-column", "1", "--carrier-column", "1"), "twice"),
        (("--format", "delimited", "--number-column", "1", "--carrier-column", "2", "--adds", "A"), "action"),
    ],
)
def test_columns_that_make_no_sense(tmp_path: Path, config: Path, layout: tuple[str, ...], says: str) -> None:
    refused = run("import", rows(tmp_path, ""), *layout, config=config)
    assert refused.exit_code == 2
    assert says in refused.output

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.store.archive import Archive
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.test_archiver import NOVEMBER, OCTOBER, archive_all, end


@pytest.fixture
def store(tmp_path: Path) -> Path:
    engine = SqliteEngine(tmp_path / "store")
    end(engine, 20, OCTOBER)
    end(engine, 30, NOVEMBER)
    archive_all(engine)
    engine.close()
    return tmp_path / "store"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["store", *map(str, arguments)])
    return result.exit_code, result.output


def test_check_says_sound_or_what_is_broken(store: Path) -> None:
    assert run("check", store) == (0, f"{store}: sound\n")
    engine = SqliteEngine(store)
    engine._connection.execute("INSERT INTO told VALUES ('demo', 1, 999)")
    engine.close()
    code, output = run("check", store)
    assert code == 1
    assert output.startswith("gateway.sqlite3: broken: an id that was told")
    code, output = run("check", store, "--json")
    assert (code, orjson.loads(output)["findings"][0]["number"]) == (1, 1)


def test_backup_and_its_refusals(store: Path, tmp_path: Path) -> None:
    code, output = run("backup", store, tmp_path / "copy")
    assert code == 0
    assert len(output.splitlines()) == 3
    assert run("check", tmp_path / "copy")[0] == 0
    code, output = run("backup", store, tmp_path / "copy")
    assert (code, "is not empty" in output) == (2, True)


def test_prune_exports_first_and_leaves_what_is_younger(store: Path, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    options = ("--before", "2026-11", "--export", tmp_path / "exports")
    assert run("prune", store, *options, "--dry-run") == (0, "2026-10: would go\n")
    code, output = run("prune", store, *options)
    assert (code, output) == (0, f"2026-10: gone; {tmp_path}/exports/2026-10.jsonl.gz\n")
    assert Archive(store).months() == ["2026-11"]
    assert run("prune", store, *options) == (0, "")


def test_bad_use_is_said(store: Path, tmp_path: Path) -> None:
    assert run("check", tmp_path)[0] == 2
    assert run("prune", store, "--before", "soon", "--export", tmp_path)[0] == 2

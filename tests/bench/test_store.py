"""The store's bench: its load is a whole life a message, and its last line is JSON."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from bench import store
from simulators.records import connect


async def test_every_message_lives_its_whole_life(tmp_path: Path) -> None:
    figures = await store.measure(tmp_path, messages=70, batch=20)
    assert figures.messages == 70
    assert figures.changes == 70 * 5
    assert figures.batches >= 4 + 3
    assert figures.msgs_per_s > 0
    assert figures.process_us_per_msg > 0
    assert figures.process_rss_mb > 1
    assert figures.disk_mb > 0
    with closing(connect(tmp_path)) as connection:
        (records,) = connection.execute("SELECT count(*) FROM billing_record").fetchone()
        left = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("message", "receipt_owed")]
    assert records == 70
    assert left == [(0,), (0,)]


async def test_a_store_that_does_not_open_is_no_figure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RuntimeError, match="the store is lost"):
        await store.measure(tmp_path / "file", messages=1, batch=1)


def test_the_changes_differ_from_message_to_message() -> None:
    for build in (store.accepted, store.sent, store.settled):
        assert build(2) == build(2)
        assert build(2) != build(4)
    assert store.building_us(10) > 0


def test_what_each_statement_takes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    store.main(["--statements", "--messages", "50", "--batch", "10", "--directory", str(tmp_path)])
    took = json.loads(capsys.readouterr().out.splitlines()[-1])["us_per_msg"]
    assert took.keys() == {
        "INSERT INTO message",
        "UPDATE message SET life = ?2 WHERE message_id = ?1",
        "INSERT INTO done",
        "INSERT INTO receipt_owed",
        "DELETE FROM message WHERE message_id = ?",
        "DELETE FROM receipt_owed WHERE customer = ? AND owed_id = ?",
        "begin and commit",
        "to its month, and forgotten here",
    }
    assert sum(took.values()) > 0


@pytest.mark.parametrize("profile", [[], ["--profile"]])
def test_the_last_line_is_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, profile: list[str]) -> None:
    store.main(["--messages", "40", "--batch", "10", "--directory", str(tmp_path), *profile])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["bench"] == "store"
    assert figures["messages"] == 40
    assert figures["batch"] == 10
    assert list(tmp_path.iterdir()) == []

"""The months' files that the bench builds are as the archiver writes them; figures come for each kind of search."""

import json
import sqlite3
from pathlib import Path

import pytest

from bench import trace
from gateway.store import archive as archive_module
from gateway.store import months
from gateway.store.archive import Archive, Mentions, read_only
from gateway.store.check import check

MESSAGES = 1_200


def test_every_message_is_found_by_all_it_mentions(tmp_path: Path) -> None:
    trace.build(tmp_path, MESSAGES)
    archive = Archive(tmp_path)
    assert archive.months() == list(trace.FIRST_MONTHS)
    with sqlite3.connect(":memory:") as connection:
        for seq in (1, 100, 101, 777, MESSAGES):
            words = trace.words_of(connection, seq)
            (one,) = archive.by_number("81" + words["number"][1:])
            assert (
                [one]
                == archive.by_id(int(words["id"], 16))
                == archive.by_carrier_id("one", words["carrier-id"].encode())
            )
            assert one in archive.any_of(Mentions(references=(one.history.user_message_reference,)))
    connection.close()
    assert sum(1 for month in archive.months() for _ in archive.records(month)) == MESSAGES
    assert check(tmp_path) == []


def test_a_chunk_ends_where_the_archiver_s_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spans: list[tuple[int, int]] = []
    monkeypatch.setattr(trace, "_chunk", lambda _, first, last, __: spans.append((first, last)))
    trace.build(tmp_path, 12 * 20_000)
    assert spans[0] == (1, (1 << months.CHUNK_SHIFT) - 1)
    assert all(first >> months.CHUNK_SHIFT == last >> months.CHUNK_SHIFT for first, last in spans)
    assert [first for first, _ in spans[1:]] == [last + 1 for _, last in spans[:-1]]
    assert spans[-1][1] == 12 * 20_000


def test_one_line_of_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trace.main(["--messages", str(MESSAGES), "--directory", str(tmp_path / "here")]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["messages"] == MESSAGES
    for kind in ("id", "number", "carrier-id", "reference", "anything", "nothing"):
        assert 0.0 < figures[kind]["median_s"] <= figures[kind]["worst_s"]


def test_a_search_that_finds_nothing_is_no_figure(tmp_path: Path) -> None:
    trace.build(tmp_path, 24)
    with pytest.raises(SystemExit, match="0 messages"):
        trace._timed(tmp_path, ["0000000000000001"], "id")


def test_a_search_reads_little_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace.build(tmp_path, 60_000)
    thousands = 0

    def stepped() -> None:
        nonlocal thousands
        thousands += 1

    def watched(path: Path) -> sqlite3.Connection:
        connection = read_only(path)
        connection.set_progress_handler(stepped, 1_000)
        return connection

    monkeypatch.setattr(archive_module, "read_only", watched)
    (one,) = Archive(tmp_path).by_id(trace.FIRST_ID + 777 * 2_097_152)
    assert one.record.message_id == trace.FIRST_ID + 777 * 2_097_152
    assert thousands < 20  # steps of SQLite's machine; reading each row once takes more than 60

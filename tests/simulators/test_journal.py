from pathlib import Path

import pytest

from simulators.journal import Answered, Entry, Journal, Received, Submitted, Unbound, read_journal

ENTRIES: list[Entry] = [
    Submitted(1, "m1", 2, 3, "819030000001", "あ\n'\"", True),
    Answered(1, "m1", 2, 0, "00af"),
    Received(2, "00af", "DELIVRD", True),
    Unbound(2),
]


def test_what_was_noted_is_read_in_its_order_and_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.note(*ENTRIES[:2])
        assert read_journal(path) == ENTRIES[:2]  # it is in the file before the call returns
    with Journal(path) as journal:
        journal.note(*ENTRIES[2:])
    assert read_journal(path) == ENTRIES


def test_a_line_that_was_cut_is_left_out_wherever_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.note(*ENTRIES)
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for end in range(last, len(whole)):
        path.write_bytes(whole[:end])
        assert read_journal(path) == ENTRIES[:-1]


@pytest.mark.parametrize("line", [b"{}", b"[]", b"7", b"nonsense", b'{"kind":"unbound"}', b'{"kind":"lost","bind":1}'])
def test_what_is_no_journal_is_said_so(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"kind":"unbound","bind":1}\n' + line + b"\n")
    with pytest.raises(ValueError, match="line 2 is no entry"):
        read_journal(path)

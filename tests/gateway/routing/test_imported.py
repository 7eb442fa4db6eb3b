"""The file that is asked is the one that bears the name now; a bad one does not replace a good one."""

from pathlib import Path

import pytest

from gateway.model.values import Ported, Serving
from gateway.routing.imported import BY_IMPORTED, ImportedNumbers
from gateway.routing.ported_build import write_differences

NUMBER = b"819012345678"


def test_a_new_file_is_taken_and_an_unchanged_one_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "n"
    write_differences(path, {int(NUMBER): "au"}, 7)
    imported = ImportedNumbers(path)
    assert (imported.carrier(NUMBER), imported.made_at, imported.changes, len(imported)) == ("au", 7, 1, 1)
    assert imported.refresh() is False
    write_differences(path, {int(NUMBER): "docomo"}, 8)
    assert imported.carrier(NUMBER) == "au"
    assert imported.refresh() is True
    assert (imported.carrier(NUMBER), imported.made_at, imported.changes) == ("docomo", 8, 2)
    assert imported.refresh() is False


def test_answers_are_made_with_the_file(tmp_path: Path) -> None:
    write_differences(tmp_path / "n", {1: "au", 2: ""}, 7)
    imported = ImportedNumbers(tmp_path / "n")
    assert imported.away == {"au": Serving("au", Ported.YES, BY_IMPORTED, 7), "": None}
    assert imported.returned["au"] == Serving("au", Ported.NO, BY_IMPORTED, 7)


@pytest.mark.parametrize("octets", [b"", b"garbage", b"SGPORTED" + bytes(20_000)])
def test_a_bad_file_does_not_replace_a_good_one(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "n"
    write_differences(path, {int(NUMBER): "au"}, 7)
    imported = ImportedNumbers(path)
    (tmp_path / "bad").write_bytes(octets)
    (tmp_path / "bad").replace(path)
    assert imported.refresh() is False
    assert imported.trouble
    assert imported.carrier(NUMBER) == "au"
    path.unlink()  # the next one is sound
    write_differences(path, {int(NUMBER): "docomo"}, 8)
    assert imported.refresh() is True
    assert imported.trouble == ""
    assert imported.carrier(NUMBER) == "docomo"


def test_no_file_yet_and_a_file_that_goes(tmp_path: Path) -> None:
    imported = ImportedNumbers(tmp_path / "n")
    assert (imported.there, imported.trouble, imported.carrier(NUMBER), len(imported)) == (
        False,
        "there is no file",
        None,
        0,
    )
    assert imported.made_at == 0
    write_differences(tmp_path / "n", {int(NUMBER): "au"}, 7)
    assert imported.refresh() is True
    assert imported.there
    (tmp_path / "n").unlink()
    assert imported.refresh() is False
    assert "gone" in imported.trouble
    assert imported.carrier(NUMBER) == "au"


def test_a_directory_in_its_place_is_told(tmp_path: Path) -> None:
    imported = ImportedNumbers(tmp_path)
    assert "cannot be read" in imported.trouble

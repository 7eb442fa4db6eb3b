"""The file of imported numbers: what was written is found, and what is damaged is not believed."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.ported_build import write_differences
from gateway.routing.ported_file import BODY, HEAD, LOW, NAMES, Head, NotAPortedFile, PortedFile

SOME: Mapping[int, str | None] = {819012345678: "au", 819012345679: "docomo", 818000000000: "", 817099999999: "au"}


def made(path: Path, numbers: Mapping[int, str | None] = SOME) -> Path:
    write_differences(path, numbers, 1_800_000_000_000)
    return path


def test_what_was_written_is_found(tmp_path: Path) -> None:
    file = PortedFile(made(tmp_path / "n"))
    assert {number: file.carrier(b"%d" % number) for number in SOME} == SOME
    assert len(file) == 4
    assert file.made_at == 1_800_000_000_000
    assert file.carriers() == {"", "au", "docomo"}
    file.verify()


@pytest.mark.parametrize("number", [819012345677, 819012345680, 0, 1, 10**15 - 1, 818000000001, 817099999998])
def test_what_is_not_there_is_not_found(number: int, tmp_path: Path) -> None:
    assert PortedFile(made(tmp_path / "n")).carrier(b"%d" % number) is None


NEAR = st.integers(0, 3).flatmap(
    lambda block: st.sampled_from([0, 1, 2, LOW - 1, LOW]).map(lambda low: block << 16 | low)
)


@given(st.dictionaries(NEAR | st.integers(0, 10**15 - 1), st.sampled_from(["a", "b", ""])), st.lists(NEAR))
def test_it_is_a_dict_on_disk(numbers: dict[int, str], asked: list[int]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as directory:
        file = PortedFile(made(Path(directory) / "n", numbers))
        for number in (*numbers, *asked):
            assert file.carrier(b"%d" % number) == numbers.get(number)
        assert len(file) == len(numbers)
        file.verify()


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    file = PortedFile(made(tmp_path / "n", {}))
    assert len(file) == 0
    assert file.carrier(b"819012345678") is None
    file.verify()


def test_every_octet_is_guarded(tmp_path: Path) -> None:
    path = made(tmp_path / "n")
    whole = path.read_bytes()
    used = NAMES + len('["", "au", "docomo"]')
    for at in (*range(used), *range(BODY, len(whole))):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        with pytest.raises(NotAPortedFile):
            PortedFile(path).verify()


def test_head_and_index_are_guarded_without_reading_all(tmp_path: Path) -> None:
    path = made(tmp_path / "n")
    whole = path.read_bytes()
    for at in (*range(NAMES), len(whole) - 1, BODY + 3 * len(SOME)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        with pytest.raises(NotAPortedFile):
            PortedFile(path)


@pytest.mark.parametrize("length", [0, 1, HEAD.size, BODY - 1, BODY, BODY + 1, -1])
def test_half_a_file_is_none(length: int, tmp_path: Path) -> None:
    path = made(tmp_path / "n")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(NotAPortedFile):
        PortedFile(path)


def test_octets_behind_the_end_are_told(tmp_path: Path) -> None:
    path = made(tmp_path / "n")
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(NotAPortedFile, match="not whole"):
        PortedFile(path)


def test_another_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "n"
    path.write_text("number,carrier\n" * 2_000)
    with pytest.raises(NotAPortedFile, match="no file of imported"):
        PortedFile(path)


def test_a_later_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.routing.ported_file.VERSION", 2)
    octets = Head(0, 0, 0, 0, 0, ("",)).pack()
    monkeypatch.undo()
    (tmp_path / "n").write_bytes(octets)
    with pytest.raises(NotAPortedFile, match="version 2"):
        PortedFile(tmp_path / "n")


def test_carriers_have_room_or_it_is_told() -> None:
    assert len(Head(0, 0, 0, 0, 0, ("", *(f"{place:031d}" for place in range(255)))).pack()) == BODY
    with pytest.raises(ValueError, match="more than 255"):
        Head(0, 0, 0, 0, 0, tuple(map(str, range(257)))).pack()


def test_it_stays_readable_when_another_takes_its_name(tmp_path: Path) -> None:
    old = PortedFile(made(tmp_path / "n"))
    write_differences(tmp_path / "n", {819012345678: None}, 2)
    assert old.carrier(b"819012345678") == "au"
    assert PortedFile(tmp_path / "n").carrier(b"819012345678") is None

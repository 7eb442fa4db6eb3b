"""A room imports only from floors below it: ARCHITECTURE.md's table, held."""

from pathlib import Path

import pytest

from tests.house.tree import ROOT, floors, imports, module_file, name_of, parsed, python_files, room_of

# What is free of rooms: the package itself (its version) and the way in.
OUTSIDE = {"gateway/__init__.py", "gateway/__main__.py"}
TOP = 5
# The bench of the whole (`python -m bench`) shares no code with what it measures; these time single parts of ours.
TIME_ONE_PART = {
    "bench/billing.py",
    "bench/codec.py",
    "bench/page.py",
    "bench/portability.py",
    "bench/scrape.py",
    "bench/store.py",
    "bench/text.py",
    "bench/trace.py",
}


def wrong_imports(path: Path) -> list[str]:
    """What this file of gateway/ imports and may not, in words."""
    known = floors()
    if name_of(path) in OUTSIDE:
        return []
    room = room_of(path, known)
    if room is None:
        return [f"{name_of(path)} is in no room of ARCHITECTURE.md's table"]
    wrong = []
    for dotted in imports(path):
        file = module_file(dotted)
        if file is None or name_of(file) in OUTSIDE:
            continue
        other = room_of(file, known)
        allowed = other is not None and (other == room or known[other] < known[room] or known[room] == TOP)
        if not allowed:
            wrong.append(f"{name_of(path)} (floor {known[room]}) imports {dotted}")
    return wrong


def of_package(path: Path, packages: set[str]) -> list[str]:
    """What a file imports of these packages."""
    return [dotted for dotted in imports(path) if dotted.split(".")[0] in packages]


def test_imports_go_down() -> None:
    assert [wrong for path in python_files("gateway") for wrong in wrong_imports(path)] == []


def test_who_judges_the_gateway_shares_no_code_with_it() -> None:
    judges = python_files("simulators", "bench")
    assert {name_of(path) for path in judges if of_package(path, {"gateway"})} == TIME_ONE_PART


def test_the_gateway_knows_nothing_of_who_judges_it() -> None:
    wrong = {name_of(path): of_package(path, {"simulators", "bench", "tests"}) for path in python_files("gateway")}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_table_has_every_floor_and_every_room_of_it_is_there() -> None:
    known = floors()
    assert set(known.values()) == set(range(TOP + 1))
    assert [room for room in known if not (ROOT / room).exists()] == []
    directories = {f"gateway/{path.name}/" for path in (ROOT / "gateway").iterdir() if (path / "__init__.py").exists()}
    assert directories <= set(known)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("gateway/model/x.py", "from gateway.smpp import pdu"),
        ("gateway/segmenter/x.py", "from gateway.throttle.lanes import Lanes"),
        ("gateway/store/x.py", "import gateway.settings.models"),
        ("gateway/flow/x.py", "from gateway.net.turn import Turn"),
        ("gateway/net/x.py", "from gateway import flow"),
        ("gateway/flow/x.py", "def f():\n    from gateway.ops import logs"),
        ("gateway/ops/x.py", "import gateway.daemon"),
        ("gateway/clock.py", "from gateway.model.ids import IdSource"),
        ("gateway/cellar/x.py", ""),
    ],
)
def test_the_judge_sees_what_is_wrong(place: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / place
    monkeypatch.setattr(Path, "read_text", _reading(path, line))
    parsed.cache_clear()
    try:
        assert len(wrong_imports(path)) == 1
    finally:
        parsed.cache_clear()


def _reading(of: Path, text: str) -> object:
    real = Path.read_text

    def read_text(path: Path, encoding: str | None = None) -> str:
        return text if path == of else real(path, encoding)

    return read_text

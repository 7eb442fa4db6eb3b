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


@pytest.mark.parametrize("path", python_files("gateway"), ids=name_of)
def test_imports_go_down(path: Path) -> None:
    assert wrong_imports(path) == []


@pytest.mark.parametrize("path", python_files("simulators", "bench"), ids=name_of)
def test_who_judges_the_gateway_shares_no_code_with_it(path: Path) -> None:
    ours = [dotted for dotted in imports(path) if dotted.split(".")[0] == "gateway"]
    assert bool(ours) == (name_of(path) in TIME_ONE_PART), ours


@pytest.mark.parametrize("path", python_files("gateway"), ids=name_of)
def test_the_gateway_knows_nothing_of_who_judges_it(path: Path) -> None:
    assert [dotted for dotted in imports(path) if dotted.split(".")[0] in {"simulators", "bench", "tests"}] == []


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

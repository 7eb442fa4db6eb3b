"""The tree as the house tests see it: source files, their imports, the floors that ARCHITECTURE.md draws."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "simulators", "bench")
LEFT_OUT = frozenset(
    {
        ".venv",
        ".git",
        "__pycache__",
        "node_modules",
        "var",
        "build",
        "dist",
        ".hypothesis",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
    }
)


def python_files(*tops: str) -> list[Path]:
    """Every Python file under these directories of the root, in order."""
    return sorted(path for top in tops for path in (ROOT / top).rglob("*.py") if not LEFT_OUT & set(path.parts))


def name_of(path: Path) -> str:
    """As people write it: `gateway/store/client.py`."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def is_code(path: Path) -> bool:
    """Whether it has more than a docstring, imports and __all__: something that a test could try."""
    for node in parsed(path).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == ["__all__"]:
            continue
        return True
    return False


def imports(path: Path) -> Iterator[str]:
    """The dotted names of ours that a file imports, wherever in it; a name out of a package is joined to it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: imports are written in full"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def module_file(dotted: str) -> Path | None:
    """The file that an imported name is in; None when it is not ours."""
    parts = dotted.split(".")
    if parts[0] not in PACKAGES:
        return None
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        for candidate in (base.with_suffix(".py"), base / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def floors() -> dict[str, int]:
    """Floor of each room, from the table in ARCHITECTURE.md: `gateway/store/` -> 2."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| ([0-9]) \| ([^|]+) \|", text, re.MULTILINE)
    return {room: int(floor) for floor, rooms in rows for room in re.findall(r"`([^`]+)`", rooms)}


def room_of(path: Path, known: dict[str, int]) -> str | None:
    """The room that a file of gateway/ is in."""
    name = name_of(path)
    return next((room for room in known if name == room or (room.endswith("/") and name.startswith(room))), None)

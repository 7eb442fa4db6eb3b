"""What the house does without, looked for in the syntax and in the words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, name_of, parsed, python_files

GATEWAY = python_files("gateway")
ALL = python_files(*PACKAGES)
TESTS = python_files("tests")
MOST_LINES = 400

STARTS_TASKS = re.compile(r"(^|\.)(create_task|ensure_future|TaskGroup|run_coroutine_threadsafe)$")
READS_CLOCKS = re.compile(
    r"^time\.(time|monotonic|perf_counter|process_time|clock_gettime|localtime|gmtime|sleep|strftime)(_ns)?$"
    r"|^(datetime\.)?(datetime|date)\.(now|utcnow|today)$|(^|\.)loop\.time$"
)
RUNS_TEXT = re.compile(r"^(builtins\.)?(eval|exec|compile|__import__)$|^importlib\.import_module$|^os\.(system|popen)$")
MODULES_BANNED = frozenset({"pickle", "cPickle", "dill", "shelve", "cloudpickle", "imp", "pty", "telnetlib"})
ROOMS_BANNED = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "misc"})

# Files that may, and why.
MAY = {
    "gateway/net/tasks.py": {"tasks"},  # the one place
    "gateway/clock.py": {"clock"},  # the only clock
    "gateway/store/process.py": {"sleep"},  # a process that has nothing else to do while the disk refuses
    "gateway/smpp/compiled.py": {"exec"},  # generates code from the field table, once, at import, as dataclasses does
    "gateway/store/wire.py": {"marshal"},  # between two ends of one program
}

# Whose names are data: no carrier stands in the code.
CARRIER = re.compile(r"\b(docomo|au|kddi|softbank|rakuten)\b", re.IGNORECASE)


def called(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that is looked up or called by name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node) if _is_dotted(node) else f".{node.attr}"
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _is_dotted(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_dotted(node.value))


def uses(path: Path, pattern: re.Pattern[str]) -> list[str]:
    """The names that match, with their place."""
    return [f"{name_of(path)}:{line}: {name}" for line, name in called(path) if pattern.search(name)]


def may(path: Path, what: str) -> bool:
    """Whether this file may."""
    return what in MAY.get(name_of(path), set())


def exceptions(what: str) -> list[str]:
    """The files that may, by name."""
    return [name for name, allowed in MAY.items() if what in allowed]


def test_tasks_start_in_one_place() -> None:
    assert [name_of(path) for path in GATEWAY if uses(path, STARTS_TASKS)] == exceptions("tasks")


def test_one_file_reads_the_clock() -> None:
    assert [name_of(path) for path in GATEWAY if uses(path, READS_CLOCKS) and not may(path, "sleep")] == exceptions(
        "clock"
    )
    naps = [use for path in GATEWAY if may(path, "sleep") for use in uses(path, READS_CLOCKS)]
    assert naps
    assert all(nap.endswith("time.sleep") for nap in naps)


def test_no_text_is_run() -> None:
    assert [name_of(path) for path in ALL if uses(path, RUNS_TEXT)] == exceptions("exec")


def imported(path: Path) -> set[str]:
    """The outermost packages that a file imports."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_no_module_that_is_banned_is_imported() -> None:
    assert [name_of(path) for path in ALL if imported(path) & MODULES_BANNED] == []
    assert [name_of(path) for path in ALL if "marshal" in imported(path)] == exceptions("marshal")


def test_no_shell_is_started() -> None:
    shells = [
        f"{name_of(path)}:{node.value.lineno}"
        for path in ALL
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.keyword) and node.arg == "shell" and ast.unparse(node.value) != "False"
    ]
    assert shells == []


def test_no_carrier_stands_in_the_code() -> None:
    said = [
        f"{name_of(path)}:{number}: {line}"
        for path in GATEWAY
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if CARRIER.search(line)
    ]
    assert said == []


def test_no_money_is_a_float() -> None:
    money = re.compile(r"(yen|sen|price|charge|amount)", re.IGNORECASE)
    floats = [
        f"{name_of(path)}:{node.lineno}"
        for path in GATEWAY
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.AnnAssign | ast.arg)
        and node.annotation is not None
        and "float" in ast.unparse(node.annotation)
        and money.search(ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else node.arg)
    ]
    assert floats == []


def test_files_are_short_and_named_for_what_they_hold() -> None:
    files = [*ALL, *TESTS]
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count >= MOST_LINES} == {}
    names = {name_of(path): {path.stem.removeprefix("test_"), path.parent.name} for path in files}
    assert [name for name, words in names.items() if words & ROOMS_BANNED] == []


def test_a_file_begins_with_what_it_is_and_why() -> None:
    mute = [path for path in ALL if path.read_text("utf-8").strip() and not ast.get_docstring(parsed(path))]
    assert [name_of(path) for path in mute] == []


def test_no_test_sleeps() -> None:
    naps = [
        f"{name_of(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in TESTS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep", "sleep"}
        and [ast.unparse(one) for one in node.args] != ["0"]
    ]
    assert naps == []


def test_every_exception_is_for_a_file_that_is_there() -> None:
    assert [name for name in MAY if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (STARTS_TASKS, "asyncio.create_task"),
        (STARTS_TASKS, "self._loop.create_task"),
        (STARTS_TASKS, "asyncio.TaskGroup"),
        (READS_CLOCKS, "time.time"),
        (READS_CLOCKS, "time.monotonic_ns"),
        (READS_CLOCKS, "datetime.datetime.now"),
        (READS_CLOCKS, "datetime.now"),
        (READS_CLOCKS, "self._loop.time".replace("_loop", "loop")),
        (RUNS_TEXT, "exec"),
        (RUNS_TEXT, "os.system"),
        (CARRIER, "if carrier == 'docomo'"),
        (CARRIER, "# as au does"),
    ],
)
def test_the_judge_knows_them(pattern: re.Pattern[str], name: str) -> None:
    assert pattern.search(name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [(READS_CLOCKS, "clock.monotonic"), (RUNS_TEXT, "re.compile"), (CARRIER, "automatic Australian")],
)
def test_the_judge_is_fair(pattern: re.Pattern[str], name: str) -> None:
    assert not pattern.search(name)

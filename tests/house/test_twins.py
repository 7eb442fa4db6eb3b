"""Each source file has a test of its own, in the same place under tests/; each such test has its source."""

from pathlib import Path

from tests.house.tree import PACKAGES, ROOT, is_code, name_of, python_files

# Rooms of tests that have no twin: they try many parts together, or the house itself.
ROOMS_OF_THEIR_OWN = frozenset(
    {
        "data",
        "end_to_end",
        "faults",
        "fuzz",
        "gameday",
        "house",
        "pace",
        "properties",
        "simulation",
        "store_contract",
        "wire_vectors",
    }
)


def twin(path: Path) -> Path:
    """`gateway/store/client.py` -> `tests/gateway/store/test_client.py`."""
    place = path.relative_to(ROOT)
    return ROOT / "tests" / place.with_name(f"test_{place.name}")


def source(path: Path) -> Path:
    """The reverse."""
    place = path.relative_to(ROOT / "tests")
    return ROOT / place.with_name(place.name.removeprefix("test_"))


SOURCES = [
    path for path in python_files(*PACKAGES) if path.name not in {"__init__.py", "__main__.py"} and is_code(path)
]
TESTS = [path for path in python_files(*(f"tests/{package}" for package in PACKAGES)) if path.name.startswith("test_")]


def test_a_source_has_its_test() -> None:
    assert [name_of(twin(path)) for path in SOURCES if not twin(path).is_file()] == []
    empty = [twin(path) for path in SOURCES if "def test_" not in twin(path).read_text("utf-8")]
    assert [name_of(path) for path in empty] == []


def test_a_test_has_its_source() -> None:
    assert [name_of(source(path)) for path in TESTS if not source(path).is_file()] == []


def test_every_directory_of_tests_is_a_twin_or_a_known_room() -> None:
    found = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found <= ROOMS_OF_THEIR_OWN | set(PACKAGES)


def test_code_hides_in_no_package_file() -> None:
    hidden = [name_of(path) for path in python_files(*PACKAGES) if path.name == "__init__.py" and is_code(path)]
    assert hidden == ["gateway/__init__.py"]  # the version

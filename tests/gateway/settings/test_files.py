"""Several files as one tree: includes, what may be spread, what stands once, and what a file's name is relative to."""

from pathlib import Path

import pytest

from gateway.settings.files import Written
from tests.gateway.settings.examples import write


def told(written: Written, directory: Path) -> list[str]:
    return [str(mistake).replace(f"{directory}/", "") for mistake in written.mistakes]


def test_includes_are_relative_to_the_file_that_names_them_and_read_once(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", "include: [parts/*.yaml, parts/a.yaml, root.yaml]\nnode: 1\n")
    write(tmp_path / "parts/a.yaml", "include: [deep/c.yaml]\ncarriers: {a: 1}\n")
    write(tmp_path / "parts/b.yaml", "carriers: {b: 2}\nlog: 3\n")
    write(tmp_path / "parts/deep/c.yaml", "include: [../../root.yaml, ../b.yaml]\nroutes: {c: a}\n")
    written = Written(root)
    assert written.top.pop("include")
    assert written.top == {"node": 1, "carriers": {"a": 1, "b": 2}, "log": 3, "routes": {"c": "a"}}
    assert [file.name for file in written.files] == ["root.yaml", "a.yaml", "b.yaml", "c.yaml"]
    assert not written.mistakes
    assert written.position(("routes", "c")).file.name == "c.yaml"
    assert written.position(("carriers", "b", "absent")) == (tmp_path / "parts/b.yaml", 1, 12)
    assert written.position(("absent",)) == (root, 1, 1)


def test_an_absolute_include_and_a_pattern_over_directories(tmp_path: Path) -> None:
    root = write(tmp_path / "a/root.yaml", f"include: ['{tmp_path}/b/x.yaml', '../b/**/y.yaml']\n")
    write(tmp_path / "b/x.yaml", "carriers: {x: 1}\n")
    write(tmp_path / "b/c/y.yaml", "carriers: {y: 1}\n")
    assert Written(root).top["carriers"] == {"x": 1, "y": 1}


def test_a_pattern_may_match_nothing_and_a_name_may_not(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", "include:\n  - customers/*.yaml\n  - customers/a.yaml\n")
    written = Written(root)
    assert told(written, tmp_path) == ["root.yaml:3:5: include.1: there is no such file"]
    assert written.incomplete


@pytest.mark.parametrize(
    ("include", "mistake"),
    [
        ("5", "root.yaml:1:1: include: must be a list"),
        ("a.yaml", "root.yaml:1:1: include: must be a list"),
        ("[5]", "root.yaml:1:11: include.0: must be the name of a file, or a pattern"),
        ("['']", "root.yaml:1:11: include.0: must be the name of a file, or a pattern"),
    ],
)
def test_an_include_that_names_nothing(tmp_path: Path, include: str, mistake: str) -> None:
    assert told(Written(write(tmp_path / "root.yaml", f"include: {include}\n")), tmp_path) == [mistake]


@pytest.mark.parametrize(
    "pattern", ["/", ".", "..", "**", "a**b", "/*", "**/.", "\\U0001f600", "a/../..", "\\0", "[", "*\U0001f600*"]
)
def test_odd_patterns_are_told_or_match_nothing(tmp_path: Path, pattern: str) -> None:
    for mistake in Written(write(tmp_path / "root.yaml", f"include: ['{pattern}']\n")).mistakes:
        assert mistake.message


def test_what_stands_twice_is_told_with_the_place_of_the_first(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", "include: [b.yaml]\nnode: 1\ncarriers: {a: 1}\ncustomers: {}\n")
    write(tmp_path / "b.yaml", "node: 2\ncarriers:\n  a: 2\n  b: 3\ncustomers: 7\n")
    written = Written(root)
    assert told(written, tmp_path) == [
        "b.yaml:1:1: node: is here for the second time; the first is root.yaml:2:1",
        "b.yaml:3:3: carriers.a: is here for the second time; the first is root.yaml:3:12",
        "b.yaml:5:1: customers: is here for the second time; the first is root.yaml:4:1",
    ]
    assert written.top["carriers"] == {"a": 1, "b": 3}


def test_names_of_files_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", "include: [sub/a.yaml]\ncustomers: {x: {password: {file: pw}}}\n")
    write(
        tmp_path / "sub/a.yaml",
        "portability: {ported_files: [p.csv, /abs.csv, 5], block_files: [../b.csv]}\n"
        "customers: {y: {password: {file: pw}}, z: {password: {env: pw}}, w: {password: pw}}\n"
        "carriers: {c: {binds: [{password: {file: ../pw}}, 3]}, d: 5}\n",
    )
    top = Written(root).top
    assert top["portability"] == {
        "ported_files": (f"{tmp_path}/sub/p.csv", "/abs.csv", 5),
        "block_files": (f"{tmp_path}/sub/../b.csv",),
    }
    assert top["customers"] == {
        "x": {"password": {"file": f"{tmp_path}/pw"}},
        "y": {"password": {"file": f"{tmp_path}/sub/pw"}},
        "z": {"password": {"env": "pw"}},
        "w": {"password": "pw"},
    }
    assert top["carriers"] == {"c": {"binds": ({"password": {"file": f"{tmp_path}/sub/../pw"}}, 3)}, "d": 5}


@pytest.mark.parametrize("text", ["- a\n", "text\n", "5\n"])
def test_a_file_that_is_no_mapping_is_told(tmp_path: Path, text: str) -> None:
    written = Written(write(tmp_path / "root.yaml", text))
    assert told(written, tmp_path) == ["root.yaml:1:1: a file must be a mapping of keys to values"]
    assert written.incomplete


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    written = Written(write(tmp_path / "root.yaml", ""))
    assert (written.top, written.mistakes, written.incomplete) == ({}, [], False)


def test_a_file_that_cannot_be_read_leaves_the_whole_incomplete(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", "include: ['*.yml']\nnode: 1\n")
    write(tmp_path / "a.yml", "carriers: [\n")
    write(tmp_path / "b.yml", "routes: {}\n")
    written = Written(root)
    assert written.incomplete
    assert written.top["routes"] == {}
    assert len(written.mistakes) == 1


def test_a_pattern_that_matches_the_whole_disk_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings.files.MOST_FILES", 3)
    root = write(tmp_path / "root.yaml", "include: ['*.yml']\n")
    for name in ("a", "b"):
        write(tmp_path / f"{name}.yml", f"routes: {{{name}: x}}\n")
    assert not Written(root).mistakes
    write(tmp_path / "c.yml", "")
    assert told(Written(root), tmp_path) == ["root.yaml:1:11: include.0: more than 3 files"]


def test_every_file_that_a_key_names_is_relative_to_the_file_of_the_key(tmp_path: Path) -> None:
    text = """
customers: {a: {password: {file: pw}, passwords: [{file: one}, {env: two}]}}
carriers: {a: {binds: [{password: {file: pw}}]}}
listen: [{tls: {certificate: c, key: k, client_ca: a}}, {tls: null}]
portability: {ported_files: [p], block_files: [b]}
"""
    top = Written(write(tmp_path / "x.yaml", text)).top
    at = str(tmp_path)
    assert top == {
        "customers": {"a": {"password": {"file": f"{at}/pw"}, "passwords": ({"file": f"{at}/one"}, {"env": "two"})}},
        "carriers": {"a": {"binds": ({"password": {"file": f"{at}/pw"}},)}},
        "listen": ({"tls": {"certificate": f"{at}/c", "key": f"{at}/k", "client_ca": f"{at}/a"}}, {"tls": None}),
        "portability": {"ported_files": (f"{at}/p",), "block_files": (f"{at}/b",)},
    }


def test_so_are_the_files_of_carriers_and_calls(tmp_path: Path) -> None:
    text = """
customers: {a: {outbind: {password: {file: pw}}}}
carriers: {a: {binds: [{outbind: {password: {file: pw}}, tls: {ca: a, certificate: c, key: k}}]}}
"""
    at = str(tmp_path)
    bind = {
        "outbind": {"password": {"file": f"{at}/pw"}},
        "tls": {"ca": f"{at}/a", "certificate": f"{at}/c", "key": f"{at}/k"},
    }
    assert Written(write(tmp_path / "x.yaml", text)).top == {
        "customers": {"a": {"outbind": {"password": {"file": f"{at}/pw"}}}},
        "carriers": {"a": {"binds": (bind,)}},
    }

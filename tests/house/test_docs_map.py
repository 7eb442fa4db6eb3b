"""The documents hold together: the map leads to every page, runbooks have an end, what is said to be shown is."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, name_of

DOCS = ROOT / "docs"
MAP = DOCS / "index.md"
GUIDES = sorted((DOCS / "integrators").glob("*.md"))
RUNBOOKS = sorted(path for path in (DOCS / "runbooks").glob("*.md") if path.name != "index.md")
SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")


def led_to(page: Path) -> set[Path]:
    """The files that a page's links lead to."""
    targets = re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8"))
    return {(page.parent / target).resolve() for target in targets if not target.startswith("https://")}


def test_every_page_can_be_reached_from_the_map() -> None:
    seen, found = set(), {MAP}
    while found:
        page = found.pop()
        seen.add(page)
        found |= {one for one in led_to(page) if one.suffix == ".md" and one.is_file()} - seen
    assert [name_of(page) for page in sorted(DOCS.rglob("*.md")) if page not in seen] == []


def test_the_map_says_who_reads_what() -> None:
    beside = {path for path in DOCS.glob("*.md") if path != MAP}
    assert [name_of(page) for page in sorted(beside - led_to(MAP))] == []


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_a_runbook_says_what_it_is_how_to_look_what_to_do_and_when_it_is_over(page: Path) -> None:
    text = page.read_text("utf-8")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads == ["What it means", "Look", "Do", "When it is over"]
    assert re.search(r"^Alerts?: `", text, re.MULTILINE)
    over = text.partition("## When it is over")[2].strip()
    assert len(over) > 60
    assert "smpp_gateway_" in over or "`" in over, "what tells that it is over?"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_has_its_parts(page: Path) -> None:
    text = page.read_text("utf-8")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert "Why it is so" in heads
    assert "What to beware of" in heads
    for word in ("ESME_RTHROTTLED", "ESME_RMSGQFUL", "ESME_RINVPASWD", "repeats", "TLS", "enquire", "indow", "receipt"):
        assert word in text, word
    assert "[For integrators](../integrators.md)" in text.replace("\n", " ")


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_says_whether_its_program_is_run(page: Path) -> None:
    text = " ".join(page.read_text("utf-8").split())
    run = re.findall(r"`(interop/\w+\.py)` \(`make interop`\)", text)
    assert [one for one in run if not (ROOT / one).is_file()] == []
    assert bool(run) != ("**this page's program is not run by our tests**" in text)


def test_what_shows_a_mitigation_is_a_test_that_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`((?:(?:: |, )`test_\w+`)*)", SECURITY)
    assert len(named) > 40
    for path, tests in named:
        text = (ROOT / path).read_text("utf-8")
        missing = [one for one in re.findall(r"`(test_\w+)`", tests) if f"def {one}(" not in text]
        assert missing == [], path


def test_every_mitigation_says_what_shows_it() -> None:
    doors = SECURITY.partition("## Doors")[2].partition("## What remains")[0]
    rows = [line for line in doors.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 35
    shown = [row.strip("|").split("|")[-1] for row in rows]
    assert [row for row, by in zip(rows, shown, strict=True) if "`tests/" not in by and " by " not in f" {by}"] == []
    stride = ("spoofing", "tampering", "repudiation", "disclosure", "denial", "elevation")
    assert [row for row in rows if not row[2:].startswith(stride)] == []


def test_every_metric_that_a_page_names_is_listed() -> None:
    listed = set(re.findall(r"^\| `(smpp_gateway_\w+)` \|", (DOCS / "operations.md").read_text("utf-8"), re.MULTILINE))
    for page in DOCS.rglob("*.md"):
        named = set(re.findall(r"`(smpp_gateway_[a-z_]+)[`{]", page.read_text("utf-8")))
        unknown = {one for one in named if one not in listed and re.sub("_(bucket|count|sum)$", "", one) not in listed}
        assert unknown == set(), name_of(page)

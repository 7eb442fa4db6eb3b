"""docs/lifecycle.md is the table, and says everything that the table says."""

import re
from pathlib import Path

from gateway.model.diagram import ALIVE, diagram, page, table
from gateway.model.lifecycle import FINAL, MOVES, SegmentEvent, SegmentState

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m gateway.model.diagram > docs/lifecycle.md"


def test_the_diagram_has_every_move_that_changes_a_state_and_no_other() -> None:
    drawn = set()
    for start, end, events in re.findall(r"^ +(\w+) --> (\w+): (.+)$", diagram(), re.MULTILINE):
        states = ALIVE if start == "ALIVE" else (SegmentState[start],)
        drawn |= {(state, SegmentEvent[event], SegmentState[end]) for state in states for event in events.split(", ")}
    assert drawn == {(state, event, to) for (state, event), to in MOVES.items() if to is not state}


def test_the_diagram_starts_waiting_and_is_one_block() -> None:
    lines = diagram().splitlines()
    assert lines[:2] == ["```mermaid", "stateDiagram-v2"]
    assert lines[-1] == "```"
    assert "        [*] --> WAITING" in lines


def test_the_table_has_every_cell() -> None:
    head, rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table().splitlines()]
    assert head == ["event", *(state.name for state in ALIVE), "final"]
    assert set(rule) == {"---"}
    assert [row[0] for row in rows] == [event.name for event in SegmentEvent]
    for name, *cells in rows:
        event = SegmentEvent[name]
        for state, cell in zip(ALIVE, cells[:-1], strict=True):
            expected = MOVES.get((state, event))
            assert cell == ("-" if expected is None else "stays" if expected is state else expected.name)
        for state in FINAL:
            assert (cells[-1] == "stays") is ((state, event) in MOVES)

"""docs/lifecycle.md, drawn from the lifecycle table: what people read is what the code obeys.

`python -m gateway.model.diagram > docs/lifecycle.md` writes it anew; a test holds the file fresh.
"""

import sys

from gateway.model.lifecycle import FINAL, MOVES, SegmentEvent, SegmentState

ALIVE = tuple(state for state in SegmentState if state not in FINAL)

_PAGE = """\
# The life of a segment

Written by `python -m gateway.model.diagram` from the table in `gateway/model/lifecycle.py`; a test holds it fresh.

A segment is one submit_sm to a carrier. A message is final when all of its segments are: delivered when every segment
was, else in the state of the first segment that was not (that a segment needed not go any more says nothing beside the
sibling that was the cause). A final state never changes: the first final word stands, and what comes late is counted.

{diagram}

## What each event does

`-` is a pair that cannot happen; should our own code produce it, it is a bug and is treated as one. The final states
share a column, since each of them stays what it is.

{table}

## In doubt

A segment that was sent and not answered is in doubt, and the carrier's policy decides: send it once more, or give it
up. After it was sent once more, the first try may still speak, by an answer that comes late or by a receipt that
carries our reference. So the carrier's word that it has the segment counts wherever the segment stands: one that waits
for its second try is not sent again, and one try that arrived outweighs another that was refused or lost.

An answer that comes late and refuses says nothing about a try that is under way: it is counted and moves nothing while
the segment is `SENDING`.
"""


def diagram() -> str:
    """The moves that change a state, as a mermaid state diagram; an arrow from `ALIVE` holds for each state in it."""
    everywhere = {
        (event, to): None
        for event in SegmentEvent
        for to in FINAL
        if all(MOVES.get((state, event)) is to for state in ALIVE)
    }
    inside: dict[tuple[str, str], list[str]] = {}
    outside: dict[tuple[str, str], list[str]] = {}
    for event, to in everywhere:
        outside.setdefault(("ALIVE", to.name), []).append(event.name)
    for (state, event), to in sorted(MOVES.items()):
        if to is not state and (event, to) not in everywhere:
            arrows = outside if to in FINAL else inside
            arrows.setdefault((state.name, to.name), []).append(event.name)
    lines = ["```mermaid", "stateDiagram-v2", "    state ALIVE {", f"        [*] --> {SegmentState.WAITING.name}"]
    lines += [f"        {one} --> {to}: {', '.join(events)}" for (one, to), events in inside.items()]
    lines += ["    }"]
    lines += [f"    {one} --> {to}: {', '.join(events)}" for (one, to), events in outside.items()]
    return "\n".join((*lines, "```"))


def table() -> str:
    """The whole table in Markdown: a row an event, a column a state that is alive, one column for the final ones."""
    rows = [["event", *(state.name for state in ALIVE), "final"], ["---"] * (len(ALIVE) + 2)]
    for event in SegmentEvent:
        cells = [_cell(state, event) for state in ALIVE]
        rows.append([event.name, *cells, "stays" if (SegmentState.DELIVERED, event) in MOVES else "-"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(state: SegmentState, event: SegmentEvent) -> str:
    to = MOVES.get((state, event))
    if to is None:
        return "-"
    return "stays" if to is state else to.name


def page() -> str:
    """The file's text."""
    return _PAGE.format(diagram=diagram(), table=table())


if __name__ == "__main__":
    sys.stdout.write(page())

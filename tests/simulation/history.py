"""What happened, line by line: a seed's history is the same octets every time."""

from hashlib import sha256

from tests.simulation.timeline import Timeline


class History:
    """`step` grows with every line, so that two things of one moment have an order."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.lines: list[str] = []

    @property
    def step(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def note(self, who: str, what: str) -> int:
        """Add a line; return its step."""
        self.lines.append(f"{self._timeline.now:9.3f} {who:<12} {what}")
        return len(self.lines)

    def digest(self) -> str:
        """Equal for equal histories."""
        return sha256("\n".join(self.lines).encode()).hexdigest()

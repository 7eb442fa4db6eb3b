"""Which price list holds when: a customer's tariffs by the moment from which each of them is valid."""

from collections.abc import Iterable

from gateway.billing.tariff import Tariff


class Schedule:
    """A customer's tariffs. A message has the one that was valid when it was submitted (ms since 1970)."""

    __slots__ = ("_current", "_from", "_until", "steps")

    def __init__(self, first: Tariff, later: Iterable[tuple[int, Tariff]] = ()) -> None:
        """`first` holds until the first of `later`: (valid from, tariff), in any order; ValueError for two at once."""
        self.steps = [(0, first), *sorted(later, key=lambda step: step[0])]
        moments = [moment for moment, _ in self.steps]
        if len(set(moments)) != len(moments):
            raise ValueError("two tariffs are valid from the same moment")
        self._from = self._until = 0
        self._current = first

    def at(self, submitted_at: int) -> Tariff:
        """The tariff of a message that was submitted then. Cheap while the answer stays the same."""
        if not self._from <= submitted_at < self._until:
            self._seek(submitted_at)
        return self._current

    def followed_by(self, other: "Schedule", at: int) -> "Schedule":
        """This one for what was submitted before a moment (ms since 1970), another one from then on."""
        (_, first), *later = [step for step in self.steps if step[0] < at] or self.steps[:1]
        following = [(at, other.at(at)), *((moment, tariff) for moment, tariff in other.steps if moment > at)]
        return Schedule(first, [*later, *following])

    def tariffs(self) -> list[Tariff]:
        """All of them, in the order of their dates."""
        return [tariff for _, tariff in self.steps]

    def _seek(self, submitted_at: int) -> None:
        ends = [moment for moment, _ in self.steps[1:]] + [1 << 62]
        for (start, tariff), end in zip(self.steps, ends, strict=True):
            if submitted_at < end:
                self._from, self._until, self._current = start, end, tariff
                return

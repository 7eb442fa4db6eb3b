"""Which price list holds when: a customer's tariffs by the moment from which each of them is valid."""

from collections.abc import Iterable

from gateway.billing.tariff import Tariff


class Schedule:
    """A customer's tariffs. A message has the one that was valid when it was submitted (ms since 1970)."""

    __slots__ = ("_current", "_from", "_steps", "_until")

    def __init__(self, first: Tariff, later: Iterable[tuple[int, Tariff]] = ()) -> None:
        """`first` holds until the first of `later`: (valid from, tariff), in any order; ValueError for two at once."""
        self._steps = [(0, first), *sorted(later, key=lambda step: step[0])]
        moments = [moment for moment, _ in self._steps]
        if len(set(moments)) != len(moments):
            raise ValueError("two tariffs are valid from the same moment")
        self._from = self._until = 0
        self._current = first

    def at(self, submitted_at: int) -> Tariff:
        """The tariff of a message that was submitted then. Cheap while the answer stays the same."""
        if not self._from <= submitted_at < self._until:
            self._seek(submitted_at)
        return self._current

    def tariffs(self) -> list[Tariff]:
        """All of them, in the order of their dates."""
        return [tariff for _, tariff in self._steps]

    def _seek(self, submitted_at: int) -> None:
        ends = [moment for moment, _ in self._steps[1:]] + [1 << 62]
        for (start, tariff), end in zip(self._steps, ends, strict=True):
            if submitted_at < end:
                self._from, self._until, self._current = start, end, tariff
                return

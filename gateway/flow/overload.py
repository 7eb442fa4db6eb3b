"""When the gateway as a whole has too much: whom to refuse, the largest first, so that small ones go on."""

from collections.abc import Mapping
from typing import NamedTuple


class OverloadRules(NamedTuple):
    """Marks between which nothing changes: refusing begins at the upper one and ends at the lower one."""

    queue_begin: float = 0.8  # of the most messages that may wait
    queue_end: float = 0.6
    commit_begin_seconds: float = 1.0
    commit_end_seconds: float = 0.25


class Load(NamedTuple):
    """Where the gateway stands. `sizes`: what each customer has waiting, and sent since the last look, in messages."""

    waiting: int
    most_waiting: int
    commit_seconds: float  # from writing a batch to its being durable, lately
    sizes: Mapping[str, int]


class Overload:
    """`refused` is who is answered `later` now. `look` changes it; call it about once a second."""

    __slots__ = ("_rules", "refused")

    def __init__(self, rules: OverloadRules) -> None:
        if not (0.0 < rules.queue_end < rules.queue_begin <= 1.0):
            raise ValueError("the queue's marks lie between 0 and 1, the end below the beginning")
        if not (0.0 < rules.commit_end_seconds < rules.commit_begin_seconds):
            raise ValueError("the commit's end mark lies below its beginning")
        self._rules = rules
        self.refused: frozenset[str] = frozenset()

    def look(self, load: Load) -> frozenset[str]:
        """Above the upper marks: those who make up the larger half of what is still let in are refused too.

        Below both lower marks: the smaller half of the refused comes back. Between them nothing changes.
        """
        rules = self._rules
        share = load.waiting / load.most_waiting
        if share >= rules.queue_begin or load.commit_seconds >= rules.commit_begin_seconds:
            self._refuse_more(load.sizes)
        elif self.refused and share < rules.queue_end and load.commit_seconds < rules.commit_end_seconds:
            self._refuse_fewer(load.sizes)
        return self.refused

    def _refuse_more(self, sizes: Mapping[str, int]) -> None:
        let_in = sorted((one for one in sizes if one not in self.refused), key=lambda one: (-sizes[one], one))
        half = sum(sizes[one] for one in let_in) / 2
        more: list[str] = []
        sum_ = 0
        for one in let_in:
            if more and sum_ >= half:
                break
            more.append(one)
            sum_ += sizes[one]
        self.refused |= frozenset(more)

    def _refuse_fewer(self, sizes: Mapping[str, int]) -> None:
        by_size = sorted(self.refused, key=lambda one: (-sizes.get(one, 0), one))
        self.refused = frozenset(by_size[: len(by_size) // 2])

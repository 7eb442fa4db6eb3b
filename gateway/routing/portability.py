"""Whose number it is today: the table of ported numbers first, then the block that the number comes from."""

from collections.abc import Mapping

from gateway.model.values import Ported, Serving
from gateway.routing.blocks import NumberBlocks
from gateway.routing.ported import PortedNumbers
from gateway.routing.tables import NOBODY

BY_PORTED_NUMBERS = "ported numbers"
BY_BLOCK = "number block"


class Portability:
    """The look-up of every message. Its answers are made beforehand, one for each carrier and way of knowing."""

    __slots__ = ("_at_home", "_away", "_blocks", "_ported", "_returned")

    def __init__(
        self,
        blocks: NumberBlocks,
        ported: PortedNumbers | None,
        at_home: Mapping[str, Serving | None],
        away: Mapping[str, Serving | None],
        returned: Mapping[str, Serving | None],
    ) -> None:
        self._blocks = blocks
        self._ported = ported
        self._at_home = at_home
        self._away = away
        self._returned = returned

    @classmethod
    def over(cls, blocks: NumberBlocks, ported: PortedNumbers | None) -> "Portability":
        """Look up in both tables. Without one of ported numbers (None) nobody knows whether a number was ported."""
        carriers = blocks.carriers() | (frozenset() if ported is None else ported.carriers()) | {NOBODY}

        def answers(known: Ported, source: str) -> dict[str, Serving | None]:
            servings = {carrier: Serving(carrier, known, source) for carrier in carriers - {NOBODY}}
            return {**servings, NOBODY: None}

        return cls(
            blocks,
            ported,
            at_home=answers(Ported.UNKNOWN if ported is None else Ported.NO, BY_BLOCK),
            away=answers(Ported.YES, BY_PORTED_NUMBERS),
            returned=answers(Ported.NO, BY_PORTED_NUMBERS),
        )

    def look_up(self, e164: bytes) -> Serving | None:
        """Whose number it is, from E.164 digits without `+`; None when no carrier is known to serve it."""
        home = self._blocks.carrier(e164)
        if self._ported is None:
            return self._at_home[home]
        now = self._ported.carrier(e164)
        if now is None:
            return self._at_home[home]
        return self._returned[now] if now == home else self._away[now]

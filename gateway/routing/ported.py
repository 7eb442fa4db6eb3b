"""Numbers that left the carrier of their block: a table in memory, about 100 octets a number."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from gateway.model.errors import Refusal
from gateway.routing.numbers import NumberRules
from gateway.routing.tables import read_tables


def read_ported(files: Iterable[Path], rules: NumberRules, carriers: Collection[str]) -> dict[int, str]:
    """Number (E.164 digits as an integer) -> carrier, out of CSV files `number,carrier`.

    Numbers are written as a customer may write them. A row without a carrier says that the number went to NOBODY
    whom we serve. BadRows tells every row that is wrong.
    """

    def number(written: str) -> int:
        try:
            return int(rules.normalise(written.encode(), 0, 0))
        except Refusal as refusal:
            raise ValueError(refusal.reason.value.replace("the destination is", "this is")) from None

    return read_tables(files, "number", number, carriers)


class PortedNumbers:
    """Ported number (E.164 digits as an integer) -> carrier that serves it now, or NOBODY."""

    __slots__ = ("_carriers",)

    def __init__(self, carriers: Mapping[int, str]) -> None:
        self._carriers = carriers

    def carrier(self, e164: bytes) -> str | None:
        """Who serves the number now; None when it was not ported."""
        return self._carriers.get(int(e164))

    def carriers(self) -> frozenset[str]:
        """All that numbers were ported to."""
        return frozenset(self._carriers.values())

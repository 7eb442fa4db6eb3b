"""Number blocks: which carrier a number was given to. The longest prefix that is known decides."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from phonenumbers.carrierdata import CARRIER_DATA

from gateway.routing.numbers import NumberRules
from gateway.routing.tables import NOBODY, read_tables

# Names in the library's table are read in this language.
LANGUAGE = "en"


def library_names(country_code: str) -> frozenset[str]:
    """The carriers' names that the `phonenumbers` library knows in a country."""
    return frozenset(
        names[LANGUAGE]
        for prefix, names in CARRIER_DATA.items()
        if prefix.startswith(country_code) and LANGUAGE in names
    )


def library_blocks(names: Mapping[str, str], country_code: str) -> dict[bytes, str]:
    """Prefix (E.164 digits) -> carrier, out of the `phonenumbers` library's table.

    A block whose name is not in `names` is NOBODY's: a hole in the wider block around it.
    """
    return {
        prefix.encode(): names.get(called.get(LANGUAGE, ""), NOBODY)
        for prefix, called in CARRIER_DATA.items()
        if prefix.startswith(country_code)
    }


def read_blocks(files: Iterable[Path], rules: NumberRules, carriers: Collection[str]) -> dict[bytes, str]:
    """Prefix (E.164 digits) -> carrier, out of CSV files `prefix,carrier`. BadRows tells every row that is wrong.

    Prefixes are written with trunk prefix or with country code. A row without a carrier gives the block to nobody.
    """
    return read_tables(files, "prefix", rules.prefix, carriers)


class NumberBlocks:
    """Prefix -> carrier, asked by number."""

    __slots__ = ("_by_length",)

    def __init__(self, prefixes: Mapping[bytes, str]) -> None:
        lengths = sorted({len(prefix) for prefix in prefixes}, reverse=True)
        self._by_length = tuple(
            (length, {prefix: carrier for prefix, carrier in prefixes.items() if len(prefix) == length})
            for length in lengths
        )

    def carrier(self, e164: bytes) -> str:
        """Whose block the number is in; NOBODY when it is in none."""
        for length, blocks in self._by_length:
            carrier = blocks.get(e164[:length])
            if carrier is not None:
                return carrier
        return NOBODY

    def carriers(self) -> frozenset[str]:
        """All that have a block."""
        return frozenset(carrier for _, blocks in self._by_length for carrier in blocks.values())

"""How a carrier writes the number of a message as its id: no two carriers do it alike, and some lie."""

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from simulators.sections import Section

MOST_ID = 64  # octets without the NUL (SMPP 3.4, section 5.2.23)
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_SCATTER = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835  # odd, so that each number has a UUID of its own
_128_BITS = (1 << 128) - 1


class IdLook(Section):
    """How a message's number is written as its id."""

    radix: Literal["hex", "decimal", "base36", "uuid", "none"] = Field(
        default="decimal", description="`none`: an empty id."
    )
    upper: bool = Field(default=False, description="Letters in capitals.")
    width: int = Field(default=0, ge=0, le=MOST_ID, description="Padded with zeros to so many digits.")

    def write(self, number: int) -> bytes:
        """The id as octets."""
        digits = _DIGITS[self.radix](number)
        return (digits.upper() if self.upper else digits).zfill(self.width).encode()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits or "0"


def _uuid(number: int) -> str:
    digits = f"{number * _SCATTER & _128_BITS:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


_DIGITS: dict[str, Callable[[int], str]] = {
    "decimal": lambda number: f"{number:d}",
    "hex": lambda number: f"{number:x}",
    "base36": _base36,
    "uuid": _uuid,
    "none": lambda _: "",
}

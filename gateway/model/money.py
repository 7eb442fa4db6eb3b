"""Money is an integer of sen (1/100 yen). No float ever holds it."""

from decimal import Decimal
from typing import NewType

Sen = NewType("Sen", int)

SEN_PER_YEN = 100


def sen(yen: str | Decimal) -> Sen:
    """Exact sen from a decimal figure in yen, e.g. "9.5". ValueError if it is finer than a sen."""
    exact = Decimal(yen) * SEN_PER_YEN
    if exact != exact.to_integral_value():
        raise ValueError(f"{yen} yen is finer than a sen")
    return Sen(int(exact))


def yen(amount: Sen) -> str:
    """For people: 1050 -> '10.5', 1000 -> '10'."""
    whole, part = divmod(abs(amount), SEN_PER_YEN)
    text = f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if amount < 0 else text

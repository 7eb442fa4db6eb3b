"""Money is an integer of sen (1/100 yen). No float ever holds it."""

from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import NewType

Sen = NewType("Sen", int)

SEN_PER_YEN = 100
MOST_YEN = 10**15

# Decimal rounds what is longer than its precision and does not say so; here it says so.
_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])


def sen(yen: str | Decimal) -> Sen:
    """Exact sen from a decimal figure in yen, e.g. "9.5". ValueError if it is none, too fine or too great."""
    try:
        exact = Decimal(yen, _EXACT)
    except InvalidOperation:
        raise ValueError(f"{yen!r} is no figure in yen") from None
    if not exact.is_finite() or abs(exact) > MOST_YEN:
        raise ValueError(f"{yen} yen is no amount")
    try:
        scaled = _EXACT.multiply(exact, Decimal(SEN_PER_YEN))
    except Inexact:
        raise ValueError(f"{yen} yen is finer than a sen") from None
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{yen} yen is finer than a sen")
    return Sen(int(scaled))


def yen(amount: Sen) -> str:
    """For people: 1050 -> '10.5', 1000 -> '10'."""
    whole, part = divmod(abs(amount), SEN_PER_YEN)
    text = f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if amount < 0 else text

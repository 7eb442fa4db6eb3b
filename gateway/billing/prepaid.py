"""A customer's credit at run time: held when a message is accepted, settled or released when it ends.

All in one place and without waiting in between, so no two messages can be promised the same yen; what is available is
never below zero. Amounts include tax (gateway.billing.tax.gross). Memory only: at start it is rebuilt from the ledger's
balance and the messages that are alive.
"""

from enum import Enum

from gateway.billing.tariff import Tariff
from gateway.billing.tax import gross
from gateway.model.errors import Bug
from gateway.model.money import Sen


class Short(Enum):
    """Why nothing can be held."""

    NO_CREDIT = "the prepaid balance does not cover the message"
    MONTHLY_CAP = "the account's monthly cap is reached"


def held_for(tariff: Tariff, units: int, carrier: str, kind: str, check_sen: int, percent: int) -> Sen:
    """What is held for a message: its dearest price and its check, tax included. Its charge never is more."""
    return gross(Sen(tariff.dearest(carrier, kind) * units + check_sen), percent)


class Credit:
    """One customer's balance and cap, either of them or both. Months are those of billing, e.g. 2026-11."""

    __slots__ = ("_available", "_cap", "_held", "_month", "_spent")

    def __init__(self, balance: Sen | None, cap: Sen | None, month: str, spent: int = 0) -> None:
        """`balance`: what the ledger and the charges since leave, None for an account that pays afterwards.

        `cap`: the most that a month may come to, None for no cap; `spent` of it is, in `month`.
        """
        self._available = balance
        self._cap = cap
        self._held = 0
        self._month = month
        self._spent = spent

    @property
    def available(self) -> Sen | None:
        """What can still be held; None without a prepaid balance."""
        return self._available

    @property
    def held(self) -> Sen:
        """For messages that are alive."""
        return Sen(self._held)

    def hold(self, amount: Sen, month: str) -> Short | None:
        """Set an amount aside for a message; None when it is, else why nothing was."""
        self._turn(month)
        if self._available is not None and amount > self._available:
            return Short.NO_CREDIT
        if self._cap is not None and self._spent + self._held + amount > self._cap:
            return Short.MONTHLY_CAP
        self._take(amount)
        return None

    def restore(self, amount: Sen) -> None:
        """At start: hold for a message that was accepted before, whatever the balance is now."""
        self._take(amount)

    def settle(self, held: Sen, charge: Sen, month: str) -> None:
        """The message ended and costs `charge` of what was held for it, or nothing. Bug if it costs more."""
        if not 0 <= charge <= held <= self._held:
            raise Bug(f"{charge} sen of {held} held, {self._held} held in all")
        self._turn(month)
        self._held -= held
        self._spent += charge
        if self._available is not None:
            self._available = Sen(self._available + held - charge)

    def top_up(self, amount: Sen) -> None:
        """Money came in. Nothing changes for an account that pays afterwards."""
        if amount < 0:
            raise Bug(f"a top-up of {amount} sen")
        if self._available is not None:
            self._available = Sen(self._available + amount)

    def _take(self, amount: Sen) -> None:
        if amount < 0:
            raise Bug(f"{amount} sen cannot be held")
        self._held += amount
        if self._available is not None:
            self._available = Sen(self._available - amount)

    def _turn(self, month: str) -> None:
        if month > self._month:
            self._month, self._spent = month, 0

"""What a message takes of its account's credit: set aside when it is accepted, settled when it ends.

For accounts that are prepaid or capped; for all others one look at an attribute. Amounts are sen with tax.
"""

from gateway.billing.prepaid import Short, held_for
from gateway.billing.tax import gross
from gateway.flow.message import FREE, Message
from gateway.model.errors import Reason, Refusal
from gateway.model.money import Sen
from gateway.store.contract import BillingRecord, MessageAccepted
from gateway.store.months import month_of

REASON_OF = {Short.NO_CREDIT: Reason.NO_CREDIT, Short.MONTHLY_CAP: Reason.MONTHLY_CAP}


def hold(message: Message) -> None:
    """Set aside the most that it can cost. Refusal when that is more than there is."""
    account = message.account
    if account.credit is None:
        return
    amount = _most(message)
    short = account.credit.hold(amount, month_of(message.row.submitted_at))
    if short is not None:
        raise Refusal(REASON_OF[short])
    message.held = amount


def held_before(message: Message) -> None:
    """After a start it is held for already: the balance was reckoned without it."""
    if message.account.credit is not None:
        message.held = _most(message)


def rehold(old: Message, new: Message) -> None:
    """`new` takes the place of `old`, which was promised: it goes whatever is left."""
    credit = new.account.credit
    if credit is None:
        return
    credit.settle(old.held, FREE, month_of(new.row.submitted_at))
    old.held = FREE
    new.held = _most(new)
    credit.restore(new.held)


def settle(message: Message, record: BillingRecord) -> None:
    """It ended: what it costs is spent, the rest is free again."""
    account = message.account
    if account.credit is None:
        return
    cost = FREE if record.test else gross(Sen(record.charge_sen + record.check_sen), account.tax_percent)
    account.credit.settle(message.held, Sen(min(cost, message.held)), month_of(record.done_at))
    message.held = FREE


def _most(message: Message) -> Sen:
    account, row = message.account, message.row
    if account.test:
        return FREE
    tariff = account.schedule.at(row.submitted_at)
    return held_for(tariff, row.units, row.carrier, row.kind, _check(row), account.tax_percent)


def _check(row: MessageAccepted) -> int:
    return max(0, row.check_sen)  # below 0: not checked yet

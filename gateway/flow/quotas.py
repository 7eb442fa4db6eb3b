"""What accounts use up of their quotas: counted before a message is acknowledged, kept within about a second.

A crash loses what was counted since it was last kept: no more than that comes through twice.
"""

from collections.abc import Iterable

import orjson
import structlog

from gateway.flow import credit
from gateway.flow.account import Account
from gateway.flow.message import Message
from gateway.model.errors import Reason, Refusal
from gateway.store.contract import Kept
from gateway.throttle.above import LONGEST_HOLD_SECONDS, Above
from gateway.throttle.quota import Snapshot, Use, Verdict

log = structlog.get_logger(room="quotas")

KIND = "quota"

# Who is slowed is told to come later as well: nothing can be let in on credit until the next day.
REASON_ABOVE = {
    None: Reason.QUOTA,
    Above.THROTTLED: Reason.QUOTA_THROTTLED,
    Above.SLOW: Reason.QUOTA_THROTTLED,
    Above.QUEUE_FULL: Reason.QUOTA_QUEUE_FULL,
}


def hold(message: Message) -> None:
    """Count the message, and set aside what it may cost: both or neither. Refusal when either is used up."""
    account = message.account
    if account.quota is None:
        credit.hold(message)
        return
    use, now = _use(message), message.row.submitted_at
    verdict = account.quota.take(use, now)
    if verdict in {Verdict.DAY, Verdict.MONTH}:
        account.quota_used_up = True
        if account.quota_above is Above.SLOW:
            account.hold_seconds = LONGEST_HOLD_SECONDS
        raise Refusal(REASON_ABOVE[account.quota_above])
    account.quota_used_up = False
    try:
        credit.hold(message)
    except Refusal:
        account.quota.give_back(use, now)
        raise
    account.quota_changed = True
    if verdict is Verdict.WARN:
        account.counts.quota_marks += 1
        log.warning("quota_mark", customer=account.name, **shares(account, now))


def shares(account: Account, now_ms: int) -> dict[str, dict[str, int]]:
    """What was used today and this month."""
    if account.quota is None:
        return {}
    day, month = account.quota.used(now_ms)
    return {"day": day._asdict(), "month": month._asdict()}


def changed(accounts: Iterable[Account]) -> list[Kept]:
    """What the store is to keep, of those that used something since they were asked last."""
    facts = []
    for account in accounts:
        if account.quota is not None and account.quota_changed:
            account.quota_changed = False
            day, in_day, month, in_month = account.quota.snapshot()
            value = orjson.dumps((day, tuple(in_day), month, tuple(in_month)))
            facts.append(Kept(KIND, account.name, b"", value, 0))
    return facts


def restore(account: Account, facts: Iterable[Kept], now_ms: int) -> None:
    """After a start, before the first message."""
    for fact in facts:
        if account.quota is not None and (fact.kind, fact.owner) == (KIND, account.name):
            day, in_day, month, in_month = orjson.loads(fact.value)
            account.quota.restore(Snapshot(day, Use(*in_day), month, Use(*in_month)), now_ms)


def _use(message: Message) -> Use:
    """Yen at the price of the first tier; nothing for a message whose carrier is not known yet."""
    row = message.row
    tariff = message.account.schedule.at(row.submitted_at)
    return Use(1, row.units, tariff.dearest(row.carrier, row.kind) * row.units)

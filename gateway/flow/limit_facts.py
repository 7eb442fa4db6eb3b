"""The facts of a moment for gateway.flow.limits_now, read where they are."""

from collections.abc import Iterable

from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.limits_now import CarrierFacts, CustomerFacts
from gateway.throttle.lanes import PRIORITIES

LATELY_SECONDS = 1.0


def facts_of_carrier(carrier: Carrier, on_disk: int, store_held: bool, now: float) -> CarrierFacts:
    """Of one carrier; `on_disk` messages wait for it there."""
    receives = carrier.send_without_receiver or any(bind.receives for bind in carrier.binds)
    usable = [bind for bind in carrier.binds if bind.session is not None and not bind.drained] if receives else []
    return CarrierFacts(
        waiting=carrier.lanes.ready + on_disk + len(carrier.retries),
        scheduled=carrier.scheduled,
        usable_binds=len(usable),
        room=sum(bind.room for bind in carrier.binds),
        refused_until=_refused_until(carrier, on_disk, now),
        lowered=carrier.bucket.lowered,
        seconds_until_token=max(carrier.bucket.seconds_until(1, now), carrier.seconds_until_bind(now) or 0.0),
        store_held=store_held,
    )


def _refused_until(carrier: Carrier, on_disk: int, now: float) -> float:
    """Until when the carrier's own word keeps everything from going; monotonic seconds."""
    adaptive = carrier.bucket.adaptive
    until = carrier.paused_until if adaptive is None else max(carrier.paused_until, adaptive.paused_until)
    if not carrier.lanes.ready and not on_disk:  # all that waits was refused, and waits for its next try
        until = max(until, now + (carrier.retries.seconds_until(now) or 0.0))
    return until


def _seconds_until_token(account: Account, now: float) -> float:
    """A message of several segments is too much while one may still come in: what was refused lately counts too."""
    if account.bucket is None:
        return 0.0
    return max(account.bucket.seconds_until(1, now), account.throttled_at + LATELY_SECONDS - now, 0.0)


def waiting_of(account: Account, carrier: Carrier) -> int:
    """Segments of a customer in the lanes of a carrier."""
    return sum(carrier.lanes.waiting(priority, account.name) for priority in range(PRIORITIES))


def facts_of_customer(account: Account, carriers: Iterable[Carrier], store_held: bool, now: float) -> CustomerFacts:
    """Of one customer."""
    return CustomerFacts(
        quota_used_up=account.quota_used_up,
        overload=account.overloaded,
        store_held=store_held,
        seconds_until_token=_seconds_until_token(account, now),
        window_full=any(bind.session.owed >= account.window for bind in account.binds),
        looking_up=account.looking_up,
        waiting=sum(waiting_of(account, carrier) for carrier in carriers),
        scheduled=account.scheduled + account.shut_out,
    )

"""Notices as metrics: by way, notice and result; faults by name, those too that do not hold."""

from collections import Counter

from gateway.net.courier import Courier, CourierRules, Delivery, Handed
from gateway.ops.fault_kinds import KINDS
from gateway.ops.faults import Fault
from gateway.ops.notice_metrics import NO_NOTICES, NoticeFigures, families


async def carry(_: str) -> Handed:
    return Handed(Delivery.SENT)


def test_what_was_sent_what_waits_and_what_holds() -> None:
    courier = Courier("mail", carry, CourierRules((1.0,), 9.0, 1, 9), lambda: 0.0, lambda *_: None)
    courier.put("a")
    courier.counts.retries = 4
    counts = Counter({("mail", "fault", "sent"): 2, ("mail", "recovery", "given_up"): 1})
    faults = [Fault(KINDS["CarrierDown"], key, 0, 0) for key in ("one", "two")]
    told = {one.name: dict(one.rows) for one in families(NoticeFigures(counts, {"mail": courier}, lambda: faults))}
    assert told["smpp_gateway_notices"] == counts
    assert told["smpp_gateway_notice_retries"] == {("mail",): 4}
    assert told["smpp_gateway_notices_waiting"] == {("mail",): 1}
    assert told["smpp_gateway_faults"][("CarrierDown",)] == 2
    assert sum(told["smpp_gateway_faults"].values()) == 2
    assert len(told["smpp_gateway_faults"]) == len(KINDS)


def test_a_gateway_without_notices_tells_no_faults() -> None:
    told = {one.name: dict(one.rows) for one in families(NO_NOTICES)}
    assert set(told["smpp_gateway_faults"].values()) == {0}
    assert told["smpp_gateway_notices"] == {}

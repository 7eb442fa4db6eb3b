"""Another route: after a refusal that says so, and for what waits for a carrier that is down or too far behind."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.flow.reroute import MOST_A_TICK
from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Said
from gateway.smpp.pdu import DeliverSm, Pdu, SubmitSm
from tests.gateway.flow.world import Centre, Peer, World, message, profile, receipt, settings, text

ELSEWHERE, NOT_MINE, THROTTLED = 0x0B, 0x45, 0x58
UDH8 = {
    "first": 70,
    "following": 67,
    "concatenation": "udh8",
    "max_characters": 660,
    "units": [70, *range(134, 604, 67), 660],
}
BOTH_WAYS = {
    "routes": {"two": {"serves": ["one"]}, "one": {"serves": ["two"]}},
    "rules": [{"name": "both", "routes": [{"to": "one"}, {"to": "two"}]}],
}


def errors(**more: Any) -> dict[str, Any]:
    return {
        "temporary": [0x14, THROTTLED],
        "pause_seconds": 1.0,
        "elsewhere": [ELSEWHERE],
        "not_mine": [NOT_MINE],
    } | more


def world(routing: dict[str, Any] | None = None, one: dict[str, Any] | None = None, **more: Any) -> World:
    """Carriers `one` and `two`, of which `two` cuts at 67; every message may go through both, `one` first."""
    carriers = {"one": profile(errors=errors(), **(one or {})), "two": profile(errors=errors(), text=UDH8)}
    portability = {"library_names": {"NTT Docomo": "one", "KDDI": "two"}, "learned": {}}
    whole = {"carriers": carriers, "portability": portability, "routing": BOTH_WAYS | (routing or {})} | more
    return World(settings(**whole))


class Answering(Centre):
    """A message centre that answers the first segments with these, 0: it takes it."""

    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self.statuses = list(statuses)

    def answer(self, peer: Peer, pdu: Pdu) -> None:
        if isinstance(pdu, SubmitSm) and self.statuses and (status := self.statuses.pop(0)):
            peer.session.submit_sm_resp(pdu.sequence_number, status)
        else:
            super().answer(peer, pdu)


def rows(w: World) -> list[Any]:
    return sorted(w.store.disk.messages.values())


def test_refused_with_a_word_that_says_elsewhere() -> None:
    w = world()
    one, two = w.carrier("one", centre=Answering(ELSEWHERE)), w.carrier("two", centre=Centre(receipts=True))
    customer = w.customer()
    w.submit(customer, message())
    assert len(one.requests(SubmitSm)) == len(two.requests(SubmitSm)) == 1
    (record,) = w.records
    assert (record.outcome, record.carrier, record.route) == ("DELIVERED", "one", "two")
    assert (record.attempts, record.error) == (2, "")
    assert record.sent_at > 0
    assert len(customer.requests(DeliverSm)) == 1
    assert w.flow.reroute.counts == {("one", "two"): 1}


@pytest.mark.parametrize("status", [0x0A, 0x33, 0x61])
def test_the_message_itself_is_at_fault(status: int) -> None:
    w = world()
    w.carrier("one", centre=Answering(status))
    two = w.carrier("two")
    w.submit(w.customer(), message())
    assert two.requests(SubmitSm) == []
    (record,) = w.records
    assert (record.outcome, record.route, record.error) == ("REJECTED", "one", f"{status:08x}")


def test_cut_anew_for_the_other_carrier() -> None:
    w = world()
    one = w.carrier("one", centre=Answering(*[ELSEWHERE] * 3))
    two = w.carrier("two", centre=Centre(receipts=True))
    w.submit(w.customer(), message(characters=134))
    assert len(one.requests(SubmitSm)) == 3
    parts = two.requests(SubmitSm)
    assert [part.short_message[:3] for part in parts] == [b"\x05\x00\x03"] * 2
    assert b"".join(part.short_message[6:] for part in parts) == text(134)
    (record,) = w.records
    assert (record.units, record.segments, record.delivered, record.attempts) == (2, 2, 2, 5)


@pytest.mark.parametrize("statuses", [(0, ELSEWHERE, ELSEWHERE), (ELSEWHERE, 0, ELSEWHERE), (ELSEWHERE, ELSEWHERE, 0)])
def test_all_segments_go_one_route(statuses: tuple[int, ...]) -> None:
    w = world()
    one, two = w.carrier("one", centre=Answering(*statuses)), w.carrier("two")
    w.submit(w.customer(), message(characters=133))
    assert (len(one.requests(SubmitSm)), two.requests(SubmitSm)) == (3, [])
    assert w.records == []
    one.session.request(receipt(b"1"), None, w.now)
    w.pump()
    (record,) = w.records
    assert (record.outcome, record.delivered, record.error) == ("REJECTED", 1, "0000000b")


def test_a_word_for_later_that_says_elsewhere_too_is_for_later_when_there_is_no_other_route() -> None:
    carriers = {"one": profile(errors=errors(elsewhere=[THROTTLED])), "two": profile()}
    w = world({"rules": [], "routes": {}}, carriers=carriers)
    one = w.carrier("one", centre=Answering(THROTTLED))
    w.submit(w.customer(), message())
    assert w.records == []
    w.advance(5.0)
    assert len(one.requests(SubmitSm)) == 2
    assert len(w.flow.carriers["one"].sent) == 1


def test_a_row_of_the_error_table_says_elsewhere() -> None:
    rows_of_errors = [{"status": 0x99, "means": "elsewhere", "reason": "no way to that network"}]
    w = world(carriers={"one": profile(errors=errors(rows=rows_of_errors)), "two": profile()})
    w.carrier("one", centre=Answering(0x99))
    two = w.carrier("two")
    w.submit(w.customer(), message())
    assert len(two.requests(SubmitSm)) == 1


def test_nobody_is_asked_twice() -> None:
    w = world()
    one, two = (
        w.carrier("one", centre=Answering(*[ELSEWHERE] * 9)),
        w.carrier("two", centre=Answering(*[ELSEWHERE] * 9)),
    )
    w.submit(w.customer(), message())
    assert len(one.requests(SubmitSm)) == len(two.requests(SubmitSm)) == 1
    (record,) = w.records
    assert (record.outcome, record.route, record.attempts) == ("REJECTED", "two", 2)


def test_a_route_that_is_down_is_no_other_route() -> None:
    w = world()
    w.carrier("one", centre=Answering(ELSEWHERE))
    w.submit(w.customer(), message())
    (record,) = w.records
    assert (record.outcome, record.route) == ("REJECTED", "one")


def test_a_carrier_that_cannot_have_the_text_is_passed_over() -> None:
    short = {"first": 70, "following": 66, "concatenation": "udh16", "max_characters": 70, "units": [70]}
    carriers = {"one": profile(errors=errors()), "two": profile(text=short), "three": profile()}
    rules = [{"name": "all", "routes": [{"to": "one"}, {"to": "two"}, {"to": "three"}]}]
    routing = {"routes": {"two": {"serves": ["one"]}, "three": {"serves": ["one"]}}, "rules": rules}
    w = world(routing, carriers=carriers)
    w.carrier("one", centre=Answering(*[ELSEWHERE] * 2))
    two, three = w.carrier("two"), w.carrier("three")
    w.submit(w.customer(), message(characters=71))
    assert (two.requests(SubmitSm), len(three.requests(SubmitSm))) == ([], 2)


def test_a_segment_whose_answer_is_lost_stays_with_its_siblings() -> None:
    """The second may have arrived: nothing of the message goes elsewhere."""

    def first_only(peer: Peer, pdu: Pdu) -> None:
        if isinstance(pdu, SubmitSm) and pdu.short_message[6] == 1:
            peer.session.submit_sm_resp(pdu.sequence_number, ELSEWHERE)

    w = world(one={"in_doubt": "fail"})
    one, two = w.carrier("one"), w.carrier("two")
    one.answer = first_only
    w.submit(w.customer(), message(characters=71))
    (alive,) = w.flow.live._messages.values()
    assert alive.refusals == {0: ELSEWHERE}
    assert w.records == []
    w.cut(one)
    w.pump()
    assert two.requests(SubmitSm) == []
    (record,) = w.records
    assert (record.outcome, record.route) == ("UNKNOWN", "one")


def test_a_bind_that_goes_before_a_sibling_has_left_lets_all_go_elsewhere() -> None:
    w = world(one={"session": {"window": 1}})
    one, two = w.carrier("one", centre=Answering(*[ELSEWHERE] * 2)), w.carrier("two")
    w.submit(w.customer(), message(characters=133))
    assert len(one.requests(SubmitSm)) == 1  # the others waited for the window: nothing of it had left
    assert len(two.requests(SubmitSm)) == 2
    assert len(w.flow.carriers["one"].lanes) <= 2
    w.advance(1.0)
    assert len(one.requests(SubmitSm)) == 1


def test_what_goes_elsewhere_goes_there_after_a_crash_too() -> None:
    w = world()
    w.carrier("one", centre=Answering(*[ELSEWHERE] * 3))
    w.carrier("two", centre=Centre(accepts=False))
    w.submit(w.customer(), message(characters=134))
    w = w.crash()
    one, two = w.carrier("one"), w.carrier("two", centre=Centre(receipts=True))
    assert (one.requests(SubmitSm), len(two.requests(SubmitSm))) == ([], 2)
    (record,) = w.records
    assert (record.outcome, record.route, record.units) == ("DELIVERED", "two", 2)


# Whose number it is after all

SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "two"}}
TLV = {"whose": {"tag": 0x1401, "type": "text"}}
SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard", "may_name_carrier": True}


def answered(w: World, said: Said, carrier: str = "") -> None:
    """The look-up service speaks."""
    _, then = w.flow.network.desks["service"]._queue.get_nowait()
    then(Answer(said, "service", carrier, Ported.YES, 5))
    w.pump()


def test_not_mine_sends_it_where_the_look_up_says_now() -> None:
    w = world({"rules": [], "routes": {}}, lookups={"order": ["service"], "http": {"service": SERVICE}})
    one, two = w.carrier("one", centre=Answering(NOT_MINE)), w.carrier("two", centre=Centre(receipts=True))
    w.submit(w.customer(), message())
    answered(w, Said.KNOWN, "one")
    assert len(one.requests(SubmitSm)) == 1
    assert two.requests(SubmitSm) == []
    answered(w, Said.KNOWN, "two")  # asked anew, although the first answer was kept
    (record,) = w.records
    assert (record.carrier, record.route, record.known_by, record.outcome) == ("two", "two", "service", "DELIVERED")
    assert w.flow.reroute.counts == {("one", "lookup"): 1}


def test_not_mine_of_a_part_is_for_the_next_message() -> None:
    w = world({"rules": [], "routes": {}}, lookups={"order": ["service"], "http": {"service": SERVICE}})
    one, two = w.carrier("one", centre=Answering(NOT_MINE)), w.carrier("two", centre=Centre(receipts=True))
    customer = w.customer()
    w.submit(customer, message(characters=133))
    answered(w, Said.KNOWN, "one")
    for number in (b"1", b"2"):
        one.session.request(receipt(number), None, w.now)
    w.pump()
    (record,) = w.records
    assert (record.outcome, record.delivered) == ("REJECTED", 2)
    w.submit(customer, message())
    answered(w, Said.KNOWN, "one")  # it is not believed
    assert len(one.requests(SubmitSm)) == 3
    assert w.records[1].reason == "no_carrier"
    assert two.requests(SubmitSm) == []


def test_the_customer_s_word_counts_until_the_carrier_denies_it() -> None:
    w = world(
        {"rules": [], "routes": {}},
        portability={"library_names": {"NTT Docomo": "one", "KDDI": "two"}, "learned": {}, "customer_tlv": "whose"},
        tlvs=TLV,
        customers={"shop": SHOP},
    )
    one, two = w.carrier("one", centre=Centre(receipts=True)), w.carrier("two", centre=Answering(NOT_MINE))
    customer = w.customer()
    w.submit(customer, message(tlvs=((0x1401, b"two\0"),)))
    assert len(one.requests(SubmitSm)) == len(two.requests(SubmitSm)) == 1
    (record,) = w.records
    assert (record.carrier, record.known_by, record.outcome) == ("one", "number block", "DELIVERED")
    assert w.flow.reroute.counts == {("two", "one"): 1}
    w.submit(customer, message(tlvs=((0x1401, b"two\0"),)))
    assert len(two.requests(SubmitSm)) == 2  # what the customer names comes first in the order of sources


def test_carriers_that_contradict_each_other_end_it() -> None:
    """`one` denies it, the service says `two`, `two` denies it, the service insists."""
    w = world({"rules": [], "routes": {}}, lookups={"order": ["service"], "http": {"service": SERVICE}})
    w.carrier("one", centre=Answering(NOT_MINE))
    w.carrier("two", centre=Answering(NOT_MINE))
    w.submit(w.customer(), message())
    answered(w, Said.KNOWN, "one")
    answered(w, Said.KNOWN, "two")
    answered(w, Said.KNOWN, "one")
    (record,) = w.records
    assert (record.outcome, record.attempts, record.reason) == ("REJECTED", 2, "no_carrier")
    assert len(w.flow.live) == 0


def test_without_a_place_to_keep_it_nothing_is_learned() -> None:
    w = world({"rules": [], "routes": {}}, portability={"library_names": {"NTT Docomo": "one", "KDDI": "two"}})
    w.carrier("one", centre=Answering(NOT_MINE))
    w.submit(w.customer(), message())
    (record,) = w.records
    assert (record.outcome, record.error) == ("REJECTED", "00000045")
    assert w.store.disk.kept == {}


# Waiting for a carrier that is down, or too far behind


def many(w: World, count: int, submitted: Callable[[int], SubmitSm]) -> None:
    customer = w.customer()
    for number in range(count):
        customer.session.request(submitted(number), None, w.now)
    w.pump()


def numbered(number: int) -> SubmitSm:
    return message(b"0903%07d" % number, short_message=b"\0%c" % (65 + number % 26))


def test_what_waits_for_a_carrier_that_is_down_leaves_it_after_a_while() -> None:
    w = world()
    many(w, 30, numbered)
    two = w.carrier("two", centre=Centre(receipts=True))
    assert two.requests(SubmitSm) == []
    w.advance(29.0)
    assert two.requests(SubmitSm) == []
    w.advance(2.0)
    assert [pdu.destination_addr for pdu in two.requests(SubmitSm)] == [b"81903%07d" % n for n in range(30)]
    assert len(w.flow.carriers["one"].lanes) == 0
    assert {record.route for record in w.records} == {"two"}


def test_new_messages_take_the_other_route_at_once() -> None:
    w = world()
    two = w.carrier("two")
    w.submit(w.customer(), message())
    assert len(two.requests(SubmitSm)) == 1


def test_so_many_a_tick_and_no_more() -> None:
    w = world(sessions={"window": 5000}, customers={"shop": {**SHOP, "window": 5000}})
    many(w, MOST_A_TICK + 10, numbered)
    w.carrier("two", centre=Centre(receipts=True))
    w.advance(31.0)
    assert len(w.records) == MOST_A_TICK
    w.advance(1.0)
    assert len(w.records) == MOST_A_TICK + 10


def test_what_is_parked_on_disk_follows_as_it_comes_back() -> None:
    w = world(store={"directory": "nowhere", "queue_in_memory": 4, "messages_in_memory": 1000})
    many(w, 40, numbered)
    assert len(w.flow.parking) > 30
    two = w.carrier("two", centre=Centre(receipts=True))
    w.advance(31.0)
    for _ in range(40):
        w.advance(1.0)
    assert (len(two.requests(SubmitSm)), len(w.flow.parking), len(w.records)) == (40, 0, 40)
    assert (w.flow.parking._lanes, len(w.flow.live)) == ({}, 0)


def test_nothing_leaves_without_a_rule_that_offers_another_route() -> None:
    w = world({"rules": [], "routes": {}})
    many(w, 3, numbered)
    two = w.carrier("two")
    w.advance(1000.0)
    assert two.requests(SubmitSm) == []
    assert w.flow.reroute._sweeps == {}


def test_what_is_in_doubt_or_has_left_in_part_stays() -> None:
    w = world(one={"session": {"window": 1}})
    one = w.carrier("one", centre=Centre(accepts=False))
    w.submit(w.customer(), message(characters=133))
    w.cut(one)
    two = w.carrier("two")
    w.advance(31.0)
    assert two.requests(SubmitSm) == []
    one = w.carrier("one")
    assert len(one.requests(SubmitSm)) == 3


def test_a_slow_carrier_keeps_what_it_sends_in_time() -> None:
    slow = {"pace": {"segments_per_second": 1.0, "burst_segments": 1}, "session": {"window": 1}}
    w = world({"slow_seconds": 10.0, "rules": BOTH_WAYS["rules"]}, one=slow)
    w.carrier("one", centre=Centre(receipts=True))
    many(w, 30, numbered)
    two = w.carrier("two", centre=Centre(receipts=True))
    assert two.requests(SubmitSm) == []
    w.advance(0.1)
    left = len(w.flow.carriers["one"].lanes)
    assert left == 10
    assert len(two.requests(SubmitSm)) + left + w.flow.carriers["one"].counts.segments_sent == 30


def test_a_customer_s_scheduled_and_withdrawn_messages_are_left_alone() -> None:
    w = world()
    customer = w.customer()
    w.submit(customer, message(schedule_delivery_time=b"000000010000000R"))
    w.carrier("two", centre=Centre(receipts=True))
    w.advance(31.0)
    assert w.records == []
    w.advance(3600.0)
    w.advance(31.0)
    (record,) = w.records
    assert (record.outcome, record.route) == ("DELIVERED", "two")

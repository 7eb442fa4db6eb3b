"""What the message is: carrier, text, segments, units, validity."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.flow.intake import read_date, write_date
from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.recycling import Check, Checked, Outcome
from gateway.smpp.pdu import CancelSm, DeliverSm, SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import AU_NUMBER, DOCOMO_NUMBER, START_MS, Centre, Peer, World, message, profile, settings

NAMES = {"NTT Docomo": "one", "KDDI": "two"}
SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}
SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "two"}}
RECYCLING = {"services": {"first": {"root": "https://x.example"}}}
TLVS = {
    "owner_since": {"tag": 0x1410, "type": "text"},
    "whose": {"tag": 0x1411, "type": "text"},
    "kind": {"tag": 0x1412, "type": "text"},
}
SINCE, WHOSE, KIND = 0x1410, 0x1411, 0x1412
ORACLE = Path(__file__).parents[2] / "data" / "segments_1_660.csv"


def accepted(world: World, pdu: SubmitSm) -> Any:
    """The row that the store has of it."""
    world.submit(world.customer(), pdu)
    (row,) = world.store.disk.messages.values()
    return row


def test_whose_number_it_is() -> None:
    row = accepted(World(), message(AU_NUMBER))
    assert (row.carrier, row.known_by, row.ported) == ("two", "number block", "unknown")
    assert row.e164 == b"818050000001"
    assert row.destination_addr == AU_NUMBER


def test_a_ported_number(tmp_path: Path) -> None:
    ported = tmp_path / "ported.csv"
    ported.write_text(f"number,carrier\n{DOCOMO_NUMBER.decode()},two\n", encoding="utf-8")
    names = {"NTT Docomo": "one", "KDDI": "two"}
    world = World(settings(portability={"library_names": names, "ported_files": [str(ported)]}))
    row = accepted(world, message(DOCOMO_NUMBER))
    assert (row.carrier, row.known_by, row.ported) == ("two", "ported numbers", "ported")


@pytest.mark.parametrize(
    "row", list(csv.DictReader(ORACLE.read_text(encoding="utf-8").splitlines()))[::7], ids=lambda row: row["units"]
)
def test_units_are_those_of_the_table(row: dict[str, str]) -> None:
    length = int(row["units"])
    stored = accepted(World(), message(characters=length))
    assert (stored.units, stored.segments, stored.characters) == (int(row["docomo"]), int(row["docomo"]), length)


@pytest.mark.parametrize(
    ("asked", "hours"),
    [(b"", 72), (b"000000120000000R", 12), (b"000010000000000R", 72), (b"261124100000000+", 1)],
)
def test_validity_is_what_was_asked_within_the_profile(asked: bytes, hours: int) -> None:
    world = World(now=0.0)
    world.now = 9 * 3600.0  # 09:00 UTC
    row = accepted(world, message(validity_period=asked))
    assert row.submitted_at == START_MS + 9 * 3_600_000
    assert row.expires_at - row.submitted_at == hours * 3_600_000


def test_binary_is_untouched() -> None:
    row = accepted(World(), message(short_message=b"\x00\xff\xd8\x00" * 40, data_coding=4))
    assert row.binary
    assert row.text == b"\x00\xff\xd8\x00" * 40
    assert (row.segments, row.units) == (2, 2)


# Rules, kinds and what the customer knows


def routed(**more: Any) -> World:
    """Kinds by parameter; `otp` goes through `two`, at night all that is of no kind; the customer may name carriers."""
    rules = [
        {"name": "codes", "kinds": ["otp"], "routes": [{"to": "two"}]},
        {"name": "urgent", "priorities": [3], "routes": [{"to": "two"}]},
        {"name": "night", "hours": ["21:00-09:00"], "senders": ["SHOP"], "routes": [{"to": "two"}]},
    ]
    return World(
        settings(
            tlvs=TLVS,
            routing={"rules": rules, "routes": {"two": {"serves": ["one"]}}, "kind_tlv": "kind"},
            portability={"library_names": NAMES, "customer_tlv": "whose"},
            customers={"shop": SHOP | {"may_name_carrier": True} | more},
        ),
        now=0.0,
    )


@pytest.mark.parametrize(
    ("fields", "carrier", "kind"),
    [
        ({}, "one", ""),
        ({"tlvs": ((KIND, b"otp\0"),)}, "two", "otp"),
        ({"tlvs": ((KIND, b"otp"),)}, "two", "otp"),
        ({"tlvs": ((KIND, b"notice\0"),)}, "one", "notice"),
        ({"priority_flag": 3}, "two", ""),
        ({"priority_flag": 9}, "two", ""),
    ],
)
def test_rules_choose_the_route(fields: dict[str, Any], carrier: str, kind: str) -> None:
    row = accepted(routed(), message(**fields))
    assert (row.carrier, row.serving, row.kind) == (carrier, "one", kind)


def test_hours_are_those_of_japan() -> None:
    world = routed()  # 09:00 there
    assert accepted(world, message(source_addr=b"SHOP")).carrier == "one"
    world = routed()
    world.now = 12 * 3600.0
    assert accepted(world, message(source_addr=b"SHOP")).carrier == "two"


def test_the_account_s_kind_holds_for_what_names_none() -> None:
    world = routed(message_kind="otp")
    assert accepted(world, message()).carrier == "two"
    assert accepted(routed(message_kind="otp"), message(tlvs=((KIND, b"notice\0"),))).carrier == "one"


@pytest.mark.parametrize("kind", [b"OTP\0", b"a b\0", b"x" * 32 + b"\0", b"\xff\0", b"a\0b\0"])
def test_a_kind_that_is_no_name(kind: bytes) -> None:
    world = routed()
    answer = world.submit(world.customer(), message(tlvs=((KIND, kind),)))
    assert answer.command_status == CommandStatus.ESME_RINVOPTPARAMVAL
    assert world.store.disk.messages == {}


def test_the_customer_names_the_carrier() -> None:
    row = accepted(routed(), message(tlvs=((WHOSE, b"two\0"),)))
    assert (row.carrier, row.serving, row.known_by, row.ported) == ("two", "two", "customer", "ported")
    world = routed()
    answer = world.submit(world.customer(), message(tlvs=((WHOSE, b"nobody\0"),)))
    assert answer.command_status == CommandStatus.ESME_RINVOPTPARAMVAL
    row = accepted(routed(may_name_carrier=False), message(tlvs=((WHOSE, b"two\0"),)))
    assert (row.carrier, row.known_by) == ("one", "number block")


def part(number: int, **fields: Any) -> SubmitSm:
    """One of two parts of a customer's own."""
    octets = b"\x05\x00\x03\x07\x02%c" % number + "かな".encode("utf_16_be")
    return message(esm_class=0x40, short_message=octets, **fields)


def test_parts_keep_what_the_first_of_them_says() -> None:
    world = routed()
    customer = world.customer()
    said = ((KIND, b"notice\0"), (WHOSE, b"two\0"))
    world.submit(customer, part(1, tlvs=said))
    world = world.crash()
    row = accepted(world, part(2, tlvs=said))
    assert (row.kind, row.serving, row.known_by, row.segments) == ("notice", "two", "customer", 1)
    for wrong in (((WHOSE, b"nobody\0"),), ((KIND, b"?\0"),)):
        assert world.submit(world.customer(), part(1, tlvs=wrong)).command_status == 0xC4


def test_a_sender_that_may_go_no_route_is_refused() -> None:
    senders = {"one": {"senders": {"shop": {"allowed": ["05*"]}}}}
    world = World(settings(routing={"routes": senders}))
    answer = world.submit(world.customer(), message())
    assert answer.command_status == CommandStatus.ESME_RINVSRCADR
    assert world.submit(world.customer(), message(source_addr=b"0512")).command_status == 0


def test_a_brand_goes_through_the_network_that_it_rides_on() -> None:
    world = World(settings(routes={"brand": "two"}, portability={"library_names": NAMES | {"NTT Docomo": "brand"}}))
    two = world.carrier("two", centre=Centre(receipts=True))
    world.submit(world.customer(), message())
    assert len(two.requests(SubmitSm)) == 1
    (record,) = world.records
    assert (record.carrier, record.route) == ("brand", "two")


# Numbers that are asked for, and recipients that are checked


def asking(**more: Any) -> World:
    """A service is asked before the number blocks."""
    return World(settings(lookups={"order": ["service"], "http": {"service": SERVICE}}, **more))


def answered(world: World, said: Said, *rest: Any) -> None:
    """The service speaks."""
    _, then = world.flow.network.desks["service"]._queue.get_nowait()
    then(Answer(said, "service", *rest))
    world.pump()


def check(world: World) -> tuple[str, Check, Callable[[Checked], None]]:
    """What the service for recycled numbers is asked."""
    desk = world.flow.network.check_desk
    assert desk is not None
    (carrier, asked), then = desk._queue.get_nowait()
    return carrier, asked, then


def sent(*carriers: Peer) -> list[int]:
    return [len(carrier.requests(SubmitSm)) for carrier in carriers]


def test_accepted_then_looked_up_then_sent() -> None:
    world = asking()
    customer = world.customer()
    one, two = world.carrier("one"), world.carrier("two", centre=Centre(receipts=True))
    answer = world.submit(customer, message(characters=133))
    assert (answer.command_status, sent(one, two)) == (0, [0, 0])
    answered(world, Said.KNOWN, "two", Ported.YES, 5)
    assert sent(one, two) == [0, 3]
    (record,) = world.records
    found = (record.carrier, record.route, record.known_by, record.ported, record.units)
    assert found == ("two", "two", "service", "ported", 3)
    assert len(customer.requests(DeliverSm)) == 1


def test_asked_again_after_a_crash() -> None:
    world = asking()
    world.submit(world.customer(), message(characters=133))
    world = world.crash()
    two = world.carrier("two", centre=Centre(receipts=True))
    answered(world, Said.KNOWN, "two")
    assert sent(two) == [3]
    assert [record.outcome for record in world.records] == ["DELIVERED"]


def test_what_ends_while_it_waits_is_forgotten() -> None:
    world = asking()
    customer = world.customer()
    world.submit(customer, message())
    answer = world.submit(customer, message())
    withdrawn = world.submit(customer, CancelSm(message_id=answer.message_id, source_addr=b"0312345678"))
    assert withdrawn.command_status == 0
    world.advance(80 * 3600.0)
    assert [record.outcome for record in world.records] == ["EXPIRED", "DELETED"]
    answered(world, Said.KNOWN, "two")
    assert len(world.flow.live) == 0


def test_a_number_that_was_asked_for_not_long_ago_goes_at_once() -> None:
    world = asking()
    customer = world.customer()
    two = world.carrier("two", centre=Centre(receipts=True))
    world.submit(customer, message())
    answered(world, Said.KNOWN, "two", Ported.YES, 5)
    world.submit(customer, message())
    assert (len(world.flow.network.desks["service"]), sent(two)) == (0, [2])


def test_a_part_to_a_number_that_only_the_network_knows_is_kept() -> None:
    world = asking(portability={"library_names": {}})
    two = world.carrier("two")
    customer = world.customer()
    assert world.submit(customer, part(1)).command_status == 0
    assert world.submit(customer, part(2)).command_status == 0
    answered(world, Said.KNOWN, "two")
    assert sent(two) == [1]


def test_the_customer_s_word_outlives_the_wait_and_a_crash() -> None:
    """The service is asked before the customer's word counts."""
    world = asking(
        tlvs=TLVS,
        portability={"library_names": NAMES, "customer_tlv": "whose", "order": ["network", "customer", "blocks"]},
        customers={"shop": SHOP | {"may_name_carrier": True}},
    )
    world.submit(world.customer(), message(tlvs=((WHOSE, b"two\0"),)))
    world = world.crash()
    two = world.carrier("two", centre=Centre(receipts=True))
    answered(world, Said.UNKNOWN)
    assert sent(two) == [1]
    assert [(record.carrier, record.known_by) for record in world.records] == [("two", "customer")]


def test_the_sender_may_be_barred_where_it_turns_out_to_go() -> None:
    world = asking(routing={"routes": {"two": {"senders": {"shop": {"allowed": ["05*"]}}}}})
    customer = world.customer()
    world.submit(customer, message())
    answered(world, Said.KNOWN, "two")
    (record,) = world.records
    assert (record.outcome, record.reason, record.error) == ("REJECTED", "sender_barred", "905")


def checked(policy: dict[str, Any]) -> World:
    """The account asks for checks."""
    return World(settings(recycling=RECYCLING, tlvs=TLVS, customers={"shop": SHOP | {"recipient_check": policy}}))


@pytest.mark.parametrize(("outcome", "final"), [(Outcome.CHANGED, "REJECTED"), (Outcome.SAME, "DELIVERED")])
def test_a_recipient_is_checked_before_it_is_sent_to(outcome: Outcome, final: str) -> None:
    world = checked({"since": "2024-04-01"})
    customer = world.customer()
    one = world.carrier("one", centre=Centre(receipts=True))
    assert world.submit(customer, message()).command_status == 0
    assert sent(one) == [0]
    carrier, _, then = check(world)
    assert carrier == "one"
    then(Checked(outcome, answered=True))
    world.pump()
    (record,) = world.records
    assert (record.outcome, record.check_sen) == (final, 350)
    (receipt,) = customer.requests(DeliverSm)
    assert (b"err:902" in receipt.short_message) == (record.reason == "recipient_changed") == (final == "REJECTED")


def test_the_date_comes_with_the_message() -> None:
    world = checked({"since_tlv": "owner_since"})
    customer = world.customer()
    world.carrier("one", centre=Centre(receipts=True))
    for wrong in (b"20240230\0", b"20990101\0"):
        assert world.submit(customer, message(tlvs=((SINCE, wrong),))).command_status == 0xC4
    assert world.submit(customer, message()).command_status == 0
    assert len(world.records) == 1  # without a date there is nothing to check
    assert world.submit(customer, message(tlvs=((SINCE, b"20240401\0"),))).command_status == 0
    world = world.crash()
    assert check(world)[1].since == date(2024, 4, 1)
    world.advance(80 * 3600.0)
    assert [(record.outcome, record.check_sen) for record in world.records] == [("DELIVERED", 0), ("EXPIRED", 0)]


def test_the_date_comes_with_a_part() -> None:
    world = checked({"since_tlv": "owner_since"})
    customer = world.customer()
    world.submit(customer, part(1, tlvs=((SINCE, b"20240401\0"),)))
    world = world.crash()
    world.submit(world.customer(), part(2, tlvs=((SINCE, b"20240401\0"),)))
    assert check(world)[1].since == date(2024, 4, 1)


def test_a_number_that_is_nobody_s_is_refused_before_it_is_checked() -> None:
    world = World(
        settings(
            recycling=RECYCLING,
            portability={"library_names": {"KDDI": "two"}},
            customers={"shop": SHOP | {"recipient_check": {"since": "2024-04-01"}}},
        )
    )
    assert world.submit(world.customer(), message()).command_status == CommandStatus.ESME_RINVDSTADR


@pytest.mark.parametrize("since", [None, date(2024, 4, 1), date(1999, 12, 31)])
def test_a_date_is_kept(since: date | None) -> None:
    assert read_date(write_date(since)) == since


def test_text_is_cut_for_the_carrier_that_was_found() -> None:
    short = {"first": 70, "following": 66, "concatenation": "udh16", "max_characters": 70, "units": [70]}
    world = asking(carriers={"one": profile(), "two": profile(text=short)})
    world.submit(world.customer(), message(characters=71))
    answered(world, Said.KNOWN, "two")
    (record,) = world.records
    assert (record.outcome, record.reason, record.error) == ("REJECTED", "not_taken", "904")

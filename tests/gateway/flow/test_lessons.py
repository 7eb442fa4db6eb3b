"""What is learned of numbers: kept durably, forgotten in time, and the newest imported file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.flow.lessons import KIND
from gateway.routing.ported_build import write_differences
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.store.contract import Kept
from tests.gateway.flow.world import Centre, World, message, profile, receipt, refuse, settings

NAMES = {"NTT Docomo": "one", "KDDI": "two"}
NUMBER = 819030000001


def world(**portability: Any) -> World:
    errors = {"temporary": [0x58], "not_mine": [0x45], "not_mine_errors": ["027"]}
    return World(
        settings(
            carriers={"one": profile(errors=errors), "two": profile()},
            portability={"library_names": NAMES, "learned": {"hours": 1.0, "most": 2}} | portability,
        )
    )


def denied(w: World, *numbers: bytes) -> None:
    w.carrier("one").answer = refuse(0x45)
    customer = w.customer()
    for number in numbers:
        w.submit(customer, message(number))


def facts(w: World) -> dict[bytes, Kept]:
    return {one.key: one for one in w.store.disk.kept.values() if one.kind == KIND}


def test_a_denial_outlives_the_process_for_as_long_as_it_is_believed() -> None:
    w = world()
    denied(w, b"09030000001")
    assert set(facts(w)) == {b"%d" % NUMBER}
    w = w.crash()
    customer = w.customer()
    assert w.submit(customer, message()).command_status == 0x0B  # nobody else is known
    w.advance(3601.0)
    assert facts(w) == {}
    assert w.submit(customer, message()).command_status == 0


def test_so_many_and_no_more() -> None:
    w = world()
    denied(w, b"09030000001", b"09030000002", b"09030000003")
    assert set(facts(w)) == {b"819030000002", b"819030000003"}


def test_what_cannot_be_read_is_passed_over() -> None:
    w = world()
    w.store.disk.kept[KIND, "", b"%d" % NUMBER] = Kept(KIND, "", b"%d" % NUMBER, b"[", 2**60)
    w.store.disk.kept[KIND, "", b"x"] = Kept(KIND, "", b"x", b"[]", 2**60)
    with capture_logs() as logs:
        w = w.crash()
    assert [line["event"] for line in logs if line["event"] == "fact_not_read"] == ["fact_not_read"] * 2
    assert w.submit(w.customer(), message()).command_status == 0


def test_a_receipt_may_say_the_same_for_the_next_message() -> None:
    w = world()
    carrier, customer = w.carrier("one", centre=Centre()), w.customer()
    w.submit(customer, message())
    carrier.session.request(receipt(b"1", b"UNDELIV", b"027"), None, w.now)
    w.pump()
    assert [record.outcome for record in w.records] == ["UNDELIVERABLE"]
    assert set(facts(w)) == {b"%d" % NUMBER}
    assert w.submit(customer, message()).command_status == 0x0B
    assert len(carrier.requests(SubmitSm)) == 1


@pytest.mark.parametrize(("stat", "err"), [(b"DELIVRD", b"027"), (b"UNDELIV", b"028")])
def test_other_receipts_teach_nothing(stat: bytes, err: bytes) -> None:
    w = world()
    carrier = w.carrier("one", centre=Centre())
    w.submit(w.customer(), message())
    carrier.session.request(receipt(b"1", stat, err), None, w.now)
    w.pump()
    assert facts(w) == {}


def test_another_imported_file_is_taken_and_told(tmp_path: Path) -> None:
    file = tmp_path / "imported.numbers"
    w = world(imported_file=str(file))
    with capture_logs() as logs:
        w.advance(1.0)
        write_differences(file, {NUMBER: "two"}, 1_795_478_400_000)
        w.advance(1.0)
        two = w.carrier("two")
        w.submit(w.customer(), message())
        (tmp_path / "new").write_bytes(b"nonsense")
        (tmp_path / "new").rename(file)
        w.advance(1.0)
        w.advance(1.0)
    told = [line for line in logs if line["event"].startswith("imported")]
    assert [line["event"] for line in told] == [
        "imported_numbers_not_taken",
        "imported_numbers_taken",
        "imported_numbers_not_taken",
    ]
    assert (told[1]["numbers"], told[1]["made_at"]) == (1, 1_795_478_400_000)
    assert len(two.requests(SubmitSm)) == 1
    w.submit(w.customer(), message())  # the one before goes on
    assert len(two.requests(SubmitSm)) == 2


def found_on(network: bytes, carrier_id: bytes) -> DeliverSm:
    """A receipt that names the network of the phone."""
    return replace(receipt(carrier_id), tlvs=((0x1403, network),))


def test_a_receipt_that_names_another_network_sends_the_next_message_there() -> None:
    receipts = {
        "id_in_response": "hex",
        "id_in_receipt": "decimal",
        "network_tag": 0x1403,
        "networks": {"44051": "two"},
    }
    world = World(
        settings(
            carriers={"one": profile(receipts=receipts), "two": profile()},
            portability={"library_names": {"NTT Docomo": "one", "KDDI": "two"}, "learned": {}},
        )
    )
    customer, one, two = world.customer(), world.carrier(), world.carrier("two")
    for number, network in ((1, b"99999\0"), (2, b"44051\0")):
        world.submit(customer, message())
        one.session.request(found_on(network, b"%d" % number), None, world.now)
        world.pump()
    assert [record.outcome for record in world.records] == ["DELIVERED"] * 2
    world.submit(customer, message())
    assert (len(one.requests(SubmitSm)), len(two.requests(SubmitSm))) == (2, 1)
    after = world.crash()
    after.submit(after.customer(), message())
    assert [waiting.row.carrier for waiting in after.flow.live._messages.values()] == ["two", "two"]

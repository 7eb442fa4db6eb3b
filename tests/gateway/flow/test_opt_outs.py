"""Opt-out lists in the flow: by phone, by file, by people, over a crash."""

from pathlib import Path
from typing import Any

import pytest

from gateway.flow.opt_out import ListFull
from gateway.model.errors import Refusal
from gateway.model.values import Address
from gateway.smpp.pdu import DeliverSm, SubmitMulti
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import DOCOMO_NUMBER, World, message, settings

OURS = b"0312345678"
E164 = "819030000001"


def shop(**opt_out: Any) -> World:
    customer = {"system_id": "shop", "password": "secret", "tariff": "standard", "numbers": ["0312345678"]}
    other = {"system_id": "other", "password": "secret", "tariff": "standard"}
    return World(settings(customers={"shop": customer | {"opt_out": opt_out}, "other": other}))


def from_phone(text: str, data_coding: int = 8, **fields: Any) -> DeliverSm:
    octets = text.encode("utf_16_be") if data_coding == 8 else text.encode("ascii")
    return DeliverSm(
        **{  # type: ignore[arg-type]
            "source_addr": DOCOMO_NUMBER,
            "destination_addr": OURS,
            "data_coding": data_coding,
            "short_message": octets,
        }
        | fields
    )


def status(world: World, system_id: bytes = b"shop") -> int:
    return int(world.submit(world.customer(system_id), message()).command_status)


OK, OUT = CommandStatus.ESME_ROK, CommandStatus.ESME_RPROHIBITED


@pytest.mark.parametrize("word", ["STOP", "ｓｔｏｐ", " 配信停止。"])
def test_a_phone_says_stop_and_start(word: str) -> None:
    world = shop()
    carrier = world.carrier()
    customer = world.customer()
    carrier.session.request(from_phone(word), None, world.now)
    world.pump()
    assert status(world) == OUT
    assert world.flow.accounts["shop"].counts.refused == {"OPTED_OUT": 1}
    assert len(customer.requests(DeliverSm)) == 1  # and the customer sees what it wrote
    assert status(world, b"other") == OK
    carrier.session.request(from_phone("start", data_coding=0), None, world.now)
    world.pump()
    assert status(world) == OK


@pytest.mark.parametrize(
    "pdu",
    [
        from_phone("STOP it please"),
        from_phone("STOP", destination_addr=b"0399999999"),
        from_phone("STOP", source_addr=b"12345"),
        from_phone("STOP", esm_class=0x40),
        from_phone("STOP", data_coding=0, short_message=b"\xff" * 4),
        from_phone("", short_message=b""),
    ],
)
def test_what_is_no_keyword_of_a_phone_changes_nothing(pdu: DeliverSm) -> None:
    world = shop()
    world.carrier().session.request(pdu, None, world.now)
    world.pump()
    assert status(world) == OK


def test_it_survives_a_crash() -> None:
    world = shop()
    carrier = world.carrier()
    carrier.session.request(from_phone("STOP"), None, world.now)
    world.pump()
    after = world.crash()
    assert status(after) == OUT
    after.carrier().session.request(from_phone("START"), None, after.now)
    after.pump()
    assert status(after.crash()) == OK


def test_a_carrier_hears_yes_when_the_keyword_is_durable() -> None:
    world = shop()
    carrier = world.carrier()
    world.commits_left = 0
    carrier.session.request(from_phone("STOP"), None, world.now)
    world.pump()
    assert carrier.answers() == []
    assert status(world.crash()) == OK


def test_the_file_and_then_the_store(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    file.write_text(f"+{E164}, since 2024\n\n# nobody\n819030000002\n", encoding="ascii")
    world = shop(file=str(file))
    assert world.flow.opt_outs.numbers("shop") == [E164, "819030000002"]
    assert status(world) == OUT
    assert world.flow.opt_outs.change("shop", "09030000001", out=False)
    world.pump()
    assert status(world.crash()) == OK


def test_people_change_it() -> None:
    world = shop(most=1)
    outs = world.flow.opt_outs
    assert outs.change("shop", "+81 90-3000-0001", out=True)
    assert not outs.change("shop", "09030000001", out=True)
    assert outs.numbers("shop") == [E164]
    with pytest.raises(ListFull):
        outs.change("shop", "09030000002", out=True)
    with pytest.raises(Refusal):
        outs.change("shop", "0312345678", out=True)
    for nobody in ("other", "stranger"):
        with pytest.raises(KeyError):
            outs.change(nobody, "09030000001", out=True)
    with pytest.raises(KeyError):
        outs.numbers("other")


def test_a_full_list_is_told_and_the_message_goes_on() -> None:
    world = shop(most=1)
    world.flow.opt_outs.change("shop", "09030000009", out=True)
    customer = world.customer()
    world.carrier().session.request(from_phone("STOP"), None, world.now)
    world.pump()
    assert len(customer.requests(DeliverSm)) == 1
    assert status(world) == OK


def test_of_many_destinations_only_those_on_the_list_are_left_out() -> None:
    world = shop()
    world.flow.opt_outs.change("shop", "09030000001", out=True)
    one = message()
    destinations = (Address(1, 1, DOCOMO_NUMBER), Address(1, 1, b"09030000003"))
    answer = world.submit(
        world.customer(),
        SubmitMulti(
            source_addr=OURS,
            dest_addresses=destinations,
            data_coding=8,
            short_message=one.short_message,
        ),
    )
    assert [refused.error_status_code for refused in answer.unsuccess_smes] == [OUT]
    assert len(world.flow.live) == 1

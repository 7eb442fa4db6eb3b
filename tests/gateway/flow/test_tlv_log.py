"""Ignored parameters are told by name, without a person's words, and the message goes its way."""

import pytest
from structlog.testing import capture_logs

from gateway.flow.tlv_log import shown, telling
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Kind, Tag, TlvType, Vocabulary
from tests.gateway.flow.world import World, message

WORDS = Vocabulary(
    {"acme_price": (0x1401, TlvType(Kind.INTEGER, 1, 8)), "acme_note": (0x1402, TlvType(Kind.C_OCTETS, 1, 99))}
)


def lines(*tlvs: tuple[int, bytes]) -> list[object]:
    world = World()
    world.flow.requests.submit_sm = telling(world.flow.requests.submit_sm, WORDS)
    customer = world.customer()
    with capture_logs() as logs:
        answer = world.submit(customer, message(tlvs=tlvs))
    assert answer.command_status == CommandStatus.ESME_ROK
    return [line["tlvs"] for line in logs if line["event"] == "tlvs_ignored"]


def test_what_is_ignored_is_told_by_its_name() -> None:
    told = lines(
        (0x1401, b"\1\x2c"), (0x1402, b"to mother\0"), (0x1499, b"\0\1"), (Tag.PRIVACY_INDICATOR, b"\2"),
        (Tag.USER_MESSAGE_REFERENCE, b"\0\7"),
    )  # fmt: skip
    assert told == [{"acme_price": 300, "acme_note": "10 octets", "0x1499": "2 octets", "privacy_indicator": 2}]


def test_a_message_without_them_is_not_worth_a_line() -> None:
    assert lines() == lines((Tag.USER_MESSAGE_REFERENCE, b"\0\7")) == []


@pytest.mark.parametrize("octets", [b"", b"\xff" * 9])
def test_an_integer_that_is_none(octets: bytes) -> None:
    assert shown(WORDS, 0x1401, octets) == f"{len(octets)} octets"
    assert lines((0x1401, octets)) == [{"acme_price": f"{len(octets)} octets"}]

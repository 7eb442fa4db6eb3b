"""Cell broadcast's PDUs: in the table, answered by their responses, as long as the specification says."""

import pytest

from gateway.smpp import broadcast
from gateway.smpp.codec import decode, encode
from gateway.smpp.commands import CommandId
from gateway.smpp.declare import Pdu
from gateway.smpp.pdu import PDUS, RESPONSE_OF

REQUESTS: dict[type[Pdu], int] = {  # and the octets of an empty one's fields
    broadcast.BroadcastSm: 12,
    broadcast.QueryBroadcastSm: 4,
    broadcast.CancelBroadcastSm: 5,
}


@pytest.mark.parametrize("cls", REQUESTS, ids=lambda cls: cls.__name__)
def test_a_request_and_its_response(cls: type[Pdu]) -> None:
    assert PDUS[cls.command_id] is cls
    assert RESPONSE_OF[cls].__name__ == cls.__name__ + "Resp"
    assert len(encode(cls())) == 16 + REQUESTS[cls]


def test_ids_are_those_of_5_0() -> None:
    assert sorted(cls.command_id for cls in REQUESTS) == [0x111, 0x112, 0x113]
    assert broadcast.CancelBroadcastSmResp.command_id is CommandId.CANCEL_BROADCAST_SM_RESP


def test_the_areas_not_reached_come_as_tlvs() -> None:
    answer = broadcast.BroadcastSmResp(message_id=b"9", tlvs=((0x0607, bytes(4)), (0x0606, b"\0tokyo")))
    assert decode(encode(answer)) == answer
    assert encode(broadcast.CancelBroadcastSmResp(sequence_number=1))[16:] == b""

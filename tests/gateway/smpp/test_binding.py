"""Responses to binds, and what versions tell."""

from typing import Any

import pytest

from gateway.smpp.binding import granted, refused, takes_tlvs, version_of_centre
from gateway.smpp.codec import encode
from gateway.smpp.commands import RESPONSE
from gateway.smpp.pdu import BindReceiver, BindTransceiver, BindTransceiverResp, BindTransmitter
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag


@pytest.mark.parametrize("kind", [BindTransceiver, BindTransmitter, BindReceiver])
def test_each_kind_has_its_response(kind: Any) -> None:
    request = kind(system_id=b"x", sequence_number=9)
    yes, no = granted(request, b"gw"), refused(request, CommandStatus.ESME_RINVPASWD)
    for response in (yes, no):
        assert response.command_id == request.command_id | RESPONSE
        assert response.sequence_number == 9
    assert (yes.command_status, yes.system_id, yes.tlv(Tag.SC_INTERFACE_VERSION)) == (0, b"gw", b"\x34")
    assert (no.command_status, no.tlvs) == (CommandStatus.ESME_RINVPASWD, ())


def test_tlvs_came_with_34() -> None:
    assert [takes_tlvs(version) for version in (0x00, 0x33, 0x34, 0x50)] == [False, False, True, True]


def test_the_version_of_a_centre() -> None:
    told = BindTransceiverResp(system_id=b"c", tlvs=((Tag.SC_INTERFACE_VERSION, b"\x33"),))
    assert version_of_centre(encode(told, 1)) == 0x33
    assert version_of_centre(encode(BindTransceiverResp(system_id=b"c"), 1)) is None
    empty = BindTransceiverResp(system_id=b"c", tlvs=((Tag.SC_INTERFACE_VERSION, b""),))
    assert version_of_centre(encode(empty, 1)) is None
    assert version_of_centre(bytes.fromhex("00000012 80000009 00000000 00000001 4141")) is None

"""Kinds of fields at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import PeerFault
from gateway.model.values import Address
from gateway.smpp.fields import (
    MAX_DESTINATIONS,
    COctets,
    Destination,
    Destinations,
    DistributionList,
    Kind,
    Octet,
    ShortMessage,
    Time,
    Unsuccess,
    Unsuccesses,
)
from gateway.smpp.status import CommandStatus
from tests.gateway.smpp.values import values_of

NAME = COctets(5, CommandStatus.ESME_RINVSYSID)
WIDE = COctets(5, CommandStatus.ESME_RINVSYSID, also_read=8)
WHEN = Time(CommandStatus.ESME_RINVSCHED)
NOBODY = Address(0, 0, b"")
KINDS: tuple[Kind, ...] = (Octet(), NAME, WIDE, WHEN, ShortMessage(), Destinations(), Unsuccesses())


@pytest.mark.parametrize("value", [-1, 256])
def test_an_octet_holds_no_more(value: int) -> None:
    with pytest.raises(ValueError, match="ton"):
        Octet().write("ton", value)


def test_a_string_fills_its_field_to_the_last_octet() -> None:
    assert NAME.write("name", b"abcd") == b"abcd\0"
    assert NAME.read("name", b"abcd\0", 0) == (b"abcd", 5)
    with pytest.raises(ValueError, match="at most 4"):
        NAME.write("name", b"abcde")
    with pytest.raises(PeerFault) as caught:
        NAME.read("name", b"abcde\0", 0)
    assert caught.value.command_status == CommandStatus.ESME_RINVSYSID


def test_a_string_without_its_nul_is_too_long_or_cut_off() -> None:
    with pytest.raises(PeerFault) as caught:
        NAME.read("name", b"abcd", 0)
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDLEN
    with pytest.raises(PeerFault) as caught:
        NAME.read("name", b"abcde", 0)
    assert caught.value.command_status == CommandStatus.ESME_RINVSYSID


def test_where_sources_disagree_the_longer_is_read_and_the_shorter_written() -> None:
    assert WIDE.read("name", b"abcdefg\0", 0) == (b"abcdefg", 8)
    with pytest.raises(PeerFault):
        WIDE.read("name", b"abcdefgh\0", 0)
    with pytest.raises(ValueError, match="at most 4"):
        WIDE.write("name", b"abcde")


def test_a_string_holds_no_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        NAME.write("name", b"a\0b")


@pytest.mark.parametrize("octets", [b"1", b"1" * 15, b"1" * 17, b"1" * 15 + b"\0"])
def test_a_time_is_written_whole_or_not_at_all(octets: bytes) -> None:
    with pytest.raises(ValueError, match="when"):
        WHEN.write("when", octets)


def test_a_time_of_any_length_is_read() -> None:
    assert WHEN.read("when", b"12\0", 0) == (b"12", 3)
    with pytest.raises(PeerFault) as caught:
        WHEN.read("when", b"1" * 17 + b"\0", 0)
    assert caught.value.command_status == CommandStatus.ESME_RINVSCHED


def test_a_short_message_has_up_to_255_octets() -> None:
    text = bytes(range(255))
    assert ShortMessage().write("text", text) == b"\xff" + text
    assert ShortMessage().read("text", b"\xff" + text + b"more", 0) == (text, 256)
    with pytest.raises(ValueError, match="at most 255"):
        ShortMessage().write("text", bytes(256))


@pytest.mark.parametrize("count", [0, MAX_DESTINATIONS + 1])
def test_a_submit_multi_has_1_to_254_destinations(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} destinations"):
        Destinations().write("to", (NOBODY,) * count)


def test_a_submit_multi_fills_up() -> None:
    everybody: tuple[Destination, ...] = (NOBODY,) * (MAX_DESTINATIONS - 1) + (DistributionList(b"list"),)
    octets = Destinations().write("to", everybody)
    assert Destinations().read("to", octets, 0) == (everybody, len(octets))


def test_an_address_or_list_of_submit_multi_fits_its_field() -> None:
    with pytest.raises(ValueError, match="destination_addr"):
        Destinations().write("to", (Address(1, 1, b"1" * 21),))
    with pytest.raises(ValueError, match="dl_name"):
        Destinations().write("to", (DistributionList(b"x" * 21),))


def test_those_not_reached_fit_their_count_and_status() -> None:
    with pytest.raises(ValueError, match="at most 255"):
        Unsuccesses().write("failed", (Unsuccess(NOBODY, 1),) * 256)
    with pytest.raises(ValueError, match="error_status_code"):
        Unsuccesses().write("failed", (Unsuccess(NOBODY, 1 << 32),))
    with pytest.raises(PeerFault) as caught:
        Unsuccesses().read("failed", b"\x01\0\0\0\0\0\0", 0)
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDLEN


@given(st.data())
def test_reading_is_the_reverse_of_writing(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    value = data.draw(values_of(kind))
    octets = kind.write("field", value)
    before, behind = data.draw(st.binary(max_size=5)), data.draw(st.binary(max_size=5))
    assert kind.read("field", before + octets + behind, len(before)) == (value, len(before) + len(octets))


@given(st.sampled_from(KINDS), st.binary(max_size=60), st.integers(0, 70))
def test_any_octets_are_a_value_or_a_fault(kind: Kind, octets: bytes, at: int) -> None:
    try:
        _, end = kind.read("field", octets, at)
    except PeerFault as fault:
        refused_with = fault.command_status
    else:
        assert at < end <= len(octets)
        return
    assert refused_with in set(CommandStatus) - {CommandStatus.ESME_ROK}

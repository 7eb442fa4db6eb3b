"""Strategies for PDUs of every class, made from the field table."""

from typing import Any

from hypothesis import strategies as st

from gateway.model.values import Address
from gateway.smpp.fields import (
    MAX_SHORT_MESSAGE_OCTETS,
    COctets,
    Destinations,
    DistributionList,
    Kind,
    Octet,
    ShortMessage,
    Time,
    Unsuccess,
)
from gateway.smpp.pdu import PDUS, Pdu, fields_of, is_response

UINT32 = st.integers(0, 0xFFFF_FFFF)
OCTETS = st.integers(0, 0xFF)
TLVS = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=9)), max_size=4).map(tuple)
CLASSES = tuple(PDUS.values())


def c_octets(most: int) -> st.SearchStrategy[bytes]:
    """Strings that fit `most` octets with their NUL."""
    return st.binary(max_size=most - 1).map(lambda octets: octets.replace(b"\0", b"\1"))


ADDRESSES = st.builds(Address, OCTETS, OCTETS, c_octets(21))


def values_of(kind: Kind) -> st.SearchStrategy[Any]:
    """Values that fit a field."""
    match kind:
        case Octet():
            return OCTETS
        case COctets(most=most):
            return c_octets(most)
        case Time():
            return st.just(b"") | st.binary(min_size=16, max_size=16).map(lambda octets: octets.replace(b"\0", b"0"))
        case ShortMessage():
            return st.binary(max_size=MAX_SHORT_MESSAGE_OCTETS)
        case Destinations():
            destinations = ADDRESSES | st.builds(DistributionList, c_octets(21))
            return st.lists(destinations, min_size=1, max_size=5).map(tuple)
    return st.lists(st.builds(Unsuccess, ADDRESSES, UINT32), max_size=5).map(tuple)


def pdus_of(cls: type[Pdu]) -> st.SearchStrategy[Pdu]:
    """Values of a class that write to octets and read back equal."""
    fields = {name: values_of(kind) for name, kind in fields_of(cls)}
    status = st.just(0) if is_response(cls) and fields else UINT32
    tlvs = TLVS if fields else st.just(())
    return st.builds(cls, command_status=status, sequence_number=UINT32, tlvs=tlvs, **fields)


PDU_VALUES = st.sampled_from(CLASSES).flatmap(pdus_of)

"""The kinds of mandatory fields: what each may hold, how it is read and written plainly, and which status refuses it.

Reading raises PeerFault with that status, writing raises ValueError. `gateway/smpp/compiled.py` does the same work
fast for the common kinds; a property test holds the two equal.
"""

from dataclasses import dataclass
from typing import NamedTuple

from gateway.model.errors import PeerFault
from gateway.model.values import Address
from gateway.smpp.status import CommandStatus

TIME_OCTETS = 17  # a time's characters and its NUL (SMPP 3.4, section 7.1.1)
MAX_SHORT_MESSAGE_OCTETS = 255  # 254 in 3.4
MAX_DESTINATIONS = 254  # section 4.5.1

_SME_ADDRESS, _DISTRIBUTION_LIST = 1, 2  # dest_flag, section 5.2.25
_ADDRESS_OCTETS = 21


class DistributionList(NamedTuple):
    """A destination of submit_multi that stands for many."""

    dl_name: bytes


class Unsuccess(NamedTuple):
    """A destination that submit_multi did not reach, and why."""

    destination: Address
    error_status_code: int


Destination = Address | DistributionList


def incomplete(name: str) -> PeerFault:
    """The fault of a PDU that ends before a field does."""
    return PeerFault(CommandStatus.ESME_RINVCMDLEN, f"the PDU ends within {name}")


@dataclass(frozen=True, slots=True)
class Octet:
    """An integer of one octet."""

    def read(self, name: str, frame: bytes, at: int) -> tuple[int, int]:
        """The value and where the next field begins."""
        if at >= len(frame):
            raise incomplete(name)
        return frame[at], at + 1

    def write(self, name: str, value: int) -> bytes:
        """The field's octets."""
        if not 0 <= value <= 0xFF:
            raise ValueError(f"{name}: {value} is not 0..255")
        return bytes((value,))


@dataclass(frozen=True, slots=True)
class COctets:
    """A C-octet string: ends with NUL, `most` octets long with it. Values are without the NUL."""

    most: int
    fault: CommandStatus
    also_read: int = 0  # where sources disagree: the longest that is read, beyond `most`
    secret: bool = False

    @property
    def longest(self) -> int:
        """Octets that reading takes, without the NUL."""
        return max(self.most, self.also_read) - 1

    def read(self, name: str, frame: bytes, at: int) -> tuple[bytes, int]:
        """The value and where the next field begins."""
        end = frame.find(b"\0", at, at + self.longest + 1)
        if end < 0:
            if len(frame) - at <= self.longest:
                raise incomplete(name)
            raise PeerFault(self.fault, f"{name} is longer than {self.longest} octets")
        return frame[at:end], end + 1

    def write(self, name: str, value: bytes) -> bytes:
        """The field's octets."""
        if len(value) >= self.most:
            raise ValueError(f"{name}: {len(value)} octets, at most {self.most - 1}")
        if 0 in value:
            raise ValueError(f"{name}: a NUL within a C-octet string")
        return value + b"\0"


@dataclass(frozen=True, slots=True)
class Time:
    """A C-octet string that is empty or 16 characters. What they mean is `gateway/smpp/times.py`'s business."""

    fault: CommandStatus
    most: int = TIME_OCTETS

    @property
    def longest(self) -> int:
        """Octets that reading takes, without the NUL."""
        return self.most - 1

    def read(self, name: str, frame: bytes, at: int) -> tuple[bytes, int]:
        """The value and where the next field begins."""
        return COctets(self.most, self.fault).read(name, frame, at)

    def write(self, name: str, value: bytes) -> bytes:
        """The field's octets."""
        if value and len(value) != TIME_OCTETS - 1:
            raise ValueError(f"{name}: a time is empty or 16 characters, not {len(value)}")
        return COctets(self.most, self.fault).write(name, value)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """sm_length and short_message: one length octet, and so many octets of any value."""

    secret: bool = True

    def read(self, name: str, frame: bytes, at: int) -> tuple[bytes, int]:
        """The value and where the next field begins."""
        if at >= len(frame):
            raise incomplete("sm_length")
        end = at + 1 + frame[at]
        if end > len(frame):
            raise PeerFault(
                CommandStatus.ESME_RINVMSGLEN,
                f"sm_length is {frame[at]}, {len(frame) - at - 1} octets of {name} follow",
            )
        return frame[at + 1 : end], end

    def write(self, name: str, value: bytes) -> bytes:
        """The field's octets."""
        if len(value) > MAX_SHORT_MESSAGE_OCTETS:
            raise ValueError(f"{name}: {len(value)} octets, at most {MAX_SHORT_MESSAGE_OCTETS}")
        return bytes((len(value),)) + value


_OCTET = Octet()
_DESTINATION_ADDR = COctets(_ADDRESS_OCTETS, CommandStatus.ESME_RINVDSTADR)
_DL_NAME = COctets(_ADDRESS_OCTETS, CommandStatus.ESME_RINVDLNAME)


def _read_address(frame: bytes, at: int) -> tuple[Address, int]:
    ton, at = _OCTET.read("dest_addr_ton", frame, at)
    npi, at = _OCTET.read("dest_addr_npi", frame, at)
    addr, at = _DESTINATION_ADDR.read("destination_addr", frame, at)
    return Address(ton, npi, addr), at


def _write_address(address: Address) -> bytes:
    return (
        _OCTET.write("dest_addr_ton", address.ton)
        + _OCTET.write("dest_addr_npi", address.npi)
        + _DESTINATION_ADDR.write("destination_addr", address.addr)
    )


@dataclass(frozen=True, slots=True)
class Destinations:
    """number_of_dests and so many dest_address(es) of submit_multi (section 4.5.1)."""

    def read(self, _name: str, frame: bytes, at: int) -> tuple[tuple[Destination, ...], int]:
        """The value and where the next field begins."""
        count, at = _OCTET.read("number_of_dests", frame, at)
        if not 1 <= count <= MAX_DESTINATIONS:
            raise PeerFault(CommandStatus.ESME_RINVNUMDESTS, f"number_of_dests is {count}, not 1..{MAX_DESTINATIONS}")
        destinations: list[Destination] = []
        for _ in range(count):
            flag, at = _OCTET.read("dest_flag", frame, at)
            if flag == _SME_ADDRESS:
                address, at = _read_address(frame, at)
                destinations.append(address)
            elif flag == _DISTRIBUTION_LIST:
                dl_name, at = _DL_NAME.read("dl_name", frame, at)
                destinations.append(DistributionList(dl_name))
            else:
                raise PeerFault(CommandStatus.ESME_RINVDESTFLAG, f"dest_flag is {flag}, not 1 or 2")
        return tuple(destinations), at

    def write(self, name: str, value: tuple[Destination, ...]) -> bytes:
        """The field's octets."""
        if not 1 <= len(value) <= MAX_DESTINATIONS:
            raise ValueError(f"{name}: {len(value)} destinations, not 1..{MAX_DESTINATIONS}")
        return bytes((len(value),)) + b"".join(
            b"\x01" + _write_address(destination)
            if isinstance(destination, Address)
            else b"\x02" + _DL_NAME.write("dl_name", destination.dl_name)
            for destination in value
        )


@dataclass(frozen=True, slots=True)
class Unsuccesses:
    """no_unsuccess and so many unsuccess_sme(s) of submit_multi_resp (section 4.5.2)."""

    def read(self, _name: str, frame: bytes, at: int) -> tuple[tuple[Unsuccess, ...], int]:
        """The value and where the next field begins."""
        count, at = _OCTET.read("no_unsuccess", frame, at)
        unsuccesses: list[Unsuccess] = []
        for _ in range(count):
            address, at = _read_address(frame, at)
            if at + 4 > len(frame):
                raise incomplete("error_status_code")
            unsuccesses.append(Unsuccess(address, int.from_bytes(frame[at : at + 4], "big")))
            at += 4
        return tuple(unsuccesses), at

    def write(self, name: str, value: tuple[Unsuccess, ...]) -> bytes:
        """The field's octets."""
        if len(value) > 0xFF:
            raise ValueError(f"{name}: {len(value)} destinations, at most 255")
        if not all(0 <= unsuccess.error_status_code <= 0xFFFF_FFFF for unsuccess in value):
            raise ValueError(f"{name}: an error_status_code is 0..0xFFFFFFFF")
        return bytes((len(value),)) + b"".join(
            _write_address(destination) + status.to_bytes(4, "big") for destination, status in value
        )


Kind = Octet | COctets | Time | ShortMessage | Destinations | Unsuccesses


class Field(NamedTuple):
    """A mandatory field of a PDU."""

    name: str
    kind: Kind

"""What a carrier's own code for a failure means in our words: the profile's tables, which are data."""

import re
from collections.abc import Mapping

from gateway.flow.retry import USUAL

# How the error of a segment is kept: a refusal's command_status in 8 hexadecimal digits, a network_error_code in 6,
# else the octets of the receipt's err.
_STATUS = re.compile(rb"[0-9a-f]{8}")
_NETWORK = re.compile(rb"[0-9a-f]{6}")


def status_of(error: bytes) -> int | None:
    """The command_status that an error is; None when it is another kind."""
    return int(error, 16) if _STATUS.fullmatch(error) is not None else None


def network_of(error: bytes) -> bytes:
    """The three octets of the network_error_code that an error is; b"" when it is another kind."""
    return bytes.fromhex(error.decode("ascii")) if _NETWORK.fullmatch(error) is not None else b""


class Reasons:
    """One carrier's. `err` is looked up without regard to case and leading zeros, `network` by three octets in hex."""

    __slots__ = ("_err", "_network", "_status")

    def __init__(
        self,
        err: Mapping[str, str] | None = None,
        network: Mapping[str, str] | None = None,
        status: Mapping[int, str] | None = None,
    ) -> None:
        self._err = {_plain(code.encode()): reason for code, reason in (err or {}).items()}
        self._network = {bytes.fromhex(code): reason for code, reason in (network or {}).items()}
        self._status = {code: judged.reason for code, judged in USUAL.items()} | dict(status or {})

    def of(self, error: bytes) -> str:
        """Our word for an error as segments keep it; empty when nobody has said one."""
        status = status_of(error)
        if status is not None and status in self._status:
            return self._status[status]
        network = network_of(error)
        if network in self._network:
            return self._network[network]
        return self._err.get(_plain(error), "")


def _plain(code: bytes) -> bytes:
    return code.lower().lstrip(b"0") or code

"""The customer's end of TLS, octet by octet, for tests; and contexts of both ends."""

import contextlib
import ssl
from pathlib import Path

import trustme

from gateway.settings.certificates import ServerSide, server_side
from tests.gateway.settings.issued import NAME, issue

CA = trustme.CA()
OTHER_CA = trustme.CA()


def ours(directory: Path, *, asks: bool = False, required: bool = False) -> ServerSide:
    """What a listener has."""
    files = issue(directory, CA)
    return server_side(files.certificate, files.key, files.ca if asks or required else None, required=required)


def theirs(*names: str, common_name: str | None = None, signed_by: trustme.CA = CA) -> ssl.SSLContext:
    """What a customer has; with names, it has a certificate of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    CA.configure_trust(context)
    if names or common_name:
        signed_by.issue_cert(*names, common_name=common_name).configure_cert(context)
    return context


class TlsPeer:
    """The customer's end. What it says before the handshake is done waits until then."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._from_wire = ssl.MemoryBIO()
        self._to_wire = ssl.MemoryBIO()
        self.object = context.wrap_bio(self._from_wire, self._to_wire, server_hostname=NAME)
        self.established = False
        self.heard = b""
        self._waiting = b""

    def step(self, wire: bytes = b"") -> bytes:
        """Take octets of the wire, give octets for it. ssl.SSLError: it likes not what came."""
        self._from_wire.write(wire)
        with contextlib.suppress(ssl.SSLWantReadError):
            if not self.established:
                self.object.do_handshake()
                self.established = True
            if self._waiting:
                self.object.write(self._waiting)
                self._waiting = b""
            while octets := self.object.read(65_536):
                self.heard += octets
        return self._to_wire.read()

    def say(self, data: bytes) -> None:
        """With the next step."""
        self._waiting += data

    def goodbye(self) -> bytes:
        """Its close_notify."""
        with contextlib.suppress(ssl.SSLError):
            self.object.unwrap()
        return self._to_wire.read()

"""TLS without a socket: octets of the wire go in, octets of the conversation come out. And a listener's certificates.

By hand over OpenSSL's memory buffers, because a PROXY header comes before the handshake, and because a listener's
certificate changes while it listens.
"""

import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from gateway.settings.certificates import CertificateError, ServerSide

READ_OCTETS = 65_536


class TlsError(Exception):
    """The peer does not speak TLS as we do, or showed no certificate that is good. The text is OpenSSL's reason."""


class Tls:
    """The server's side of one connection. `established` after the handshake, `ended` after the peer's last word."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._from_wire = ssl.MemoryBIO()
        self._to_wire = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._from_wire, self._to_wire, server_side=True)
        self.established = False
        self.ended = False

    def receive(self, data: bytes) -> bytes:
        """What the peer said, as far as it came. TlsError: nothing more will; the alert is in `take_output`."""
        self._from_wire.write(data)
        said: list[bytes] = []
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
            while octets := self._object.read(READ_OCTETS):
                said.append(octets)
        except ssl.SSLWantReadError:
            return b"".join(said)
        except ssl.SSLZeroReturnError:
            pass
        except ssl.SSLError as error:
            raise TlsError(str(error.reason or error).lower().replace("_", " ")) from None
        self.ended = True
        return b"".join(said)

    def send(self, data: bytes) -> None:
        """Say something, after the handshake."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._object.write(rest) :]

    def close(self) -> None:
        """Say that nothing more comes."""
        with contextlib.suppress(ssl.SSLError):  # it need not be answered
            self._object.unwrap()

    def take_output(self) -> bytes:
        """Everything that is to be written to the wire now."""
        return self._to_wire.read()

    def names(self) -> frozenset[str]:
        """Subject CN and alternative names of the peer's certificate, which its signer vouches for; empty if none."""
        certificate: dict[str, Any] = self._object.getpeercert() or {}
        common = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
        others = [value for _, value in certificate.get("subjectAltName", ())]
        return frozenset(one for one in (*common, *others) if isinstance(one, str))


class Certificates:
    """What new connections of a listener get. Connections that are up keep what they began with."""

    def __init__(self, build: Callable[[], ServerSide]) -> None:
        self._build = build
        self._side = build()

    @property
    def context(self) -> ssl.SSLContext:
        """For the next connection."""
        return self._side.context

    @property
    def ends_ms(self) -> int:
        """When the first certificate of the chain ends, milliseconds since 1970."""
        return self._side.ends_ms

    def follow(self, build: Callable[[], ServerSide]) -> None:
        """Other files from now on. CertificateError: they cannot be used, and nothing has changed."""
        side = build()
        self._build, self._side = build, side

    def reload(self, now_ms: int) -> None:
        """Read the files anew. CertificateError: they cannot be used, and nothing has changed."""
        side = self._build()
        if side.ends_ms <= now_ms < self._side.ends_ms:
            raise CertificateError("the new certificate has ended already, the present one has not")
        self._side = side

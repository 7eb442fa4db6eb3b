"""What a customer's connection goes through before its session: the balancer's header, then TLS. Pure."""

import ssl
from enum import Enum

from gateway.model.origin import Origin
from gateway.net.proxy_protocol import BadHeader, looks_like_one, read_header
from gateway.net.tls import Tls, TlsError

ENOUGH_TO_TELL = 5  # octets that tell a header from everything else


class FrontError(Exception):
    """The connection goes no further; the text says why."""


class Header(Enum):
    """What a listener expects of a peer at the very beginning."""

    NEVER_HEARD_OF = "no balancer is named: the octets are the session's"
    FROM_A_BALANCER = "the peer is a balancer: it begins with a header"
    FROM_A_STRANGER = "balancers are named, and the peer is none of them: it may not send one"


class Front:
    """`origin` is None until it is known. `open`: what `receive` returns is for the session. `bare`: it has nothing
    more to do, octets may pass it by. `ended`: the peer said its last word."""

    def __init__(self, socket: Origin, header: Header, context: ssl.SSLContext | None) -> None:
        self._socket = socket
        self._header = header
        self._unread = b""
        self._tls = None if context is None else Tls(context)
        self._headed = header is Header.NEVER_HEARD_OF
        self.origin: Origin | None = None if header is Header.FROM_A_BALANCER else socket

    @property
    def open(self) -> bool:
        """Header and handshake are done."""
        return self._headed and (self._tls is None or self._tls.established)

    @property
    def bare(self) -> bool:
        """Open, and plain."""
        return self._headed and self._tls is None

    @property
    def ended(self) -> bool:
        """The peer closed its side of TLS."""
        return self._tls is not None and self._tls.ended

    def receive(self, data: bytes) -> bytes:
        """The session's octets among those of the socket. FrontError: close it, after what `take_output` has."""
        if not self._headed:
            data = self._read_header(self._unread + data)
        return self._decrypt(self._tls, data) if self._tls is not None and data else data

    def _read_header(self, data: bytes) -> bytes:
        """What follows the header; nothing while it is not complete."""
        self._unread = data
        if self._header is Header.FROM_A_STRANGER:
            if len(data) < ENOUGH_TO_TELL:
                return b""
            if looks_like_one(data):
                raise FrontError("a PROXY header from somebody who is no named balancer")
            octets = 0
        else:
            try:
                header = read_header(data)
            except BadHeader as error:
                raise FrontError(str(error)) from None
            if header is None:
                return b""
            self.origin = header.origin or self._socket
            octets = header.octets
        self._headed = True
        self._unread = b""
        return data[octets:]

    def _decrypt(self, tls: Tls, data: bytes) -> bytes:
        before = tls.established
        try:
            plain = tls.receive(data)
        except TlsError as error:
            raise FrontError(f"TLS: {error}") from None
        if tls.established and not before and self.origin is not None:
            self.origin = self.origin._replace(names=tls.names())
        return plain

    def send(self, data: bytes) -> bytes:
        """The session's octets as the socket takes them."""
        if self._tls is None:
            return data
        self._tls.send(data)
        return self._tls.take_output()

    def take_output(self) -> bytes:
        """What it has to say itself: handshakes and alerts."""
        return b"" if self._tls is None else self._tls.take_output()

    def close(self) -> bytes:
        """Its last word."""
        if self._tls is None or not self._tls.established:
            return b""
        self._tls.close()
        return self._tls.take_output()

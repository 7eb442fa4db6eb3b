"""From a certificate's files to what TLS needs on either side, judged as a whole: a bad file is told, not half used."""

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from gateway.model.errors import GatewayError

MOST_FILE_OCTETS = 1 << 20
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

# What the walk through a certificate meets: RFC 5280, section 4.1, in DER.
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_BEFORE_VALIDITY = 3  # serialNumber, signature, issuer


class CertificateError(GatewayError):
    """The files cannot be used; the text says which one, and why."""


class ServerSide(NamedTuple):
    """What new connections get. `ends_ms`: when the first certificate of the chain ends, milliseconds since 1970."""

    context: ssl.SSLContext
    ends_ms: int


def server_side(certificate: Path, key: Path, client_ca: Path | None, *, required: bool) -> ServerSide:
    """Read all files. `client_ca` signs customers' certificates: one is asked for, and `required` if that is so.

    CertificateError when one of them cannot be read, or they do not belong together.
    """
    ends_ms = end_of(certificate)
    _read(key, "key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # No ticket: a bind lives for days, and each one shows its certificate anew.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    context.num_tickets = 0
    try:
        context.load_cert_chain(certificate, key, password=_nobody_types)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise CertificateError(f"the key {key} does not open the certificate {certificate}: {_why(error)}") from None
    if client_ca is not None:
        _read(client_ca, "client_ca")
        try:
            context.load_verify_locations(client_ca)
        except (ssl.SSLError, OSError) as error:
            raise CertificateError(f"the client_ca {client_ca} holds no certificates: {_why(error)}") from None
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    return ServerSide(context, ends_ms)


class ClientSide(NamedTuple):
    """What connections of ours get. `ends_ms`: as above, of our certificate; None when we show none."""

    context: ssl.SSLContext
    ends_ms: int | None


def client_side(ca: Path | None, certificate: Path | None, key: Path | None) -> ClientSide:
    """Read all files. `ca` signs the other side's certificate, None: whom the system trusts.

    CertificateError when one of them cannot be read, or they do not belong together.
    """
    if ca is not None:
        _read(ca, "ca")
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca)
    except (ssl.SSLError, OSError) as error:
        raise CertificateError(f"the ca {ca} holds no certificates: {_why(error)}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is None or key is None:
        return ClientSide(context, None)
    ends_ms = end_of(certificate)
    _read(key, "key")
    try:
        context.load_cert_chain(certificate, key, password=_nobody_types)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise CertificateError(f"the key {key} does not open the certificate {certificate}: {_why(error)}") from None
    return ClientSide(context, ends_ms)


def _nobody_types() -> str:
    raise ValueError("it is encrypted; the gateway has nobody to ask for its password")


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason).lower().replace("_", " ") if reason else str(error)


def _read(file: Path, what: str) -> str:
    try:
        with file.open("rb") as opened:
            octets = opened.read(MOST_FILE_OCTETS + 1)
    except OSError as error:
        raise CertificateError(f"the {what} {file} cannot be read: {error.strerror}") from None
    if len(octets) > MOST_FILE_OCTETS:
        raise CertificateError(f"the {what} {file} is longer than {MOST_FILE_OCTETS} octets")
    return octets.decode("ascii", "replace")


def end_of(file: Path) -> int:
    """When the first of the file's certificates ends."""
    blocks = PEM.findall(_read(file, "certificate"))
    try:
        return min(not_after_ms(ssl.PEM_cert_to_DER_cert(block)) for block in blocks)
    except ValueError:
        raise CertificateError(f"the certificate {file} holds no certificate in PEM that can be read") from None


def not_after_ms(der: bytes) -> int:
    """When a certificate ends, milliseconds since 1970. ValueError for what is no certificate."""
    ((kind, whole),) = _values(der)
    (_, to_be_signed), *_ = _values(whole)
    fields = [one for one in _values(to_be_signed) if one[0] != _VERSION]
    if kind != _SEQUENCE or len(fields) <= _BEFORE_VALIDITY:
        raise ValueError("not a certificate")
    _, (kind, text) = _values(fields[_BEFORE_VALIDITY][1])
    if kind not in {_UTC_TIME, _GENERALIZED_TIME}:
        raise ValueError("not a time")
    written = text.decode("ascii")
    if kind == _UTC_TIME:  # RFC 5280, section 4.1.2.5.1: 50 and above is of the last century
        written = f"{'19' if written[:2] >= '50' else '20'}{written}"
    end = datetime.strptime(written, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(end.timestamp()) * 1000


def _values(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each value that the octets hold, one level deep."""
    at = 0
    while at < len(der):
        if at + 2 > len(der):
            raise ValueError("cut off")
        kind, length = der[at], der[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(der[at : at + octets], "big")
            at += octets
        if at + length > len(der):
            raise ValueError("cut off")
        yield kind, der[at : at + length]
        at += length

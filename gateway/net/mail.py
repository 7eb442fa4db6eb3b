"""One mail to one address, over the first of some SMTP servers that takes it. Plain text, proper headers.

RFC 5321 and 5322; `Auto-Submitted` keeps holiday answers away (RFC 3834). A server's 4xx is later, its 5xx never.
"""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import aiosmtplib

from gateway.net.courier import Delivery, Handed

PERMANENT = 500


class Mail(NamedTuple):
    """`key` becomes the Message-ID, `thread` is the key of the first mail of the same matter, or the same."""

    key: str
    thread: str
    to: str
    subject: str
    body: str
    at_ms: int


class Security(Enum):
    """How the connection is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


class MailServer(NamedTuple):
    """`user` empty: no login. `ca` signs its certificate, None: whom the system trusts."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""
    ca: Path | None = None


def written(mail: Mail, sender: str) -> bytes:
    """As it goes over the wire."""
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at_ms // 1000, UTC))
    message["Message-ID"] = f"<{mail.key}@{domain}>"
    if mail.thread != mail.key:
        message["In-Reply-To"] = message["References"] = f"<{mail.thread}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.body)
    return message.as_bytes()


class Postman:
    """Carries mails. `deadline` is in seconds, for one server from connecting to its last word."""

    def __init__(self, servers: Sequence[MailServer], sender: str, deadline: float) -> None:
        self._servers = [(one, _context(one)) for one in servers]  # to read the roots takes long
        self._sender = sender
        self._deadline = deadline

    async def carry(self, mail: Mail) -> Handed:
        """Try the servers in order, first the one that took the last. It raises for nothing that a server can do."""
        octets, last = written(mail, self._sender), Handed(Delivery.LATER, "no server")
        for one in tuple(self._servers):
            last = await self._over(*one, mail.to, octets)
            if last.how is not Delivery.LATER:
                return last
            if one is self._servers[0]:  # the next mail does not wait for it again
                self._servers.append(self._servers.pop(0))
        return last

    async def _over(self, server: MailServer, tls: ssl.SSLContext | None, to: str, octets: bytes) -> Handed:
        where, taken = f"{server.host}:{server.port}", False
        client = self._client(server, tls)
        try:
            async with asyncio.timeout(self._deadline):
                await client.connect()
                await client.sendmail(self._sender, [to], octets)
                taken = True
                await client.quit()
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _refused(where, refused.recipients[0])
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as refused:
            return _refused(where, refused)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # OSError is a time that is over, too
            if not taken:  # a login that was refused may be mended meanwhile
                return Handed(Delivery.LATER, f"{where}: {_said(error, self._deadline)}")
        finally:
            client.close()
        return Handed(Delivery.SENT)

    def _client(self, server: MailServer, tls: ssl.SSLContext | None) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=tls,
            username=server.user or None,
            password=server.password or None,
            timeout=self._deadline,
            local_hostname=self._sender.rpartition("@")[2],  # else the library asks the DNS, and the loop waits
        )


def _context(server: MailServer) -> ssl.SSLContext | None:
    return None if server.security is Security.PLAIN else ssl.create_default_context(cafile=server.ca)


def _said(error: Exception, deadline: float) -> str:
    if type(error) is TimeoutError:
        return f"no answer in {deadline:g} seconds"
    return f"{type(error).__name__}: {error}"


def _refused(where: str, refused: aiosmtplib.SMTPResponseException) -> Handed:
    how = Delivery.NEVER if refused.code >= PERMANENT else Delivery.LATER
    return Handed(how, f"{where}: {refused.code} {refused.message}")

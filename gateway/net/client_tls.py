"""What TLS towards a carrier needs, read from its files anew for each connection, so that a renewed one is used."""

import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClientTls:
    """`ca` signs the carrier's certificate, None: whom the system trusts. `server_name` is on it, None: the host's."""

    ca: Path | None = None
    certificate: Path | None = None  # ours, if the carrier asks for one
    key: Path | None = None
    server_name: str | None = None

    def context(self) -> ssl.SSLContext:
        """Read the files. OSError (ssl.SSLError among them) or ValueError when they cannot be used."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key, password=_nobody_types)
        return context


def _nobody_types() -> str:
    raise ValueError("the key is encrypted; the gateway has nobody to ask for its password")

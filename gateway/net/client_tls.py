"""What TLS towards a carrier needs, read from its files anew for each connection, so that a renewed one is used."""

from dataclasses import dataclass
from pathlib import Path

from gateway.settings.certificates import ClientSide, client_side


@dataclass(frozen=True, slots=True)
class ClientTls:
    """`ca` signs the carrier's certificate, None: whom the system trusts. `server_name` is on it, None: the host's."""

    ca: Path | None = None
    certificate: Path | None = None  # ours, if the carrier asks for one
    key: Path | None = None
    server_name: str | None = None

    def build(self) -> ClientSide:
        """Read the files as they are now. CertificateError when they cannot be used."""
        return client_side(self.ca, self.certificate, self.key)

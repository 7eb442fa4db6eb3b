"""Where customers connect, over what, and how their doors treat strangers."""

from pydantic import Field, model_validator

from gateway.settings.certificates import CertificateError, ServerSide, server_side
from gateway.settings.section import FilePath, Host, ListenPort, Network, Section


class TlsSettings(Section):
    """The certificate of a listener. SIGHUP reads the files anew; connections that are up stay up."""

    certificate: FilePath = Field(description="PEM file: our certificate, then those between it and the root.")
    key: FilePath = Field(description="PEM file: the certificate's private key, not encrypted.")
    client_ca: FilePath | None = Field(
        default=None,
        description="PEM file: who signs customers' certificates; customers are asked for one then. null: nobody is.",
    )
    require_client_certificate: bool = Field(
        default=False, description="Without a certificate nobody gets so far as to bind. Needs `client_ca`."
    )

    @model_validator(mode="after")
    def _sound(self) -> "TlsSettings":
        if self.require_client_certificate and self.client_ca is None:
            raise ValueError("require_client_certificate needs client_ca")
        try:
            self.build()
        except CertificateError as error:
            raise ValueError(str(error)) from None
        return self

    def build(self) -> ServerSide:
        """Read the files as they are now. CertificateError when they cannot be used."""
        return server_side(self.certificate, self.key, self.client_ca, required=self.require_client_certificate)


class ListenSettings(Section):
    """An address where customers connect."""

    host: Host = Field(description="Address of an interface; 0.0.0.0 or `::` for all of them.")
    port: ListenPort = Field(description="TCP port. 0: the kernel chooses, the log line `ready` tells.")
    tls: TlsSettings | None = Field(default=None, description="TLS 1.2 or newer. null: plain TCP.")
    proxy_from: tuple[Network, ...] = Field(
        default=(),
        max_length=100,
        description="Balancers, as networks: whoever connects from there begins with a PROXY protocol header (version "
        "1 or 2) that tells the customer's address. Nobody else may send one.",
    )


class DoorSettings(Section):
    """How the door treats wrong passwords and strangers. They are counted for each pair of system_id and address, for
    each address, and for each system_id over the addresses that never bound it. Of IPv6 a /64 counts as one address."""

    hide_system_ids: bool = Field(
        default=True,
        description="An unknown system_id is answered like a wrong password, ESME_RINVPASWD, so that nobody can find "
        "out which there are. false: ESME_RINVSYSID.",
    )
    free_attempts: int = Field(
        default=3, ge=1, le=1_000, description="Wrong passwords of one system_id from one address before it must wait."
    )
    free_attempts_of_address: int = Field(
        default=10, ge=1, le=10_000, description="Wrong passwords from one address, for whichever system_ids."
    )
    free_attempts_of_system_id: int = Field(
        default=50,
        ge=1,
        le=100_000,
        description="Wrong passwords of one system_id from addresses that never bound it and that its `allow_from` "
        "does not name; those that did or are named are never locked out by it.",
    )
    first_wait_seconds: float = Field(
        default=1.0, ge=0.1, le=600.0, description="The first wait after that; each further wrong password doubles it."
    )
    longest_wait_seconds: float = Field(default=300.0, ge=1.0, le=86_400.0, description="The longest such wait.")
    forget_seconds: float = Field(
        default=3_600.0, ge=1.0, le=604_800.0, description="Without a wrong password for so long, all is forgotten."
    )
    max_binds_of_address: int = Field(
        default=200, ge=1, le=100_000, description="Binds from one address at a time, of all accounts together."
    )
    max_connections_of_address: int = Field(
        default=1_000, ge=1, le=100_000, description="Connections from one address; one more is closed at once."
    )
    verify_threads: int = Field(
        default=1, ge=1, le=16, description="Threads that check hashed passwords, 20 ms each, beside the loop."
    )
    max_verifying: int = Field(
        default=64,
        ge=2,
        le=10_000,
        description="Passwords that wait to be checked; above it (and above half of it for addresses that never bound) "
        "the answer is ESME_RTHROTTLED.",
    )

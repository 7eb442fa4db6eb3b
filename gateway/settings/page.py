"""The status page: where it listens, who may steer from it, and how it lets in."""

from pydantic import Field, field_validator

from gateway.settings.passwords import Secret
from gateway.settings.section import Host, Key, ListenPort, Section

SHORTEST_TOKEN = 16  # characters


class PageSettings(Section):
    """The status page, and the same verbs as the operator's socket over HTTP. What a text says is never shown."""

    host: Host = Field(
        default="127.0.0.1",
        description="Address of an interface. It speaks plain HTTP: leave it on loopback, behind a tunnel "
        "or a proxy with TLS.",
    )
    port: ListenPort = Field(description="TCP port. 0: the kernel chooses, the log line `ready` tells.")
    tokens: dict[Key, Secret] = Field(
        default_factory=dict,
        max_length=100,
        description="Who may search, and steer: a name for the audit log, and its token of at least 16 characters, "
        "best as `{file: ...}` or `{credential: ...}`. Without any the page only shows how things are.",
    )
    hosts: tuple[Host, ...] = Field(
        default=(),
        max_length=20,
        description="Names by which browsers reach it, beside `localhost` and addresses: those of a proxy before it. A "
        "request for any other name is refused (DNS rebinding).",
    )
    session_hours: float = Field(
        default=12.0, ge=0.1, le=168.0, description="How long a browser that showed its token stays let in."
    )

    @field_validator("tokens")
    @classmethod
    def _long_enough(cls, tokens: dict[str, Secret]) -> dict[str, Secret]:
        for name, token in tokens.items():
            if len(token.reveal()) < SHORTEST_TOKEN:
                raise ValueError(f"the token of {name} has fewer than {SHORTEST_TOKEN} characters")
        if len({token.reveal() for token in tokens.values()}) < len(tokens):
            raise ValueError("two names have the same token: the audit log could not tell them apart")
        return tokens

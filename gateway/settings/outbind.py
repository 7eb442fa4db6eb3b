"""Where a carrier calls us instead of being called: SMPP 3.4, sections 2.2.1 and 4.1.7."""

from pydantic import Field

from gateway.settings.passwords import Password
from gateway.settings.section import Host, ListenPort, Network, Section, SystemId


class OutbindSettings(Section):
    """We listen; the carrier's message centre connects, says outbind, and we bind on that connection."""

    host: Host = Field(description="Address of an interface; 0.0.0.0 or `::` for all of them.")
    port: ListenPort = Field(
        description="TCP port; several binds and carriers may share it. 0: the kernel chooses, the log line "
        "`outbind_ready` tells."
    )
    allow_from: tuple[Network, ...] = Field(
        min_length=1, max_length=100, description="Networks of the carrier. Whoever else calls is closed at once."
    )
    system_id: SystemId = Field(description="What the carrier calls itself in outbind.")
    password: Password | None = Field(
        default=None, description="What it must say in outbind, written like the bind's own. null: it is not looked at."
    )

"""outbind, both ways: where carriers call us, and where we call customers. SMPP 3.4, sections 2.2.1 and 4.1.7."""

from pydantic import Field

from gateway.settings.passwords import Password
from gateway.settings.section import Host, ListenPort, Network, Port, Section, SystemId


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


class CallSettings(Section):
    """We connect to the customer and say outbind; it binds on that connection, under the account's own rules."""

    host: Host = Field(description="Host name or address; if the account has `allow_from`, it must be in it.")
    port: Port = Field(description="TCP port.")
    system_id: SystemId | None = Field(
        default=None, description="What we call ourselves in outbind. null: the gateway's `system_id`."
    )
    password: Password | None = Field(
        default=None, description="What we say in outbind, written like a carrier's. null: nothing."
    )

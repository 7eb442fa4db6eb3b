"""Where a connection comes from: an address that can be compared, and the names in a certificate."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

# One household of IPv6 has a network of this length at the least: whoever has one address of it has all of them.
IPV6_HOUSEHOLD_BITS = 64


class Origin(NamedTuple):
    """The other end of a connection. `host` None: it has no address that can be read, so no list of networks has it.

    `names` are the subject CN and the alternative names of its certificate, empty when it showed none.
    """

    host: IPv4Address | IPv6Address | None
    port: int = 0
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, host: str, port: int = 0) -> "Origin":
        """From an address as the socket or a balancer writes it. `::ffff:192.0.2.1` is 192.0.2.1."""
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return cls(None, port)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return cls(address, port)

    def within(self, networks: tuple[Network, ...]) -> bool:
        """Whether one of the networks has it. None has an address that cannot be read."""
        return self.host is not None and any(self.host in network for network in networks)

    @property
    def household(self) -> str:
        """Under what its attempts are counted: the address, or the /64 of an IPv6 address."""
        if isinstance(self.host, IPv6Address):
            return str(IPv6Network((int(self.host), IPV6_HOUSEHOLD_BITS), strict=False))
        return str(self.host)

    def __str__(self) -> str:
        """As logs show it."""
        if self.host is None:
            return "?"
        return f"[{self.host}]:{self.port}" if self.host.version == 6 else f"{self.host}:{self.port}"

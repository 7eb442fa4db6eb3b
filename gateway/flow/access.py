"""What an account demands of whoever binds to it. What is absent demands nothing; an empty list lets nobody in."""

from dataclasses import dataclass, field

from gateway.model.origin import Network, Origin

NARROW_BITS = {4: 16, 6: 32}  # a network that is wider lets in, but vouches for nobody


@dataclass(frozen=True, slots=True)
class Access:
    """`passwords` in place and `hashes` of others: any of them is right. None for the rest: not asked for."""

    passwords: tuple[bytes, ...] = field(default=(), repr=False)
    hashes: tuple[str, ...] = field(default=(), repr=False)
    allow_from: tuple[Network, ...] | None = None
    certificate_names: frozenset[str] | None = None

    def allows(self, origin: Origin) -> bool:
        """Whether it may bind from there."""
        return self.allow_from is None or origin.within(self.allow_from)

    def names(self, origin: Origin) -> bool:
        """Whether the operator wrote that it binds from there, and not from half the world."""
        narrow = (one for one in self.allow_from or () if one.prefixlen >= NARROW_BITS[one.version])
        return origin.within(tuple(narrow))

    def trusts(self, origin: Origin) -> bool:
        """Whether its certificate, if one is asked for, is good enough."""
        return self.certificate_names is None or not self.certificate_names.isdisjoint(origin.names)

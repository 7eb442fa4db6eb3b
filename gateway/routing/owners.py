"""Which customer an address of ours belongs to: where a message from a phone goes."""

from collections.abc import Mapping

ANY_END = "*"


class Owners:
    """`numbers` maps what operators write to a customer's name: digits, or how they begin with `*` behind it.

    A number is the same with its country code (with or without +) and with its trunk prefix. The longest beginning
    wins.
    """

    def __init__(self, numbers: Mapping[str, str], country_code: str, trunk_prefix: str) -> None:
        self._country_code = country_code.encode("ascii")
        self._trunk_prefix = trunk_prefix.encode("ascii")
        self._whole: dict[bytes, str] = {}
        self._beginnings: dict[bytes, str] = {}
        for written, customer in numbers.items():
            digits = self.canonical(written.removesuffix(ANY_END).encode("ascii"))
            table = self._beginnings if written.endswith(ANY_END) else self._whole
            table[digits] = customer
        self._lengths = sorted({len(digits) for digits in self._beginnings}, reverse=True)

    def canonical(self, addr: bytes) -> bytes:
        """As it is dialled within the country."""
        digits = addr.removeprefix(b"+")
        if digits.startswith(self._country_code):
            return self._trunk_prefix + digits[len(self._country_code) :]
        return digits

    def owner(self, addr: bytes) -> str | None:
        """The customer's name; None when the address is nobody's."""
        if not self._whole and not self._beginnings:
            return None
        digits = self.canonical(addr)
        whole = self._whole.get(digits)
        if whole is not None:
            return whole
        for length in self._lengths:
            customer = self._beginnings.get(digits[:length])
            if customer is not None and len(digits) >= length:
                return customer
        return None

"""The number plan of one country: what a customer may write for a mobile number, and the one form we keep.

The kept form is E.164 without `+`: country code and national number, ASCII digits. One regular expression reads every
form in a third of a microsecond, so nothing is cached and there is nothing that a peer could fill.
"""

import re
from dataclasses import dataclass, field

from gateway.model.errors import Reason, Refusal

# SMPP 3.4, section 5.2.5.
TON_INTERNATIONAL = 1
TON_ALPHANUMERIC = 5

# SMPP 3.4, section 5.2.6: Internet (IP) and WAP client id. In every other plan digits are taken for what they are.
PLANS_WITHOUT_NUMBERS = frozenset({14, 18})

SEPARATORS = b" -.()"

MOST_DIGITS = 15  # E.164, section 6.1: country code and national number

_PLACE = re.compile(r"[0-9]|\[[0-9]-[0-9]\]|\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class NumberRules:
    """One country's mobile numbers. ValueError for rules that cannot be kept.

    `mobile` says how national numbers begin, without trunk prefix: digits, and sets of digits like `[1-9]` or `[35]`.
    `mobile_digits` counts all digits of a national number, also without trunk prefix. `international_prefixes` are
    what people dial, or write from habit, before a country code.
    """

    country_code: str
    trunk_prefix: str
    mobile: tuple[str, ...]
    mobile_digits: int
    international_prefixes: tuple[str, ...] = ("00", "010")
    _heads: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _written: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    _country: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for digits in (self.country_code, self.trunk_prefix or "0", *self.international_prefixes):
            if not _is_digits(digits.encode()):
                raise ValueError("country code, trunk prefix and international prefixes are digits")
        heads = tuple(_places(head) for head in self.mobile)
        if not heads:
            raise ValueError("`mobile` is empty: no number would be a mobile number")
        if max(map(len, heads)) > self.mobile_digits:
            raise ValueError(f"a beginning of mobile numbers is longer than mobile_digits, {self.mobile_digits}")
        if len(self.country_code) + self.mobile_digits > MOST_DIGITS:
            raise ValueError(f"country code and number together have more than {MOST_DIGITS} digits")
        object.__setattr__(self, "_heads", heads)
        object.__setattr__(self, "_written", self._pattern(heads))
        object.__setattr__(self, "_country", self.country_code.encode())

    def _pattern(self, heads: tuple[tuple[str, ...], ...]) -> re.Pattern[bytes]:
        number = "|".join("".join(head) + f"[0-9]{{{self.mobile_digits - len(head)}}}" for head in heads)
        international = "|".join((r"\+", *self.international_prefixes))
        country, trunk = self.country_code, self.trunk_prefix
        before = f"(?:{international})?{country}"
        if trunk:  # `+81 (0)90` and `+090` are written by people, and can be nothing else
            before = rf"{before}(?:{trunk})?|\+?{trunk}"
        return re.compile(f"(?:{before}|(?P<bare>))(?P<number>{number})".encode())

    @property
    def usual(self) -> bytes:
        """A regular expression for what lists of numbers have: with country code, or with trunk prefix; one group, the
        national number without trunk prefix."""
        number = "|".join("".join(head) + f"[0-9]{{{self.mobile_digits - len(head)}}}" for head in self._heads)
        return rf"(?:\+?{self.country_code}|{self.trunk_prefix})({number})".encode()

    def normalise(self, addr: bytes, ton: int, npi: int) -> bytes:
        """The number as E.164 digits, from an address as SMPP carries it.

        The digits decide, and `ton` only where they leave it open: a national number without its trunk prefix is
        taken unless `ton` says international. Spaces, hyphens, dots and round brackets are passed over.

        Refusal(INVALID_DESTINATION) for what is no telephone number; Refusal(NOT_MOBILE) for one that is no mobile
        number of this country.
        """
        if ton == TON_ALPHANUMERIC or npi in PLANS_WITHOUT_NUMBERS:
            raise Refusal(Reason.INVALID_DESTINATION)
        match = self._written.fullmatch(addr) or self._written.fullmatch(addr.translate(None, SEPARATORS))
        if match is None or (ton == TON_INTERNATIONAL and match["bare"] is not None):
            digits = addr.translate(None, SEPARATORS).removeprefix(b"+")
            raise Refusal(Reason.NOT_MOBILE if _is_digits(digits) else Reason.INVALID_DESTINATION)
        return self._country + match["number"]

    def prefix(self, written: str) -> bytes:
        """The beginning of E.164 numbers, from the beginning of a number as a table of blocks writes it.

        With trunk prefix (`090301`), with country code (`8190301`) or with `+`. ValueError when no mobile number
        begins like this.
        """
        digits = written.encode().translate(None, SEPARATORS)
        plus = digits.startswith(b"+")
        digits = digits.removeprefix(b"+")
        trunk = self.trunk_prefix.encode()
        if digits.startswith(self._country):
            national = digits.removeprefix(self._country)
        elif trunk and digits.startswith(trunk) and not plus:
            national = digits.removeprefix(trunk)
        else:
            raise ValueError("a block begins with the trunk prefix or the country code")
        if not _is_digits(national) or not self._begins_mobile(national.decode()):
            raise ValueError("no mobile number begins like this")
        return self._country + national

    def _begins_mobile(self, national: str) -> bool:
        if len(national) > self.mobile_digits:
            return False
        return any(
            all(re.fullmatch(place, digit) for place, digit in zip(head, national, strict=False))
            for head in self._heads
        )


def _is_digits(octets: bytes) -> bool:
    return octets.isdigit()  # of bytes: ASCII digits only, and at least one


def _places(head: str) -> tuple[str, ...]:
    """`60[1-9]` -> ("6", "0", "[1-9]")."""
    places = tuple(_PLACE.findall(head))
    if not places or "".join(places) != head:
        raise ValueError("a beginning of mobile numbers has digits and sets of digits like [1-9]")
    if any(len(place) == 5 and place[1] > place[3] for place in places if "-" in place):
        raise ValueError("a set of digits ascends, like [1-9]")
    return places

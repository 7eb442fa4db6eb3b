"""ENUM: a number as a name of the DNS (RFC 6116), and what NAPTR records of `pstn` say of it (RFC 4769, RFC 4694).

The regular expression in a record is the sender's. It is never given to an engine: of all that could be written there
only the shapes that ENUM uses are read, in one pass.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from gateway.model.values import Ported

PUBLIC_SUFFIX = "e164.arpa"
MOST_DIGITS = 15  # E.164, section 6.1
MOST_RECORDS = 32  # of one answer that are looked at
MOST_OCTETS = 1_024  # of one regexp

# `E2U+pstn:tel` (RFC 4769, section 3); several services may stand in one field (RFC 6116, section 3.4.3).
_SERVICE = re.compile(r"E2U(?:\+[A-Za-z0-9:-]+)*", re.IGNORECASE)
_PSTN = frozenset({"pstn", "pstn:tel"})

# Beginning, literal digits that the number must have, the rest (a group or not), end.
_EXPRESSION = re.compile(
    r"\^?(?P<before>\\?\+?[0-9]*)(?:(?P<whole>\.[*+]|\(\.[*+]\))|(?P<group>\(\\?\+?[0-9]*\.[*+]\)))?\$?"
)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NUMBER = re.compile(r"\+?[0-9A-Fa-f*#.()-]{0,40}")
_PARAMETER = re.compile(r"[A-Za-z0-9-]{1,32}")


class Naptr(NamedTuple):
    """One NAPTR record (RFC 3403, section 4.1), apart from `replacement`, which a terminal rule of ENUM has not."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str


class TelUri(NamedTuple):
    """A `tel:` URI with the parameters that number portability knows (RFC 4694), and those that vendors add."""

    number: str
    npdi: bool = False  # the database was asked
    rn: str = ""  # routing number, without visual separators
    rn_context: str = ""
    spn: str = ""  # provider's id, not in the RFC
    mcc: str = ""
    mnc: str = ""

    @property
    def ported(self) -> Ported:
        """RFC 4694, section 5: `rn` is there for a ported number, `npdi` alone says that it is not ported."""
        if self.rn:
            return Ported.YES
        return Ported.NO if self.npdi else Ported.UNKNOWN

    def names(self) -> Iterator[str]:
        """What may name the carrier, the most exact first."""
        if self.rn and self.rn_context:
            yield f"{self.rn};{self.rn_context}"
        for name in (self.rn, self.spn, self.mcc + self.mnc if self.mcc and self.mnc else ""):
            if name:
                yield name


def is_suffix(written: str) -> bool:
    """Whether it can stand behind the digits of a number: labels with dots between them."""
    labels = written.split(".")
    return all(_LABEL.fullmatch(label) for label in labels) and len(written) + 2 * MOST_DIGITS <= 253


def name_of(e164: bytes, suffix: str = PUBLIC_SUFFIX) -> str:
    """81901 under e164.arpa -> `1.0.9.1.8.e164.arpa`. ValueError for what is no number."""
    if not e164.isdigit() or len(e164) > MOST_DIGITS:
        raise ValueError("E.164 digits are wanted, at most 15")
    return ".".join(e164.decode("ascii")[::-1]) + "." + suffix


def read_naptrs(records: Iterable[Naptr], e164: bytes) -> TelUri | None:
    """The first usable `pstn:tel` record, by order and preference; None when there is none.

    Records of other services, rules that lead on to other names, and what is written wrongly are passed over.
    """
    subject = "+" + e164.decode("ascii")
    few = [record for record, _ in zip(records, range(MOST_RECORDS), strict=False)]
    for record in sorted(few, key=lambda one: (one.order, one.preference)):
        if record.flags.lower() != "u" or not _is_pstn(record.service):
            continue
        try:
            return read_tel(rewrite(record.regexp, subject))
        except ValueError:
            continue
    return None


def _is_pstn(service: str) -> bool:
    if len(service) > MOST_OCTETS or not _SERVICE.fullmatch(service):
        return False
    return any(one.lower() in _PSTN for one in service.split("+")[1:])


def rewrite(regexp: str, subject: str) -> str:
    """Apply a record's `!expression!replacement!` to `+` and digits. ValueError: it does not fit, or is not ENUM's."""
    if not regexp or len(regexp) > MOST_OCTETS:
        raise ValueError("no expression, or an endless one")
    delimiter = regexp[0]
    if delimiter.isalnum() or delimiter == "\\":
        raise ValueError("this cannot delimit")
    parts = regexp[1:].split(delimiter)
    if len(parts) != 3 or parts[2] not in {"", "i"}:
        raise ValueError("two parts between three delimiters are wanted")
    expression, replacement = parts[0], parts[1]
    return _replace(replacement, _group(expression, subject))


def _group(expression: str, subject: str) -> str | None:
    """What `\\1` stands for; None when the expression has no group. ValueError when it does not match."""
    match = _EXPRESSION.fullmatch(expression)
    if match is None:
        raise ValueError("an expression that ENUM does not use")
    before = match["before"].replace("\\", "")
    group = match["group"]
    inner = "" if group is None else group[1:-3].replace("\\", "")
    literal = before + inner
    rest = subject[len(literal) :]
    open_ended = match["whole"] is not None or group is not None or not expression.endswith("$")
    plus = "+" in (match["whole"] or group or "")[-2:]  # `.+` wants a character
    if not subject.startswith(literal) or (rest and not open_ended) or (plus and not rest):
        raise ValueError("it does not match the number")
    if group is not None:
        return inner + rest
    return rest if match["whole"] is not None and match["whole"].startswith("(") else None


def _replace(replacement: str, group: str | None) -> str:
    written = []
    place = 0
    while place < len(replacement):
        if replacement[place] != "\\":
            written.append(replacement[place])
            place += 1
            continue
        what = replacement[place + 1 : place + 2]
        if what == "1" and group is not None:
            written.append(group)
        elif what == "\\":
            written.append(what)
        else:
            raise ValueError("a reference to a group that is not there")
        place += 2
    return "".join(written)


def read_tel(uri: str) -> TelUri:
    """Read a `tel:` URI (RFC 3966). Names of parameters are without case. ValueError for what is none."""
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() != "tel" or len(uri) > MOST_OCTETS:
        raise ValueError("no tel: URI")
    number, *written = rest.split(";")
    if not _NUMBER.fullmatch(number):
        raise ValueError("no number in the URI")
    values: dict[str, str] = {}
    for parameter in written:
        name, _, value = parameter.partition("=")
        if not _PARAMETER.fullmatch(name):
            raise ValueError("a parameter without a name")
        if name.lower() in values:
            raise ValueError("a parameter stands twice")  # RFC 3966, section 3
        values[name.lower()] = unquote(value)
    return TelUri(
        _bare(number),
        "npdi" in values,
        _bare(values.get("rn", "")),
        values.get("rn-context", ""),
        values.get("spn", ""),
        values.get("mcc", ""),
        values.get("mnc", ""),
    )


def _bare(number: str) -> str:
    return re.sub(r"[.()-]", "", number)

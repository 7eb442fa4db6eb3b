"""How carriers write the ids of messages: compared in one form, and noticed where a profile says it wrongly."""

import re
from collections.abc import Callable, Collection, Iterator
from enum import Enum

# An UUID with its dashes; the 32 digits are a number like any other.
_UUID = re.compile(rb"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class IdForm(Enum):
    """How a carrier writes its message ids."""

    HEX = "hex"
    DECIMAL = "decimal"
    TEXT = "text"
    TEXT_ANY_CASE = "text_any_case"


def canonical(form: IdForm) -> Callable[[bytes], bytes]:
    """A function that writes an id of this form so that equal ids are equal octets.

    Numbers of any size become lower-case hexadecimal without leading zeros, an UUID in hexadecimal too; what is no
    number stays as it is.
    """
    if form is IdForm.TEXT:
        return bytes
    if form is IdForm.TEXT_ANY_CASE:
        return bytes.lower
    base = 16 if form is IdForm.HEX else 10

    def write(raw: bytes) -> bytes:
        if not raw.isalnum():  # int() would take signs, spaces and underscores too
            return b"%x" % int(raw.replace(b"-", b""), 16) if base == 16 and _UUID.fullmatch(raw) else raw
        try:
            return b"%x" % int(raw, base)
        except ValueError:
            return raw

    return write


def _number(raw: bytes, base: int) -> int | None:
    try:
        return int(raw, base) if raw.isalnum() else None
    except ValueError:
        return None


def _readings(raw: bytes, length: int) -> Iterator[tuple[str, bytes]]:
    """Other ways to read an id of a receipt, and what it would be compared as. `length` is that of the ids we have."""
    for name, base in (("hex", 16), ("decimal", 10)):
        number = _number(raw, base)
        if number is not None:
            yield from ((name, b"%x" % number), (name, b"%X" % number), (name, b"%d" % number))
    yield "text", raw
    yield from (("other_case", raw.lower()), ("other_case", raw.upper()))
    yield from (("zeros", raw.lstrip(b"0")), ("zeros", raw.rjust(length, b"0")))
    plain = raw.replace(b"-", b"")
    number = _number(plain, 16)
    yield "dashes", plain.lower()
    if number is not None:
        yield "dashes", b"%x" % number


def would_match(raw: bytes, known: Collection[bytes], fits: Callable[[bytes], bool]) -> str:
    """The other way to read this id by which it is one of `known` that `fits`; empty when there is none."""
    length = len(next(iter(known), b""))
    return next((name for name, one in _readings(raw, length) if one in known and fits(one)), "")

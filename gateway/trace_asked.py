"""What somebody typed who looks for a message: an id, a number, a carrier's id, a reference; or all that it may be."""

import re

from gateway.flow.carrier_ids import IdForm, canonical
from gateway.model.ids import read_told_id
from gateway.store.archive import Mentions

SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15  # digits; E.164 has at most 15
MOST_REFERENCE = 0xFFFF  # user_message_reference is two octets, SMPP 3.4, section 5.3.2.17
KINDS = ("id", "number", "carrier-id", "reference")


def understood(what: str, country_code: str, kind: str | None = None) -> Mentions:
    """Everything that this may be: our id, a number, a carrier's id in any form, a customer's reference.

    `kind` is one of KINDS, when it is known. A number may be written with +, or as within the country. ValueError when
    it can be nothing.
    """
    what = what.strip()
    found = Mentions(
        told_ids=_ids(what) if kind in {None, "id"} else (),
        numbers=_numbers(what, country_code) if kind in {None, "number"} else (),
        carrier_ids=_carrier_ids(what) if kind in {None, "carrier-id"} else (),
        references=_references(what) if kind in {None, "reference"} else (),
    )
    if not any(found):
        raise ValueError(f"{what!r} is no {kind or 'id, number or reference'}")
    return found


def _ids(what: str) -> tuple[int, ...]:
    try:
        return (int(read_told_id(what.encode())),)
    except ValueError:
        return ()


def _numbers(what: str, country_code: str) -> tuple[str, ...]:
    digits = re.sub(r"[ ()-]", "", what)
    if not re.fullmatch(r"\+?[0-9]+", digits, re.ASCII):
        return ()
    if digits.startswith("0"):
        digits = country_code + digits[1:]
    digits = digits.removeprefix("+")
    return (digits,) if SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER else ()


def _carrier_ids(what: str) -> tuple[bytes, ...]:
    if not what.isascii() or not what or " " in what or what.startswith("+"):
        return ()
    return tuple({canonical(form)(what.encode()) for form in IdForm})


def _references(what: str) -> tuple[bytes, ...]:
    if not what:
        return ()
    found = {what.encode()}
    if re.fullmatch("(?:[0-9A-Fa-f]{2})+", what):
        found.add(bytes.fromhex(what))
    if re.fullmatch("[0-9]{1,5}", what) and int(what) <= MOST_REFERENCE:
        found.add(int(what).to_bytes(2, "big"))
    return tuple(found)

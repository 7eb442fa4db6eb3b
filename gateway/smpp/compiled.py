"""The fast codec: for each PDU a reader and a writer, generated once at import from its field table.

A reader matches the mandatory fields with one regular expression and fills the value's slots; a writer formats all
of them at once. What is not plainly in order goes to the walker, which reads it leniently or says what is wrong.
"""

import re
import struct
from collections.abc import Callable
from itertools import groupby
from typing import Any

from gateway.smpp.fields import TIME_OCTETS, COctets, Field, Octet, ShortMessage, Time
from gateway.smpp.pdu import Pdu, Tlvs, fields_of, is_response
from gateway.smpp.walker import (
    BODY_ON_ERROR,
    HEADER,
    HEADER_OCTETS,
    NO_HEADER,
    TLV_HEADER,
    read_pdu,
    read_tlvs,
    write_body,
)

Reader = Callable[[bytes, int, int], Pdu]  # frame, command_status, sequence_number
Writer = Callable[[Pdu, int, Tlvs], bytes]  # PDU, sequence_number, TLVs


def _generate(source: list[str], names: dict[str, Any]) -> Any:
    """Run the definition of one function and return it. Its source is made of our own table only."""
    exec("\n".join(source), names)  # noqa: S102 - as dataclasses does, once, at import
    return names["generated"]


def is_plain(cls: type[Pdu]) -> bool:
    """Whether its fields are octets and strings, with at most a short_message behind them."""
    *first, last = (kind for _, kind in fields_of(cls)) if fields_of(cls) else (Octet(),)
    return all(isinstance(kind, Octet | COctets | Time) for kind in first) and isinstance(
        last, Octet | COctets | Time | ShortMessage
    )


def compile_reader(cls: type[Pdu]) -> Reader:
    """A function that does what `walker.read_pdu` does for this class."""

    def walk(frame: bytes, command_status: int, sequence_number: int) -> Pdu:
        return read_pdu(cls, frame, command_status, sequence_number)

    if not is_plain(cls):
        return walk
    names = {"new": object.__new__, "cls": cls, "walk": walk, "read_tlvs": read_tlvs}
    source = ["def generated(frame, command_status, sequence_number):"]
    if fields_of(cls):
        pattern, targets, runs = _expression(fields_of(cls))
        names["match"] = re.compile(pattern, re.DOTALL).match
        source += [
            f" found = match(frame, {HEADER_OCTETS})",
            " if found is None: return walk(frame, command_status, sequence_number)",
            " pdu = new(cls)",
            f" {', '.join(targets)}, = found.groups()",
            *(f" {', '.join(octets)}, = {run}" for run, octets in runs),
            " at = found.end()",
            *_read_short_message(fields_of(cls)[-1]),
            " pdu.tlvs = read_tlvs(frame, at) if at < len(frame) else ()",
        ]
    else:
        source += [" pdu = new(cls)", " pdu.tlvs = ()"]
    source += [
        " pdu.command_status = command_status",
        " pdu.sequence_number = sequence_number",
        " return pdu",
    ]
    return _generate(source, names)  # type: ignore[no-any-return]


def _expression(fields: tuple[Field, ...]) -> tuple[bytes, list[str], list[tuple[str, list[str]]]]:
    """The expression for the fields; what each of its groups is assigned to; and the runs of octets to take apart.

    Adjacent octets are one group. sm_length is the last octet of its run; short_message itself is not matched.
    """
    pattern: list[bytes] = []
    targets: list[str] = []
    runs: list[tuple[str, list[str]]] = []
    for are_octets, group in groupby(fields, key=lambda field: isinstance(field.kind, Octet | ShortMessage)):
        run = list(group)
        if are_octets:
            targets.append(f"run{len(runs)}")
            runs.append((targets[-1], [_octet_target(field) for field in run]))
            pattern.append(b"(%b)" % (b"." * len(run)))
        else:
            targets += [f"pdu.{name}" for name, _ in run]
            pattern += [rb"([^\0]{0,%d})\0" % kind.longest for _, kind in run if isinstance(kind, COctets | Time)]
    return b"".join(pattern), targets, runs


def _octet_target(field: Field) -> str:
    return "sm_length" if isinstance(field.kind, ShortMessage) else f"pdu.{field.name}"


def _read_short_message(last: Field) -> list[str]:
    if not isinstance(last.kind, ShortMessage):
        return []
    return [
        " begin, at = at, at + sm_length",
        " if at > len(frame): return walk(frame, command_status, sequence_number)",
        f" pdu.{last.name} = frame[begin:at]",
    ]


def compile_writer(cls: type[Pdu]) -> Writer:
    """A function that writes a whole frame of this class: header, and what `walker.write_body` writes."""
    command_id = int(cls.command_id)

    def walk(pdu: Pdu, sequence_number: int, tlvs: Tlvs) -> bytes:
        body = write_body(pdu, tlvs)
        try:
            header = HEADER.pack(HEADER_OCTETS + len(body), command_id, pdu.command_status, sequence_number)
        except struct.error:
            raise ValueError(NO_HEADER) from None
        return header + body

    if not fields_of(cls) or not is_plain(cls):
        return walk
    names = {
        "walk": walk,
        "header": HEADER.pack,
        "tlv_header": TLV_HEADER.pack,
        "FORMAT": b"".join(_format(field) for field in fields_of(cls)) + b"%b",
        "Unfit": (OverflowError, struct.error),
    }
    source = ["def generated(pdu, sequence_number, tlvs):"]
    if is_response(cls) and cls not in BODY_ON_ERROR:
        source.append(" if pdu.command_status: return walk(pdu, sequence_number, tlvs)")
    source += [
        *(line for field in fields_of(cls) for line in _check(field)),
        " try:",
        "  optional = b''",
        "  for tag, octets in tlvs: optional += tlv_header(tag, len(octets)) + octets",
        f"  body = FORMAT % ({', '.join(map(_argument, fields_of(cls)))}, optional)",
        f"  return header({HEADER_OCTETS} + len(body), {command_id}, pdu.command_status, sequence_number) + body",
        " except Unfit: return walk(pdu, sequence_number, tlvs)",
    ]
    return _generate(source, names)  # type: ignore[no-any-return]


def _format(field: Field) -> bytes:
    if isinstance(field.kind, Octet):
        return b"%c"
    return b"%c%b" if isinstance(field.kind, ShortMessage) else b"%b\0"


def _check(field: Field) -> list[str]:
    name, kind = field
    take = f" {name} = pdu.{name}"
    walk = "return walk(pdu, sequence_number, tlvs)"
    match kind:
        case COctets():
            return [take, f" if {name} and (len({name}) >= {kind.most} or 0 in {name}): {walk}"]
        case Time():
            return [take, f" if {name} and (len({name}) != {TIME_OCTETS - 1} or 0 in {name}): {walk}"]
        case ShortMessage():
            return [take]
    return []


def _argument(field: Field) -> str:
    if isinstance(field.kind, Octet):
        return f"pdu.{field.name}"
    return f"len({field.name}), {field.name}" if isinstance(field.kind, ShortMessage) else field.name

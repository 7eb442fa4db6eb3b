"""docs/smpp-conformance.md, made from the protocol's tables and from what is served.

`python -m gateway.conformance > docs/smpp-conformance.md` writes it anew; a test holds the file fresh.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping

from gateway.flow.served import FROM_CARRIER, FROM_CUSTOMER, IGNORED, SUBMIT_SM, TLVS_OF_SUBMIT_SM, How, Use
from gateway.flow.statuses import STATUS_OF
from gateway.smpp.binding import FIRST_VERSION_WITH_TLVS, OUR_VERSION
from gateway.smpp.fields import COctets, Kind, Octet, ShortMessage, Time
from gateway.smpp.pdu import PDUS, RESPONSE_OF, Pdu, fields_of, is_response
from gateway.smpp.states import MAY_SEND, SessionState, Side
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import STANDARD, TYPES

_PAGE = """\
# SMPP conformance

Written by `python -m gateway.conformance` from the tables of the protocol in `gateway/smpp/` and from
`gateway/flow/served.py`; a test holds it fresh, and another sends what is classified here through a whole gateway.

We speak version {version}; peers that bind with a version below {tlvs} get no optional parameters. Towards customers
we are the message centre, towards carriers the ESME. Every PDU of 3.4 and 5.0 is read and written; this page says what
is done with it. *Supported*: it does what the specification says. *Accepted and ignored*: it changes nothing.
*Refused*: the answer has the status that is named.

## Requests

{requests}

## Who may send what in which state

A request in a state where it may not be sent is refused with ESME_RINVBNDSTS, a second bind with ESME_RALYBND.

{states}

## Fields of submit_sm from customers

{submit_sm}

## Optional parameters of submit_sm from customers

A tag that is not listed, a vendor's too, is kept as it came, and ignored. The section `tlvs` of the configuration gives
vendors' tags a name and a type.

{tlvs_of_submit_sm}

## Fields of every PDU

Lengths in octets; of strings, with their NUL. A field that cannot be read is refused with the status beside it, and
ESME_RINVCMDLEN when the PDU ends within it.

{fields}

## Statuses

What a customer can be told. Every status that a carrier sends is read; its profile says which of them mean later.

{statuses}
"""

# What the session and the binding say.
IN_ANY_CASE: Mapping[CommandStatus, str] = {
    CommandStatus.ESME_ROK: "done",
    CommandStatus.ESME_RINVCMDLEN: "the PDU's length is wrong; the connection ends when it is absurd",
    CommandStatus.ESME_RINVCMDID: "this command is not served",
    CommandStatus.ESME_RINVBNDSTS: "not in this state, or not from this side",
    CommandStatus.ESME_RALYBND: "bound already, or too many binds of the account",
    CommandStatus.ESME_RBINDFAIL: "the gateway is shutting down, or takes no bind from there now",
    CommandStatus.ESME_RINVPASWD: "wrong password",
    CommandStatus.ESME_RINVSYSID: "no account of this name",
    CommandStatus.ESME_RTHROTTLED: "more requests under way than the window",
}


def page() -> str:
    """The file's text."""
    return _PAGE.format(
        version=f"{OUR_VERSION >> 4}.{OUR_VERSION & 15}",
        tlvs=f"{FIRST_VERSION_WITH_TLVS >> 4}.{FIRST_VERSION_WITH_TLVS & 15}",
        requests=_table(("PDU", "from customers", "from carriers"), _requests()),
        states=_table(("PDU", "the ESME may send it", "the message centre may send it"), _states()),
        submit_sm=_table(("field", "what is done"), ((f"`{name}`", _said(use)) for name, use in SUBMIT_SM.items())),
        tlvs_of_submit_sm=_table(("tag", "name", "value", "what is done"), _tlvs()),
        fields=_table(("PDU", "field", "kind", "status"), _fields()),
        statuses=_table(("status", "code", "why"), _statuses()),
    )


def name_of(cls: type[Pdu]) -> str:
    """As the specification writes it."""
    return cls.command_id.name.lower()


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _said(use: Use) -> str:
    said = f"{use.how.value}, {use.status.name}" if use.how is How.REFUSED else use.how.value
    return f"{said}: {use.note}" if use.note else said


def _requests() -> Iterable[tuple[str, ...]]:
    for cls in _all_requests():
        yield f"`{name_of(cls)}`", _said(FROM_CUSTOMER[cls]), _said(FROM_CARRIER[cls])


def _all_requests() -> list[type[Pdu]]:
    return [cls for _, cls in sorted(PDUS.items()) if not is_response(cls)]


def _states() -> Iterable[tuple[str, ...]]:
    for cls in _all_requests():
        cells = [
            ", ".join(state.value for state in SessionState if cls.command_id in MAY_SEND[side, state]) or "never"
            for side in Side
        ]
        yield (f"`{name_of(cls)}`", *cells)


def _tlvs() -> Iterable[tuple[str, ...]]:
    for tag, (kind, least, most) in sorted(TYPES.items()):
        size = str(least) if least == most else f"{least} to {most}"
        use = TLVS_OF_SUBMIT_SM.get(tag, IGNORED)
        yield f"0x{tag:04X}", f"`{STANDARD.name(tag)}`", f"{kind.value}, {size}", _said(use)


def _fields() -> Iterable[tuple[str, ...]]:
    for cls in _all_requests():
        for one in (cls, RESPONSE_OF.get(cls)):
            for name, kind in fields_of(one) if one is not None else ():
                yield f"`{name_of(one or cls)}`", f"`{name}`", _kind(kind), _fault(kind)


def _kind(kind: Kind) -> str:
    match kind:
        case Octet():
            return "integer, 1"
        case COctets():
            also = f" (read to {kind.also_read})" if kind.also_read > kind.most else ""
            return f"C-octet string, to {kind.most}{also}"
        case Time():
            return f"time, 1 or {kind.most}"
        case ShortMessage():
            return "length octet and octets, to 255"
    return "count and addresses"


def _fault(kind: Kind) -> str:
    if isinstance(kind, COctets | Time):
        return kind.fault.name
    return CommandStatus.ESME_RINVMSGLEN.name if isinstance(kind, ShortMessage) else "-"


def _statuses() -> Iterable[tuple[str, ...]]:
    why: dict[CommandStatus, list[str]] = defaultdict(list)
    for status, said in IN_ANY_CASE.items():
        why[status].append(said)
    for reason, status in STATUS_OF.items():
        why[status].append(reason.value)
    for cls in _all_requests():
        for name, kind in fields_of(cls):
            if FROM_CUSTOMER[cls].how is How.SUPPORTED and isinstance(kind, COctets | Time):
                said = f"`{name}` is too long"
                if said not in why[kind.fault]:
                    why[kind.fault].append(said)
    for status in CommandStatus:
        told = "; ".join(why[status]) if why.get(status) else "never said to customers"
        yield status.name, f"0x{status:08X}", told


if __name__ == "__main__":
    sys.stdout.write(page())

"""docs/smpp-conformance.md, made from the protocol's tables and from what is served.

`python -m gateway.conformance > docs/smpp-conformance.md` writes it anew; a test holds the file fresh.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping

from gateway.flow.attempts import STATUS_OF_OUTCOME, Outcome
from gateway.flow.bind_refusals import OURS_TO_MEND, PASSING, UNKNOWN
from gateway.flow.caller import STATUS_OF_UNWANTED, Unwanted
from gateway.flow.receipts_out import LATER
from gateway.flow.served import FROM_CARRIER, FROM_CUSTOMER, IGNORED, NOT_OFFERED, TLVS_OF_SUBMIT_SM, How, Use
from gateway.flow.served_fields import RECEIVED, SENT, TLVS_FROM_CARRIERS, TLVS_SENT, TOLD_TO_CARRIERS, Peer
from gateway.flow.statuses import STATUS_OF
from gateway.smpp.binding import FIRST_VERSION_WITH_TLVS, OUR_VERSION
from gateway.smpp.commands import RESPONSE, CommandId
from gateway.smpp.fields import COctets, Kind, Octet, ShortMessage, Time
from gateway.smpp.pdu import PDUS, RESPONSE_OF, GenericNack, Pdu, fields_of, is_response
from gateway.smpp.states import BINDS, MAY_SEND, SessionState, Side
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import STANDARD, TYPES

_PAGE = """\
# SMPP conformance

Written by `python -m gateway.conformance` from the tables of the protocol in `gateway/smpp/` and from
`gateway/flow/served.py` and `served_fields.py`; a test holds it fresh, and others send what is classified here through
a whole gateway.

We speak version {version}; peers that bind with a version below {tlvs} get no optional parameters. Towards customers
we are the message centre, towards carriers the ESME. Every PDU of 3.4 and 5.0 is read and written; this page says what
is done with it. *Supported*: it does what the specification says. *Accepted and ignored*: it changes nothing.
*Refused*: the answer has the status that is named.

## Requests

{requests}

## Who may send what in which state

A request in a state where it may not be sent is refused with ESME_RINVBNDSTS, a second bind with ESME_RALYBND.

{states}

## Command ids

Every one that is known to be in use. Whatever else comes as a request is answered with a generic_nack,
ESME_RINVCMDID; as a response, it belongs to no request of ours and is counted and ignored.

{command_ids}

outbind goes both ways. A carrier that is configured so calls us, and we bind on its connection; a customer that is
configured so is called when something is owed to it and no bind of it receives, and binds on our connection.

## Fields that are taken

Of each PDU that customers and carriers send us. An error response may lack its fields.

{received}

## Fields that we send

Of each PDU that we send. A response that says an error has no fields, but for deliver_sm_resp and submit_multi_resp.

{sent}

## Optional parameters of submit_sm from customers

A tag that is not listed, a vendor's too, is kept as it came, and ignored. The section `tlvs` of the configuration gives
vendors' tags a name and a type: with the log level debug, the line `tlvs_ignored` tells what was ignored, by name.
data_sm and submit_multi take the same; data_sm beside them qos_time_to_live, as its validity_period.

{tlvs_of_submit_sm}

## Optional parameters from carriers

Every other tag is ignored in a receipt, and goes on to the customer with a message from a phone.

{tlvs_from_carriers}

## Optional parameters that we send

{tlvs_sent}

## Fields of every PDU

Lengths in octets; of strings, with their NUL. A field that cannot be read is refused with the status beside it, and
ESME_RINVCMDLEN when the PDU ends within it.

{fields}

## Statuses

{statuses}

What a status means when it is the answer to a request of ours:

| request | status | what we do |
| --- | --- | --- |
| `submit_sm` to a carrier | ESME_ROK | it has the segment: its receipt is waited for |
| `submit_sm` to a carrier | those of `errors.temporary` | the segment goes again, later each time, by `retry` |
| `submit_sm` to a carrier | of these ESME_RTHROTTLED, ESME_RMSGQFUL | all goes more slowly; it keeps its place |
| `submit_sm` to a carrier | those of `errors.rows` | as the row says |
| `submit_sm` to a carrier | every other, a generic_nack's too | the segment failed, and is not billed |
| `deliver_sm` to a customer | {later} | it is handed out again after a pause |
| `deliver_sm` to a customer | every other | it is not handed out again; metrics count the refused |
| a bind to a carrier | in the table | as it says |
| a bind to a carrier | every other | {unknown_bind} |

"""

# What the session and the binding say.
IN_ANY_CASE: Mapping[CommandStatus, str] = {
    CommandStatus.ESME_ROK: "done",
    CommandStatus.ESME_RINVCMDLEN: "the PDU's length is wrong; the connection ends when it is absurd",
    CommandStatus.ESME_RINVCMDID: "this command is not served",
    CommandStatus.ESME_RINVBNDSTS: "not in this state, or not from this side",
    CommandStatus.ESME_RALYBND: "bound already",
    CommandStatus.ESME_RTHROTTLED: "more requests under way than the window",
}


# What a session refuses by itself, whoever is at the other end.
SESSION_TOLD: Mapping[CommandStatus, str] = {
    status: IN_ANY_CASE[status]
    for status in (
        CommandStatus.ESME_RINVCMDLEN,
        CommandStatus.ESME_RINVCMDID,
        CommandStatus.ESME_RINVBNDSTS,
        CommandStatus.ESME_RTHROTTLED,
    )
} | {STATUS_OF_UNWANTED[why]: f"an outbind: {why.value}" for why in Unwanted}

# Requests of ours, whose responses are answers.
_BOTH_SAY = frozenset({CommandId.ENQUIRE_LINK, CommandId.UNBIND})
WE_ASK: Mapping[Peer, frozenset[CommandId]] = {
    Peer.CUSTOMER: _BOTH_SAY | {CommandId.DELIVER_SM},
    Peer.CARRIER: _BOTH_SAY | BINDS | {CommandId.SUBMIT_SM},
}
AN_ANSWER = "supported: the answer to a request of ours"
IGNORED_RESPONSE = "accepted and ignored: we ask no such thing"

# 5.0, table 4-44.
VENDORS_RANGES = (
    (0x0001_0200, 0x0001_02FF, "reserved for vendors, requests"),
    (0x8001_0200, 0x8001_02FF, "reserved for vendors, responses"),
)


def page() -> str:
    """The file's text."""
    return _PAGE.format(
        version=f"{OUR_VERSION >> 4}.{OUR_VERSION & 15}",
        tlvs=f"{FIRST_VERSION_WITH_TLVS >> 4}.{FIRST_VERSION_WITH_TLVS & 15}",
        requests=_table(("PDU", "from customers", "from carriers"), _requests()),
        states=_table(("PDU", "the ESME may send it", "the message centre may send it"), _states()),
        command_ids=_table(("id", "name", "from customers", "from carriers"), _command_ids()),
        received=_table(("from", "PDU", "field", "what is done"), _received()),
        sent=_table(("to", "PDU", "field", "what it holds"), _sent()),
        tlvs_from_carriers=_table(
            ("tag", "name", "what is done"),
            ((f"0x{tag:04X}", f"`{STANDARD.name(tag)}`", said) for tag, said in sorted(TLVS_FROM_CARRIERS.items())),
        ),
        tlvs_sent=_table(("to", "PDU", "tag", "name", "when"), _tlvs_sent()),
        later=", ".join(sorted(CommandStatus(status).name for status in LATER)),
        unknown_bind=f"tried again, later each time: {UNKNOWN}",
        tlvs_of_submit_sm=_table(("tag", "name", "value", "what is done"), _tlvs()),
        fields=_table(("PDU", "field", "kind", "status"), _fields()),
        statuses=_table(("status", "code", "told to customers", "told to carriers", "refusing our bind"), _statuses()),
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


def _command_ids() -> Iterable[tuple[str, ...]]:
    for command_id in sorted(CommandId):
        cls = PDUS.get(command_id)
        code, name = f"0x{int(command_id):08X}", f"`{command_id.name.lower()}`"
        if cls is None:
            said = IGNORED_RESPONSE if command_id & RESPONSE else _said(NOT_OFFERED)
            yield code, name, said, said
        elif cls is GenericNack:
            yield code, name, AN_ANSWER, AN_ANSWER
        elif is_response(cls):
            yield code, name, _answered(Peer.CUSTOMER, cls), _answered(Peer.CARRIER, cls)
        else:
            yield code, name, _said(FROM_CUSTOMER[cls]), _said(FROM_CARRIER[cls])
    for first, last, name in VENDORS_RANGES:
        said = IGNORED_RESPONSE if first & RESPONSE else _said(NOT_OFFERED)
        yield f"0x{first:08X}-0x{last:08X}", name, said, said


def _answered(peer: Peer, response: type[Pdu]) -> str:
    """What a response from there is to us."""
    asked = CommandId(response.command_id & ~RESPONSE)
    return AN_ANSWER if asked in WE_ASK[peer] else IGNORED_RESPONSE


def _received() -> Iterable[tuple[str, ...]]:
    for (peer, cls), uses in RECEIVED.items():
        for name, use in uses.items():
            yield peer.value, f"`{name_of(cls)}`", f"`{name}`", _said(use)


def _sent() -> Iterable[tuple[str, ...]]:
    for (peer, cls), fillings in SENT.items():
        for name, (constant, note) in fillings.items():
            holds = note if constant is None else "always empty" if constant == b"" else f"always {constant!r}"
            yield peer.value, f"`{name_of(cls)}`", f"`{name}`", holds


def _tlvs_sent() -> Iterable[tuple[str, ...]]:
    for (peer, cls), tags in TLVS_SENT.items():
        for tag, when in tags.items():
            yield peer.value, f"`{name_of(cls)}`", f"0x{tag:04X}", f"`{STANDARD.name(tag)}`", when


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
    for outcome, status in STATUS_OF_OUTCOME.items():
        if outcome not in {Outcome.BOUND, Outcome.GONE}:
            why[status].append(f"a bind: {outcome.value}")
    for reason, status in STATUS_OF.items():
        why[status].append(reason.value)
    for cls in _all_requests():
        for name, kind in fields_of(cls):
            if FROM_CUSTOMER[cls].how is How.SUPPORTED and isinstance(kind, COctets | Time):
                said = f"`{name}` is too long"
                if said not in why[kind.fault]:
                    why[kind.fault].append(said)
    for status in CommandStatus:
        told = "; ".join(why[status]) if why.get(status) else "never"
        refusing = OURS_TO_MEND.get(status) or PASSING.get(status)
        does = "rarely tried again" if status in OURS_TO_MEND else "tried again, later each time"
        yield (
            status.name,
            f"0x{status:08X}",
            told,
            TOLD_TO_CARRIERS.get(status) or SESSION_TOLD.get(status, "never"),
            f"{does}: {refusing}" if refusing else "-",
        )


if __name__ == "__main__":
    sys.stdout.write(page())

"""What a message centre means when it refuses our bind, and what helps. Source: SMPP 3.4, section 5.1.3."""

from gateway.smpp.status import CommandStatus

_S = CommandStatus

# What we bind with is wrong: the same again gets the same answer, and many centres lock a name that tries too often.
# A person must act, so we knock rarely.
OURS_TO_MEND: dict[int, str] = {
    _S.ESME_RINVPASWD: "the carrier does not take the password: compare `password` with the contract",
    _S.ESME_RINVSYSID: "the carrier does not know the `system_id`, or not from our address",
    _S.ESME_RINVSYSTYP: "the carrier expects another `system_type`",
    _S.ESME_RINVCMDID: "the carrier does not know this kind of bind: try `mode` transmitter and receiver",
    _S.ESME_RINVBNDSTS: "the carrier does not allow this kind of bind: look at `mode` and `interface_version`",
    _S.ESME_RINVSERTYP: "the carrier expects another `system_type`, which it calls a service type",
    _S.ESME_RPROHIBITED: "the carrier has not opened the account for this kind of bind",
    _S.ESME_RSERTYPUNAUTH: "the carrier has not opened the account for this service",
    _S.ESME_RSERTYPDENIED: "the carrier has closed the account for this service",
}

# Everything else passes by itself: tried again, later each time.
PASSING: dict[int, str] = {
    _S.ESME_RALYBND: "an earlier session of ours is still alive at the carrier, or `count` is more than it allows",
    _S.ESME_RBINDFAIL: "the carrier says no more than that: it may be starting, ending, or not know our address",
    _S.ESME_RSYSERR: "the carrier has trouble of its own",
    _S.ESME_RTHROTTLED: "the carrier wants us to knock less often",
}

UNKNOWN = "no meaning is known for this status: ask the carrier"


def passes(status: int) -> bool:
    """Whether it may be granted another time without anybody changing anything."""
    return status not in OURS_TO_MEND


def advice(status: int) -> str:
    """What a person should look at."""
    return OURS_TO_MEND.get(status) or PASSING.get(status) or UNKNOWN

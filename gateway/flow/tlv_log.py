"""At level debug: which optional parameters of a submit_sm are ignored, under the names that the operator gave them."""

from collections.abc import Callable

import structlog

from gateway.flow.account import CustomerBind
from gateway.flow.served import TLVS_OF_SUBMIT_SM
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.tlv import LONGEST_INTEGER, Kind, Vocabulary

log = structlog.get_logger(room="customers")

SubmitSmTaker = Callable[[CustomerBind, SubmitSm], None]


def telling(submit_sm: SubmitSmTaker, words: Vocabulary) -> SubmitSmTaker:
    """The same taker, with a line before each message that has a parameter which changes nothing.

    It is put in place of the taker when such lines are wanted, so that it costs nothing when they are not.
    """

    def tell(bind: CustomerBind, request: SubmitSm) -> None:
        ignored = {words.name(tag): shown(words, tag, octets) for tag, octets in request.tlvs if is_ignored(tag)}
        if ignored:
            log.debug("tlvs_ignored", customer=bind.account.name, sequence_number=request.sequence_number, tlvs=ignored)
        submit_sm(bind, request)

    return tell


def is_ignored(tag: int) -> bool:
    """Whether it changes nothing in a submit_sm."""
    return tag not in TLVS_OF_SUBMIT_SM


def shown(words: Vocabulary, tag: int, octets: bytes) -> int | str:
    """An integer as it is; of everything else, which may be a person's words, the length."""
    if words.type_of(tag).kind is Kind.INTEGER and 0 < len(octets) <= LONGEST_INTEGER:
        return int.from_bytes(octets, "big")
    return f"{len(octets)} octets"

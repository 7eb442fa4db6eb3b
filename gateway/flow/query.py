"""query_sm: what became of a message, from memory while it is alive, else from the store (SMPP 3.4, section 4.8)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from gateway.flow.account import Account, CustomerBind
from gateway.flow.deliver import JST
from gateway.flow.live import Live
from gateway.flow.message import MESSAGE_STATE
from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Reason
from gateway.model.ids import read_told_id
from gateway.model.lifecycle import SegmentState, outcome
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import QuerySm, QuerySmResp
from gateway.smpp.session import Session
from gateway.smpp.times import write_absolute
from gateway.store.contract import MessageParked, Outcome, Store

OTHER_ERROR = 0xFF  # the carrier's error is no number, or none that an octet holds beside this one
STATUS_DIGITS = 8  # a carrier's command_status, in hexadecimal, where it refused the message itself


class _Asked(NamedTuple):
    account: Account
    session: Session
    pdu: QuerySm
    told_id: int


class Query:
    """Takes every query_sm of every customer bind."""

    def __init__(self, store: Store, live: Live) -> None:
        self._store = store
        self._live = live

    def query_sm(self, bind: CustomerBind, pdu: QuerySm) -> None:
        """One query_sm. What is not alive now ended in a change that is written: it is read when that is durable."""
        try:
            asked = _Asked(bind.account, bind.session, pdu, read_told_id(pdu.message_id))
        except ValueError:
            _refuse(bind.account, bind.session, pdu, Reason.INVALID_MESSAGE_ID)
            return
        if not self._is_alive(asked):
            self._store.follow(self._read, asked)

    def _is_alive(self, asked: _Asked) -> bool:
        """Whether it is alive, and then it is answered."""
        found = self._live.told(asked.account.name, asked.told_id)
        if found:
            _answer(asked, [Outcome(message.row.source_addr, "", "", 0) for message in found])
        return bool(found)

    def _read(self, asked: _Asked) -> None:
        def found(outcomes: list[Outcome]) -> None:
            if outcomes:
                _answer(asked, outcomes)
            elif not self._is_alive(asked):  # parts may have become a message meanwhile
                self._store.parked_told(asked.account.name, asked.told_id, parked)

        def parked(rows: list[MessageParked]) -> None:
            if rows:
                _answer(asked, [Outcome(one.row.source_addr, "", "", 0) for one in rows])
            elif not self._is_alive(asked):  # or came back to memory
                _refuse(asked.account, asked.session, asked.pdu, Reason.UNKNOWN_TO_QUERY)

        self._store.find(asked.account.name, asked.told_id, found)


def _refuse(account: Account, session: Session, pdu: QuerySm, reason: Reason) -> None:
    account.counts.refused[reason.name] += 1
    session.respond(QuerySmResp(command_status=STATUS_OF[reason], sequence_number=pdu.sequence_number))


def _answer(asked: _Asked, outcomes: Sequence[Outcome]) -> None:
    pdu = asked.pdu
    if any(one.source_addr != pdu.source_addr for one in outcomes):
        _refuse(asked.account, asked.session, pdu, Reason.INVALID_SOURCE)
        return
    answer = QuerySmResp(
        sequence_number=pdu.sequence_number, message_id=pdu.message_id, message_state=MessageState.ENROUTE
    )
    final = outcome(SegmentState[one.outcome] for one in outcomes) if all(one.outcome for one in outcomes) else None
    if final is not None:
        done_at = max(one.done_at for one in outcomes)
        errors = [one.error for one in outcomes if one.outcome == final.name and one.error]
        answer = QuerySmResp(
            sequence_number=pdu.sequence_number,
            message_id=pdu.message_id,
            final_date=write_absolute(datetime.fromtimestamp(done_at / 1000, JST)),
            message_state=MESSAGE_STATE[final],
            error_code=error_code(errors[0]) if errors else 0,
        )
    asked.session.respond(answer)


def error_code(error: str) -> int:
    """The carrier's own word for what went wrong as one octet."""
    if len(error) == STATUS_DIGITS:
        try:
            return min(int(error, 16), OTHER_ERROR)
        except ValueError:
            return OTHER_ERROR
    if not (error.isascii() and error.isdigit()):
        return OTHER_ERROR
    return min(int(error), OTHER_ERROR)

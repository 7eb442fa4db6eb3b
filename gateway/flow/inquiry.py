"""A message that is durable and acknowledged, but cannot go yet: whose number it is, or who has it now, is asked first.

Whose number first, then the check, as the carrier's service is the one to ask. A message that ends meanwhile, because
it was taken back or its validity is over, is forgotten here when the answer comes.
"""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import TypeAlias

from gateway.flow.lookups import Act, Lookups, Verdict
from gateway.flow.message import Message
from gateway.flow.recipient_check import FREE, CheckVerdict, RecipientChecks
from gateway.flow.router import forced_by
from gateway.model.errors import Reason, Refusal
from gateway.model.lifecycle import SegmentEvent, SegmentState
from gateway.model.money import Sen
from gateway.model.values import Ported, Serving
from gateway.routing.lookup_answers import Said
from gateway.routing.portability import NETWORK, Portability, Unanswered
from gateway.routing.recycling import Check, Outcome


class Ended(Enum):
    """Why a message was not sent: the `reason` of its record."""

    NO_CARRIER = "no_carrier"
    RECIPIENT_CHANGED = "recipient_changed"
    RECIPIENT_UNCLEAR = "recipient_unclear"
    NOT_TAKEN = "not_taken"  # the carrier that was found does not take such a text
    SENDER_BARRED = "sender_barred"  # the customer may not use its sender on any route to the carrier that was found


# `err` of the receipt, where carriers' own codes are of three digits too; none that we know uses these.
ERROR = {
    Ended.NO_CARRIER: b"901",
    Ended.RECIPIENT_CHANGED: b"902",
    Ended.RECIPIENT_UNCLEAR: b"903",
    Ended.NOT_TAKEN: b"904",
    Ended.SENDER_BARRED: b"905",
}
ENDED_BY = {Reason.NO_ROUTE: Ended.NO_CARRIER, Reason.INVALID_SOURCE: Ended.SENDER_BARRED}

# Routes the message, stores its whole row anew and queues it; or a Refusal, as at intake. Its check costs so much.
Go: TypeAlias = Callable[[Message, Serving, Sen], None]
Finish: TypeAlias = Callable[[Message, SegmentState], None]


def serving_by(portability: Portability, e164: bytes, verdict: Verdict, forced: str) -> Serving | None:
    """Whose number it is by what the network said, and the sources behind it. None: nobody's whom we serve."""
    act, answer = verdict
    if act is Act.FAIL:
        return None
    if act is Act.ROUTE:
        told = portability.found(e164, answer.carrier, answer.source, answer.as_of)
        if told is not None:
            return told if answer.ported is Ported.UNKNOWN else told._replace(ported=answer.ported)
    left = portability.ask(e164, forced, after=NETWORK)
    if left is None or isinstance(left, Unanswered):
        return None
    if answer.said is Said.AT_HOME:
        return Serving(left.carrier, Ported.NO, answer.source, answer.as_of)
    return left


class Inquiries:
    """`go` and `finish` take what came of a message; `alive` tells whether it is still all ours."""

    def __init__(
        self,
        lookups: Lookups,
        checks: RecipientChecks | None,
        portability: Portability,
        alive: Callable[[Message], bool],
        go: Go,
        finish: Finish,
    ) -> None:
        self._lookups = lookups
        self._checks = checks
        self._portability = portability
        self._alive = alive
        self._go = go
        self._finish = finish

    def known(self, e164: bytes, found: Unanswered, forced: str = "") -> Serving | Unanswered | None:
        """Whose number it is, if that was asked not long ago: such a message need not wait. None: nobody's."""
        verdict = self._lookups.remembered(e164, found.sources)
        return found if verdict is None else serving_by(self._portability, e164, verdict, forced)

    def begin(
        self, message: Message, found: Serving | Unanswered | None, since: date | None, sends_when_unclear: bool
    ) -> None:
        """Ask what is to be asked. `found` is what the local sources say, `since` the date to check from, if any.

        It may go, or end, before this returns.
        """
        if not isinstance(found, Unanswered):
            self._located(message, found, since, sends_when_unclear)
            return

        def answered(verdict: Verdict) -> None:
            if self._alive(message):
                serving = serving_by(self._portability, message.row.e164, verdict, forced_by(message.row))
                self._located(message, serving, since, sends_when_unclear)

        self._lookups.ask(message.row.e164, found.sources, answered, message.expires)

    def _located(self, message: Message, serving: Serving | None, since: date | None, sends_when_unclear: bool) -> None:
        if serving is None:
            self._end(message, Ended.NO_CARRIER, FREE, None)
            return
        if since is None or self._checks is None:
            self._send(message, serving, FREE)
            return

        def checked(verdict: CheckVerdict) -> None:
            if not self._alive(message):
                return
            if verdict.send:
                self._send(message, serving, verdict.charge)
            elif verdict.outcome is Outcome.CHANGED:
                self._end(message, Ended.RECIPIENT_CHANGED, verdict.charge, serving)
            else:
                self._end(message, Ended.RECIPIENT_UNCLEAR, verdict.charge, serving)

        self._checks.ask(serving.carrier, Check(message.row.e164, since), sends_when_unclear, checked)

    def _send(self, message: Message, serving: Serving, charge: Sen) -> None:
        try:
            self._go(message, serving, charge)
        except Refusal as refusal:
            self._end(message, ENDED_BY.get(refusal.reason, Ended.NOT_TAKEN), charge, serving)

    def _end(self, message: Message, why: Ended, charge: Sen, serving: Serving | None) -> None:
        message.reason = why.value
        message.errors[0] = ERROR[why]
        row = message.row._replace(check_sen=max(0, message.row.check_sen) + charge)
        if serving is not None:
            row = row._replace(serving=serving.carrier, known_by=serving.source, ported=serving.ported.value)
        message.row = row
        message.move_waiting(SegmentEvent.ABANDON)
        self._finish(message, SegmentState.REJECTED)

"""A connection that a carrier made to us: until its outbind is good it is nobody's, then it is one of our binds."""

from collections.abc import Callable, Sequence
from enum import Enum

import structlog

from gateway.flow.carriers import CarrierLink
from gateway.model.origin import Origin
from gateway.smpp.events import Event
from gateway.smpp.pdu import Outbind
from gateway.smpp.session import Session
from gateway.smpp.status import CommandStatus

log = structlog.get_logger(room="carriers")


class Unwanted(Enum):
    """Why we do not bind to who called."""

    NOT_FROM_THERE = "no bind is called from this address"
    WRONG_NAME = "its system_id or password is not the carrier's"
    NO_BIND_LEFT = "all binds that it may call are up, or out of service"


STATUS_OF_UNWANTED: dict[Unwanted, CommandStatus] = {
    Unwanted.NOT_FROM_THERE: CommandStatus.ESME_RBINDFAIL,
    Unwanted.WRONG_NAME: CommandStatus.ESME_RINVPASWD,
    Unwanted.NO_BIND_LEFT: CommandStatus.ESME_RALYBND,
}

# Given the session, where it comes from and what it said: the link that binds on it.
Answer = Callable[[Session, Origin, Outbind], CarrierLink | Unwanted]


class CallerLink:
    """From the first octet to the last; what follows the outbind is the carrier's link's."""

    def __init__(self, session: Session, origin: Origin, answer: Answer) -> None:
        self.session = session
        self._origin = origin
        self._answer = answer
        self._link: CarrierLink | None = None

    def handle(self, events: Sequence[Event]) -> None:
        """What the session reports, in order."""
        for event in events:
            if self._link is not None:
                self._link.handle((event,))
            elif isinstance(event, Outbind):
                self._called(event)

    @staticmethod
    def hold_seconds() -> float:
        """A carrier is always read."""
        return 0.0

    def _called(self, outbind: Outbind) -> None:
        answer = self._answer(self.session, self._origin, outbind)
        if isinstance(answer, Unwanted):
            log.warning(
                "outbind_refused",
                peer=str(self._origin),
                system_id=outbind.system_id.decode("latin-1"),
                why=answer.value,
            )
            self.session.refuse_outbind(outbind, STATUS_OF_UNWANTED[answer])
        else:
            self._link = answer

"""What a session reports, in order, to whoever decides. A request of the peer is its own event."""

from typing import Any, NamedTuple, TypeAlias

from gateway.smpp.pdu import Pdu
from gateway.smpp.states import SessionState


class Answer(NamedTuple):
    """The peer's response to the request that was made with `context`; a generic_nack counts as one."""

    context: Any
    pdu: Pdu


class Unanswered(NamedTuple):
    """No response came in time (or none that can be read): whether the peer did it is not known."""

    context: Any


class LateAnswer(NamedTuple):
    """The peer's response came after `Unanswered` had told that there is none."""

    context: Any
    pdu: Pdu


class Bound(NamedTuple):
    """Our bind request was granted."""

    state: SessionState


class BindRefused(NamedTuple):
    """Our bind request was not granted; the session ends."""

    status: int


class PeerUnbinds(NamedTuple):
    """The peer wants to end the session; it is answered when nothing is owed to it any more."""


class Closed(NamedTuple):
    """The last event. `unanswered` are the contexts of requests without an answer, oldest first."""

    reason: str
    unanswered: list[Any]


Event: TypeAlias = Pdu | Answer | Unanswered | LateAnswer | Bound | BindRefused | PeerUnbinds | Closed

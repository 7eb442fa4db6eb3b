"""Events are values that can be told apart."""

from gateway.smpp.events import Answer, BindRefused, Bound, Closed, PeerUnbinds, Unanswered
from gateway.smpp.pdu import EnquireLinkResp
from gateway.smpp.states import SessionState


def test_each_is_its_own_kind() -> None:
    events = (
        Answer(None, EnquireLinkResp()),
        Unanswered(None),
        Bound(SessionState.BOUND_TRX),
        BindRefused(13),
        PeerUnbinds(),
        Closed("gone", []),
    )
    assert len({type(event) for event in events}) == len(events)

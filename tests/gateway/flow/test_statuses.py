"""Every reason has its status."""

from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Reason
from gateway.smpp.status import CommandStatus


def test_it_is_total() -> None:
    assert set(STATUS_OF) == set(Reason)
    assert CommandStatus.ESME_ROK not in STATUS_OF.values()


def test_what_may_be_tried_again_says_so() -> None:
    again = {
        reason
        for reason, status in STATUS_OF.items()
        if status in {CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL}
    }
    later = {Reason.THROTTLED, Reason.QUEUE_FULL, Reason.OVERLOADED, Reason.STORE_UNAVAILABLE, Reason.DRAINING}
    assert again == later | {Reason.QUOTA_THROTTLED, Reason.QUOTA_QUEUE_FULL}

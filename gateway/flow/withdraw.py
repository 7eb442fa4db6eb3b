"""Messages that end, or change, before they leave: their segments go out of the lanes, and the lanes stay bounded."""

from collections.abc import Mapping

from gateway.flow.carrier import Carrier
from gateway.flow.message import WAITING, Message
from gateway.model.lifecycle import SegmentEvent

# Dead entries are swept when they outnumber the living this much: else who sends and cancels would fill the memory.
SLACK = 1024


def waits(item: tuple[Message, int]) -> bool:
    """Whether a lane's item is still to be sent."""
    message, index = item
    return message.states[index] is WAITING


class Withdraw:
    """Of all carriers."""

    def __init__(self, carriers: Mapping[str, Carrier]) -> None:
        self._carriers = carriers
        self._dead = dict.fromkeys(carriers, 0)

    def out(self, message: Message) -> Carrier | None:
        """All of its segments are DELETED now, and none will be sent. Only for one that is untouched."""
        message.move_waiting(SegmentEvent.CANCEL)
        if not message.row.carrier:
            return None  # it is in no lane yet
        carrier = self._carriers[message.row.carrier]
        dead = self._dead[carrier.key] + message.row.segments
        if dead > SLACK and 2 * dead > len(carrier.lanes):
            carrier.lanes.keep(waits)
            dead = 0
        self._dead[carrier.key] = dead
        return carrier

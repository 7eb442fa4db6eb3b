"""What keeps a message that is alive from going on at this moment: its own story beside the gateway's status."""

from collections.abc import Mapping
from typing import Any

from gateway.flow.limits_now import Limit

HELD = "held"  # an operator's word


def limit_of(story: Mapping[str, Any], status: Mapping[str, Any], now_ms: int) -> str:
    """A Limit's value, `held`, or empty when nothing of it waits here: its carrier has it, or it has ended."""
    decided = story["decided"]
    if story["state"] == "scheduled" or (story["state"] == "alive" and (decided["due_at"] or 0) > now_ms):
        return Limit.SCHEDULE.value
    if story["state"] not in {"alive", "parked"} or not any(one["state"] == "waiting" for one in story["segments"]):
        return ""
    if decided["carrier"] is None:
        return Limit.LOOK_UP.value
    if story["customer"] in status["held_customers"]:
        return HELD
    carrier = next((one for one in status["carriers"] if one["carrier"] == decided["carrier"]), None)
    return "" if carrier is None else str(carrier["limit"])

"""What limits one message now: a verb of the socket, asked by `smpp-gateway trace` beside what the files tell."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.flow.limits_now import Limit
from gateway.model.ids import read_told_id
from gateway.steer_cli import GatewayUnreachable, ask

if TYPE_CHECKING:  # the command line needs none of it, and is quicker without
    from collections.abc import Iterable

    from gateway.assemble import Flow
    from gateway.ops.steering import Asked, Result, Verb
    from gateway.steer_status import SteerStatus

VERB = "limit"
IN_MEMORY, ON_DISK = "alive", "parked"  # the states of a story that somebody must be asked about
SCHEDULED = "scheduled"


def limit_verbs(flow: "Flow", status: "SteerStatus") -> "dict[str, Verb]":
    """By name."""
    from gateway.flow.limit_facts import facts_of_carrier, limit_of_message  # noqa: PLC0415 - as above
    from gateway.ops.steering import RefusedVerb, Verb  # noqa: PLC0415
    from gateway.steer_status import HELD  # noqa: PLC0415

    def limit(asked: "Asked") -> "Result":
        try:
            message_id = int(read_told_id(asked.word("id").encode()))
        except ValueError:
            raise RefusedVerb("id must be an id as trace tells it") from None
        message = flow.live.get(message_id)
        if message is None:
            key, customer = asked.optional("carrier"), asked.optional("customer")
        else:
            key, customer = message.row.carrier, message.row.customer
        result = {"id": asked.word("id"), "in_memory": message is not None}
        if message is not None and not key:
            return result | {"limit": Limit.LOOK_UP.value}
        carrier, account = flow.carriers.get(key or ""), flow.accounts.get(customer or "")
        if carrier is None or account is None:
            raise RefusedVerb("no message of this id is in memory; of one on disk name the carrier and the customer")
        if carrier.held or account.held:
            return result | {"limit": HELD}
        now, on_disk = flow.clock.monotonic(), flow.parking.waiting_for(carrier.key)
        if message is None:
            return result | {"limit": status.limit(carrier, max(1, on_disk), now)}
        facts = facts_of_carrier(carrier, on_disk, status.store_held, now)
        return result | {"limit": limit_of_message(message, carrier, facts, now, flow.clock.wall_ms()).value}

    return {VERB: Verb(limit)}


def tell_limits(directory: Path, stories: "Iterable[dict[str, Any]]") -> None:
    """Note in each what limits it now, as the gateway that runs on `directory` says; null where nobody says it."""
    reachable = True
    for story in stories:
        if story["state"] == SCHEDULED:
            story["limited_by"] = Limit.SCHEDULE.value
        elif reachable and story["state"] in {IN_MEMORY, ON_DISK}:
            carrier = story["decided"]["carrier"]
            arguments = {"id": story["id"], "customer": story["customer"]} | ({"carrier": carrier} if carrier else {})
            try:
                answer = ask(directory, {"verb": VERB, "arguments": arguments})
            except (GatewayUnreachable, ValueError):
                reachable = False
            else:
                story["limited_by"] = answer["result"]["limit"] if answer["ok"] else None

"""What becomes of a message that was taken: which receipts it gets, when, and in which shape."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from simulators import receipts, wire
from simulators.cast import of
from simulators.characters import (
    Contradicting,
    Early,
    Intermediate,
    LyingIds,
    OddReceipts,
    OfMessages,
    Repeating,
    Silent,
)
from simulators.config import Outcome, SmscConfig
from simulators.receipts import PLAIN, Told, Written

ALWAYS, FAILURES, SUCCESSES = 1, 2, 3  # registered_delivery & 3 (section 5.2.17)


class Promise(NamedTuple):
    """One receipt, so long after the message came."""

    seconds: float
    written: Written


def ids(config: SmscConfig, chosen: Sequence[OfMessages], number: int) -> tuple[bytes, bytes]:
    """The message's id as the response and as receipts write it."""
    lying = of(chosen, LyingIds)
    if lying is None:
        return config.id_in_response.write(number), config.id_in_receipt.write(number)
    shown = lying.number(number)
    return (
        (lying.in_response or config.id_in_response).write(shown),
        (lying.in_receipt or config.id_in_receipt).write(shown),
    )


def is_asked_for(registered_delivery: int, stat: str) -> bool:
    """Whether the customer wants the receipt of this final state."""
    asked, delivered = registered_delivery & 3, stat == "DELIVRD"
    return bool(asked) and not (asked == FAILURES and delivered) and not (asked == SUCCESSES and not delivered)


def promised(
    config: SmscConfig,
    outcome: Outcome,
    chosen: Sequence[OfMessages],
    message_id: bytes,
    submitted: datetime,
    lot: Random,
) -> list[Promise]:
    """The receipts of one segment, in the order they come."""
    silent = of(chosen, Silent)
    wait = config.receipts.delay_seconds
    if config.receipts.jitter_seconds:
        wait += lot.random() * config.receipts.jitter_seconds
    if silent is not None and silent.about != "response":
        return []
    if of(chosen, Early) is not None:
        wait = 0.0
    odd = of(chosen, OddReceipts)
    shape = PLAIN if odd is None else odd.shape
    done = submitted + timedelta(seconds=config.receipts.delay_seconds)

    def write(stat: str, err: str, of_shape: receipts.Shape = shape) -> Written:
        told = Told(message_id, stat, err, submitted, done)
        return receipts.write(told, config.receipts.form, of_shape, lot)

    found: list[Promise] = []
    intermediate = of(chosen, Intermediate)
    if intermediate is not None:
        notice = wire.ESM_INTERMEDIATE if intermediate.notification else shape.esm_class
        step = wait / (len(intermediate.stats) + 1)
        of_shape = shape.model_copy(update={"esm_class": notice})
        for place, stat in enumerate(intermediate.stats, 1):
            found.append(Promise(step * place, write(stat, "000", of_shape)))
    final = write(outcome.stat, outcome.err)
    found.append(Promise(wait, final))
    repeating = of(chosen, Repeating)
    if repeating is not None:
        found += [Promise(wait + repeating.gap_seconds * time, final) for time in range(1, repeating.times)]
    contradicting = of(chosen, Contradicting)
    if contradicting is not None:
        stat, err = contradicting.stat, contradicting.err
        found.append(Promise(wait + contradicting.after_seconds, write(stat, err)))
    return found

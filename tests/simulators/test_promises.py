"""What becomes of a message that was taken, in every mixture of characters."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from simulators.characters import OfMessages
from simulators.config import Outcome, SmscConfig
from simulators.promises import ids, is_asked_for, promised

AT = datetime(2026, 11, 24, tzinfo=UTC)


def config(*characters: dict[str, Any], **more: Any) -> SmscConfig:
    whole = {"port": 0, "system_id": "gateway", "password": "pw", "receipts": {"delay_seconds": 4.0, "form": "text"}}
    return SmscConfig.model_validate(whole | {"characters": characters} | more)


def told(*characters: dict[str, Any], stat: str = "DELIVRD") -> list[tuple[float, str, int]]:
    one = config(*characters)
    chosen = [each for each in one.characters if isinstance(each, OfMessages)]
    outcome = Outcome.model_validate({"text": "", "stat": stat})
    return [
        (promise.seconds, promise.written.text.split(b"stat:")[1].split()[0].decode(), promise.written.esm_class)
        for promise in promised(one, outcome, chosen, b"7", AT, Random(1))
    ]


@pytest.mark.parametrize(
    ("registered", "delivered", "failed"),
    [(0, False, False), (1, True, True), (2, False, True), (3, True, False), (0x10, False, False), (0x11, True, True)],
)
def test_what_is_asked_for(registered: int, delivered: bool, failed: bool) -> None:
    assert is_asked_for(registered, "DELIVRD") is delivered
    assert is_asked_for(registered, "EXPIRED") is failed


def test_one_receipt_without_characters_or_none_from_the_silent() -> None:
    assert told(stat="EXPIRED") == [(4.0, "EXPIRED", 4)]
    assert told({"kind": "silent", "about": "receipt"}) == []
    assert told({"kind": "silent", "about": "response"}) == [(4.0, "DELIVRD", 4)]


def test_everything_at_once() -> None:
    found = told(
        {"kind": "intermediate", "stats": ["ACCEPTD"], "notification": True},
        {"kind": "repeating", "times": 2, "gap_seconds": 1.0},
        {"kind": "contradicting", "after_seconds": 9.0},
        {"kind": "odd_receipts", "shape": {"esm_class": 0x44}},
    )
    assert found == [(2.0, "ACCEPTD", 0x20), (4.0, "DELIVRD", 0x44), (5.0, "DELIVRD", 0x44), (13.0, "UNDELIV", 0x44)]


def test_early_is_at_once() -> None:
    assert told({"kind": "early", "seconds": [1, 2]}) == [(0.0, "DELIVRD", 4)]


def test_ids_are_the_carriers_unless_somebody_lies() -> None:
    lying = {"kind": "lying_ids", "in_receipt": {"radix": "hex"}, "bits": 64, "again_after": 10}
    one = config(lying, id_in_response={"radix": "decimal", "width": 6})
    assert ids(one, [], 77) == (b"000077", b"77")
    chosen = [each for each in one.characters if isinstance(each, OfMessages)]
    in_response, in_receipt = ids(one, chosen, 77)
    assert int(in_response) == int(in_receipt, 16) == (1 << 63) | 0x4000_0007
    assert ids(one, chosen, 87) == (in_response, in_receipt)

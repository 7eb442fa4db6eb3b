"""Whose number it is: the truth table of block and ported numbers."""

import pytest

from gateway.model.values import Ported, Serving
from gateway.routing.blocks import NumberBlocks
from gateway.routing.portability import Portability
from gateway.routing.ported import PortedNumbers

BLOCKS = NumberBlocks({b"8190": "docomo", b"8180": "au"})
PORTED = PortedNumbers({819000000001: "au", 819000000002: "docomo", 819000000003: "", 817000000001: "softbank"})

HOME = "number block"
TABLE = "ported numbers"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (b"819000000000", Serving("docomo", Ported.NO, HOME)),
        (b"818000000000", Serving("au", Ported.NO, HOME)),
        (b"819000000001", Serving("au", Ported.YES, TABLE)),
        (b"819000000002", Serving("docomo", Ported.NO, TABLE)),  # it came back
        (b"819000000003", None),  # to somebody whom we don't serve: its block must not take it
        (b"817000000001", Serving("softbank", Ported.YES, TABLE)),  # of a block that nobody knows
        (b"817000000000", None),
    ],
)
def test_with_ported_numbers(number: bytes, expected: Serving | None) -> None:
    assert Portability.over(BLOCKS, PORTED).look_up(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (b"819000000001", Serving("docomo", Ported.UNKNOWN, HOME)),
        (b"818000000000", Serving("au", Ported.UNKNOWN, HOME)),
        (b"817000000001", None),
    ],
)
def test_without_a_table_it_is_not_known_whether_a_number_was_ported(number: bytes, expected: Serving | None) -> None:
    assert Portability.over(BLOCKS, None).look_up(number) == expected


def test_an_empty_table_is_a_table() -> None:
    serving = Portability.over(BLOCKS, PortedNumbers({})).look_up(b"819000000001")
    assert serving == Serving("docomo", Ported.NO, HOME)


def test_no_answer_is_built_for_a_message() -> None:
    portability = Portability.over(BLOCKS, PORTED)
    assert portability.look_up(b"819000000005") is portability.look_up(b"819000000006")

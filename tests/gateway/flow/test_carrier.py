"""Ids in a form that can be compared, and what a carrier remembers of them."""

import pytest

from gateway.flow.carrier_ids import IdForm, canonical
from tests.gateway.flow.world import World, message


@pytest.mark.parametrize(
    ("form", "raw", "written"),
    [
        (IdForm.HEX, b"0A", b"a"),
        (IdForm.HEX, b"a", b"a"),
        (IdForm.HEX, b"812FC7470000001B", b"812fc7470000001b"),
        (IdForm.DECIMAL, b"9308878062554710043", b"812fc7470000001b"),
        (IdForm.DECIMAL, b"00000010", b"a"),
        (IdForm.DECIMAL, b"340282366920938463463374607431768211456", b"100000000000000000000000000000000"),
        (IdForm.DECIMAL, b"not-a-number", b"not-a-number"),
        (IdForm.HEX, b"5c2f7a4e-uuid", b"5c2f7a4e-uuid"),
        (IdForm.TEXT, b"0A", b"0A"),
        (IdForm.TEXT, b"", b""),
        (IdForm.HEX, b"", b""),
    ],
)
def test_the_canonical_form(form: IdForm, raw: bytes, written: bytes) -> None:
    assert canonical(form)(raw) == written


@pytest.mark.parametrize("raw", [b"1_000", b" 10 ", b"+10", b"-10"])
def test_what_only_python_calls_a_number_stays_as_it_is(raw: bytes) -> None:
    assert canonical(IdForm.HEX)(raw) == raw
    assert canonical(IdForm.DECIMAL)(raw) == raw


def test_an_id_used_again_goes_to_the_newest() -> None:
    world = World()
    carrier = world.flow.carriers["one"]
    customer = world.customer()
    world.submit(customer, message())
    world.submit(customer, message())
    old, new = world.flow.live._messages.values()
    carrier.remember(b"1", old, 0)
    carrier.remember(b"1", new, 0)
    carrier.forget(b"1", old)
    assert carrier.sent[b"1"] == (new, 0)
    assert carrier.settled(b"1") is None
    carrier.forget(b"1", new)
    assert carrier.settled(b"1") is not None

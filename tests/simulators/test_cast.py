"""Who plays: one of a kind, by destination, text, time and lot; meters at their edges."""

from typing import Any

import pytest

from simulators.cast import Cast, Meter, of
from simulators.characters import Mute, OfMessages, Refusing, Silent
from simulators.config import SmscConfig


def cast(*characters: dict[str, Any], seed: str = "1") -> Cast:
    whole = {"port": 0, "system_id": "gateway", "password": "pw", "characters": characters}
    return Cast(SmscConfig.model_validate(whole).characters, seed)


def unread() -> str:
    raise AssertionError("nobody looks at the text")


def statuses(chosen: list[OfMessages]) -> list[int]:
    return [one.status for one in chosen if isinstance(one, Refusing)]


def test_the_first_of_a_kind_that_matches() -> None:
    one = cast(
        {"kind": "refusing", "status": 1, "destination": "1$"},
        {"kind": "refusing", "status": 2, "from_seconds": 10},
        {"kind": "refusing", "status": 3},
        {"kind": "silent", "about": "receipt"},
    )
    assert statuses(one.choose(0.0, "8111", unread)) == [1]
    assert statuses(one.choose(0.0, "8112", unread)) == [3]
    chosen = one.choose(10.0, "8112", unread)
    assert statuses(chosen) == [2]
    assert of(chosen, Silent) is not None
    assert of(chosen, Mute) is None


def test_text_is_read_only_where_somebody_asks() -> None:
    one = cast({"kind": "refusing", "status": 1, "destination": "1$", "text": "料"})
    assert one.choose(0.0, "2", unread) == []
    assert statuses(one.choose(0.0, "1", lambda: "保険料")) == [1]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_share_of_connections(share: float) -> None:
    one = cast({"kind": "mute", "share": share})
    drawn = sum(bool(one.draw()) for _ in range(1_000))
    assert drawn == pytest.approx(1_000 * share, abs=60)


def test_binds_are_counted_by_each_character() -> None:
    one = cast(
        {"kind": "refusing_binds", "first": 1, "status": 5}, {"kind": "refusing_binds", "first": 2, "status": 13}
    )
    assert [one.refuses_bind(0.0) for _ in range(4)] == [5, 13, 13, 0]
    assert one.draw() == []


def test_a_meter_begins_anew_each_second() -> None:
    meter = Meter(2)
    assert [meter.over(now) for now in (5.0, 5.5, 5.99, 6.0, 6.0, 6.0)] == [False, False, True, False, False, True]
    assert meter.percent == 99
    meter.over(9.0)
    assert meter.percent == 50

"""Numbers of customers, written in any way."""

import pytest

from gateway.routing.owners import Owners

OWNERS = Owners(
    {"05012345678": "shop", "00051234*": "bank", "000512349": "insurer", "+815099*": "bank", "0005123499*": "shop"},
    "81",
    "0",
)


@pytest.mark.parametrize(
    ("addr", "owner"),
    [
        (b"05012345678", "shop"),
        (b"815012345678", "shop"),
        (b"+815012345678", "shop"),
        (b"050123456789", None),
        (b"0501234567", None),
        (b"000512341", "bank"),
        (b"00051234", "bank"),
        (b"0005123", None),
        (b"000512349", "insurer"),
        (b"00051234991", "shop"),
        (b"05099000000", "bank"),
        (b"815099", "bank"),
        (b"", None),
        (b"insurer", None),
        (b"\xff\x00", None),
    ],
)
def test_whose_it_is(addr: bytes, owner: str | None) -> None:
    assert OWNERS.owner(addr) == owner


def test_without_numbers_nothing_is_anybodys() -> None:
    assert Owners({}, "81", "0").owner(b"05012345678") is None

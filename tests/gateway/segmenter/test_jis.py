"""The vendors' rows in EUC and ISO-2022-JP, against code page 932 and against what must stay refused."""

import pytest

from gateway.segmenter.jis import VENDOR_ROWS

ROWS = (13, *range(89, 93))


def cells(row: int) -> list[tuple[bytes, bytes, str]]:
    """EUC octets, bare JIS octets and character of each cell, found by way of code page 932."""
    found = []
    for lead in range(0x81, 0xF0):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD)):
            high = trail >= 0x9F
            of_row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + (2 if high else 1)
            if lead in range(0xA0, 0xE0) or of_row != row:
                continue
            cell = trail - 0x9E if high else trail - 0x3F - (trail > 0x7F)
            try:
                character = bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue
            found.append((bytes((row + 0xA0, cell + 0xA0)), bytes((row + 0x20, cell + 0x20)), character))
    return found


@pytest.mark.parametrize("row", ROWS)
def test_every_cell_of_the_vendors_rows(row: int) -> None:
    table = cells(row)
    assert len(table) > 70
    for euc, jis, character in table:
        assert euc.decode("euc_jp", VENDOR_ROWS) == character
        assert (b"\x1b$B" + jis + b"\x1b(B").decode("iso2022_jp_ext", VENDOR_ROWS) == character


def test_vectors() -> None:
    assert b"a\xad\xa1\xc6\xfc\xad\xeaz".decode("euc_jp", VENDOR_ROWS) == "a①日㈱z"
    assert b"a\x1b$B\x2d\x21\x46\x7c\x2d\x6a\x1b(Bz-!".decode("iso2022_jp_ext", VENDOR_ROWS) == "a①日㈱z-!"
    assert b"\x1b$@\x2d\x21\x1b(J".decode("iso2022_jp_ext", VENDOR_ROWS) == "①"
    assert b"\xfc\xe2".decode("euc_jp", VENDOR_ROWS) == "髙"


@pytest.mark.parametrize(
    "octets",
    [
        b"a\xad",  # half a character
        b"\xad\x21",
        b"\xad\xfe",  # no such cell
        b"\xa9\xa1",  # row 9 is empty
        b"\xff\xff",
        b"\x8f\xad\xa1",  # JIS X 0212 has no such row
    ],
)
def test_other_octets_of_euc_stay_undecodable(octets: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        octets.decode("euc_jp", VENDOR_ROWS)


@pytest.mark.parametrize(
    "octets",
    [
        b"\x1b$B\x2d",
        b"\x1b$B\x29\x21\x1b(B",
        b"\x1b$(D\x2d\x21\x1b(B",  # the same cell of JIS X 0212 is another one
        b"\x80\x2d",
        b"\x1b$Z\x2d\x21",
        b"\x1b",
    ],
)
def test_other_octets_of_iso_2022_jp_stay_undecodable(octets: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        octets.decode("iso2022_jp_ext", VENDOR_ROWS)


def test_a_place_is_told_in_the_octets_that_came() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"ab\xad\xfe".decode("euc_jp", VENDOR_ROWS)
    assert caught.value.start == 2


def test_encoding_is_not_its_business() -> None:
    with pytest.raises(UnicodeEncodeError):
        "①".encode("euc_jp", VENDOR_ROWS)

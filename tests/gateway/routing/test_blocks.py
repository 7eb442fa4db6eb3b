"""Blocks of numbers: the longest prefix decides, and a block that nobody of ours has is a hole."""

from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import carrier as judge

from gateway.routing.blocks import NumberBlocks, library_blocks, library_names, read_blocks
from gateway.routing.numbers import NumberRules
from gateway.routing.tables import BadRows

JAPAN = NumberRules("81", "0", ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"), 10)
NAMES = {
    "NTT Docomo": "docomo",
    "KDDI": "au",
    "Okinawa Cellular": "okinawa",
    "Softbank": "softbank",
    "Rakuten Communications": "rakuten",
}


def test_the_longest_prefix_decides() -> None:
    blocks = NumberBlocks({b"81": "a", b"8190": "b", b"81901": "c", b"819012345678": "d"})
    assert blocks.carrier(b"818012345678") == "a"
    assert blocks.carrier(b"819022345678") == "b"
    assert blocks.carrier(b"819012345679") == "c"
    assert blocks.carrier(b"819012345678") == "d"
    assert blocks.carrier(b"441234567890") == ""
    assert blocks.carrier(b"8") == ""
    assert blocks.carriers() == {"a", "b", "c", "d"}


def test_a_hole_in_a_block_is_nobodys() -> None:
    assert NumberBlocks({b"8190": "a", b"81901": ""}).carrier(b"819012345678") == ""


def test_no_blocks_at_all() -> None:
    assert NumberBlocks({}).carrier(b"819012345678") == ""


@given(
    st.dictionaries(st.text("01", max_size=6).map(str.encode), st.sampled_from(["a", "b", ""])),
    st.text("01", min_size=8, max_size=8).map(str.encode),
)
def test_it_agrees_with_trying_every_prefix(prefixes: dict[bytes, str], number: bytes) -> None:
    plain = next((prefixes[number[:cut]] for cut in range(8, -1, -1) if number[:cut] in prefixes), "")
    assert NumberBlocks(prefixes).carrier(number) == plain


def test_the_library_knows_japans_carriers() -> None:
    assert library_names("81") == set(NAMES)


@given(st.from_regex(r"[6-9]0[1-9][0-9]{7}", fullmatch=True).filter(str.isascii))
def test_our_look_up_is_the_librarys(national: str) -> None:
    theirs = judge.name_for_number(phonenumbers.PhoneNumber(81, int(national)), "en")
    assert NumberBlocks(library_blocks(NAMES, "81")).carrier(b"81" + national.encode()) == NAMES.get(theirs, "")


def test_a_name_without_a_carrier_leaves_a_hole_and_not_its_neighbours_block() -> None:
    kddi_only = NumberBlocks(library_blocks({"KDDI": "au"}, "81"))
    assert kddi_only.carrier(b"819011000000") == "au"
    assert kddi_only.carrier(b"819011100000") == ""  # docomo's block within KDDI's


@pytest.mark.parametrize(
    ("national", "carrier"),
    [("60100", "softbank"), ("60110", "au"), ("60120", "rakuten"), ("60130", "au"), ("60140", "docomo")],
)
def test_the_060_blocks_given_out_so_far(national: str, carrier: str) -> None:
    assert NumberBlocks(library_blocks(NAMES, "81")).carrier(f"81{national}12345".encode()) == carrier


def test_files_write_prefixes_in_either_form(tmp_path: Path) -> None:
    file = tmp_path / "blocks.csv"
    file.write_text("prefix,carrier\n0703810,au\n+8170382,au\n8170815,\n")
    assert read_blocks([file], JAPAN, {"au"}) == {b"81703810": "au", b"8170382": "au", b"8170815": ""}


def test_bad_blocks_are_told(tmp_path: Path) -> None:
    file = tmp_path / "blocks.csv"
    file.write_text("prefix,carrier\n0312,au\n090x,au\n0901,au\n8190 1,au\n,au\n")
    with pytest.raises(BadRows) as caught:
        read_blocks([file], JAPAN, {"au"})
    assert [row.line for row in caught.value.rows] == [2, 3, 5, 6]

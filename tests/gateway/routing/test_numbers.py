"""What customers write for a number, judged by the `phonenumbers` library as well."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Reason, Refusal
from gateway.routing.numbers import NumberRules

HEADS = ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]")
JAPAN = NumberRules("81", "0", HEADS, 10)
TONS = (0, 1, 2, 3, 4, 6)
NPIS = (0, 1, 3, 4, 6, 8, 9, 10)


def refusal(addr: bytes, ton: int = 0, npi: int = 0, rules: NumberRules = JAPAN) -> Reason:
    with pytest.raises(Refusal) as caught:
        rules.normalise(addr, ton, npi)
    return caught.value.reason


def national_numbers() -> st.SearchStrategy[str]:
    return st.from_regex(r"[6-9]0[1-9][0-9]{7}", fullmatch=True).filter(str.isascii)


@pytest.mark.parametrize("ton", TONS)
@pytest.mark.parametrize("npi", NPIS)
@pytest.mark.parametrize(
    "addr",
    [b"09012345678", b"819012345678", b"+819012345678", b"00819012345678", b"010819012345678", b"8109012345678",
     b"090-1234-5678", b"+81 90 1234 5678", b"010-81-90-1234-5678", b"+81 (0)90.1234.5678", b" 090 1234 5678 ",
     b"+09012345678"],
)  # fmt: skip
def test_every_way_of_writing_is_the_same_number(addr: bytes, ton: int, npi: int) -> None:
    assert JAPAN.normalise(addr, ton, npi) == b"819012345678"


@pytest.mark.parametrize("ton", [0, 2, 3, 4, 6])
def test_a_lost_trunk_prefix_is_found_again_unless_the_number_is_called_international(ton: int) -> None:
    assert JAPAN.normalise(b"9012345678", ton, 1) == b"819012345678"
    assert refusal(b"9012345678", ton=1) is Reason.NOT_MOBILE  # +90 is Turkey
    assert refusal(b"+9012345678") is Reason.NOT_MOBILE
    assert refusal(b"009012345678") is Reason.NOT_MOBILE


@pytest.mark.parametrize("head", ["060", "070", "080", "090"])
@pytest.mark.parametrize("third", range(10))
def test_each_mobile_range_begins_at_1(head: str, third: int) -> None:
    addr = f"{head}{third}1234567".encode()
    if third == 0:
        assert refusal(addr) is Reason.NOT_MOBILE
    else:
        assert JAPAN.normalise(addr, 0, 0) == b"81" + addr[1:]


@pytest.mark.parametrize(
    "addr",
    [b"0312345678", b"81312345678", b"05012345678", b"02012345678", b"02041234567", b"02001234567890", b"0120123456",
     b"06012345", b"06001234567", b"0901234567", b"090123456789", b"110", b"0005123456", b"+12025550123",
     b"0012025550123", b"8190123456789", b"81901234567", b"1", b"00000000000", b"99999999999999999999"],
)  # fmt: skip
@pytest.mark.parametrize("ton", TONS)
def test_other_numbers_are_not_mobile(addr: bytes, ton: int) -> None:
    assert refusal(addr, ton) is Reason.NOT_MOBILE


@pytest.mark.parametrize(
    "addr",
    [b"", b" ", b"+", b"-", b"()", b"INSURER", b"0901234567x", b"0901234567\x00", b"090\n12345678", b"++819012345678",
     b"81+9012345678", b"09012345678+", b"090_1234_5678", b"\xef\xbc\x90\xef\xbc\x99", b"\xb2\xb3", b"0x5A", b"-1.5e3"],
)  # fmt: skip
def test_what_is_no_number_is_told_from_what_is_no_mobile_number(addr: bytes) -> None:
    assert refusal(addr) is Reason.INVALID_DESTINATION


def test_a_type_or_plan_without_numbers_has_no_number() -> None:
    assert refusal(b"09012345678", ton=5) is Reason.INVALID_DESTINATION
    assert refusal(b"09012345678", npi=14) is Reason.INVALID_DESTINATION
    assert refusal(b"09012345678", npi=18) is Reason.INVALID_DESTINATION


@given(
    national_numbers(), st.sampled_from(["0", "+81", "81", "+810", "01081"]), st.text("- .()", max_size=2), st.data()
)
def test_the_library_reads_the_same_number(national: str, before: str, between: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(national) - 1))
    written = f"{before}{national[:place]}{between}{national[place:]}"
    ours = JAPAN.normalise(written.encode(), 0, 1)
    judged = phonenumbers.parse(f"{before}{national}", "JP")
    assert ours.decode() == phonenumbers.format_number(judged, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    assert phonenumbers.is_valid_number(judged)


# 00 and 010 call abroad: what follows them may be no country at all, and then the library gives no verdict.
@given(st.from_regex(r"0(1[1-9]|[2-9][0-9])[0-9]{6,8}", fullmatch=True).filter(str.isascii))
def test_what_we_call_mobile_the_library_calls_mobile(written: str) -> None:
    judged = phonenumbers.parse(written, "JP")
    mobile = phonenumbers.number_type(judged) is phonenumbers.PhoneNumberType.MOBILE
    try:
        ours = JAPAN.normalise(written.encode(), 0, 0)
    except Refusal:
        assert not mobile
    else:
        assert mobile
        assert ours == f"81{judged.national_number}".encode()


@given(st.binary(max_size=21), st.integers(0, 255), st.integers(0, 255))
def test_garbage_is_refused_and_never_half_a_number(addr: bytes, ton: int, npi: int) -> None:
    try:
        number = JAPAN.normalise(addr, ton, npi)
    except Refusal:
        return
    assert len(number) == 12
    assert number.isdigit()
    assert JAPAN.normalise(number, 1, 1) == number


@pytest.mark.parametrize("written", ["0903", "8190300", "+81903", "090-3", "81 90 3", "09", "819", "09012345678"])
def test_a_block_begins_with_trunk_prefix_or_country_code(written: str) -> None:
    digits = written.translate({ord(one): None for one in "+- "})
    expected = digits if digits.startswith("81") else "81" + digits[1:]
    assert JAPAN.prefix(written) == expected.encode()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "903",
        "+0903",
        "0300",
        "81300",
        "0900",
        "090x",
        "0901234567890",
        "８１９０",
        "8",
        "090*",
        "0",
        "81",
        "\udce3",
    ],
)
def test_a_block_that_no_mobile_number_begins_with_is_a_mistake(written: str) -> None:
    with pytest.raises(ValueError, match=r"block begins|no mobile number|surrogates"):
        JAPAN.prefix(written)


def test_another_country_without_trunk_prefix() -> None:
    spain = NumberRules("34", "", ("6", "7[1-4]"), 9, ("00",))
    assert spain.normalise(b"612345678", 0, 0) == b"34612345678"
    assert spain.normalise(b"0034712345678", 0, 0) == b"34712345678"
    assert spain.normalise(b"+34 712 345 678", 1, 1) == b"34712345678"
    assert refusal(b"+34751234567", rules=spain) is Reason.NOT_MOBILE
    assert refusal(b"712345678", ton=1, rules=spain) is Reason.NOT_MOBILE
    assert spain.prefix("3471") == b"3471"


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (("8x", "0", HEADS, 10), "digits"),
        (("", "0", HEADS, 10), "digits"),
        (("81", "-", HEADS, 10), "digits"),
        (("81", "0", (), 10), "empty"),
        (("81", "0", ("90[1-9",), 10), "beginning of mobile"),
        (("81", "0", ("",), 10), "beginning of mobile"),
        (("81", "0", ("9.",), 10), "beginning of mobile"),
        (("81", "0", ("9*",), 10), "beginning of mobile"),
        (("81", "0", ("9[]",), 10), "beginning of mobile"),
        (("81", "0", ("9[9-1]",), 10), "ascends"),
        (("81", "0", ("90[1-9]",), 2), "longer"),
        (("81", "0", ("90",), 14), "more than 15"),
    ],
)
def test_rules_that_cannot_be_kept_are_a_mistake(rules: tuple[str, str, tuple[str, ...], int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        NumberRules(*rules)


@pytest.mark.parametrize("before", ["0", "81", "+81", "", "00", "8100"])
@pytest.mark.parametrize(
    "head", ["20", "204", "50", "600", "60", "601", "70", "701", "800", "801", "901", "3", "120", "11"]
)
def test_what_lists_usually_have_is_read_as_a_customers_number_is(before: str, head: str) -> None:
    written = f"{before}{head.ljust(10, '2')}".encode()
    match = re.fullmatch(JAPAN.usual, written)
    try:
        number = JAPAN.normalise(written, 1 if before in {"81", "+81"} else 0, 1)
    except Refusal:
        assert match is None
    else:
        assert match is None or b"81" + match[1] == number
        assert (match is not None) == (before in {"0", "81", "+81"})


@given(national_numbers(), st.sampled_from(["0", "81", "+81"]))
def test_what_lists_usually_have_is_what_the_library_reads(national: str, before: str) -> None:
    match = re.fullmatch(JAPAN.usual, f"{before}{national}".encode())
    judged = phonenumbers.parse(f"{before}{national}", "JP")
    assert match is not None
    assert int(match[1]) == judged.national_number
    assert phonenumbers.number_type(judged) is phonenumbers.PhoneNumberType.MOBILE

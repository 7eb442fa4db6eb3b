"""Each format's lines, sound and bad; the quick way reads what the careful one reads."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.numbers import NumberRules
from gateway.routing.ported_formats import (
    MOST_NUMBERS_A_RANGE,
    TEMPLATES,
    BadLine,
    Columns,
    LineReader,
    Row,
    delimited,
)

JAPAN = NumberRules("81", "0", ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"), 10)
CODES = {"au": "au", "docomo": "docomo", "010": "docomo", "0050": "au", "": ""}
TODAY = date(2026, 11, 24)
# Version, TN, LRN, SPID, activated, four pairs of DPC and SSN, location and its type, billing, type, reason.
NPAC = b"123|819012345678|8190000000|0050|20261124000000|1|0|2|0|3|0|4|0||||0|%b"


def reader(named: str, *, differences: bool = False) -> LineReader:
    return LineReader(TEMPLATES[named], JAPAN, CODES, TODAY, differences=differences)


@pytest.mark.parametrize(
    ("named", "line", "row"),
    [
        ("csv", b"09012345678,au", Row(819012345678, 819012345678, "au")),
        ("csv", b'"+81 90-1234-5678", docomo ', Row(819012345678, 819012345678, "docomo")),
        ("csv", b"819012345678,", Row(819012345678, 819012345678, "")),
        ("csv", b"", None),
        ("ranges", b"09012340000,09012349999,au", Row(819012340000, 819012349999, "au")),
        ("ranges", b"09012340000,09012340000,", Row(819012340000, 819012340000, "")),
        ("pdbt", b"819012345678;010", Row(819012345678, 819012345678, "docomo")),
        ("acd", b"A,819012345678,0050", Row(819012345678, 819012345678, "au")),
        ("acd", b"C,819012345678,010", Row(819012345678, 819012345678, "docomo")),
        ("acd", b"D,819012345678,nobody looks at this", Row(819012345678, 819012345678, None)),
        ("changes", b"remove,09012345678,", Row(819012345678, 819012345678, None)),
        ("changes", b"add,09012345678,au", Row(819012345678, 819012345678, "au")),
        ("jerasoft", b"09012345678;09012345679;x;au;;", Row(819012345678, 819012345679, "au")),
        ("jerasoft", b"09012345678;09012345679;;au;2026-11-24;2026-11-24", Row(819012345678, 819012345679, "au")),
        ("jerasoft", b"09012345678;09012345679;;au;2026-11-25;", None),
        ("jerasoft", b"09012345678;09012345679;;au;;2026-11-23 23:59:59", None),
        (
            "abr",
            b"1;77;09012345678;0050;KDDI;010;DCM;24/11/2026 00:00:00;1;CONCLUIDO;NAO",
            Row(819012345678, 819012345678, "au"),
        ),
        (
            "abr",
            b"1;77;09012345678;0050;KDDI;010;DCM;24/11/2026 00:00:00;1;CONCLUIDO;Sim",
            Row(819012345678, 819012345678, None),
        ),
        ("npac", NPAC % b"0", Row(819012345678, 819012345678, "au")),
        ("npac", NPAC % b"2" + b"|001002003|0||", Row(819012345678, 819012345678, "au")),
        ("npac", NPAC % b"1", Row(819012345678, 819012345678, None)),
    ],
)
def test_a_line_of_each_format(named: str, line: bytes, row: Row | None) -> None:
    assert reader(named, differences=True).line(line) == row


@pytest.mark.parametrize(
    ("named", "line", "says"),
    [
        ("csv", b"09012345678", "2 columns"),
        ("csv", b"09012345678,au,", "2 columns"),
        ("csv", b"0312345678,au", "not a mobile number"),
        ("csv", b"abc,au", "not a telephone number"),
        ("csv", b"09012345678,kddi", "no carrier is called 'kddi'"),
        ("csv", b"09012345678,\xff", "not UTF-8"),
        ("csv", b'"09012345678,au', "cannot be read"),
        ("csv", b"09012345678,a\x00u", "no carrier|cannot be read"),
        ("ranges", b"09012345679,09012345678,au", "ascends"),
        ("ranges", b"09010000000,09010100000,au", "at most 100000"),
        ("pdbt", b"81901;010", "not a mobile number"),
        ("acd", b"X,819012345678,010", "one of: A, C, D"),
        ("jerasoft", b"09012345678;09012345678;;au;24.11.2026;", "a date"),
        ("abr", b"1;2;3", "11 columns"),
        ("npac", NPAC.rpartition(b"|")[0], "18 columns or more"),
        ("npac", NPAC % b"7", "one of: 0, 1, 2, 3"),
    ],
)
def test_what_is_wrong_is_told_without_the_number(named: str, line: bytes, says: str) -> None:
    with pytest.raises(BadLine, match=says) as caught:
        reader(named, differences=True).line(line)
    assert "12345678" not in str(caught.value)


def test_a_row_that_removes_is_wrong_where_all_there_is_is_told() -> None:
    with pytest.raises(BadLine, match="no import of differences"):
        reader("acd").line(b"D,819012345678,010")


@pytest.mark.parametrize("line", [b"number,carrier", b"\xef\xbb\xbfnumber,carrier", b'"number","carrier"'])
def test_the_head_is_known(line: bytes) -> None:
    reader("csv").head(line)


def test_another_head_is_told() -> None:
    with pytest.raises(BadLine, match="number,carrier"):
        reader("csv").head(b"09012345678,au")


def test_a_range_has_an_end() -> None:
    first = 819010000000
    row = reader("ranges").line(b"09010000000,%d,au" % (first + MOST_NUMBERS_A_RANGE - 1))
    assert row is not None
    assert row.last - row.first == 99_999


@pytest.mark.parametrize(
    ("named", "quick"), [(name, name in {"csv", "pdbt", "acd", "changes", "npac"}) for name in TEMPLATES]
)
def test_plain_formats_are_read_quickly(named: str, quick: bool) -> None:
    assert (reader(named).fast is not None) == quick


def test_differences_with_actions_are_read_carefully() -> None:
    assert reader("acd", differences=True).fast is None
    assert reader("csv", differences=True).fast is not None


FIELDS = st.sampled_from(
    ["09012345678", "819012345678", "+819012345678", "0312345678", "au", "", "A", "D", "x", '"au"']
)


@given(st.sampled_from(["csv", "pdbt", "acd", "changes"]), st.lists(FIELDS, min_size=1, max_size=4), st.booleans())
def test_the_quick_way_reads_what_the_careful_one_reads(named: str, fields: list[str], windows: bool) -> None:
    one = reader(named)
    assert one.fast is not None
    line = TEMPLATES[named].delimiter.join(fields).encode()
    found = one.fast.findall(line + (b"\r\n" if windows else b"\n"))
    if not found:
        return
    (groups,) = found
    number, code = reversed(groups) if one.carrier_first else groups
    if code.decode() in CODES:
        assert one.line(line) == Row(int(b"81" + number), int(b"81" + number), CODES[code.decode()])
    else:
        with pytest.raises(BadLine, match="no carrier"):
            one.line(line)


def test_columns_that_somebody_described() -> None:
    template = delimited(";", Columns(number=3, carrier=1, last=4, action=6), adds=["Y", ""], removes=["N"], skips=2)
    one = LineReader(template, JAPAN, CODES, TODAY, differences=True)
    assert one.line(b"au;x;09012345678;09012345679;y;Y") == Row(819012345678, 819012345679, "au")
    assert one.line(b"au;x;09012345678;09012345679;y;;more;and more") == Row(819012345678, 819012345679, "au")
    assert one.line(b"au;x;09012345678;09012345678;;N") == Row(819012345678, 819012345678, None)
    with pytest.raises(BadLine, match="6 columns or more"):
        one.line(b"au;x;09012345678;09012345679;Y")


@pytest.mark.parametrize(
    ("delimiter", "columns", "adds", "removes", "says"),
    [
        ("x", Columns(1, 2), [], [], "delimiter"),
        (",", Columns(0, 2), [], [], "in which columns"),
        (",", Columns(1, 0), [], [], "in which columns"),
        (",", Columns(2, 2), [], [], "twice"),
        (",", Columns(1, 2, last=-1), [], [], "from 1"),
        (",", Columns(1, 201), [], [], "to 200"),
        (",", Columns(1, 2, action=3), [], [], "action"),
        (",", Columns(1, 2), ["A"], [], "action"),
        (",", Columns(1, 2, action=3), ["A"], ["A"], "action"),
    ],
)
def test_columns_that_cannot_be(
    delimiter: str, columns: Columns, adds: list[str], removes: list[str], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        delimited(delimiter, columns, adds, removes)


@given(st.permutations(["09012345678", "au", "A", "", "x y"]), st.sampled_from(["A", "x y"]), st.sampled_from(",;|\t"))
def test_described_columns_are_read_alike_both_ways(fields: list[str], action: str, delimiter: str) -> None:
    columns = Columns(fields.index("09012345678") + 1, fields.index("au") + 1, action=fields.index(action) + 1)
    one = LineReader(delimited(delimiter, columns, [action]), JAPAN, CODES, TODAY, differences=False)
    assert one.fast is not None
    line = delimiter.join(fields).encode()
    (groups,) = one.fast.findall(line + b"\n")
    assert set(groups) == {b"9012345678", b"au"}
    assert one.line(line) == Row(819012345678, 819012345678, "au")

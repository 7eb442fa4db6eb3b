"""Times as SMPP writes them, read and written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.times import parse_time, write_absolute, write_relative

NOW = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
JST = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("octets", "moment"),
    [
        (b"261124120405036+", datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)),
        (b"261124030405000+", NOW),
        (b"261124030405000-", NOW),
        (b"261124030405900+", NOW.replace(microsecond=900_000)),
        (b"261123200405028-", datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)),
        (b"261124083405022+", datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)),
        (b"261124084905023+", datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)),
        (b"261124150405048+", datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)),
        (b"280229000000000+", datetime(2028, 2, 29, tzinfo=UTC)),
        (b"991231235959948-", datetime(2100, 1, 1, 11, 59, 59, 900_000, tzinfo=UTC)),
        (b"000001000000000R", NOW + timedelta(days=1)),
        (b"000000000000000R", NOW),
        (b"000000010000000R", NOW + timedelta(hours=1)),
        (b"000000999999000R", NOW + timedelta(hours=99, minutes=99, seconds=99)),
        (b"000099000000000R", NOW + timedelta(days=99)),
        (b"010000000000000R", NOW.replace(year=2027)),
        (b"000300000000000R", datetime(2027, 2, 24, 3, 4, 5, tzinfo=UTC)),
        (b"001300000000000R", datetime(2027, 12, 24, 3, 4, 5, tzinfo=UTC)),
        (b"020610000000000R", datetime(2029, 6, 3, 3, 4, 5, tzinfo=UTC)),
        (b"000001000000736R", NOW + timedelta(days=1)),
    ],
)
def test_a_time(octets: bytes, moment: datetime) -> None:
    assert parse_time(octets, NOW) == moment


def test_no_time() -> None:
    assert parse_time(b"", NOW) is None


@pytest.mark.parametrize(
    ("now", "month_later"),
    [
        (datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2028, 1, 31, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_month_ends_where_it_ends(now: datetime, month_later: datetime) -> None:
    assert parse_time(b"000100000000000R", now) == month_later


def test_now_may_be_told_in_any_zone() -> None:
    found = parse_time(b"000001000000000R", NOW.astimezone(JST))
    assert found == NOW + timedelta(days=1)
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "octets",
    [
        b"0",
        b"2611241204050",
        b"261124120405036",
        b"261124120405036+\0",
        b"261124120405036*",
        b"261124120405036r",
        b" 61124120405036+",
        b"26112412040503\xb2+",
        b"261324120405036+",
        b"260230120405036+",
        b"261124240405036+",
        b"261124126005036+",
        b"261124120460036+",
        b"261124120405049+",
        b"261124120405099-",
        b"\xef\xbc\x91" * 5 + b"+",
    ],
)
def test_what_is_no_time(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(octets, NOW)


@pytest.mark.parametrize("octets", [b"990000000000000R", b"000099000000000R"])
def test_beyond_the_last_year(octets: bytes) -> None:
    with pytest.raises(ValueError, match="last year"):
        parse_time(octets, datetime(9999, 12, 1, tzinfo=UTC))


@given(st.binary(max_size=17) | st.from_regex(rb"[0-9]{15}[-+R]", fullmatch=True))
def test_any_octets_are_a_moment_or_refused(octets: bytes) -> None:
    try:
        moment = parse_time(octets, NOW)
    except ValueError:
        return
    assert (moment is None) == (octets == b"")
    assert moment is None or moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "octets"),
    [
        (NOW, b"261124030405000+"),
        (NOW.astimezone(JST), b"261124120405036+"),
        (NOW.astimezone(timezone(timedelta(hours=-7))), b"261123200405028-"),
        (NOW.replace(microsecond=999_999), b"261124030405900+"),
    ],
)
def test_writing_a_moment(moment: datetime, octets: bytes) -> None:
    assert write_absolute(moment) == octets


@pytest.mark.parametrize(
    "moment",
    [
        NOW.replace(tzinfo=None),
        NOW.replace(year=1999),
        NOW.replace(year=2100),
        NOW.astimezone(timezone(timedelta(minutes=10))),
        NOW.astimezone(timezone(timedelta(hours=12, minutes=15))),
    ],
)
def test_a_moment_that_smpp_cannot_say(moment: datetime) -> None:
    with pytest.raises(ValueError, match=r"."):
        write_absolute(moment)


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - its zone is drawn beside it
    st.integers(-48, 48),
)
def test_moments_come_back(local: datetime, quarters: int) -> None:
    moment = local.replace(microsecond=local.microsecond // 100_000 * 100_000)
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert parse_time(write_absolute(moment), NOW) == moment


@given(st.integers(0, 100 * 86_400 - 1))
def test_spans_come_back(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_time(write_relative(span), NOW) == NOW + span


def test_writing_a_span() -> None:
    assert write_relative(timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=900)) == b"000001020304000R"


@pytest.mark.parametrize("span", [timedelta(seconds=-1), timedelta(days=100)])
def test_a_span_that_smpp_cannot_say(span: timedelta) -> None:
    with pytest.raises(ValueError, match="99 days"):
        write_relative(span)

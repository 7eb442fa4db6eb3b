"""What the command line takes at the edges of its limits."""

import argparse

import pytest

from bench.limits import count_of, positive


def test_counts_within_their_limits() -> None:
    parse = count_of(64)
    assert (parse("1"), parse("64")) == (1, 64)
    assert count_of(5, 0)("0") == 0


@pytest.mark.parametrize("written", ["0", "65", "-1"])
def test_counts_beyond_their_limits(written: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="1 to 64"):
        count_of(64)(written)


@pytest.mark.parametrize("written", ["", "1.5", "many"])
def test_no_whole_number(written: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        count_of(64)(written)


def test_seconds() -> None:
    assert (positive("0.5"), positive("86400")) == (0.5, 86_400.0)


@pytest.mark.parametrize("written", ["0", "-1", "86401", "nan", "inf"])
def test_no_such_time(written: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="more than 0"):
        positive(written)

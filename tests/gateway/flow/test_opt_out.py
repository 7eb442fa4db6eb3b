"""Opt-out lists: keywords, bounds, and the rows that make them durable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow import opt_out
from gateway.flow.opt_out import ListFull, OptOutChanged, OptOutList, Source, keyword_of

NUMBER = b"819012345678"


def a_list(most: int = 100) -> OptOutList:
    return OptOutList("insurer", most, stop=("STOP", "配信停止"), start=("START", "再開"))


@pytest.mark.parametrize("text", ["stop", " STOP\n", "ＳＴＯＰ", "Stop。", "「配信停止」", "配信停止!"])
def test_a_keyword_from_the_phone_puts_it_on_the_list(text: str) -> None:
    numbers = a_list()
    row = numbers.from_phone(NUMBER, text, 7)
    assert row == OptOutChanged("insurer", NUMBER, True, 7, "phone")
    assert NUMBER in numbers
    assert numbers.from_phone(NUMBER, text, 8) is None  # nothing changes
    row = numbers.from_phone(NUMBER, "再開", 9)
    assert row is not None
    assert not row.out
    assert NUMBER not in numbers


@pytest.mark.parametrize("text", ["", "please do not stop", "stopp", "配信停止してください", "x" * 100_000, "。"])
def test_other_words_mean_nothing(text: str) -> None:
    numbers = a_list()
    assert numbers.from_phone(NUMBER, text, 7) is None
    assert len(numbers) == 0


def test_without_keywords_phones_change_nothing() -> None:
    assert OptOutList("insurer", 5).from_phone(NUMBER, "stop", 7) is None
    assert keyword_of(" !! ") == ""


def test_it_is_bounded_and_says_so() -> None:
    numbers = a_list(most=2)
    numbers.change(b"819000000001", 1, Source.API, out=True)
    numbers.change(b"819000000002", 1, Source.FILE, out=True)
    with pytest.raises(ListFull, match="insurer"):
        numbers.change(b"819000000003", 1, Source.PHONE, out=True)
    numbers.change(b"819000000001", 2, Source.API, out=False)
    numbers.change(b"819000000003", 3, Source.API, out=True)
    assert len(numbers) == 2


@pytest.mark.parametrize("e164", [b"", b"0901234567", b"+819012345678", b"8190 1234", b"1" * 16, "81９".encode()])
def test_what_is_no_number_is_refused_and_on_no_list(e164: bytes) -> None:
    numbers = a_list()
    numbers.change(NUMBER, 1, Source.API, out=True)
    with pytest.raises(ValueError, match="number"):
        numbers.change(e164, 1, Source.API, out=True)
    assert e164 not in numbers


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=200), st.integers(1, 20))
def test_it_is_a_set_whatever_the_order_and_returns_from_its_rows(steps: list[tuple[int, bool]], fold_at: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opt_out, "FOLD_AT", fold_at)
        numbers, model, rows = a_list(), set[bytes](), list[OptOutChanged]()
        for digits, out in steps:
            e164 = b"8190%08d" % digits
            row = numbers.change(e164, 1, Source.API, out=out)
            assert (row is not None) is (out is not (e164 in model))
            if row is not None:
                rows.append(row)
            (model.add if out else model.discard)(e164)
        again = a_list()
        again.restore((row.e164, row.out) for row in rows)
        for one in (numbers, again):
            assert len(one) == len(model)
            assert all((b"8190%08d" % digits in one) is (b"8190%08d" % digits in model) for digits in range(41))


def test_a_keyword_cannot_mean_both() -> None:
    with pytest.raises(ValueError, match="both"):
        OptOutList("insurer", 5, stop=("Stop",), start=("stop",))

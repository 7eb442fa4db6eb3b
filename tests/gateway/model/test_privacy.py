import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.privacy import Numbers, written

NUMBER = "819012345678"
ONE, TWO = b"one secret", b"another one"


def test_each_way_to_write_a_number() -> None:
    assert written(NUMBER, Numbers.WHOLE, ONE) == NUMBER
    assert written(NUMBER, Numbers.MASKED, ONE) == "8190*****678"
    hashed = written(NUMBER, Numbers.HASHED, ONE)
    assert len(hashed) == 17
    assert hashed == written(NUMBER, Numbers.HASHED, ONE) != written(NUMBER, Numbers.HASHED, TWO)


@given(st.text("0123456789", max_size=20))
def test_a_masked_number_has_its_length(number: str) -> None:
    masked = written(number, Numbers.MASKED, ONE)
    assert len(masked) == len(number)
    assert masked == number or "*" in masked


@pytest.mark.parametrize("how", [Numbers.MASKED, Numbers.HASHED])
def test_what_is_hidden_does_not_show(how: Numbers) -> None:
    assert NUMBER[4:9] not in written(NUMBER, how, ONE)

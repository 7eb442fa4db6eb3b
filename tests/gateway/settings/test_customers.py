"""Accounts and price lists."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.segmenter.alphabets import Alphabet, Reading
from gateway.settings.customers import CustomerSettings, ReadingSettings, TariffSettings

CUSTOMER: dict[str, Any] = {"system_id": "shop", "password": "pw", "tariff": "standard"}


def tariff(*tiers: tuple[int | None, str]) -> TariffSettings:
    rows = tuple({"up_to": up_to, "yen": yen} for up_to, yen in tiers)
    return TariffSettings.model_validate({"version": "1", "unit_price_yen": rows})


def test_a_tariff_ascends_and_is_kept_in_sen() -> None:
    tiers = tariff((5_000, "10.0"), (10_000, "9.5"), (None, "8.5")).unit_price_yen
    assert [(tier.up_to, tier.yen) for tier in tiers] == [(5_000, 1000), (10_000, 950), (None, 850)]


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        [(10, "1"), (10, "1")],
        [(10, "1"), (9, "1")],
        [(None, "1"), (10, "1")],
        [(None, "1"), (None, "1")],
        [(0, "1")],
    ],
)
def test_a_tariff_that_does_not_ascend_is_refused(tiers: list[tuple[int | None, str]]) -> None:
    with pytest.raises(ValidationError):
        tariff(*tiers)


def test_a_customer_with_defaults() -> None:
    customer = CustomerSettings.model_validate(CUSTOMER)
    assert customer.throttle is None
    assert customer.sources is None
    assert customer.reading.reading() == Reading()


def test_a_customer_who_says_everything() -> None:
    customer = CustomerSettings.model_validate(
        CUSTOMER
        | {
            "throttle": {"segments_per_second": 5, "burst_segments": 10},
            "reading": {"default_alphabet": "utf8", "jis": "euc_jp", "little_endian": True, "strip_bom": False},
            "sources": ("0312345678", "Shop"),
        }
    )
    assert customer.reading.reading() == Reading(Alphabet.UTF8, Alphabet.EUC_JP, True, False)
    assert customer.throttle is not None
    assert customer.throttle.segments_per_second == 5.0


@pytest.mark.parametrize("alphabet", sorted(set(Alphabet), key=str))
def test_what_is_not_japanese_cannot_stand_for_jis(alphabet: Alphabet) -> None:
    if alphabet in {Alphabet.SHIFT_JIS, Alphabet.EUC_JP, Alphabet.ISO2022JP}:
        assert ReadingSettings.model_validate({"jis": alphabet.value}).jis is alphabet
    else:
        with pytest.raises(ValidationError, match="must be one of"):
            ReadingSettings.model_validate({"jis": alphabet.value})

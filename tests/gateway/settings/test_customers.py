"""Accounts and price lists."""

from ipaddress import ip_network
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


def test_one_password_or_two_but_not_both() -> None:
    two = {"system_id": "shop", "tariff": "standard", "passwords": ("old", "new")}
    assert [one.reveal() for one in CustomerSettings.model_validate(two).secrets()] == ["old", "new"]
    assert [one.reveal() for one in CustomerSettings.model_validate(CUSTOMER).secrets()] == ["pw"]
    for wrong in (CUSTOMER | two, {key: value for key, value in two.items() if key != "passwords"}):
        with pytest.raises(ValidationError, match="password must be given"):
            CustomerSettings.model_validate(wrong)
    with pytest.raises(ValidationError, match="at most 2"):
        CustomerSettings.model_validate(two | {"passwords": ("a", "b", "c")})


def test_absent_and_empty_lists_are_not_the_same() -> None:
    absent = CustomerSettings.model_validate(CUSTOMER)
    assert (absent.allow_from, absent.certificate_names) == (None, None)
    empty = CustomerSettings.model_validate(CUSTOMER | {"allow_from": (), "certificate_names": ()})
    assert (empty.allow_from, empty.certificate_names) == ((), ())


@pytest.mark.parametrize("network", ["192.0.2.0/24", "192.0.2.1", "::/0", "2001:db8::1"])
def test_networks(network: str) -> None:
    customer = CustomerSettings.model_validate(CUSTOMER | {"allow_from": (network,)})
    assert customer.allow_from == (ip_network(network),)


@pytest.mark.parametrize("network", ["192.0.2.1/24", "192.0.2", "", "any", "*", 5, None, ()])
def test_what_is_no_network(network: object) -> None:
    with pytest.raises(ValidationError, match="must be a network"):
        CustomerSettings.model_validate(CUSTOMER | {"allow_from": (network,)})

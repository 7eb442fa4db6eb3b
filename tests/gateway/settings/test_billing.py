"""Finance's part of the configuration: who issues, options and tariffs by month, contracts."""

from pathlib import Path

import pytest

from gateway.billing.tariff import ChargedWhen, Partial, Special, Tier
from gateway.billing.tax import Reading, Rounding
from gateway.model.money import Sen
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings
from tests.gateway.settings.examples import SOUND, spoilt, write

ISSUER = "billing:\n  issuer: {name: Issuer, registration_number: T1234567890123}\n"
OPTION = '{title: sender, yen: "59000", first: "2026-11", last: "2027-01"}'


def loaded(directory: Path, text: str) -> Settings:
    return load(write(directory / "gateway.yaml", text))


def account(billing: str) -> str:
    return spoilt("    tariff: standard\n", f"    tariff: standard\n    billing: {billing}\n")


def mistakes(directory: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(directory, text)
    return str(caught.value)


def test_without_it_tax_is_ten_percent_down_on_whole_yen(tmp_path: Path) -> None:
    billing = loaded(tmp_path, SOUND).billing
    assert (billing.tax_percent, billing.rounding, billing.reading) == (10, Rounding.DOWN, Reading.WHOLE_YEN)
    assert billing.issuer is None


def test_the_issuers_side(tmp_path: Path) -> None:
    billing = loaded(tmp_path, SOUND + ISSUER + "  rounding: half_up\n  reading: inclusive\n  due_months: 2\n").billing
    assert billing.issuer is not None
    assert billing.issuer.registration_number == "T1234567890123"
    assert (billing.rounding, billing.reading, billing.due_months) == (Rounding.HALF_UP, Reading.INCLUSIVE, 2)


@pytest.mark.parametrize("number", ["1234567890123", "T123456789012", "T12345678901234", "T123456789012x"])
def test_a_registration_number_is_t_and_thirteen_digits(tmp_path: Path, number: str) -> None:
    assert "billing.issuer.registration_number" in mistakes(tmp_path, SOUND + ISSUER.replace("T1234567890123", number))


def test_an_option_holds_from_its_first_to_its_last_month(tmp_path: Path) -> None:
    (option,) = loaded(tmp_path, account(f"{{options: [{OPTION}]}}")).customers["shop"].billing.options
    assert option.yen == 5_900_000
    assert [option.holds(month) for month in ("2026-10", "2026-11", "2027-01", "2027-02")] == [False, True, True, False]


@pytest.mark.parametrize(
    ("billing", "key"),
    [
        ("{options: [" + OPTION.replace("2027-01", "2026-10") + "]}", "last"),
        ("{options: [" + OPTION.replace("2026-11", "2026-13") + "]}", "first"),
        ("{options: [" + OPTION.replace('"59000"', "59000") + "]}", "yen"),
        ('{tariffs: [{first: "2026-12", tariff: gone}]}', "customers.shop.billing.tariffs"),
        ('{tariffs: [{first: "2026-12", tariff: standard}, {first: "2026-12", tariff: standard}]}', "ascend"),
        ("{monthly_cap_yen: -1}", "monthly_cap_yen"),
        ("{monthly_cap_yen: 1.5}", "monthly_cap_yen"),
    ],
)
def test_mistakes_are_told_with_their_key(tmp_path: Path, billing: str, key: str) -> None:
    assert key in mistakes(tmp_path, account(billing))


def test_a_contract_is_a_price_list(tmp_path: Path) -> None:
    more = (
        '    version: "1"\n    graduated: true\n    charge: sent\n    partly_delivered: share\n    redirected: false\n'
        '    special:\n      - {carrier: one, kind: otp, unit_price_yen: [{up_to: 100, yen: "7"}]}\n'
        '      - {kind: campaign, unit_price_yen: [{up_to: null, yen: "8.25"}]}\n'
    )
    tariff = loaded(tmp_path, spoilt('    version: "1"\n', more)).tariffs["standard"].tariff("standard")
    assert (tariff.label, tariff.graduated, tariff.partial) == ("standard/1", True, Partial.SHARE)
    assert (tariff.when, tariff.redirected) == (ChargedWhen.SENT, False)
    assert tariff.specials == (
        Special("one", "otp", (Tier(100, Sen(700)),)),
        Special("", "campaign", (Tier(None, Sen(825)),)),
    )


def test_a_contracts_tiers_ascend_too(tmp_path: Path) -> None:
    tiers = '[{up_to: 100, yen: "7"}, {up_to: 100, yen: "6"}]'
    more = f'    version: "1"\n    special:\n      - {{unit_price_yen: {tiers}}}\n'
    assert "must ascend" in mistakes(tmp_path, spoilt('    version: "1"\n', more))

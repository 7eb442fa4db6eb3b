"""What finance takes from the configuration."""

from pathlib import Path

from gateway.finance.accounts import books, schedule
from gateway.finance.months import starts_ms
from gateway.settings.load import load
from tests.gateway.settings.examples import SOUND, write

MORE = SOUND.replace(
    "    tariff: standard\n",
    "    tariff: standard\n    billing:\n      recipient: Shop\n      tariffs:\n"
    '        - {first: "2026-12", tariff: later}\n',
).replace(
    "tariffs:\n  standard:",
    'tariffs:\n  later:\n    version: "7"\n    graduated: true\n    unit_price_yen: [{up_to: null, yen: "8"}]\n'
    "  standard:",
)


def test_lists_by_label_customers_and_carriers(tmp_path: Path) -> None:
    found = books(load(write(tmp_path / "gateway.yaml", MORE)))
    assert set(found.tariffs) == {"later/7", "standard/1"}
    assert found.tariffs["later/7"].graduated
    assert found.carriers == {"one": "One"}
    assert found.account("shop").recipient == "Shop"
    assert found.account("gone").recipient is None


def test_a_customers_list_changes_with_its_month(tmp_path: Path) -> None:
    settings = load(write(tmp_path / "gateway.yaml", MORE))
    found = schedule(settings, settings.customers["shop"])
    december = starts_ms("2026-12")
    assert [found.at(december - 1).label, found.at(december).label] == ["standard/1", "later/7"]

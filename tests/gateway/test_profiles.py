"""What the operator wrote of an account or a carrier, as the flow has it; test_assemble.py tries the whole."""

from gateway.profiles import account_of, carrier_of, owners_of
from tests.gateway.flow.world import profile, settings

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


def test_an_account() -> None:
    whole = settings(customers={"shop": SHOP | {"window": 7, "numbers": ["0501234*"], "sources": ["0312345678"]}})
    account = account_of(whole, "shop", 5.0, 1_000)
    assert (account.name, account.system_id, account.window) == ("shop", b"shop", 7)
    assert account.sources == frozenset({b"0312345678"})
    assert account.credit is None
    assert owners_of(whole).owner(b"05012345678") == "shop"
    assert owners_of(whole).owner(b"05099999999") is None


def test_a_carrier() -> None:
    carrier = carrier_of(settings(carriers={"one": profile(in_doubt="fail"), "two": profile()}), "one", 5.0)
    assert carrier.key == "one"
    assert carrier.in_doubt.value == "fail"
    assert len(carrier.lanes) == 0
    assert all(bind.session is None for bind in carrier.binds)

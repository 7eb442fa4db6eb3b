"""What the operator wrote is what runs."""

from ipaddress import ip_network
from pathlib import Path

from argon2 import PasswordHasher

from gateway.flow.access import Access
from gateway.flow.carrier import InDoubt
from gateway.flow.carrier_ids import IdForm
from gateway.flow.retry import Meaning
from gateway.model.money import Sen
from tests.gateway.flow.world import World, profile, settings


def test_a_profile_becomes_a_carrier() -> None:
    binds = [
        {"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "secret", "count": 2},
        {"host": "127.0.0.1", "port": 2, "system_id": "gw", "password": "secret", "mode": "receiver"},
    ]
    one = profile(
        binds=binds,
        session={"window": 7},
        destination={"ton": 2, "npi": 8},
        in_doubt="fail",
        validity_hours=0.5,
        receipt_margin_hours=0.25,
        errors={"temporary": [0x58], "pause_seconds": 3.0},
    )
    carrier = World(settings(carriers={"one": one, "two": profile()})).flow.carriers["one"]
    assert [(bind.name, bind.window) for bind in carrier.binds] == [("one-0-0", 7), ("one-0-1", 7), ("one-1-0", 7)]
    assert (carrier.destination_ton, carrier.destination_npi) == (2, 8)
    assert carrier.in_doubt is InDoubt.FAIL
    assert (carrier.validity_seconds, carrier.receipt_margin_seconds) == (1_800.0, 900.0)
    assert carrier.pause_seconds == 3.0
    assert carrier.errors.judge(0x58).meaning is Meaning.SLOWER
    assert carrier.errors.judge(0x14).meaning is Meaning.PERMANENT  # it is not named
    assert carrier.response_id(b"0A") == carrier.receipt_id(b"10")
    assert IdForm("hex") is IdForm.HEX
    assert carrier.rule.following == 66


def test_a_customer_becomes_an_account() -> None:
    shop = {
        "system_id": "shop",
        "password": "secret",
        "tariff": "standard",
        "max_binds": 3,
        "window": 9,
        "receipt_window": 4,
        "sources": ["0312345678"],
    }
    account = World(settings(customers={"shop": shop})).flow.accounts["shop"]
    assert (account.max_binds, account.window, account.receipt_window) == (3, 9, 4)
    assert account.sources == frozenset({b"0312345678"})
    assert account.schedule.at(0).label == "standard/1"
    assert account.schedule.at(0).tiers[0].unit_price == Sen(1_000)
    assert account.bucket is None


def test_nothing_new_is_taken_or_sent_while_it_holds() -> None:
    world = World()
    world.flow.hold()
    assert world.flow.accept.draining
    assert world.flow.customers.draining
    assert world.flow.dispatcher.run() is None
    assert world.flow.receipts_out.run() is None


def test_a_directory_is_not_touched(tmp_path: Path) -> None:
    World(settings(store={"directory": str(tmp_path / "state")}))
    assert list(tmp_path.iterdir()) == []


def test_what_an_account_demands_of_who_binds() -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")
    shop = {"system_id": "shop", "tariff": "standard", "passwords": ["plain", {"argon2": hashed}]}
    demands = {"allow_from": ["192.0.2.0/24"], "certificate_names": ["a", "b"]}
    customers = {"shop": shop | demands, "mall": {"system_id": "mall", "tariff": "standard", "password": "secret"}}
    accounts = World(settings(customers=customers)).flow.accounts
    access = accounts["shop"].access
    assert (access.passwords, access.hashes) == ((b"plain",), (hashed,))
    assert access.allow_from == (ip_network("192.0.2.0/24"),)
    assert access.certificate_names == frozenset({"a", "b"})
    assert accounts["mall"].access == Access(passwords=(b"secret",))

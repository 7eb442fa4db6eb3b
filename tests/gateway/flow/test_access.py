"""What is absent asks for nothing; what is empty lets nobody in."""

from ipaddress import ip_network

import pytest

from gateway.flow.access import Access
from gateway.model.origin import Origin

OFFICE = Origin.of("192.0.2.1")
NOWHERE = Origin(None)


def test_addresses() -> None:
    assert Access().allows(OFFICE)
    assert not Access().names(OFFICE)
    named = Access(allow_from=(ip_network("192.0.2.0/24"),))
    assert named.allows(OFFICE)
    assert named.names(OFFICE)
    assert not named.allows(Origin.of("198.51.100.1"))
    assert not named.allows(Origin.of("2001:db8::1"))


@pytest.mark.parametrize("origin", [OFFICE, Origin.of("::1"), NOWHERE])
def test_an_empty_list_lets_nobody_in(origin: Origin) -> None:
    assert not Access(allow_from=()).allows(origin)
    assert not Access(allow_from=()).names(origin)
    assert not Access(certificate_names=frozenset()).trusts(origin._replace(names=frozenset({"shop"})))


def test_an_address_that_cannot_be_read_is_in_no_list() -> None:
    everything = Access(allow_from=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    assert everything.allows(OFFICE)
    assert not everything.allows(NOWHERE)


def test_certificates() -> None:
    assert Access().trusts(OFFICE)
    asked = Access(certificate_names=frozenset({"shop.example", "shop"}))
    assert not asked.trusts(OFFICE)
    assert not asked.trusts(OFFICE._replace(names=frozenset({"mall.example"})))
    assert not asked.trusts(OFFICE._replace(names=frozenset({"SHOP", "shop.example.org"})))
    assert asked.trusts(OFFICE._replace(names=frozenset({"shop", "other"})))


def test_nothing_prints_secrets() -> None:
    assert "hush" not in repr(Access((b"hush",), ("$argon2id$hush",)))


@pytest.mark.parametrize(
    ("network", "host", "vouched"),
    [
        ("0.0.0.0/0", "192.0.2.1", False),
        ("192.0.0.0/15", "192.0.2.1", False),
        ("192.0.0.0/16", "192.0.2.1", True),
        ("::/0", "2001:db8::1", False),
        ("2001:db8::/31", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::1", True),
    ],
)
def test_half_the_world_is_let_in_but_not_vouched_for(network: str, host: str, vouched: bool) -> None:
    access = Access(allow_from=(ip_network(network),))
    assert access.allows(Origin.of(host))
    assert access.names(Origin.of(host)) is vouched

"""Addresses as sockets and balancers write them, and the networks that have them."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.origin import Network, Origin

OFFICE: tuple[Network, ...] = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("written", "shown", "household"),
    [
        ("192.0.2.1", "192.0.2.1:9", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1:9", "192.0.2.1"),
        ("2001:db8::1", "[2001:db8::1]:9", "2001:db8::/64"),
        ("2001:DB8:0:0:1::1", "[2001:db8::1:0:0:1]:9", "2001:db8::/64"),
        ("fe80::1%eth0", "[fe80::1]:9", "fe80::/64"),
    ],
)
def test_an_address(written: str, shown: str, household: str) -> None:
    origin = Origin.of(written, 9)
    assert str(origin) == shown
    assert origin.household == household


@pytest.mark.parametrize("written", ["", "?", "localhost", "192.0.2", "192.0.2.256", "192.0.02.1", "1", "::g", "%"])
def test_what_is_no_address_is_in_no_network(written: str) -> None:
    origin = Origin.of(written)
    assert origin.host is None
    assert str(origin) == "?"
    assert not origin.within((ip_network("0.0.0.0/0"), ip_network("::/0")))


def test_networks() -> None:
    assert Origin.of("192.0.2.255").within(OFFICE)
    assert Origin.of("::ffff:192.0.2.7").within(OFFICE)
    assert Origin.of("2001:db8:ffff::1").within(OFFICE)
    assert not Origin.of("192.0.3.0").within(OFFICE)
    assert not Origin.of("2001:db9::1").within(OFFICE)
    assert not Origin.of("192.0.2.1").within(())


@given(st.text(max_size=40))
def test_any_text_is_taken(written: str) -> None:
    assert Origin.of(written).household

"""Names that lead nowhere and names that two want, in configurations that may be wrong in any other way as well."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings.references import references

SOUND: dict[str, Any] = {
    "numbers": {"country_code": "81"},
    "carriers": {"docomo": {}, "au": {}},
    "routes": {"mvno": "docomo"},
    "tariffs": {"standard": {}},
    "portability": {"library_names": {"NTT Docomo": "docomo", "KDDI": "au", "Okinawa Cellular": "mvno"}},
    "customers": {"a": {"system_id": "a", "tariff": "standard"}, "b": {"system_id": "b", "tariff": "standard"}},
}


def found(**changes: object) -> list[tuple[str, str]]:
    dangling = references(SOUND | changes)
    return [(".".join(map(str, one.where)), one.message) for one in dangling]


def test_a_sound_configuration_has_none() -> None:
    assert found() == []


def test_a_tariff_that_is_not_there() -> None:
    customers = {"a": {"system_id": "a", "tariff": "standart"}, "b": {"system_id": "b", "tariff": "x"}}
    assert found(customers=customers) == [
        ("customers.a.tariff", "there is no tariff of this name; did you mean 'standard'?"),
        ("customers.b.tariff", "there is no tariff of this name"),
    ]


def test_a_route_leads_to_a_profile_and_not_to_a_route() -> None:
    assert found(routes={"mvno": "docom", "other": "mvno"}) == [
        ("routes.mvno", "there is no profile in `carriers` of this name; did you mean 'docomo'?"),
        ("routes.other", "there is no profile in `carriers` of this name"),
    ]


def test_names_of_the_library() -> None:
    names = {"NTT Docomo": "docom", "NTT DoCoMo": "docomo", "Vodafone": "au"}
    told = dict(found(portability={"library_names": names}))
    assert told["portability.library_names.NTT Docomo"].endswith("did you mean 'docomo'?")
    assert told["portability.library_names.NTT DoCoMo"].endswith("did you mean 'NTT Docomo'?")
    assert "no such name" in told["portability.library_names.Vodafone"]


def test_one_system_id_for_one_customer() -> None:
    customers = {name: {"system_id": "same", "tariff": "standard"} for name in ("a", "b", "c")}
    assert found(customers=customers) == [
        ("customers.b.system_id", "is customer a's already"),
        ("customers.c.system_id", "is customer a's already"),
    ]


@pytest.mark.parametrize("key", sorted(SOUND))
@pytest.mark.parametrize("value", [None, 5, "x", (), ({},), {}, {"a": 5}, {"a": None}, {"a": ()}])
def test_whatever_else_is_wrong_is_not_its_business(key: str, value: object) -> None:
    for where, message in found(**{key: value}):
        assert where
        assert message


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: st.dictionaries(st.sampled_from([*SOUND, "library_names", "system_id", "tariff", "a"]), inner),
    )
)
def test_any_tree_is_taken(tree: object) -> None:
    if isinstance(tree, dict):
        list(references(tree))


def test_carriers_whose_faults_a_customer_wants_to_hear_of_are_there() -> None:
    one = {"system_id": "a", "tariff": "standard", "notices": {"to": ("a@b.jp",), "carriers": ("docomo", "mvno", 3)}}
    assert found(customers={"a": one}, notices={"mail": {}, "to": ()}) == [
        ("customers.a.notices", "nobody is mailed: there is no `notices.mail`"),
        ("customers.a.notices.carriers.1", "there is no profile in `carriers` of this name"),
    ]
    assert len(found(customers={"a": one}, notices={"mail": {"sender": "a@b.jp"}})) == 1

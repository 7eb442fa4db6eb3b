"""What look-ups and checks say of other parts of the configuration."""

from pathlib import Path

import pytest

from gateway.settings.load import SettingsError, load
from gateway.settings.lookup_references import lookup_references
from tests.gateway.settings.examples import SOUND, spoilt, write

LOOKUPS = """
lookups:
  enum:
    tree: {servers: ["192.0.2.53"], carriers: {d1: one}}
  http:
    service: {url: "https://x.example/{number}", format: plain, carriers: {"44010": one}}
recycling:
  services:
    first: {root: "https://x.example", carriers: [one]}
tlvs:
  owner_since: {tag: 0x1410, type: text}
"""
CHECKED = spoilt(
    "    tariff: standard\n", "    tariff: standard\n    recipient_check: {since_tlv: owner_since}\n", SOUND
)


def test_a_sound_one(tmp_path: Path) -> None:
    load(write(tmp_path / "gateway.yaml", CHECKED + LOOKUPS))


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("d1: one", "d1: onne", "lookups.enum.tree.carriers.d1", "did you mean 'one'"),
        ('"44010": one', '"44010": two', "lookups.http.service.carriers.44010", "no profile and no route"),
        ("carriers: [one]", "carriers: [one, two]", "recycling.services.first.carriers.1", "no profile and no route"),
        ("  owner_since:", "  owner_sinse:", "customers.shop.recipient_check.since_tlv", "did you mean 'owner_sinse'"),
    ],
)
def test_names_that_lead_nowhere(old: str, new: str, key: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path / "gateway.yaml", CHECKED + spoilt(old, new, LOOKUPS)))
    (mistake,) = caught.value.mistakes
    assert mistake.key == key
    assert said in mistake.message


def test_a_brand_that_an_aggregator_takes() -> None:
    service = {"carriers": {"44010": "brand", "44011": "other"}}
    routing = {"routes": {"all": {"serves": ["brand"]}, "odd": 5}}
    top = {"lookups": {"http": {"service": service}}, "routing": routing}
    assert [where[-1] for where, _ in lookup_references(top)] == ["44011"]


def test_a_check_that_nobody_could_make(tmp_path: Path) -> None:
    text = LOOKUPS[: LOOKUPS.index("recycling:")] + LOOKUPS[LOOKUPS.index("tlvs:") :]
    with pytest.raises(SettingsError, match="nobody can be asked"):
        load(write(tmp_path / "gateway.yaml", CHECKED + text))


@pytest.mark.parametrize(
    "top",
    [
        {},
        {"lookups": 5, "recycling": [], "customers": "x", "tlvs": None},
        {"lookups": {"enum": {"tree": {"carriers": ["one"]}}, "http": []}, "recycling": {"services": {"a": 7}}},
        {"customers": {"shop": {"recipient_check": "yes"}}},
        {"lookups": {"enum": {"tree": {"carriers": {"d1": 5}}}}},
    ],
)
def test_what_is_wrong_in_other_ways_is_none_of_its_business(top: dict[str, object]) -> None:
    assert list(lookup_references(top)) == []

"""The schema forgives more than the loader, never less; and it finds what an editor should find."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from gateway.settings import models
from gateway.settings.load import SettingsError, load
from gateway.settings.reference import reference
from gateway.settings.schema import schema, text
from gateway.settings.section import Section
from gateway.settings.tree import read_tree
from tests.gateway.settings.examples import spoilt, write

ROOT = Path(__file__).parents[3]
SCHEMA = schema()
WHOLE = Draft202012Validator(SCHEMA)
FILES = sorted(path for path in (ROOT / "config").rglob("*.yaml") if path.name != "simulators.yaml")


def lists(value: object) -> object:
    """As JSON has it: our reader's sequences are tuples."""
    if isinstance(value, dict):
        return {key: lists(one) for key, one in value.items()}
    return [lists(one) for one in value] if isinstance(value, tuple | list) else value


def tuples(value: object) -> object:
    """The reverse."""
    if isinstance(value, dict):
        return {key: tuples(one) for key, one in value.items()}
    return tuple(tuples(one) for one in value) if isinstance(value, list) else value


def refused(path: Path) -> list[str]:
    """What the schema says of one file."""
    return [error.json_path for error in WHOLE.iter_errors(lists(read_tree(path).value))]


def test_it_is_sound_and_committed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert (ROOT / "docs" / "gateway.schema.json").read_text("utf-8") == text()
    assert json.loads(text()) == SCHEMA


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_is_sound_and_leads_an_editor_to_it(path: Path) -> None:
    assert refused(path) == []
    head = path.read_text("utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", head)
    assert named is not None
    assert (path.parent / named[1]).resolve() == ROOT / "docs" / "gateway.schema.json"


def test_a_file_that_says_nothing_is_sound(tmp_path: Path) -> None:
    assert refused(write(tmp_path / "a.yaml", "# nothing yet\n")) == []


MISTAKES = {
    "a key that nobody knows": ("listen:", "listn:", "$"),
    "a port above all ports": ("port: 2776", "port: 277600", "$.carriers.one.binds[0].port"),
    "a number for text": ('country_code: "81"', "country_code: 81", "$.numbers.country_code"),
    "text for a number": ("window: 10", 'window: "10"', "$.carriers.one.session.window"),
    "a word that is none of them": ("in_doubt: fail", "in_doubt: perhaps", "$.carriers.one.in_doubt"),
    "a price that is a number": ('yen: "10"', "yen: 10", "$.tariffs.standard.unit_price_yen[0].yen"),
    "a name in capitals": ("  shop:", "  SHOP:", "$.customers"),
    "a password from nowhere": ("password: hush-2", "password: {vault: shop}", "$.customers.shop.password"),
    "a password of two places": ("password: hush-2", "password: {env: A, file: b}", "$.customers.shop.password"),
    "a long password": ("password: hush-1", "password: hush-hush", "$.carriers.one.binds[0].password"),
    "a section without what it needs": ("    title: One\n", "", "$.carriers.one"),
    "a list that is none": ("temporary: [0x14, 0x58]", "temporary: 0x14", "$.carriers.one.errors.temporary"),
    "a section that is a word": ("  directory: var", "  - var", "$.store"),
    "an empty list": ("  - {host: 127.0.0.1, port: 0}", "  []", "$.listen"),
}


@pytest.mark.parametrize(("old", "new", "where"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found_where_it_is_by_both(old: str, new: str, where: str, tmp_path: Path) -> None:
    path = write(tmp_path / "gateway.yaml", spoilt(old, new))
    assert where in refused(path)
    with pytest.raises(SettingsError):
        load(path)


def test_what_the_schema_cannot_see_is_left_to_the_loader(tmp_path: Path) -> None:
    path = write(tmp_path / "gateway.yaml", spoilt("tariff: standard", "tariff: special"))
    assert refused(path) == []
    with pytest.raises(SettingsError, match="there is no tariff of this name"):
        load(path)


def test_every_key_of_the_page_is_in_it_with_its_meaning() -> None:
    keys = {row.split("`")[1] for row in reference().splitlines() if row.startswith("| `")}
    told = {name: one for model in (SCHEMA, *SCHEMA["$defs"].values()) for name, one in _properties(model)}
    assert told.keys() == keys
    assert [name for name, one in told.items() if not _meaning(one)] == []


def test_defaults_are_as_they_are_written() -> None:
    for name, model in SCHEMA["$defs"].items():
        for key, one in _properties(model):
            if "default" in one:
                assert _judge({**one, "$defs": SCHEMA["$defs"]}, one["default"]), f"{name}.{key}"


def _properties(model: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(model.get("properties", {}).items())


def _meaning(part: dict[str, Any]) -> str:
    """Its own words, or those of the section that it is."""
    section = SCHEMA["$defs"].get(part.get("$ref", "").rsplit("/", 1)[-1], {})
    return str(part.get("description") or section.get("description", ""))


def _judge(part: dict[str, Any], value: object) -> bool:
    return Draft202012Validator(part).is_valid(value)


# What it refuses, the loader refuses ----------------------------------------------------------------------------------


def sections(model: type[Section] = Section) -> dict[str, type[Section]]:
    """The models by name, with all that is below them."""
    found = {one.__name__: one for one in model.__subclasses__()}
    return found | {name: below for one in found.values() for name, below in sections(one).items()}


KNOWN = {name: one for name, one in sections().items() if name in SCHEMA["$defs"]}
JUDGES = {name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}) for name in KNOWN}

WORDS = ["", "a", "08:00", "21:00-08:00", "0x58", "58", "9.5", "-1", "T1234567890123", "2026-11", "2026-11-24", "é"]
WORDS += [
    "https://a.test/x",
    "192.0.2.0/24",
    "192.0.2.1:53",
    "+8190*",
    "DELIVERED",
    "delivered",
    "a b",
    "x" * 2_000,
    "A",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 10**13)
    | st.sampled_from([0.0, 0.5, -1.5, 1e12])
    | st.sampled_from(WORDS)
)
ODD = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


def plain(part: dict[str, Any]) -> Any:
    """A small value that the schema takes, for what must be given."""
    if "$ref" in part:
        return plain(SCHEMA["$defs"][part["$ref"].rsplit("/", 1)[1]])
    for word in ("anyOf", "enum"):
        if word in part:
            return plain(part[word][0]) if word == "anyOf" else part[word][0]
    if "const" in part:
        return part["const"]
    match part["type"]:
        case "object":
            return {key: plain(part["properties"][key]) for key in part.get("required", ())}
        case "array":
            return [plain(part["items"])] * part.get("minItems", 0)
        case "boolean":
            return False
        case "integer" | "number":
            return max(part.get("minimum", 0), part.get("exclusiveMinimum", -1) + 1)
        case "null":
            return None
    validator = Draft202012Validator(part)
    return next((word for word in (*WORDS, "81", "a@b.test") if validator.is_valid(word)), "")


FEW: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    7,
    99,
    0.5,
    "a",
    "9.5",
    "08:00",
    "1.2.3.4",
    "https://a.test",
    [],
    ["a"],
    [1],
    {},
    {"a": "b"},
    {"7": "a"},
)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_what_the_loader_takes_it_takes(name: str) -> None:
    """Each key with each of a few values of every type, and without what must be given."""
    part = SCHEMA["$defs"][name]
    for key in (*part["properties"], "unknown"):
        value = plain(part)
        value.pop(key, None)
        for one in (value, *({**value, key: odd} for odd in FEW)):
            if not JUDGES[name].is_valid(one):
                with pytest.raises(ValidationError):
                    KNOWN[name].model_validate(tuples(one))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_it_refuses_the_loader_refuses(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(KNOWN)))
    part = SCHEMA["$defs"][name]
    value: dict[str, Any] = plain(part)
    key = data.draw(st.sampled_from([*part["properties"], "unknown"]))
    value[key] = data.draw(ODD)
    if JUDGES[name].is_valid(value):
        return
    with pytest.raises(ValidationError):
        KNOWN[name].model_validate(tuples(value))


def test_the_plain_values_are_mostly_what_the_loader_takes() -> None:
    """Else the property above would say nothing."""
    taken = 0
    for name, model in KNOWN.items():
        try:
            model.model_validate(tuples(plain(SCHEMA["$defs"][name])))
            taken += 1
        except ValidationError:
            continue
    assert taken > 0.8 * len(KNOWN)
    assert len(KNOWN) > 50
    assert models.Settings.__name__ not in KNOWN

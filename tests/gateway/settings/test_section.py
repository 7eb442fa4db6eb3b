"""Single values: what is taken, and what is refused at the edge."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.settings import section

KINDS: dict[str, Any] = {
    name: TypeAdapter(getattr(section, name))
    for name in ("Key", "Host", "Port", "ListenPort", "SystemId", "SystemType", "SenderAddress", "YenAsSen")
}


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("Key", "a", "a"),
        ("Key", "0-_9" + "x" * 27, "0-_9" + "x" * 27),
        ("Host", "::1", "::1"),
        ("Port", 1, 1),
        ("Port", 65_535, 65_535),
        ("ListenPort", 0, 0),
        ("SystemId", "x" * 15, "x" * 15),
        ("SystemType", "", ""),
        ("SenderAddress", "My Shop", "My Shop"),
        ("YenAsSen", "9.5", 950),
        ("YenAsSen", "0", 0),
        ("YenAsSen", "0.01", 1),
        ("YenAsSen", "999999.99", 99_999_999),
    ],
)
def test_what_is_taken(kind: str, value: object, kept: object) -> None:
    assert KINDS[kind].validate_python(value, strict=True) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Key", ""), ("Key", "A"), ("Key", "-a"), ("Key", "x" * 32), ("Key", "a\n"), ("Key", "é"), ("Key", 5),
        ("Host", ""), ("Host", "a b"), ("Host", "x" * 254), ("Host", "a\n"),
        ("Port", 0), ("Port", 65_536), ("Port", "80"), ("Port", True), ("ListenPort", -1),
        ("SystemId", ""), ("SystemId", "x" * 16), ("SystemId", "a b"), ("SystemId", "a\x00"), ("SystemId", "日本"),
        ("SystemType", "x" * 13), ("SenderAddress", ""), ("SenderAddress", "x" * 21),
        ("YenAsSen", 9.5), ("YenAsSen", 10), ("YenAsSen", "9.555"), ("YenAsSen", "-1"), ("YenAsSen", "1e3"),
        ("YenAsSen", "1000000"), ("YenAsSen", " 1"), ("YenAsSen", "１"), ("YenAsSen", ""), ("YenAsSen", "."),
        ("YenAsSen", "1\n"), ("YenAsSen", None),
    ],
)  # fmt: skip
def test_what_is_refused(kind: str, value: object) -> None:
    with pytest.raises(ValidationError):
        KINDS[kind].validate_python(value, strict=True)


def test_a_section_is_frozen_and_knows_its_keys() -> None:
    class One(section.Section):
        key: int = 1

    with pytest.raises(ValidationError):
        One.model_validate({"key": 1, "other": 2})
    with pytest.raises(ValidationError):
        One().key = 2

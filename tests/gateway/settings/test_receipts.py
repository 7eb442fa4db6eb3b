"""How receipts are wanted, and words for codes."""

import pytest
from pydantic import ValidationError

from gateway.model.deciding import Deciding
from gateway.settings.receipts import CustomerReceiptSettings, ReasonSettings


def test_everything_is_off_unless_asked_for() -> None:
    usual = CustomerReceiptSettings()
    assert (usual.format, usual.ids, usual.times, usual.decides) == ("text_and_tlvs", "hex", "jst", Deciding.ALL)
    assert not usual.intermediate
    assert not usual.per_segment
    assert usual.reason_tlv is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "xml"},
        {"ids": "octal"},
        {"times": "cet"},
        {"decides": "nobody"},
        {"reason_tlv": 0x13FF},
        {"reason_tlv": 0x4000},
        {"intermediate": 1},
        {"unknown": True},
    ],
)
def test_what_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CustomerReceiptSettings.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"err": {1: "absent"}},
        {"err": {"001": "Absent phone"}},
        {"err": {"": "absent"}},
        {"network": {"0300": "absent"}},
        {"network": {"03002G": "absent"}},
        {"status": {"0b": "absent"}},
        {"status": {"": "absent"}},
        {"status": {0: "absent"}},
        {"status": {0x1_0000_0000: "absent"}},
    ],
)
def test_codes_that_are_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReasonSettings.model_validate(wrong)


def test_codes() -> None:
    table = ReasonSettings.model_validate(
        {"err": {"001": "absent"}, "network": {"030022": "absent"}, "status": {0x0B: "unknown_number"}}
    )
    assert table.err == {"001": "absent"}
    assert table.status == {11: "unknown_number"}
    assert ReasonSettings.model_validate({"status": {"0x0B": "a", "12": "b"}}).status == {11: "a", 12: "b"}

import pytest
from pydantic import ValidationError

from gateway.model.privacy import Numbers, Privacy
from gateway.settings.store import StoreSettings

KEY = "00ff" * 16


def test_what_the_operator_wrote_is_what_the_store_takes() -> None:
    plain = StoreSettings(directory="state")
    assert plain.privacy() == Privacy(b"", Numbers.WHOLE, 0)
    written = {"directory": "state", "key": KEY, "archive_numbers": "hashed", "blank_text_days": 90}
    assert StoreSettings.model_validate(written).privacy() == Privacy(bytes.fromhex(KEY), Numbers.HASHED, 90)


@pytest.mark.parametrize("key", [KEY[:-1], KEY + "0", "x" * 64, ""])
def test_a_key_of_another_shape_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        StoreSettings.model_validate({"directory": "state", "key": key})
    assert not key or key not in str(refused.value.errors(include_input=False, include_url=False))


@pytest.mark.parametrize("field", ["max_waiting_messages", "messages_in_memory", "queue_in_memory"])
def test_nothing_is_without_a_limit(field: str) -> None:
    for value in (0, 10**9):
        with pytest.raises(ValidationError):
            StoreSettings.model_validate({"directory": "state", field: value})

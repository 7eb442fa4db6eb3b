"""Where a carrier calls us: what must be said, and what may be left out."""

import pytest
from pydantic import ValidationError

from gateway.settings.outbind import CallSettings, OutbindSettings

WHOLE = {"host": "0.0.0.0", "port": 2776, "allow_from": ("192.0.2.7", "2001:db8::/64"), "system_id": "centre"}


def test_networks_and_single_addresses() -> None:
    settings = OutbindSettings.model_validate(WHOLE | {"password": "secret"})
    assert [str(one) for one in settings.allow_from] == ["192.0.2.7/32", "2001:db8::/64"]
    assert settings.password is not None
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("key", WHOLE)
def test_only_the_password_may_be_left_out(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        OutbindSettings.model_validate({name: one for name, one in WHOLE.items() if name != key})


def test_where_a_customer_is_called() -> None:
    settings = CallSettings.model_validate({"host": "esme.example", "port": 2775})
    assert (settings.system_id, settings.password) == (None, None)
    for wrong in ({"port": 0}, {"port": 65_536}, {"host": ""}, {"password": "nine-octs"}, {"system_id": ""}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            CallSettings.model_validate({"host": "esme.example", "port": 2775} | wrong)

"""What may be written of notices, and what is a mistake."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings.notices import CustomerNoticeSettings, NoticeSettings
from tests.gateway.flow.world import settings

SERVER: dict[str, Any] = {"host": "mx.example.jp"}
MAIL: dict[str, Any] = {"sender": "gateway@example.jp", "servers": (SERVER,)}
TO: dict[str, Any] = {"address": "noc@example.jp"}


def test_nothing_is_needed() -> None:
    own = NoticeSettings()
    assert (own.mail, own.to, dict(own.webhooks), own.announce) == (None, (), {}, False)


def test_all_of_it() -> None:
    own = NoticeSettings.model_validate(
        {
            "name": "SMPPゲートウェイ",
            "mail": MAIL | {"servers": (SERVER | {"port": 465, "security": "tls", "user": "gw", "password": "pw"},)},
            "to": (TO | {"language": "both", "least": "page"},),
            "webhooks": {"chat": {"url": "https://chat.example.jp/hook", "secret": "s3cret"}},
            "faults": {"CarrierDown": {"raise_seconds": 20.0}, "LaneOld": {"notify": False}},
        }
    )
    assert own.mail is not None
    assert own.mail.servers[0].password is not None
    assert "pw" not in repr(own)
    assert "s3cret" not in repr(own)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"to": (TO,)}, "to needs mail"),
        ({"mail": MAIL | {"sender": "gateway"}}, "sender"),
        ({"mail": MAIL | {"sender": "a@b\r\nBcc: c@d"}}, "sender"),
        ({"mail": MAIL | {"servers": ()}}, "servers"),
        ({"mail": MAIL | {"servers": (SERVER | {"user": "gw"},)}}, "go together"),
        (
            {"mail": MAIL | {"servers": (SERVER | {"user": "gw", "password": "x", "security": "plain"},)}},
            "plain connection",
        ),
        ({"mail": MAIL | {"servers": (SERVER | {"ca": Path("/nonexistent")},)}}, "roots cannot be read"),
        ({"webhooks": {"chat": {"url": "ftp://x"}}}, "url"),
        ({"webhooks": {"chat": {"url": "https://x", "ca": Path("/nonexistent")}}}, "roots cannot be read"),
        ({"faults": {"CarrierDwon": {"notify": False}}}, "CarrierDwon"),
        ({"most_an_hour": 2}, "most_an_hour"),
        ({"retry_seconds": ()}, "retry_seconds"),
        ({"name": "a\nb"}, "name"),
    ],
)
def test_mistakes_are_told(written: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        NoticeSettings.model_validate(written)


def test_customers_have_addresses_and_perhaps_carriers() -> None:
    one = CustomerNoticeSettings.model_validate({"to": ("it@insurer.example.jp",), "carriers": ("one",)})
    assert (one.language, one.carriers) == ("ja", ("one",))
    with pytest.raises(ValidationError):
        CustomerNoticeSettings.model_validate({"to": ()})


def test_a_whole_configuration_has_them() -> None:
    whole = settings(notices={"mail": MAIL | {"servers": [SERVER]}, "to": [TO]})
    assert whole.notices.to[0].address == "noc@example.jp"

"""Which of a customer's binds takes receipts."""

from typing import Any

import pytest

from gateway.smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter
from tests.gateway.flow.world import World


@pytest.mark.parametrize(
    ("request_class", "receives"), [(BindReceiver, True), (BindTransceiver, True), (BindTransmitter, False)]
)
def test_who_receives(request_class: Any, receives: bool) -> None:
    world = World()
    world.customer(bind=request_class(system_id=b"shop", password=b"secret", interface_version=0x34))
    (bind,) = world.flow.accounts["shop"].binds
    assert bind.receives is receives

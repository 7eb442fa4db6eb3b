"""Limits are frozen and sound by themselves."""

from dataclasses import FrozenInstanceError, fields

import pytest

from gateway.smpp.limits import SessionLimits


def test_every_limit_has_a_number_and_cannot_change() -> None:
    limits = SessionLimits()
    assert all(getattr(limits, field.name) >= 0 for field in fields(limits))
    with pytest.raises(FrozenInstanceError):
        limits.send_window = 1  # type: ignore[misc]

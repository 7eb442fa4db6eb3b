"""The bits of esm_class and registered_delivery, and the values of message_state."""

import pytest

from gateway.smpp import constants
from gateway.smpp.constants import INTERMEDIATE_STATES, MessageState, Npi, Ton


def test_the_masks_of_esm_class_part_the_octet() -> None:
    masks = (constants.ESM_MODE_MASK, constants.ESM_TYPE_MASK, constants.ESM_FEATURE_MASK)
    assert sum(masks) == 0xFF
    assert masks[0] | masks[1] | masks[2] == 0xFF


@pytest.mark.parametrize(
    "name",
    [
        "ESM_RECEIPT",
        "ESM_DELIVERY_ACKNOWLEDGEMENT",
        "ESM_USER_ACKNOWLEDGEMENT",
        "ESM_CONVERSATION_ABORT",
        "ESM_INTERMEDIATE_NOTIFICATION",
    ],
)
def test_a_message_type_lies_within_its_mask(name: str) -> None:
    value = getattr(constants, name)
    assert value & constants.ESM_TYPE_MASK == value != 0


def test_the_intermediate_notification_has_different_bits_in_the_two_fields() -> None:
    assert constants.ESM_INTERMEDIATE_NOTIFICATION == 0x20
    assert constants.INTERMEDIATE_NOTIFICATION == 0x10


def test_message_states_are_numbered_without_gaps() -> None:
    assert [int(state) for state in MessageState] == list(range(10))
    assert MessageState(2) is MessageState.DELIVERED
    assert MessageState(8) is MessageState.REJECTED


def test_a_delivered_message_is_not_on_its_way() -> None:
    assert MessageState.ACCEPTED in INTERMEDIATE_STATES
    assert INTERMEDIATE_STATES.isdisjoint({MessageState.DELIVERED, MessageState.UNKNOWN, MessageState.SKIPPED})


def test_numbers_of_the_common_addresses() -> None:
    assert (int(Ton.INTERNATIONAL), int(Npi.ISDN)) == (1, 1)
    assert Ton(5) is Ton.ALPHANUMERIC

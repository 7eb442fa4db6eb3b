"""The contract's changes are plain values: what engines write is what they hold. The suite is tests/store_contract."""

import typing

from gateway.store import contract
from gateway.store.contract import Change


def test_every_change_is_a_tuple_of_values_that_marshal_can_carry() -> None:
    allowed = {int, str, bytes, bool}
    nested = {
        "MessageSettled": {"record", "receipts", "told"},
        "MessageParked": {"row", "told"},
        "ParkedDue": {"message_ids"},
        "MessagesUnparked": {"message_ids", "told"},
        "MessageReplaced": {"row"},
        "ReceiptsOwed": {"receipts"},
        "PartsJoined": {"part_ids"},
        "MoPartsJoined": {"part_ids"},
    }
    for change in typing.get_args(Change):
        for field, kind in typing.get_type_hints(change).items():
            assert kind in allowed or field in nested.get(change.__name__, set()), (change.__name__, field)


def test_the_life_is_the_last_field_of_an_accepted_message() -> None:
    """Batch replaces it there."""
    assert contract.MessageAccepted._fields[-1] == "life"

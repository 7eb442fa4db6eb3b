"""Changes for messages from phones: part of the contract (gateway.store.contract)."""

from typing import NamedTuple


class MoOwed(NamedTuple):
    """A message from a phone that the customer has not acknowledged; as a change: it arrived.

    `owed_id` orders it among the customer's receipts. The octets are those of the deliver_sm: `short_message` with any
    user data header, `tlvs` as they stood on the wire. `arrived_at` is ms since 1970.
    """

    customer: str
    owed_id: int
    carrier: str
    source_ton: int
    source_npi: int
    source_addr: bytes
    dest_ton: int
    dest_npi: int
    destination_addr: bytes
    esm_class: int
    protocol_id: int
    priority_flag: int
    data_coding: int
    short_message: bytes
    tlvs: bytes
    arrived_at: int


class MoPartAccepted(NamedTuple):
    """A part of a longer message from a phone, waiting for its siblings. The first fields are MoOwed's."""

    customer: str
    part_id: int
    carrier: str
    source_ton: int
    source_npi: int
    source_addr: bytes
    dest_ton: int
    dest_npi: int
    destination_addr: bytes
    esm_class: int
    protocol_id: int
    priority_flag: int
    data_coding: int
    short_message: bytes
    tlvs: bytes
    arrived_at: int
    reference: int
    wide: bool
    total: int
    number: int


class MoPartsJoined(NamedTuple):
    """These parts live on in a MoOwed, or several, of the same batch."""

    part_ids: tuple[int, ...]


class MoHandedOver(NamedTuple):
    """The customer acknowledged a message from a phone."""

    customer: str
    owed_id: int

"""Text of messages at rest: encrypted with AES-256-GCM when there is a key, as it is when there is none.

A sealed value is a nonce of 12 octets, then the ciphertext with its tag; the id of the row is authenticated with it, so
that no text can be moved to another message unseen.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store import schema
from gateway.store.contract import MessageAccepted, PartAccepted
from gateway.store.from_phones import MoOwed, MoPartAccepted

KEY_OCTETS = 32
_NONCE_OCTETS = 12
_ID_OCTETS = 8

Row = tuple[Any, ...]
Columns = tuple[int, tuple[int, ...]]  # the id, and what is sealed


def _columns(fields: tuple[str, ...], key: str, *sealed: str) -> Columns:
    return fields.index(key), tuple(fields.index(one) for one in sealed)


_MESSAGE = _columns(MessageAccepted._fields, "message_id", "text")
_PART = _columns(PartAccepted._fields, "part_id", "octets")
_MO = _columns(MoOwed._fields, "owed_id", "short_message", "tlvs")
_MO_PART = _columns(MoPartAccepted._fields, "part_id", "short_message", "tlvs")

STATEMENTS: Mapping[int, Columns] = {
    schema.PARKED: _MESSAGE,
    schema.ACCEPTED: _MESSAGE,
    schema.REPLACED: _MESSAGE,
    schema.PART: _PART,
    schema.MO_PART: _MO_PART,
    schema.MO_OWED: _MO,
}
QUERIES: Mapping[str, Columns] = {
    "messages": _MESSAGE,
    "parked": _MESSAGE,
    "parked_due": _MESSAGE,
    "parked_over": _MESSAGE,
    "parked_told": _MESSAGE,
    "parked_addressed": _MESSAGE,
    "parts": _PART,
    "mo_parts": _MO_PART,
    "mo_owed": _MO,
}
# What is sealed when a key is given to a store that had none: table, its id, its columns.
TABLES = (
    ("message", "message_id", ("text",)),
    ("parked", "message_id", ("text",)),
    ("done", "message_id", ("text",)),
    ("part", "part_id", ("octets",)),
    ("mo_part", "part_id", ("short_message", "tlvs")),
    ("mo_owed", "owed_id", ("short_message", "tlvs")),
)


class SealBrokenError(Exception):
    """A sealed value does not open with this key, or is not the one that was sealed for its row."""


class Sealer:
    """Seals and opens with one key of 32 octets. ValueError for any other length."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_OCTETS:
            raise ValueError(f"a key has {KEY_OCTETS} octets, not {len(key)}")
        self._aead = AESGCM(key)
        self._key = key

    @property
    def key_id(self) -> bytes:
        """What tells keys apart, and tells nothing about them."""
        return hmac.digest(self._key, b"smpp-gateway key id", hashlib.sha256)[:8]

    def seal(self, octets: bytes, row_id: int) -> bytes:
        """For the disk."""
        nonce = os.urandom(_NONCE_OCTETS)
        return nonce + self._aead.encrypt(nonce, octets, row_id.to_bytes(_ID_OCTETS, "big"))

    def open(self, sealed: bytes, row_id: int) -> bytes:
        """From the disk; what was blanked is empty. SealBrokenError."""
        if not sealed:
            return b""
        try:
            return self._aead.decrypt(
                sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:], row_id.to_bytes(_ID_OCTETS, "big")
            )
        except (InvalidTag, ValueError):
            raise SealBrokenError(f"the text of {row_id:016x} does not open with this key") from None

    def seal_rows(self, rows: Iterable[Sequence[Any]], columns: Columns) -> list[Row]:
        """Rows of one statement."""
        return _each(rows, columns, self.seal)

    def open_rows(self, rows: Iterable[Row], columns: Columns) -> list[Row]:
        """Rows of one query. SealBrokenError."""
        return _each(rows, columns, self.open)


def _each(rows: Iterable[Sequence[Any]], columns: Columns, change: Callable[[bytes, int], bytes]) -> list[Row]:
    key, places = columns
    changed = []
    for row in rows:
        values = list(row)
        for place in places:
            values[place] = change(values[place], values[key])
        changed.append(tuple(values))
    return changed

"""Where messages and records are kept, how many in memory, and what is done for the people whose data they are."""

import re
from typing import Literal

from pydantic import Field, field_validator

from gateway.model.privacy import Numbers, Privacy
from gateway.settings.passwords import Secret
from gateway.settings.section import Section


class StoreSettings(Section):
    """Where messages and records are kept."""

    directory: str = Field(
        min_length=1,
        max_length=4_096,
        description="Directory of the store, relative to the working directory. --state-directory takes its place.",
    )
    max_batches_in_flight: int = Field(
        default=2, ge=1, le=16, description="Batches on their way to the disk before reading pauses."
    )
    key: Secret | None = Field(
        default=None,
        description="Seals the texts of messages on disk (AES-256-GCM): 64 hexadecimal digits, best as `{file: path}` "
        "or `{credential: name}`. Once given it must stay. null: texts are not sealed.",
    )
    archive_numbers: Literal["whole", "masked", "hashed"] = Field(
        default="whole", description="What the months' files keep of recipients' numbers."
    )
    blank_text_days: int = Field(
        default=0, ge=0, le=36_500, description="Days after which texts in the months' files are blanked. 0: never."
    )
    max_waiting_messages: int = Field(
        default=5_000_000, ge=1, le=100_000_000, description="Messages that are not final; above it we answer `later`."
    )
    messages_in_memory: int = Field(
        default=100_000, ge=1, le=10_000_000, description="Of these in memory; what comes above it waits on disk only."
    )
    queue_in_memory: int = Field(
        default=10_000,
        ge=2,
        le=1_000_000,
        description="Segments in memory of what one customer has waiting for one carrier at one priority; the rest "
        "waits on disk only.",
    )

    @field_validator("key")
    @classmethod
    def _hexadecimal(cls, key: Secret | None) -> Secret | None:
        if key is not None and re.fullmatch("[0-9A-Fa-f]{64}", key.reveal()) is None:
            raise ValueError("a key is 64 hexadecimal digits: `openssl rand -hex 32` makes one")
        return key

    def privacy(self) -> Privacy:
        """The same as the store takes it."""
        key = b"" if self.key is None else bytes.fromhex(self.key.reveal())
        return Privacy(key, Numbers(self.archive_numbers), self.blank_text_days)

"""A customer's account, and the price lists that accounts name."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from gateway.billing.tariff import ChargedWhen, Partial, Special, Tariff, Tier
from gateway.segmenter.alphabets import Alphabet, Reading
from gateway.settings.billing import AccountBillingSettings
from gateway.settings.carriers import MOST_WINDOW
from gateway.settings.lookups import RecipientCheckSettings
from gateway.settings.notices import CustomerNoticeSettings
from gateway.settings.outbind import CallSettings
from gateway.settings.pace import OptOutSettings, QuotaSettings, SendingHoursSettings, ThrottleSettings
from gateway.settings.passwords import PasswordOrHash
from gateway.settings.receipts import CustomerReceiptSettings
from gateway.settings.section import Key, Network, OwnNumber, Section, SenderAddress, SystemId, YenAsSen

MOST_RECEIPTS_IN_FLIGHT = 1_000
MOST_TIERS = 100
MOST_SPECIAL_PRICES = 100
MOST_PASSWORDS = 2

CertificateName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,255}$")]


class TierSettings(Section):
    """One tier of a price list."""

    up_to: int | None = Field(
        ge=1,
        le=10**12,
        description="The tier holds while the month's units are at most this; null: without end (last).",
    )
    yen: YenAsSen = Field(description='Price of a unit, tax excluded, in yen as text: "9.5". It is kept in sen.')


def ascending(tiers: tuple[TierSettings, ...]) -> tuple[TierSettings, ...]:
    """The tiers, if they are in order. ValueError if not."""
    ends = [tier.up_to for tier in tiers]
    if None in ends[:-1]:
        raise ValueError("only the last tier can be without end")
    bounds = [end for end in ends if end is not None]
    if any(lower >= upper for lower, upper in pairwise(bounds)):
        raise ValueError("the tiers must ascend by up_to")
    return tiers


def _tiers(tiers: tuple[TierSettings, ...]) -> tuple[Tier, ...]:
    return tuple(Tier(tier.up_to, tier.yen) for tier in tiers)


class SpecialPriceSettings(Section):
    """A contract's own prices, in place of the list's."""

    carrier: Key | None = Field(default=None, description="For messages over this profile. null: over any.")
    kind: Key | None = Field(default=None, description="For this kind of message. null: for any.")
    unit_price_yen: tuple[TierSettings, ...] = Field(
        min_length=1, max_length=MOST_TIERS, description="The tiers, ascending."
    )

    @field_validator("unit_price_yen")
    @classmethod
    def _ascend(cls, tiers: tuple[TierSettings, ...]) -> tuple[TierSettings, ...]:
        return ascending(tiers)


class TariffSettings(Section):
    """A price list. The month's units choose one tier for all of them; records carry the first tier's price."""

    version: str = Field(
        pattern=r"^[0-9A-Za-z._-]{1,32}$", description="Written into every billing record; change it with the prices."
    )
    unit_price_yen: tuple[TierSettings, ...] = Field(
        min_length=1, max_length=MOST_TIERS, description="The tiers, ascending."
    )

    graduated: bool = Field(
        default=False, description="Each unit costs what its own tier says; else one tier's price holds for all."
    )
    charge: Annotated[ChargedWhen, Field(strict=False)] = Field(
        default=ChargedWhen.DELIVERED, description="What earns the charge: `delivered`, or `sent` (success or not)."
    )
    partly_delivered: Annotated[Partial, Field(strict=False)] = Field(
        default=Partial.NOTHING,
        description="A message of which only some segments were delivered: `nothing`, `all`, or the `share` of its "
        "units, rounded down to whole ones.",
    )
    redirected: bool = Field(default=True, description="A message that was redirected counts as delivered.")
    special: tuple[SpecialPriceSettings, ...] = Field(
        default=(), max_length=MOST_SPECIAL_PRICES, description="Prices by carrier and kind; the first that fits holds."
    )

    @field_validator("unit_price_yen")
    @classmethod
    def _ascend(cls, tiers: tuple[TierSettings, ...]) -> tuple[TierSettings, ...]:
        return ascending(tiers)

    def tariff(self, name: str) -> Tariff:
        """The same as billing takes it."""
        return Tariff(
            name,
            self.version,
            _tiers(self.unit_price_yen),
            graduated=self.graduated,
            partial=self.partly_delivered,
            redirected=self.redirected,
            when=self.charge,
            specials=tuple(
                Special(one.carrier or "", one.kind or "", _tiers(one.unit_price_yen)) for one in self.special
            ),
        )


class ReadingSettings(Section):
    """How the customer writes text where data_coding leaves it open."""

    default_alphabet: Annotated[Alphabet, Field(strict=False)] = Field(
        default=Alphabet.GSM,
        description="What data_coding 0 means.",
    )
    jis: Annotated[Alphabet, Field(strict=False)] = Field(
        default=Alphabet.SHIFT_JIS, description="What data_coding 5 and 13 mean: `shift_jis`, `euc_jp` or `iso2022jp`."
    )
    little_endian: bool = Field(default=False, description="UCS2 without a byte order mark is little-endian.")
    strip_bom: bool = Field(default=True, description="Obey and remove a byte order mark.")

    @field_validator("jis")
    @classmethod
    def _japanese(cls, alphabet: Alphabet) -> Alphabet:
        if alphabet not in {Alphabet.SHIFT_JIS, Alphabet.EUC_JP, Alphabet.ISO2022JP}:
            raise ValueError("must be one of: shift_jis, euc_jp, iso2022jp")
        return alphabet

    def reading(self) -> Reading:
        """The same as the segmenter takes it."""
        return Reading(self.default_alphabet, self.jis, self.little_endian, self.strip_bom)


class RepeatSettings(Section):
    """Which submissions are the same message once more: those of one reference to one number, within a window."""

    tlv: int | None = Field(
        default=None, ge=1, le=0xFFFF, description="Tag of the customer's reference. null: user_message_reference."
    )
    window_hours: float = Field(default=24.0, gt=0.0, le=720.0, description="For how long the first one is remembered.")
    most: int = Field(default=100_000, ge=1, le=10_000_000, description="References remembered, the oldest go first.")


class CustomerSettings(Section):
    """One enterprise account."""

    system_id: SystemId = Field(description="The name that it binds with, 1 to 15 ASCII characters.")
    password: PasswordOrHash | None = Field(
        default=None,
        description="1 to 8 ASCII characters, or better the hash that `smpp-gateway hash-password` makes of them: as "
        "text, `{argon2: hash}`, or where it is: `{file: path}`, `{env: NAME}`, `{credential: name}` (a file in "
        "systemd's credentials directory).",
    )
    passwords: tuple[PasswordOrHash, ...] = Field(
        default=(),
        max_length=MOST_PASSWORDS,
        description="In place of `password`, two that are both right: the old and the new one, while it is changed.",
    )
    allow_from: tuple[Network, ...] | None = Field(
        default=None,
        max_length=1_000,
        description="Networks that it may bind from. null: any. An empty list: none. Those of /16 (IPv6: /32) and "
        "narrower are no strangers, see `doors`.",
    )
    certificate_names: tuple[CertificateName, ...] | None = Field(
        default=None,
        max_length=100,
        description="It must bind over TLS, with a certificate that has one of these names as subject CN or "
        "alternative name (DNS, URI, e-mail, IP). null: no certificate is needed. An empty list: none is good enough.",
    )
    test: bool = Field(
        default=False, description="Messages of an account that is being opened: sent and recorded, not charged."
    )
    tariff: Key = Field(description="The price list that it is charged by, a key of `tariffs`.")
    billing: AccountBillingSettings = Field(
        default_factory=AccountBillingSettings, description="What finance knows of it."
    )
    max_binds: int = Field(default=10, ge=1, le=1_000, description="Binds at a time.")
    window: int = Field(
        default=100, ge=1, le=MOST_WINDOW, description="Requests on one bind that we have not answered yet."
    )
    throttle: ThrottleSettings | None = Field(default=None, description="How fast it may send. null: without limit.")
    quota: QuotaSettings | None = Field(
        default=None, description="What it may use up in a day and in a month. null: without limit."
    )
    sending_hours: SendingHoursSettings | None = Field(
        default=None, description="At which hours its messages leave. null: at any."
    )
    opt_out: OptOutSettings | None = Field(
        default=None, description="Who wants no messages of it any more. null: nobody is asked."
    )
    reading: ReadingSettings = Field(
        default_factory=ReadingSettings, description="How it writes text where data_coding leaves it open."
    )
    receipts: CustomerReceiptSettings = Field(
        default_factory=CustomerReceiptSettings, description="How it wants its receipts."
    )
    numbers: tuple[OwnNumber, ...] = Field(
        default=(),
        max_length=10_000,
        description="Numbers of the customer's own, to which phones may send: whole, or their beginning with `*` "
        "behind it. Messages to them are handed to the customer's binds that receive.",
    )
    join_parts: bool = Field(
        default=False, description="Hand out a longer message from a phone whole, in message_payload, not in its parts."
    )
    incomplete: Literal["fail", "send"] = Field(
        default="fail",
        description="A long message in the customer's own parts of which some never came: `fail` it, with a receipt "
        "for each part that came, or `send` what came.",
    )
    recipient_check: RecipientCheckSettings | None = Field(
        default=None, description="Check before sending whether the number changed hands. null: no check."
    )
    message_kind: Key | None = Field(
        default=None,
        description="The kind of its messages, where it names none. null: none, and prices are those for any.",
    )
    may_name_carrier: bool = Field(
        default=False, description="It may say whose number a destination is, by `portability.customer_tlv`."
    )
    sources: tuple[SenderAddress, ...] | None = Field(
        default=None, max_length=10_000, description="Sender addresses that it may use. null: any."
    )
    repeats: RepeatSettings | None = Field(
        default=None, description="Answer a message that was submitted before with the first one's id. null: never."
    )
    outbind: CallSettings | None = Field(
        default=None,
        description="Where it is called when something is owed to it and no bind of it receives. null: it never is.",
    )
    notices: CustomerNoticeSettings | None = Field(
        default=None, description="Whom of its people is mailed what is announced. null: nobody."
    )
    receipt_window: int = Field(
        default=50, ge=1, le=MOST_RECEIPTS_IN_FLIGHT, description="Receipts on one bind that it has not answered yet."
    )

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "CustomerSettings":
        if (self.password is None) == (not self.passwords):
            raise ValueError("password must be given, or else passwords, and not both")
        return self

    def secrets(self) -> tuple[PasswordOrHash, ...]:
        """All that are right, one or two."""
        return self.passwords if self.password is None else (self.password,)

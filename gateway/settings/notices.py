"""Who is told of faults and maintenance, by mail and webhook, in which language, and how often."""

import ssl
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from gateway.settings.lookups import Url
from gateway.settings.passwords import Secret
from gateway.settings.section import FilePath, Host, Key, Port, Section

MOST_ADDRESSES = 100

MailAddress = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}$")]
Named = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
FaultName = Literal[
    "CarrierDown",
    "CarrierRefusesBind",
    "CarrierFlaps",
    "CarrierSilent",
    "CarrierErrors",
    "CarrierThrottles",
    "ReceiptsLate",
    "ReceiptsMatchNothing",
    "SegmentsInDoubt",
    "LaneOld",
    "OutboxGrowing",
    "QuotaUsedUp",
    "WrongPasswords",
    "OneTimePasswordsLate",
    "StoreStuck",
    "StoreArchiveStuck",
    "StoreSlow",
    "DiskNearlyFull",
    "ClockJumped",
    "LoopSlow",
    "RecordsRepeated",
    "CertificateEnds",
    "CertificateEndsSoon",
    "LookupSourceDown",
    "ConfigurationRefused",
    "ImportedNumbersNotTaken",
]
"""The kinds that there are; a test holds it equal to the catalogue."""
Language = Literal["ja", "en", "both"]
Least = Literal["page", "ticket"]
Minutes = Annotated[float, Field(ge=1.0, le=10_080.0)]
Hours = Annotated[float, Field(ge=0.1, le=720.0)]


class MailServerSettings(Section):
    """An SMTP server that takes our mail."""

    host: Host = Field(description="Name or address.")
    port: Port = Field(default=587, description="TCP port.")
    security: Literal["starttls", "tls", "plain"] = Field(
        default="starttls", description="`starttls` (it must offer it), `tls` from the first octet, or `plain`."
    )
    user: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")] | None = Field(
        default=None, description="Name to log in with. null: no login."
    )
    password: Secret | None = Field(default=None, description="And its password.")
    ca: FilePath | None = Field(
        default=None, description="PEM file with the roots that sign its certificate. null: the system's."
    )

    @field_validator("ca")
    @classmethod
    def _readable(cls, ca: FilePath | None) -> FilePath | None:
        return _roots(ca)

    @model_validator(mode="after")
    def _sound(self) -> "MailServerSettings":
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        if self.user is not None and self.security == "plain":
            raise ValueError("a password is not sent over a plain connection: security must be starttls or tls")
        return self


class MailSettings(Section):
    """How notices go by e-mail."""

    sender: MailAddress = Field(description="The address that they come from.")
    servers: tuple[MailServerSettings, ...] = Field(
        min_length=1,
        max_length=8,
        description="SMTP servers, tried in order until one takes a mail; the next begins with it.",
    )
    deadline_seconds: float = Field(default=15.0, ge=0.1, le=300.0, description="Time for one server to take one mail.")


class RecipientSettings(Section):
    """Somebody of the operator's who is told."""

    address: MailAddress = Field(description="Where.")
    language: Language = Field(default="ja", description="`ja`, `en`, or `both` in one mail.")
    least: Least = Field(default="ticket", description="The least urgent that is told: `ticket` (all), or `page`.")


class WebhookSettings(Section):
    """A service that is told by an HTTP POST of JSON."""

    url: Url = Field(description="Where.")
    secret: Secret | None = Field(
        default=None, description="What the body is signed with (HMAC-SHA256, see docs/notices.md). null: it is not."
    )
    language: Language = Field(default="ja", description="Of `text` in the document; `words` has both.")
    least: Least = Field(default="ticket", description="The least urgent that is told: `ticket` (all), or `page`.")
    ca: FilePath | None = Field(
        default=None, description="PEM file with the roots that sign its certificate. null: the system's."
    )
    deadline_seconds: float = Field(default=10.0, ge=0.1, le=300.0, description="Time for one request.")

    @field_validator("ca")
    @classmethod
    def _readable(cls, ca: FilePath | None) -> FilePath | None:
        return _roots(ca)


class FaultSettings(Section):
    """What is different for one kind of fault."""

    notify: bool = Field(default=True, description="Whether it is told of.")
    raise_seconds: float | None = Field(
        default=None, ge=0.0, le=86_400.0, description="For how long it must hold before it is told. null: as it is."
    )
    clear_seconds: float | None = Field(
        default=None, ge=0.0, le=86_400.0, description="And must not hold before it is over. null: as it is."
    )


class NoticeSettings(Section):
    """Notices of faults, recoveries and maintenance."""

    name: Named = Field(default="smpp-gateway", description="What notices call this gateway.")
    mail: MailSettings | None = Field(default=None, description="How they go by e-mail. null: not at all.")
    to: tuple[RecipientSettings, ...] = Field(
        default=(), max_length=MOST_ADDRESSES, description="Whom of the operator's they are mailed to."
    )
    webhooks: dict[Key, WebhookSettings] = Field(default_factory=dict, max_length=16, description="Services, by name.")
    follow_up_minutes: Annotated[tuple[Minutes, ...], Field(max_length=20)] = Field(
        default=(30.0, 60.0, 120.0),
        description="When a fault that lasts is told of again, after it was told first; the last step again and again.",
    )
    most_an_hour: int = Field(
        default=6, ge=3, le=100, description="Notices an hour of one fault that comes and goes; then one that says so."
    )
    rest_minutes: float = Field(
        default=15.0, ge=1.0, le=1_440.0, description="How long such a fault must rest before it is told of again."
    )
    retry_seconds: Annotated[tuple[Annotated[float, Field(ge=0.01, le=3_600.0)], ...], Field(min_length=1)] = Field(
        default=(5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
        max_length=20,
        description="When one that could not be sent is tried again; the last step again and again.",
    )
    give_up_hours: float = Field(
        default=6.0, ge=0.01, le=168.0, description="After how long one that cannot be sent is given up."
    )
    least_free_percent: float = Field(
        default=10.0, ge=0.0, le=90.0, description="Of the disk of the state directory; below it is a fault. 0: never."
    )
    faults: dict[FaultName, FaultSettings] = Field(
        default_factory=dict, max_length=100, description="What is different for single kinds of faults, by name."
    )
    announce: bool = Field(
        default=False,
        description="Announce faults that customers notice by themselves, and their end: on the page, and to "
        "customers with `notices`. false: a person announces.",
    )
    remind_hours: Annotated[tuple[Hours, ...], Field(max_length=10)] = Field(
        default=(24.0,), description="How long before planned maintenance it is mailed again."
    )
    runbooks: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,500}$")] = Field(
        default="docs/runbooks/", description="What precedes the name of a runbook's page in a notice."
    )

    @model_validator(mode="after")
    def _sound(self) -> "NoticeSettings":
        if self.to and self.mail is None:
            raise ValueError("to needs mail")
        return self


class CustomerNoticeSettings(Section):
    """Whom of a customer's is told what is announced."""

    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=20, description="E-mail addresses.")
    language: Language = Field(default="ja", description="`ja`, `en`, or `both` in one mail.")
    carriers: tuple[Key, ...] | None = Field(
        default=None,
        max_length=100,
        description="Of faults of single carriers, only these. null: all. What is of no single one is always told.",
    )


def _roots(ca: FilePath | None) -> FilePath | None:
    try:
        if ca is not None:
            ssl.create_default_context(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"the roots cannot be read: {error.strerror or error}") from None
    return ca

"""Look-ups over the network: the sources, their order, what silence means; and the check for recycled numbers."""

import re
import ssl
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from gateway.routing.enum import PUBLIC_SUFFIX, is_suffix
from gateway.routing.lookup_formats import FORMATS, Format, Reading, tree
from gateway.settings.passwords import Secret
from gateway.settings.section import FilePath, Key, Section, YenAsSen

MOST_SOURCES = 20
RATE_MOST = 100_000.0

DnsServer = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:]{2,39}\])(:[0-9]{1,5})?$")
]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,2000}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
Path = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,1000}$")]
IsoDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]

_WORD = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]*)\}")

CarriersByName = Annotated[dict[Name, Key], Field(max_length=10_000)]


class KeepSettings(Section):
    """How long answers are kept in memory, in seconds."""

    known_seconds: float = Field(
        default=86_400.0, ge=0.0, le=2_592_000.0, description="Longest, whatever the source vouches for."
    )
    least_seconds: float = Field(
        default=60.0, ge=0.0, le=86_400.0, description="Shortest, whatever the source vouches for."
    )
    unknown_seconds: float = Field(
        default=600.0, ge=0.0, le=2_592_000.0, description="That a source does not know a number. 0: not kept."
    )


class BreakerSettings(Section):
    """When a source that fails is left alone, and for how long."""

    failures: int = Field(default=5, ge=1, le=1_000, description="Failures in a row after which it is left alone.")
    pause_seconds: float = Field(default=5.0, ge=0.1, le=3_600.0, description="The first pause; it doubles.")
    longest_pause_seconds: float = Field(default=300.0, ge=0.1, le=86_400.0, description="The longest one.")

    @model_validator(mode="after")
    def _sound(self) -> "BreakerSettings":
        if self.longest_pause_seconds < self.pause_seconds:
            raise ValueError("longest_pause_seconds must not be below pause_seconds")
        return self


class QueueSettings(Section):
    """How much a source is asked at a time."""

    at_a_time: int = Field(default=16, ge=1, le=1_000, description="Questions that are under way.")
    most_waiting: int = Field(
        default=10_000, ge=1, le=1_000_000, description="Questions that wait for their turn; one more is a silence."
    )


class EnumSettings(Section):
    """One ENUM tree."""

    servers: tuple[DnsServer, ...] = Field(
        min_length=1, max_length=16, description='DNS servers, in order: "192.0.2.53" or "192.0.2.53:5353".'
    )
    suffix: str = Field(default=PUBLIC_SUFFIX, description="The root under which the digits of numbers stand.")
    carriers: CarriersByName = Field(
        description="Carrier for each routing number (`rn`, also `rn;rn-context`), provider (`spn`), or MCC and MNC."
    )
    absent: Literal["not_ported", "unknown"] = Field(
        default="not_ported", description="What it means that the tree does not have a number."
    )
    try_seconds: float = Field(default=0.2, ge=0.01, le=60.0, description="Time for one server to answer.")
    tries: int = Field(default=2, ge=1, le=10, description="Rounds through the servers.")
    deadline_seconds: float = Field(default=2.0, ge=0.01, le=60.0, description="Time for all of it.")
    keep: KeepSettings = Field(default_factory=KeepSettings, description="How long answers are kept.")
    breaker: BreakerSettings = Field(default_factory=BreakerSettings, description="When it is left alone.")
    queue: QueueSettings = Field(default_factory=QueueSettings, description="How much it is asked at a time.")

    @field_validator("suffix")
    @classmethod
    def _is_suffix(cls, suffix: str) -> str:
        if not is_suffix(suffix):
            raise ValueError("must be a domain name without a dot at its end")
        return suffix


class LoginSettings(Section):
    """How we show who we are: basic authentication, a header, a bearer token, one of OAuth 2.0's, or a signature."""

    user: Annotated[str, StringConstraints(pattern=r"^[ -9;-~]{1,255}$")] | None = Field(
        default=None, description="Name for HTTP's basic authentication, or client for `token_url`, with `secret`."
    )
    token_url: Url | None = Field(
        default=None, description="Where OAuth 2.0 gives tokens for client credentials, `user` and `secret`."
    )
    scope: Annotated[str, StringConstraints(pattern=r"^[!-~ ]{0,500}$")] = Field(
        default="", description="What the token is to be good for."
    )
    header: HeaderName | None = Field(default=None, description="Name of a header that carries `secret`.")
    signature: Literal["acs3", "x-digest"] | None = Field(
        default=None,
        description="Each request is signed with `secret` by the key `user`: `acs3` as Alibaba Cloud wants it, "
        "`x-digest` as HLR-lookups.com.",
    )
    secret: Secret = Field(
        description="Password, or the header's value, or a key's secret, or without `user` and `header` a bearer token."
    )

    @model_validator(mode="after")
    def _one_way(self) -> "LoginSettings":
        if self.user is not None and self.header is not None:
            raise ValueError("user and header do not go together")
        if self.token_url is not None and self.user is None:
            raise ValueError("token_url needs user and secret")
        if self.scope and self.token_url is None:
            raise ValueError("scope needs token_url")
        if self.signature is not None and (self.user is None or self.token_url is not None):
            raise ValueError("signature needs user and secret, and no token_url")
        return self


class ServiceSettings(Section):
    """What every service over HTTP has."""

    login: LoginSettings | None = Field(default=None, description="How we show who we are. null: not by a header.")
    ca: FilePath | None = Field(
        default=None, description="PEM file with the roots that sign its certificate. null: the system's."
    )
    requests_per_second: float | None = Field(
        default=None, gt=0.0, le=RATE_MOST, description="Requests a second, in the long run. null: without limit."
    )
    burst_requests: int = Field(default=10, ge=1, le=10_000, description="Requests that may go at once after a pause.")
    price_yen: YenAsSen = Field(
        default="0", validate_default=True, description="What one answer costs us; it is only counted."
    )
    deadline_seconds: float = Field(default=5.0, ge=0.01, le=600.0, description="Time for a request and its answer.")
    breaker: BreakerSettings = Field(default_factory=BreakerSettings, description="When it is left alone.")

    def tls(self) -> ssl.SSLContext | None:
        """What its certificate is judged by; None: as the system does. OSError or ssl.SSLError: not with this file."""
        return None if self.ca is None else ssl.create_default_context(cafile=str(self.ca))

    @field_validator("ca")
    @classmethod
    def _readable(cls, ca: FilePath | None) -> FilePath | None:
        try:
            if ca is not None:
                ssl.create_default_context(cafile=str(ca))
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"the roots cannot be read: {error.strerror or error}") from None
        return ca


class AnswerSettings(Section):
    """Where things stand in the answer of a service whose format we do not know: paths like `data.carrier.name`."""

    names: tuple[Path, ...] = Field(default=(), max_length=20, description="Carrier, brand or provider's id.")
    mccmnc: tuple[Path, ...] = Field(default=(), max_length=20, description="MCC and MNC in one.")
    mcc: tuple[Path, ...] = Field(default=(), max_length=20, description="MCC.")
    mnc: tuple[Path, ...] = Field(default=(), max_length=20, description="MNC.")
    ported: tuple[Path, ...] = Field(default=(), max_length=20, description="Whether the number was ported.")
    as_of: tuple[Path, ...] = Field(default=(), max_length=20, description="Since when it is so.")
    status: tuple[Path, ...] = Field(default=(), max_length=20, description="How the look-up went.")
    done: tuple[Name, ...] = Field(default=(), max_length=20, description="Values of `status` that are answers.")
    kind: tuple[Path, ...] = Field(default=(), max_length=20, description="What sort of number it is.")
    mobile: tuple[Name, ...] = Field(
        default=(), max_length=20, description="Values of `kind` that are mobile numbers; of others nothing is known."
    )
    original: bool = Field(
        default=False, description="The names are the block's: they count only of numbers that are not ported."
    )

    @model_validator(mode="after")
    def _sound(self) -> "AnswerSettings":
        if bool(self.kind) != bool(self.mobile):
            raise ValueError("kind and mobile go together")
        if self.original and not self.ported:
            raise ValueError("original needs ported")
        return self

    def reading(self) -> Reading:
        """The same as routing takes it."""
        return Reading(
            names=self.names,
            mccmnc=self.mccmnc,
            mcc=self.mcc,
            mnc=self.mnc,
            ported=self.ported,
            as_of=self.as_of,
            status=self.status,
            done=tuple(one.lower() for one in self.done),
            kind=self.kind,
            mobile=tuple(one.lower() for one in self.mobile),
            original=self.original,
        )


class HttpLookupSettings(ServiceSettings):
    """One look-up service over HTTP."""

    url: Url = Field(
        description="URL, with `{number}` (digits) or `{plus}` (with + before them) in it unless the body has the "
        "number, and words of `secrets` in braces."
    )
    secrets: dict[Key, Secret] = Field(
        default_factory=dict, max_length=10, description="What stands in URL or body and nobody should read."
    )
    format: str | None = Field(default=None, description=f"One that we know: {', '.join(FORMATS)}.")
    answer: AnswerSettings | None = Field(default=None, description="In place of `format`: where things stand.")
    method: Literal["GET", "POST"] | None = Field(default=None, description="null: as the format has it, or GET.")
    body: dict[Name, Annotated[str, StringConstraints(max_length=1_000)]] | None = Field(
        default=None,
        max_length=20,
        description="JSON that is sent, by paths like `numbers.0.msisdn`, with `{number}` or `{plus}`. null: as the "
        "format.",
    )
    headers: dict[HeaderName, HeaderValue] | None = Field(
        default=None, max_length=20, description="Headers of each request. null: as the format."
    )
    carriers: CarriersByName = Field(
        description="Carrier for each name, brand, provider's id, or MCC and MNC, that it may answer."
    )
    keep: KeepSettings = Field(default_factory=KeepSettings, description="How long answers are kept.")
    queue: QueueSettings = Field(default_factory=QueueSettings, description="How much it is asked at a time.")

    @field_validator("format")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and name not in FORMATS:
            raise ValueError(f"must be one of: {', '.join(FORMATS)}")
        return name

    @model_validator(mode="after")
    def _sound(self) -> "HttpLookupSettings":
        if (self.format is None) == (self.answer is None):
            raise ValueError("give either format or answer")
        asks = (self.url, *(text for _, text in self.asks().body))
        if not any(word in text for text in asks for word in ("{number}", "{plus}")):
            raise ValueError("neither url nor body has {number} or {plus} in it")
        words = {word for text in asks for word in _WORD.findall(text)} - {"number", "plus"}
        if unknown := sorted(words - self.secrets.keys()):
            raise ValueError(f"secrets: {unknown[0]} is missing")
        tree(self.asks().body)
        return self

    def asks(self) -> Format:
        """Method, body and reading, as the format or the operator says."""
        known = FORMATS[self.format] if self.format is not None else Format(Reading())
        reading = known.reading if self.answer is None else self.answer.reading()
        body = known.body if self.body is None else tuple(self.body.items())
        headers = known.headers if self.headers is None else tuple(self.headers.items())
        method = self.method or ("POST" if body and self.format is None else known.method)
        return Format(reading, method, body, headers)


class LookupSettings(Section):
    """Who is asked for the carrier of a number that no local source tells, and what happens when nobody answers."""

    order: tuple[Key, ...] = Field(
        default=(), max_length=MOST_SOURCES, description="Names of sources below, in the order they are asked."
    )
    enum: dict[Key, EnumSettings] = Field(default_factory=dict, max_length=MOST_SOURCES, description="ENUM trees.")
    http: dict[Key, HttpLookupSettings] = Field(
        default_factory=dict, max_length=MOST_SOURCES, description="Look-up services over HTTP."
    )
    when_silent: Literal["blocks", "wait", "fail"] = Field(
        default="blocks",
        description="No source decides, and one or more did not answer: take the carrier of the number's block, ask "
        "again until the message's validity is over, or end the message undelivered.",
    )
    when_unknown: Literal["blocks", "fail"] = Field(
        default="blocks", description="All sources answered, and none knows the number."
    )
    wait_seconds: float = Field(default=30.0, ge=0.1, le=3_600.0, description="Between attempts, with `wait`.")
    most_waiting: int = Field(
        default=200_000,
        ge=1,
        le=10_000_000,
        description="Messages that wait for a look-up; one more counts as a silence, and with `wait` goes by blocks.",
    )
    most_kept: int = Field(
        default=100_000, ge=0, le=10_000_000, description="Answers that are kept, some 400 octets each."
    )

    @model_validator(mode="after")
    def _sound(self) -> "LookupSettings":
        if twice := self.enum.keys() & self.http.keys():
            raise ValueError(f"a source of enum and one of http are both called {min(twice)}")
        known = self.enum.keys() | self.http.keys()
        if missing := [name for name in self.order if name not in known]:
            raise ValueError(f"order: no source is called {missing[0]}")
        if len(set(self.order)) < len(self.order):
            raise ValueError("order: a source stands twice")
        return self


class RecyclingServiceSettings(ServiceSettings):
    """One operator's CAMARA Number Recycling."""

    root: Url = Field(description="URL without `/check`: https://api.example/number-recycling/v0.2.")
    carriers: tuple[Key, ...] | None = Field(
        default=None, max_length=1_000, description="Carriers whose numbers it knows. null: it is asked for all."
    )

    @field_validator("root")
    @classmethod
    def _without_slash(cls, root: str) -> str:
        return root.rstrip("/")


class RecyclingSettings(Section):
    """The check whether a number changed hands, for accounts that ask for it."""

    services: dict[Key, RecyclingServiceSettings] = Field(
        min_length=1, max_length=MOST_SOURCES, description="Who is asked, in order."
    )
    price_yen: YenAsSen = Field(
        default="3.5", validate_default=True, description="What a customer pays for a check that was answered."
    )
    most_waiting: int = Field(
        default=100_000, ge=1, le=10_000_000, description="Messages that wait for a check; one more gets none."
    )
    queue: QueueSettings = Field(default_factory=QueueSettings, description="How much is checked at a time.")


class RecipientCheckSettings(Section):
    """Before sending: did the number change hands since the customer knew its owner?"""

    since_tlv: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")] | None = Field(
        default=None, description="Name in `tlvs` of the optional parameter that brings the date, YYYYMMDD."
    )
    since: IsoDate | None = Field(
        default=None, description='The date where none is sent, in quotes: "2024-04-01". null: no check then.'
    )
    cannot_tell: Literal["send", "fail"] = Field(default="send", description="What happens when nobody can tell.")

    @model_validator(mode="after")
    def _sound(self) -> "RecipientCheckSettings":
        if self.since_tlv is None and self.since is None:
            raise ValueError("give since_tlv, or since, or both")
        self.date()
        return self

    def date(self) -> date | None:
        """The date; ValueError for one that is in no calendar."""
        return None if self.since is None else date.fromisoformat(self.since)

"""A carrier's profile: how it takes text, where we bind, how fast, how it numbers messages, what its answers mean."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gateway.segmenter.rules import MOST_SEGMENTS, Concatenation, Repertoire, TextRule, Unfit
from gateway.settings.certificates import CertificateError, client_side
from gateway.settings.outbind import OutbindSettings
from gateway.settings.pace import MOST_ROWS, CarrierPaceSettings, ErrorRowSettings, RetrySettings
from gateway.settings.passwords import Password
from gateway.settings.receipts import ReasonSettings
from gateway.settings.section import (
    CommandStatusCode,
    FilePath,
    Host,
    Key,
    NumberingPlan,
    Port,
    Section,
    SystemId,
    SystemType,
    TypeOfNumber,
)
from gateway.smpp.limits import SessionLimits

MOST_UNITS_A_TABLE = 255
MOST_CHARACTERS = 32_000  # UTF-16 code units: message_payload holds 64,000 octets
MOST_BINDS_OF_A_KIND = 64
MOST_WINDOW = 10_000

IdWriting = Literal["hex", "decimal", "text", "text_any_case"]


class TextSettings(Section):
    """How the carrier takes, cuts and bills text. Lengths are UTF-16 code units: one for each kana or kanji."""

    first: int = Field(ge=2, le=MOST_CHARACTERS, description="Longest text that goes as one segment.")
    following: int = Field(ge=2, le=MOST_CHARACTERS, description="Text in each segment of a longer message.")
    concatenation: Annotated[Concatenation, Field(strict=False)] = Field(
        description="How the segments of a long message are tied: `udh8`, `udh16` (user data header with an 8-bit or "
        "16-bit reference), `sar` (TLVs), or `payload` (not cut: all of it in message_payload)."
    )
    max_characters: int = Field(ge=1, le=MOST_CHARACTERS, description="Longest text that is accepted.")
    max_segments: int = Field(
        default=11,
        ge=1,
        le=MOST_SEGMENTS,
        description="Most segments a message may have. A cut that spares surrogate pairs may need one more than units.",
    )
    units: Annotated[tuple[int, ...], Field(min_length=1, max_length=MOST_UNITS_A_TABLE)] = Field(
        description="The billing table: the longest text billed as 1 unit, as 2 units, and so on. It ascends and "
        "reaches `max_characters`."
    )
    gsm7: bool = Field(
        default=False, description="Send a text that GSM 03.38 holds wholly in it, 160 septets a segment."
    )
    carried: Annotated[Repertoire, Field(strict=False)] = Field(
        default=Repertoire.UNICODE,
        description="The characters that the carrier carries: `unicode` (all), `bmp` (none that takes two code units), "
        "`jis` (ASCII, half-width katakana, JIS X 0208).",
    )
    unfit: Annotated[Unfit, Field(strict=False)] = Field(
        default=Unfit.SEND,
        description="Characters that the carrier does not carry: `refuse` the message, `send` them all the same, or "
        "`replace` them by one of the same meaning (refused where there is none).",
    )
    replacements: dict[str, str] = Field(
        default_factory=dict, max_length=10_000, description="Own replacements, before the built-in ones."
    )

    @field_validator("units")
    @classmethod
    def _units(cls, units: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if any(shorter >= longer for shorter, longer in zip((0, *units), units, strict=False)):
            raise ValueError("the table must ascend")
        longest = info.data.get("max_characters")
        if longest is not None and units[-1] < longest:
            raise ValueError(f"the table ends at {units[-1]} and must reach max_characters, {longest}")
        return units

    @model_validator(mode="after")
    def _kept(self) -> "TextSettings":
        self.rule()
        return self

    def rule(self) -> TextRule:
        """The same as the segmenter takes it."""
        return TextRule(
            first=self.first,
            following=self.following,
            concatenation=self.concatenation,
            max_characters=self.max_characters,
            max_segments=self.max_segments,
            units=self.units,
            gsm7=self.gsm7,
            unfit=self.unfit,
            carried=self.carried,
            replacements=self.replacements,
        )


class CentreSettings(Section):
    """Where a message centre of the carrier listens."""

    host: Host = Field(description="Host name or address.")
    port: Port = Field(description="TCP port.")


class CarrierTlsSettings(Section):
    """TLS 1.2 or newer towards the carrier. The files are read for each connection anew."""

    ca: FilePath | None = Field(
        default=None, description="PEM file: who signs the carrier's certificate. null: whom the system trusts."
    )
    certificate: FilePath | None = Field(
        default=None, description="PEM file: our certificate and its chain, if the carrier asks for one."
    )
    key: FilePath | None = Field(default=None, description="PEM file: its private key, not encrypted.")
    server_name: Host | None = Field(
        default=None, description="The name on the carrier's certificate. null: the host that we connect to."
    )

    @model_validator(mode="after")
    def _pair(self) -> "CarrierTlsSettings":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        try:
            client_side(self.ca, self.certificate, self.key)
        except CertificateError as error:
            raise ValueError(str(error)) from None
        return self


class BindSettings(Section):
    """Binds of one kind to the carrier's message centre."""

    host: Host | None = Field(default=None, description="Host name or address, when there is one. Else `hosts`.")
    port: Port | None = Field(default=None, description="TCP port of `host`.")
    hosts: Annotated[tuple[CentreSettings, ...], Field(max_length=16)] = Field(
        default=(),
        description="In place of `host` and `port`: several of them, tried in order. After a failure the next one is "
        "tried; a bind that was up and went begins at the first.",
    )
    outbind: OutbindSettings | None = Field(
        default=None,
        description="In place of hosts: the carrier calls us. Each of `count` binds is one call of the carrier.",
    )
    tls: CarrierTlsSettings | None = Field(default=None, description="TLS towards the carrier. null: plain TCP.")
    system_id: SystemId = Field(description="Our name at the carrier, 1 to 15 ASCII characters.")
    password: Password = Field(
        description="1 to 8 ASCII characters: as text, or `{file: path}`, `{env: NAME}`, `{credential: name}` (a file "
        "in systemd's credentials directory)."
    )
    system_type: SystemType = Field(default="", description="Some carriers ask for one; at most 12 characters.")
    mode: Literal["transceiver", "transmitter", "receiver"] = Field(
        default="transceiver", description="`transceiver`, or `transmitter` and `receiver` as binds of their own."
    )
    count: int = Field(default=1, ge=1, le=MOST_BINDS_OF_A_KIND, description="How many binds like this are kept up.")
    interface_version: Literal[0x33, 0x34, 0x50] = Field(
        default=0x34, description="SMPP version that we bind with: 0x33, 0x34 or 0x50."
    )

    @model_validator(mode="after")
    def _somewhere(self) -> "BindSettings":
        if (self.host is None) != (self.port is None):
            raise ValueError("host and port belong together")
        if [self.host is not None, bool(self.hosts), self.outbind is not None].count(True) != 1:
            raise ValueError("give either host and port, or hosts, or outbind")
        if self.outbind is not None and self.mode == "transmitter":
            raise ValueError("who is called by outbind binds as receiver or transceiver")
        if self.outbind is not None and self.tls is not None:
            raise ValueError("a carrier that calls us does so over plain TCP: tls is for hosts")
        return self

    def places(self) -> tuple[tuple[str, int], ...]:
        """Hosts and ports in the order in which they are tried; none when the carrier calls us."""
        if self.host is not None and self.port is not None:
            return ((self.host, self.port),)
        return tuple((one.host, one.port) for one in self.hosts)


class CarrierSessionSettings(Section):
    """Limits and timers of each bind to the carrier."""

    window: int = Field(
        ge=1, le=MOST_WINDOW, description="Segments on their way on one bind that are not answered yet."
    )
    enquire_link_seconds: float = Field(
        default=30.0, ge=0.0, le=3_600.0, description="Silence of the carrier after which we ask. 0: never."
    )
    response_seconds: float = Field(
        default=30.0, ge=0.1, le=600.0, description="A request that is not answered for so long is in doubt."
    )
    reconnect_min_seconds: float = Field(
        default=0.5, ge=0.01, le=600.0, description="Wait before the first attempt to connect again; it doubles."
    )
    reconnect_max_seconds: float = Field(default=30.0, ge=0.01, le=3_600.0, description="Longest such wait.")
    refused_wait_seconds: float = Field(
        default=300.0,
        ge=0.01,
        le=86_400.0,
        description="Wait after the carrier refused the bind for what a person must mend: password, system_id, "
        "system_type, kind of bind. Trying faster may get the name locked.",
    )

    @field_validator("reconnect_max_seconds")
    @classmethod
    def _not_below_min(cls, longest: float, info: ValidationInfo) -> float:
        if longest < info.data.get("reconnect_min_seconds", 0.0):
            raise ValueError("must not be below reconnect_min_seconds")
        return longest

    def limits(self) -> SessionLimits:
        """The same as a session of ours towards the carrier takes it."""
        return SessionLimits(
            send_window=self.window,
            enquire_link_seconds=self.enquire_link_seconds,
            response_seconds=self.response_seconds,
        )


class DestinationSettings(Section):
    """How the destination is addressed. The digits are always the number with its country code."""

    ton: TypeOfNumber = Field(default=1, description="Type of number: 1 is international.")
    npi: NumberingPlan = Field(default=1, description="Numbering plan: 1 is E.164.")


class ReceiptSettings(Section):
    """How the carrier writes the ids of messages. An id in a receipt is matched with that in the response by value."""

    id_in_response: IdWriting = Field(
        description="In submit_sm_resp: `hex` (UUIDs too), `decimal`, `text` (taken as it is) or `text_any_case`."
    )
    id_in_receipt: IdWriting = Field(description="In receipts, likewise.")

    @field_validator("id_in_receipt")
    @classmethod
    def _comparable(cls, in_receipt: str, info: ValidationInfo) -> str:
        in_response = info.data.get("id_in_response", in_receipt)
        if in_response != in_receipt and not {in_response, in_receipt} <= {"hex", "decimal"}:
            raise ValueError("text is compared as it is: both ids must be text, of the same kind, or neither")
        return in_receipt

    network_tag: int | None = Field(
        default=None,
        ge=1,
        le=0xFFFF,
        description="Tag of the parameter in its receipts that names the network which the phone was found on, as "
        "text. Another network than that of the look-up teaches `portability.learned`. null: it names none.",
    )
    networks: dict[str, Key] = Field(
        default_factory=dict,
        max_length=10_000,
        description="Carrier for each such name, as MCC and MNC in quotes.",
    )


class ErrorSettings(Section):
    """What the carrier's refusals of a submit_sm mean."""

    temporary: tuple[CommandStatusCode, ...] = Field(
        max_length=1_000,
        description="command_status codes that mean later: ESME_RTHROTTLED and ESME_RMSGQFUL for all to this carrier, "
        "others for the segment. What is neither here nor in `rows` refuses for good.",
    )
    rows: tuple[ErrorRowSettings, ...] = Field(
        default=(), max_length=MOST_ROWS, description="What single codes mean, before the other lists."
    )
    pause_seconds: float = Field(
        default=1.0,
        ge=0.01,
        le=600.0,
        description="Nothing is sent to the carrier for so long after an answer that slows all, when `pace.adaptive` "
        "is null; and when too many segments wait for another try.",
    )
    reasons: ReasonSettings = Field(
        default_factory=ReasonSettings,
        description="Our words for its codes, in records, traces and, for customers that ask for it, receipts.",
    )
    not_mine: tuple[CommandStatusCode, ...] = Field(
        default=(),
        max_length=1_000,
        description="command_status codes that say: another carrier's number. `portability.learned` keeps it.",
    )
    not_mine_errors: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = Field(
        default=(),
        max_length=1_000,
        description="The same, as `err` of a receipt says it: for the next message to the number.",
    )
    elsewhere: tuple[CommandStatusCode, ...] = Field(
        default=(),
        max_length=1_000,
        description="command_status codes after which a message of which nothing has left yet takes its next route, if "
        "it has one; also for codes of `temporary`.",
    )

    def leads_elsewhere(self) -> frozenset[int]:
        """The codes after which a message takes its next route, by list or row."""
        return frozenset((*self.elsewhere, *(row.status for row in self.rows if row.means == "elsewhere")))


class CarrierSettings(Section):
    """The profile of one carrier: everything the gateway knows about it."""

    title: str = Field(min_length=1, max_length=60, description="Its name as people read it.")
    text: TextSettings = Field(description="How it takes, cuts and bills text.")
    binds: tuple[BindSettings, ...] = Field(
        min_length=1, max_length=64, description="Where we bind. At least one bind sends and one takes receipts."
    )
    session: CarrierSessionSettings = Field(description="Limits and timers of each bind.")
    pace: CarrierPaceSettings = Field(description="What its contract allows, over all binds.")
    destination: DestinationSettings = Field(
        default_factory=DestinationSettings, description="How the destination is addressed."
    )
    receipts: ReceiptSettings = Field(description="How it writes message ids.")
    errors: ErrorSettings = Field(description="What its refusals mean.")
    retry: RetrySettings = Field(
        default_factory=RetrySettings, description="When a segment that was refused for now is tried again."
    )
    in_doubt: Literal["resend", "wait", "fail"] = Field(
        description="A segment that was sent and never answered: `resend` (it may arrive twice), `wait` for a receipt "
        "that gives back the user_message_reference we send, then `resend`, or `fail` (it may have arrived, and is not "
        "billed)."
    )
    in_doubt_wait_seconds: float = Field(
        default=60.0, ge=1.0, le=86_400.0, description="How long `in_doubt: wait` waits for such a receipt."
    )
    without_receipt: Literal["expired", "unknown"] = Field(
        default="expired", description="How a segment ends whose receipt never came: after validity and margin."
    )
    validity_hours: float = Field(
        default=72.0, ge=0.001, le=168.0, description="Longest life of a message; a customer may ask for less."
    )
    receipt_margin_hours: float = Field(
        default=1.0, ge=0.0, le=168.0, description="How long after a message's validity its receipt is waited for."
    )
    send_without_receiver: bool = Field(
        default=False,
        description="Go on sending while no bind that takes receipts is up. false: segments wait, since a receipt that "
        "the carrier cannot hand over may be lost, and the bill depends on it.",
    )

    @field_validator("binds")
    @classmethod
    def _both_ways(cls, binds: tuple[BindSettings, ...]) -> tuple[BindSettings, ...]:
        modes = {bind.mode for bind in binds}
        if modes == {"receiver"}:
            raise ValueError("no bind sends: add a transceiver or a transmitter")
        if modes == {"transmitter"}:
            raise ValueError("no bind takes receipts: add a transceiver or a receiver")
        return binds

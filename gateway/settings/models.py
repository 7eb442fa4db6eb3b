"""The whole configuration as frozen values: `Settings` and its smaller sections. Every limit stands at its field."""

from collections.abc import Collection, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from gateway.model.ids import NODES
from gateway.routing.blocks import NumberBlocks, library_blocks, read_blocks
from gateway.routing.imported import ImportedNumbers
from gateway.routing.numbers import NumberRules
from gateway.routing.portability import SOURCES, Portability, SourceName
from gateway.routing.ported import PortedNumbers, read_ported
from gateway.routing.routes import Routes
from gateway.routing.tables import BadRow, BadRows
from gateway.settings.billing import BillingSettings
from gateway.settings.carriers import MOST_WINDOW, CarrierSettings
from gateway.settings.customers import MOST_RECEIPTS_IN_FLIGHT, CustomerSettings, TariffSettings
from gateway.settings.listeners import DoorSettings, ListenSettings
from gateway.settings.lookups import LookupSettings, RecyclingSettings
from gateway.settings.notices import NoticeSettings
from gateway.settings.pace import OverloadSettings
from gateway.settings.page import PageSettings
from gateway.settings.routing import LearnedSettings, RoutingSettings
from gateway.settings.section import FilePath, Host, Key, ListenPort, Section, SystemId
from gateway.settings.store import StoreSettings
from gateway.settings.tlvs import VendorTlvs, vocabulary
from gateway.smpp.limits import SessionLimits
from gateway.smpp.tlv import Vocabulary

Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]


class AddressSettings(Section):
    """An address that we listen on."""

    host: Host = Field(description="Address of an interface; 0.0.0.0 or `::` for all of them.")
    port: ListenPort = Field(description="TCP port. 0: the kernel chooses, the log line `ready` tells.")


class LogSettings(Section):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The least that is logged.")


class SessionSettings(Section):
    """Limits and timers of customers' connections."""

    window: int = Field(
        default=1_000,
        ge=1,
        le=MOST_WINDOW,
        description="Requests on one connection that we have not answered yet; above it we answer ESME_RTHROTTLED.",
    )
    max_pdu_octets: int = Field(
        default=70_000, ge=1_024, le=1_048_576, description="Longest PDU; a longer one ends the connection."
    )
    session_init_seconds: float = Field(default=10.0, ge=0.1, le=600.0, description="Time to bind after connecting.")
    enquire_link_seconds: float = Field(
        default=30.0, ge=0.0, le=3_600.0, description="Silence of the customer after which we ask. 0: never."
    )
    inactivity_seconds: float = Field(
        default=0.0, ge=0.0, le=86_400.0, description="A bind without messages for so long is ended. 0: never."
    )
    response_seconds: float = Field(
        default=30.0, ge=0.1, le=600.0, description="A receipt that is not answered for so long is handed out again."
    )
    pdu_seconds: float = Field(
        default=10.0, ge=0.1, le=600.0, description="Time from the first octet of a PDU to its last."
    )
    max_errors: int = Field(
        default=10, ge=1, le=10_000, description="Faulty PDUs in a row after which the connection is given up."
    )
    max_connections: int = Field(
        default=10_000,
        ge=1,
        le=100_000,
        description="Connections at a time. One more pushes out the one that has waited longest to bind, or is closed.",
    )

    def limits(self) -> SessionLimits:
        """The same as a session of ours towards a customer takes it. The account's receipt window is the narrower."""
        return SessionLimits(
            max_pdu_octets=self.max_pdu_octets,
            send_window=MOST_RECEIPTS_IN_FLIGHT,
            receive_window=self.window,
            max_errors=self.max_errors,
            session_init_seconds=self.session_init_seconds,
            enquire_link_seconds=self.enquire_link_seconds,
            inactivity_seconds=self.inactivity_seconds,
            response_seconds=self.response_seconds,
            pdu_seconds=self.pdu_seconds,
        )


class ReceiptWaitSettings(Section):
    """How long receipts wait: those that overtake their response, and those that customers do not fetch."""

    early_receipt_seconds: float = Field(
        default=60.0, ge=1.0, le=86_400.0, description="How long a receipt that matches nothing waits for its response."
    )
    keep_days: float = Field(
        default=14.0,
        ge=0.01,
        le=3_650.0,
        description="How long receipts and messages from phones wait for a customer that does not fetch them.",
    )


class ReassemblySettings(Section):
    """Long messages that customers send in parts of their own."""

    wait_seconds: float = Field(
        default=300.0, ge=1.0, le=86_400.0, description="How long the first part waits for the last one."
    )
    max_open: int = Field(
        default=100_000, ge=1, le=1_000_000, description="Unfinished messages at a time; above it we answer `later`."
    )


class NumberSettings(Section):
    """The number plan: which addresses are mobile numbers, and how they are written."""

    country_code: str = Field(pattern=r"^[1-9][0-9]{0,2}$", description='Country code, in quotes: "81".')
    trunk_prefix: str = Field(pattern=r"^[0-9]{0,2}$", description='What precedes a number within the country: "0".')
    mobile_digits: int = Field(
        ge=4, le=14, description="Digits of a mobile number without country code and trunk prefix."
    )
    mobile: tuple[str, ...] = Field(
        min_length=1,
        max_length=1_000,
        description="How mobile numbers begin, without trunk prefix: digits, and sets of digits like `[1-9]`.",
    )
    international_prefixes: tuple[Digits, ...] = Field(
        default=("00", "010"), max_length=100, description="What customers may write before a country code, beside `+`."
    )

    @model_validator(mode="after")
    def _sound(self) -> "NumberSettings":
        self.rules()
        return self

    def rules(self) -> NumberRules:
        """The same as routing takes it."""
        return NumberRules(
            self.country_code, self.trunk_prefix, self.mobile, self.mobile_digits, self.international_prefixes
        )


class PortabilitySettings(Section):
    """How the carrier of a number is found: one source after the other, until one knows it."""

    order: Annotated[tuple[SourceName, ...], Field(min_length=1, max_length=len(SOURCES))] = Field(
        default=SOURCES,
        description="The sources, in the order in which they are asked: `customer` (it names the carrier, see "
        "`customer_tlv`), `learned` (from carriers' answers), `files` (of ported numbers), `network` (see `lookups`), "
        "`blocks`. What is not listed is not asked.",
    )
    imported_file: FilePath | None = Field(
        default=None,
        description="What `smpp-gateway portability import` makes of files of millions of ported numbers; asked after "
        "`ported_files`. A new one is taken within seconds while the gateway runs. null: none.",
    )
    file_carriers: dict[str, Key | None] = Field(
        default_factory=dict,
        max_length=10_000,
        description="Carrier for each name or code in imported files, beside the carriers' own keys. null: nobody whom "
        "we serve.",
    )
    learned: LearnedSettings | None = Field(
        default=None, description="What carriers' answers teach of numbers. null: nothing."
    )
    customer_tlv: str | None = Field(
        default=None,
        max_length=63,
        description="The parameter in `tlvs` by which an account that may (`may_name_carrier`) names the carrier.",
    )
    ported_files: tuple[FilePath, ...] = Field(
        default=(),
        max_length=100,
        description="CSV files `number,carrier` of ported numbers; a later file is laid over an earlier one. A number "
        "without a carrier went to nobody whom we serve. Without any file it is not known whether a number was ported.",
    )
    block_files: tuple[FilePath, ...] = Field(
        default=(),
        max_length=100,
        description="CSV files `prefix,carrier`, the regulator's table, laid over the blocks of the library. A prefix "
        "without a carrier belongs to nobody; the longest prefix of a number decides.",
    )
    library_names: dict[str, Key] = Field(
        default_factory=dict,
        max_length=1_000,
        description="Carrier for each name in the `phonenumbers` library's table of number blocks. Blocks of a name "
        "that is not here belong to nobody.",
    )


class Settings(Section):
    """The gateway's configuration. `carriers`, `customers`, `routes` and `tariffs` may be spread over files."""

    include: tuple[str, ...] = Field(
        default=(),
        max_length=1_000,
        description="More files, as names or patterns like `carriers/*.yaml`, relative to the file that names them.",
    )
    node: int = Field(default=0, ge=0, lt=NODES, description="Number of this gateway; it is part of every message id.")
    listen: tuple[ListenSettings, ...] = Field(min_length=1, max_length=64, description="Where customers connect.")
    system_id: SystemId = Field(default="smpp-gateway", description="What we call ourselves in bind responses.")
    store: StoreSettings = Field(description="Where messages and records are kept.")
    metrics: AddressSettings | None = Field(default=None, description="Where Prometheus scrapes. null: nowhere.")
    page: PageSettings | None = Field(default=None, description="The status page, and verbs over HTTP. null: none.")
    log: LogSettings = Field(default_factory=LogSettings, description="What is logged.")
    sessions: SessionSettings = Field(
        default_factory=SessionSettings, description="Limits and timers of customers' connections."
    )
    doors: DoorSettings = Field(
        default_factory=DoorSettings, description="How customers' doors treat wrong passwords and strangers."
    )
    overload: OverloadSettings = Field(
        default_factory=OverloadSettings, description="When customers are refused for the sake of the others."
    )
    drain_seconds: float = Field(
        default=10.0, ge=0.0, le=600.0, description="How long a stop waits for answers that are on their way."
    )
    receipt_wait: ReceiptWaitSettings = Field(
        default_factory=ReceiptWaitSettings, description="How long receipts wait."
    )
    reassembly: ReassemblySettings = Field(
        default_factory=ReassemblySettings, description="Long messages that customers send in parts."
    )
    numbers: NumberSettings = Field(description="The number plan.")
    portability: PortabilitySettings = Field(
        default_factory=PortabilitySettings, description="How the carrier of a number is found."
    )
    lookups: LookupSettings = Field(
        default_factory=LookupSettings, description="Who is asked over the network for the carrier of a number."
    )
    recycling: RecyclingSettings | None = Field(
        default=None, description="Who is asked whether a number changed hands. null: nobody."
    )
    routing: RoutingSettings = Field(
        default_factory=RoutingSettings, description="Through which profiles messages go, and as whom."
    )
    routes: dict[Key, Key] = Field(
        default_factory=dict,
        max_length=1_000,
        description="Carriers and brands whose messages go through the profile of another one, on whose network they "
        "are. Every profile is its own carrier's route without being listed.",
    )
    tariffs: dict[Key, TariffSettings] = Field(min_length=1, max_length=1_000, description="Price lists.")
    billing: BillingSettings = Field(default_factory=BillingSettings, description="Who issues invoices, and its tax.")
    notices: NoticeSettings = Field(
        default_factory=NoticeSettings, description="Who is told of faults, recoveries and maintenance."
    )
    tlvs: VendorTlvs = Field(
        default_factory=dict, max_length=1_000, description="Names and types of vendors' optional parameters, by name."
    )
    carriers: dict[Key, CarrierSettings] = Field(min_length=1, max_length=100, description="Profiles, by carrier.")
    customers: dict[Key, CustomerSettings] = Field(min_length=1, max_length=10_000, description="Accounts, by name.")

    def build_portability(self) -> Portability:
        """Read the tables and files. BadRows when a file has changed for the worse since `load` judged it."""
        return build_portability(self.numbers, self.portability, self.reached(), self.lookups.order)

    def reached(self) -> set[str]:
        """The carriers and brands that a profile leads to, or an aggregator."""
        served = (one for route in self.routing.routes.values() for one in route.serves)
        return {*self.carriers, *self.routes, *served}

    def vocabulary(self) -> Vocabulary:
        """The standard's optional parameters, and those that `tlvs` names."""
        return vocabulary(self.tlvs)

    def build_routes(self) -> Routes:
        """Every profile is a route; `routes` adds carriers that go through another's, and may lead one elsewhere."""
        return self.routing.build({key: key for key in self.carriers} | self.routes, self.numbers.rules())


def build_portability(
    numbers: NumberSettings, portability: PortabilitySettings, carriers: Collection[str], network: Sequence[str] = ()
) -> Portability:
    """The look-up over the sources. BadRows tells every bad row of every file.

    `carriers` are those that a route leads to: a file that names another one is wrong. `network` are the names of the
    sources that are asked over the network.
    """
    rules = numbers.rules()
    bad: list[BadRow] = []
    prefixes = library_blocks(portability.library_names, numbers.country_code)
    ported = None
    try:
        prefixes |= read_blocks(portability.block_files, rules, carriers)
    except BadRows as error:
        bad += error.rows
    try:
        if portability.ported_files:
            ported = PortedNumbers(read_ported(portability.ported_files, rules, carriers))
    except BadRows as error:
        bad += error.rows
    if bad:
        raise BadRows(bad)
    imported = None if portability.imported_file is None else ImportedNumbers(portability.imported_file)
    learned = None if portability.learned is None else portability.learned.build()
    return Portability(NumberBlocks(prefixes), ported, imported, learned, portability.order, network)

"""Routes and rules as the operator writes them, what carriers' answers teach, and the order of the sources."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from gateway.model.money import Sen
from gateway.model.values import Address
from gateway.routing.failover import FailoverLimits
from gateway.routing.learned import LearnedNumbers
from gateway.routing.numbers import NumberRules
from gateway.routing.routes import Routes
from gateway.routing.rules import (
    CustomerSenders,
    Order,
    Patterns,
    RouteProfile,
    Rule,
    SenderRules,
    Weighed,
    Window,
)
from gateway.settings.section import Key, NumberingPlan, Section, SenderAddress, TypeOfNumber, YenAsSen

MS_AN_HOUR = 3_600_000
TON_ALPHANUMERIC = 5  # SMPP 3.4, section 5.2.5

SenderPattern = Annotated[str, StringConstraints(pattern=r"^[ -)+-~]{0,20}\*?$", min_length=1)]
Prefix = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{1,15}$")]
Hours = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")
]
"""A part of the day in Japan, in quotes: "21:00-08:00"."""


class LearnedSettings(Section):
    """What a carrier's redirect or `not mine` teaches of a number."""

    hours: float = Field(default=720.0, ge=0.01, le=8_760.0, description="How long it is believed.")
    most: int = Field(default=100_000, ge=1, le=10_000_000, description="Numbers at a time; the oldest makes room.")

    def build(self) -> LearnedNumbers:
        """Empty, as routing takes it."""
        return LearnedNumbers(int(self.hours * MS_AN_HOUR), self.most, durable=True)


class CustomerSenderSettings(Section):
    """The senders of one customer on one route."""

    allowed: tuple[SenderPattern, ...] = Field(
        default=(),
        max_length=10_000,
        description="Sender addresses that it may use here: whole, or their beginning with `*`. Empty: any.",
    )
    instead: SenderAddress | None = Field(
        default=None, description="What stands in the place of any other. null: such messages do not go this route."
    )


class RouteSettings(Section):
    """A carrier's profile as a route."""

    serves: tuple[Key, ...] = Field(
        default=(),
        max_length=1_000,
        description="An aggregator: the carriers that are reached through it beside its own.",
    )
    unit_yen: YenAsSen = Field(default=Sen(0), description='What a unit costs us, in yen as text: "2.8".')
    unit_yen_of: dict[Key, YenAsSen] = Field(
        default_factory=dict,
        max_length=1_000,
        description="What it costs to numbers of one carrier, where that differs.",
    )
    sender: SenderAddress | None = Field(
        default=None, description="The one sender of this route, as a short code. null: as the customer writes it."
    )
    senders: dict[Key, CustomerSenderSettings] = Field(
        default_factory=dict, max_length=10_000, description="Customers with rules of their own for it, by account."
    )
    sender_ton: TypeOfNumber = Field(default=0, description="Type of number of senders that we put in; letters: 5.")
    sender_npi: NumberingPlan = Field(default=1, description="Numbering plan of senders that we put in; letters: 0.")

    def build(self) -> RouteProfile:
        """The same as routing takes it."""
        customers = {
            name: CustomerSenders(Patterns(one.allowed), None if one.instead is None else self._address(one.instead))
            for name, one in self.senders.items()
        }
        fixed = None if self.sender is None else self._address(self.sender)
        senders = SenderRules(fixed, customers) if fixed or customers else None
        return RouteProfile(frozenset(self.serves), dict(self.unit_yen_of), self.unit_yen, senders)

    def _address(self, written: str) -> Address:
        addr = written.encode("latin-1")
        if addr.removeprefix(b"+").isdigit():
            return Address(self.sender_ton, self.sender_npi, addr)
        return Address(TON_ALPHANUMERIC, 0, addr)


class RuleRouteSettings(Section):
    """One route of a rule."""

    to: Key = Field(description="Key of a profile in `carriers`.")
    weight: int = Field(
        default=1, ge=0, le=1_000_000, description="Its share, when the order is `weighted`. 0: only last."
    )


class RuleSettings(Section):
    """One rule. What is empty holds for every message; all that is not must hold."""

    name: Key = Field(description="Its name in explanations and records.")
    customers: tuple[Key, ...] = Field(default=(), max_length=10_000, description="Accounts.")
    senders: tuple[SenderPattern, ...] = Field(
        default=(), max_length=10_000, description="Sender addresses: whole, or their beginning with `*`."
    )
    prefixes: tuple[Prefix, ...] = Field(
        default=(), max_length=10_000, description="How the destination begins: `090`, `8190` or a whole number."
    )
    carriers: tuple[Key, ...] = Field(
        default=(), max_length=1_000, description="Whose number it is: carriers, or brands of `routes`."
    )
    hours: tuple[Hours, ...] = Field(
        default=(), max_length=24, description='Parts of the day in Japan, in quotes: "21:00-08:00".'
    )
    priorities: tuple[Annotated[int, Field(ge=0, le=3)], ...] = Field(
        default=(), max_length=4, description="priority_flag, 0 to 3."
    )
    kinds: tuple[Key, ...] = Field(
        default=(), max_length=100, description="Kinds of message, as `otp`, `notice`, `campaign`."
    )
    routes: tuple[RuleRouteSettings, ...] = Field(
        min_length=1, max_length=100, description="Where it goes; the next one when the one before cannot take it."
    )
    order: Order = Field(
        default=Order.LISTED,
        strict=False,
        description="`listed`: as they stand. `weighted`: drawn by weight. `cheapest`: by what a unit costs.",
    )

    def build(self, numbers: NumberRules) -> Rule:
        """The same as routing takes it. ValueError for a prefix that no mobile number has."""
        return Rule(
            self.name,
            tuple(Weighed(one.to, one.weight) for one in self.routes),
            self.order,
            frozenset(self.customers),
            Patterns(self.senders),
            tuple(numbers.prefix(one) for one in self.prefixes),
            frozenset(self.carriers),
            tuple(_window(one) for one in self.hours),
            frozenset(self.priorities),
            frozenset(self.kinds),
        )


def _names_once(rules: tuple[RuleSettings, ...]) -> tuple[RuleSettings, ...]:
    names = [rule.name for rule in rules]
    if len(set(names)) < len(names):
        raise ValueError("two rules have the same name")
    return rules


class RoutingSettings(Section):
    """Through which profiles messages go. Without rules: through that of the number's carrier."""

    rules: Annotated[tuple[RuleSettings, ...], AfterValidator(_names_once)] = Field(
        default=(), max_length=10_000, description="The first that holds decides; none: the number's own carrier."
    )
    routes: dict[Key, RouteSettings] = Field(
        default_factory=dict, max_length=100, description="What is special of a route, by the profile's key."
    )
    kind_tlv: str | None = Field(
        default=None,
        max_length=63,
        description="The parameter in `tlvs` by which customers name the kind of a message. Without it: the account's "
        "`message_kind`.",
    )
    slow_seconds: float | None = Field(
        default=None,
        ge=0.1,
        le=86_400.0,
        description="The next route is taken when this one has more waiting than it sends in so long. null: never.",
    )
    down_seconds: float = Field(
        default=30.0,
        ge=0.0,
        le=86_400.0,
        description="What waits for a route that has no bind up for so long moves to its next one, if it has one.",
    )
    leave_when_paused: bool = Field(
        default=False, description="Take the next route too while the carrier has told us to send later."
    )

    def limits(self) -> FailoverLimits:
        """The same as routing takes it."""
        return FailoverLimits(self.slow_seconds, self.leave_when_paused)

    def build(self, networks: Mapping[str, str], numbers: NumberRules) -> Routes:
        """Over `networks`, carrier or brand -> profile. ValueError for a prefix that no mobile number has."""
        return Routes(
            networks,
            [rule.build(numbers) for rule in self.rules],
            {key: route.build() for key, route in self.routes.items()},
        )


def _window(written: str) -> Window:
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in written.split("-"))
    return Window(start, end)

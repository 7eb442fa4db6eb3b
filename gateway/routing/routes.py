"""The routes that follow from carrier and rules: through whose profiles a message may go, in which order, as whom."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from gateway.model.money import Sen
from gateway.model.values import Address
from gateway.routing.rules import Order, Query, RouteProfile, Rule, Weighed, drawn

NO_RULE = ""


class Route(NamedTuple):
    """One way for a message. `sender` None: as the customer wrote it. `cost` is that of a unit. `rule` names it."""

    carrier_key: str
    sender: Address | None
    cost: Sen
    rule: str = NO_RULE


class Choice(NamedTuple):
    """The routes for a message in the order in which they are tried, and the rule that says so (NO_RULE: none).

    All segments of a message go one route: another one is taken only before the first segment has left.
    `barred`: there are routes, and the customer may use its sender on none of them.
    """

    rule: str
    routes: tuple[Route, ...]
    barred: bool = False

    def first(self, usable: Callable[[str], bool]) -> Route | None:
        """The first that is usable now; if none is, the first of all, where the message waits. None: no route."""
        routes = self.routes
        if len(routes) > 1:
            for route in routes:
                if usable(route.carrier_key):
                    return route
        return routes[0] if routes else None

    def others(self, tried: Collection[str], usable: Callable[[str], bool]) -> Iterator[Route]:
        """Those that are usable now and were not tried."""
        return (route for route in self.routes if route.carrier_key not in tried and usable(route.carrier_key))

    def without(self, tried: Collection[str]) -> "Choice":
        """What is left of it."""
        return self._replace(routes=tuple(route for route in self.routes if route.carrier_key not in tried))


class _Entry(NamedTuple):
    """A route of a rule for one carrier, ready to be handed out."""

    weighed: Weighed
    plain: Route
    profile: RouteProfile


class _Compiled(NamedTuple):
    """One rule, or the lack of one, for one carrier. `choice` is the answer when nothing depends on the message."""

    rule: Rule | None
    entries: tuple[_Entry, ...]
    choice: Choice | None


class Routes:
    """`networks`: carrier -> the profile on whose network it is; a profile's own key leads to itself.

    `profiles` has what is special of a profile; `rules` are asked in their order, the first that holds decides. A rule
    none of whose routes serves the carrier is passed over. Without a rule a message goes through the profile of its
    network, then through the others that serve it, the cheapest first.
    """

    __slots__ = ("_compiled", "_fixed", "_networks", "_profiles", "alternatives", "only")

    def __init__(
        self,
        networks: Mapping[str, str],
        rules: Sequence[Rule] = (),
        profiles: Mapping[str, RouteProfile] | None = None,
    ) -> None:
        self._networks = dict(networks)
        self._profiles = {key: RouteProfile() for key in networks.values()} | dict(profiles or {})
        served = {one for profile in self._profiles.values() for one in profile.serves}
        self._compiled = {serving: self._compile(serving, rules) for serving in {*networks, *served}}
        # What a message of the carrier gets whatever it is: the usual case costs one look into a dict.
        self._fixed = {
            serving: ways[0].choice
            for serving, ways in self._compiled.items()
            if ways and ways[0].rule is None and ways[0].choice is not None
        }
        # Of them those without another route: there is nothing to choose.
        self.only = {key: choice.routes[0] for key, choice in self._fixed.items() if len(choice.routes) == 1}
        # The profiles that are one of several routes, of some message.
        self.alternatives = frozenset(
            entry.weighed.key
            for ways in self._compiled.values()
            for way in ways
            if len(way.entries) > 1
            for entry in way.entries
        )

    def carrier(self, serving: str) -> str | None:
        """The key of the first profile without rules; None when no route leads to the carrier."""
        ways = self._compiled.get(serving)
        return ways[-1].entries[0].weighed.key if ways and ways[-1].entries else None

    def network(self, serving: str) -> str:
        """The profile's key on whose network a carrier or brand is; itself when it is on none."""
        return self._networks.get(serving, serving)

    def reaches(self, serving: str) -> bool:
        """Whether a route leads to the carrier or brand."""
        return serving in self._compiled

    def choose(self, query: Query) -> Choice:
        """The routes for a message; none when nothing leads to its carrier."""
        fixed = self._fixed.get(query.serving)
        if fixed is not None:
            return fixed
        barred = NOWHERE
        for way in self._compiled.get(query.serving, ()):
            if way.rule is not None and not way.rule.holds(query):
                continue
            choice = way.choice or _decide(way, query)
            if choice.routes:
                return choice
            barred = choice if choice.barred else barred
        return barred

    def settled(self, serving: str) -> Choice | None:
        """What `choose` answers for every message of the carrier; None when it depends on the message."""
        return self._fixed.get(serving)

    def _compile(self, serving: str, rules: Sequence[Rule]) -> tuple[_Compiled, ...]:
        network = self.network(serving)
        ways = [self._way(rule, rule.routes, serving, network) for rule in rules if rule.for_carrier(serving, network)]
        own = [Weighed(network)] if network in self._networks.values() else []
        others = sorted(
            (key for key, profile in self._profiles.items() if key != network and self._serves(key, serving, network)),
            key=lambda key: self._profiles[key].cost_of(serving, network),
        )
        return (*(way for way in ways if way.entries), self._way(None, (*own, *map(Weighed, others)), serving, network))

    def _serves(self, key: str, serving: str, network: str) -> bool:
        profile = self._profiles.get(key)
        return key == network or (profile is not None and (serving in profile.serves or network in profile.serves))

    def _way(self, rule: Rule | None, routes: Sequence[Weighed], serving: str, network: str) -> _Compiled:
        entries = []
        for weighed in routes:
            if self._serves(weighed.key, serving, network):
                profile = self._profiles.get(weighed.key, RouteProfile())
                name = NO_RULE if rule is None else rule.name
                route = Route(weighed.key, None, profile.cost_of(serving, network), name)
                entries.append(_Entry(weighed, route, profile))
        if rule is not None and rule.order is Order.CHEAPEST:
            entries.sort(key=lambda entry: entry.plain.cost)
        as_it_is = all(entry.profile.senders is None for entry in entries)
        choice = None
        if as_it_is and (rule is None or rule.order is not Order.WEIGHTED):
            choice = Choice(NO_RULE if rule is None else rule.name, tuple(entry.plain for entry in entries))
        return _Compiled(rule, tuple(entries), choice)


NOWHERE = Choice(NO_RULE, ())


def _decide(way: _Compiled, query: Query) -> Choice:
    entries: Sequence[_Entry] = way.entries
    if way.rule is not None and way.rule.order is Order.WEIGHTED:
        by_key = {entry.weighed: entry for entry in entries}
        entries = [by_key[one] for one in drawn([entry.weighed for entry in entries], query.message_id)]
    routes = []
    for entry in entries:
        judged = True if entry.profile.senders is None else entry.profile.senders.judge(query.customer, query.sender)
        if judged is True:
            routes.append(entry.plain)
        elif judged:
            routes.append(entry.plain._replace(sender=judged))
    name = NO_RULE if way.rule is None else way.rule.name
    return Choice(name, tuple(routes), barred=bool(entries) and not routes)

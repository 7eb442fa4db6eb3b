"""What is told of routing: look-ups and their cost, imported and learned numbers, messages that changed their route."""

from collections.abc import Iterator, Mapping, Sized
from typing import NamedTuple, Protocol

from gateway.flow.lookups import Lookups
from gateway.model.money import Sen
from gateway.net.lookups import DeskCounts
from gateway.ops.families import Family, counter, gauge, histogram
from gateway.routing.breaker import Breaker, BreakerState
from gateway.routing.imported import ImportedNumbers
from gateway.routing.lookup_cache import LookupCache

SOURCE = ("source",)


class DeskFigures(Sized, Protocol):
    """Who asks one source; its size is how many questions wait."""

    counts: DeskCounts


class NetworkFigures(Protocol):
    """Who asks over the network."""

    cache: LookupCache
    lookups: Lookups

    def all_desks(self) -> Mapping[str, DeskFigures]:
        """By source; that of checks too."""

    def breakers(self) -> Mapping[str, Breaker]:
        """By source, or service of checks."""

    def costs(self) -> Mapping[str, Sen]:
        """The same, of those that cost something."""


class RoutingFigures(NamedTuple):
    """What is looked at. `rerouted` counts messages by (from, to); None: there is no such source."""

    network: NetworkFigures
    rerouted: Mapping[tuple[str, str], int]
    learned: Sized | None
    imported: ImportedNumbers | None


def families(figures: RoutingFigures) -> Iterator[Family]:
    """All of them."""
    yield counter(
        "messages_rerouted",
        "Messages that left a route, by where they went; `lookup`: the number was asked for anew.",
        ("carrier", "to"),
        figures.rerouted.items(),
    )
    yield gauge(
        "learned_numbers",
        "Numbers of which carriers' answers taught something.",
        (),
        [] if figures.learned is None else [((), len(figures.learned))],
    )
    yield from _imported(figures.imported)
    yield from _network(figures.network)


def _imported(imported: ImportedNumbers | None) -> Iterator[Family]:
    def told(value: float) -> list[tuple[tuple[str, ...], float]]:
        return [] if imported is None else [((), value)]

    yield gauge("imported_numbers", "Rows of the imported file.", (), told(0 if imported is None else len(imported)))
    yield gauge(
        "imported_timestamp_seconds",
        "When it was imported, Unix time; 0: there is none.",
        (),
        told(0 if imported is None else imported.made_at / 1000),
    )
    yield gauge(
        "imported_trouble",
        "Whether the newest imported file is missing or cannot be used.",
        (),
        told(bool(imported is not None and imported.trouble)),
    )
    yield counter(
        "imported_files_taken",
        "Imported files that were taken, the one at the start too.",
        (),
        told(0 if imported is None else imported.changes),
    )


def _network(network: NetworkFigures) -> Iterator[Family]:
    desks, breakers = network.all_desks(), network.breakers()
    yield counter(
        "lookups",
        "Look-ups over the network, and checks, by what they came to.",
        ("source", "result"),
        (((name, what.lower()), n) for name, desk in desks.items() for what, n in desk.counts.results.items()),
    )
    yield histogram(
        "lookup_seconds",
        "From asking a source to its answer, without the wait for a turn.",
        SOURCE,
        (((name,), desk.counts.answer_ms) for name, desk in desks.items()),
    )
    yield counter(
        "lookups_refused",
        "Look-ups that were not begun: too many waited.",
        SOURCE,
        (((name,), desk.counts.refused) for name, desk in desks.items()),
    )
    yield gauge(
        "lookups_waiting",
        "Look-ups that wait for their turn.",
        SOURCE,
        (((name,), len(one)) for name, one in desks.items()),
    )
    yield counter(
        "lookup_cost_sen",
        "What look-ups and checks cost us, in sen.",
        SOURCE,
        (((name,), float(cost)) for name, cost in network.costs().items()),
    )
    yield gauge(
        "lookup_breaker_state",
        "1 for the state that a source's circuit breaker is in.",
        ("source", "state"),
        (((name, state.value), one.state is state) for name, one in breakers.items() for state in BreakerState),
    )
    yield counter(
        "lookup_breaker_opened",
        "How often it opened.",
        SOURCE,
        (((name,), one.opened) for name, one in breakers.items()),
    )
    counts, cache = network.lookups.counts, network.cache
    yield counter("lookup_cache_hits", "Answers that were kept from before.", (), [((), cache.hits)])
    yield counter("lookup_cache_misses", "Answers that were not.", (), [((), cache.misses)])
    yield gauge("lookup_cache_answers", "Answers that are kept.", (), [((), len(cache))])
    yield gauge("lookup_messages_waiting", "Messages that wait for an answer.", (), [((), len(network.lookups))])
    yield counter(
        "lookup_verdicts",
        "What became of messages whose number was looked up.",
        ("act",),
        (((act.name.lower(),), n) for act, n in counts.acts.items()),
    )

"""Metrics as rows, and their text. prometheus_client takes 5 us a sample to write what takes 0.3 us here.

Scrapes are answered by the loop that carries the traffic: what one costs is what everybody waits.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from gateway.model.histogram import Histogram
from gateway.model.lifecycle import FINAL

_FINAL = tuple(sorted(FINAL))
_NAMES = {state: state.name.lower() for state in _FINAL}
PREFIX = "smpp_gateway_"
MOST_HEADS = 200_000  # of samples, remembered; customers and carriers come and go with the configuration

Rows = Iterable[tuple[tuple[str, ...], float]]
Histograms = Iterable[tuple[tuple[str, ...], Histogram]]


class Family(NamedTuple):
    """One metric. `name` is without the `_total` of a counter; each row has as many values as there are labels."""

    name: str
    type: str
    words: str
    labels: tuple[str, ...]
    rows: Rows
    histograms: Histograms = ()
    scale: int = 1  # what the histograms' values are divided by


def counter(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> Family:
    """What only grows."""
    return Family(PREFIX + name, "counter", words, labels, rows)


def gauge(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> Family:
    """What goes up and down."""
    return Family(PREFIX + name, "gauge", words, labels, rows)


def histogram(name: str, words: str, labels: tuple[str, ...], rows: Histograms, scale: int = 1000) -> Family:
    """How often how much. The values are milliseconds, to be told in seconds, unless `scale` says otherwise."""
    return Family(PREFIX + name, "histogram", words, labels, (), rows, scale)


def ended_rows(counts: Iterable[tuple[str, list[int]]]) -> Rows:
    """From what is counted by SegmentState, the final ones, those that there were."""
    return (((key, _NAMES[state]), of[state]) for key, of in counts for state in _FINAL if of[state])


def metric(family: Family) -> Metric:
    """The same as prometheus_client has it."""
    if family.type == "histogram":
        told = HistogramMetricFamily(family.name, family.words, labels=family.labels)
        for values, one in family.histograms:
            told.add_metric(values, buckets=list(_buckets(one, family.scale)), sum_value=one.total / family.scale)
        return told
    kind = CounterMetricFamily if family.type == "counter" else GaugeMetricFamily
    plain = kind(family.name, family.words, labels=family.labels)
    for values, value in family.rows:
        plain.add_metric(values, value)
    return plain


def _buckets(one: Histogram, scale: int) -> Iterator[tuple[str, int]]:
    """(le, how many at most that), as Prometheus counts them."""
    bounds = [repr(bound / scale) for bound in one.bounds]
    yield from zip((*bounds, "+Inf"), accumulate(one.counts), strict=True)


class Exposition:
    """Writes families in Prometheus' text format 0.0.4, and remembers what does not change of each line."""

    def __init__(self) -> None:
        self._heads: dict[str, dict[tuple[str, ...], str]] = {}
        self._remembered = 0

    def text(self, families: Iterable[Family]) -> bytes:
        """All of them, in their order."""
        if self._remembered > MOST_HEADS:
            self._heads.clear()
            self._remembered = 0
        lines: list[str] = []
        for family in families:
            name = f"{family.name}_total" if family.type == "counter" else family.name
            lines.append(f"# HELP {name} {family.words}\n# TYPE {name} {family.type}\n")
            if family.type == "histogram":
                self._histograms(family, lines)
            else:
                heads = self._heads.setdefault(name, {})
                for values, value in family.rows:
                    head = heads.get(values) or self._head(heads, name, family.labels, values)
                    lines.append(f"{head}{+value}\n")
        return "".join(lines).encode()

    def _head(
        self, heads: dict[tuple[str, ...], str], name: str, labels: tuple[str, ...], values: tuple[str, ...]
    ) -> str:
        self._remembered += 1
        head = heads[values] = f"{name}{_told(labels, values)} "
        return head

    def _histograms(self, family: Family, lines: list[str]) -> None:
        heads = self._heads.setdefault(family.name, {})
        for values, one in family.histograms:
            lines_of = heads.get(values) or self._lines_of(heads, family, values, one)
            below = tuple(accumulate(one.counts))
            lines.append(lines_of % (*below, one.total / family.scale, below[-1]))

    def _lines_of(
        self, heads: dict[tuple[str, ...], str], family: Family, values: tuple[str, ...], one: Histogram
    ) -> str:
        """All lines of one histogram, with places for its numbers."""
        self._remembered += len(one.counts)
        bounds = (*(repr(bound / family.scale) for bound in one.bounds), "+Inf")
        told = [_told((*family.labels, "le"), (*values, le)) for le in bounds]
        own = _told(family.labels, values)
        lines = [(f"_bucket{labels}", "%d") for labels in told] + [(f"_sum{own}", "%s"), (f"_count{own}", "%d")]
        heads[values] = "".join(f"{family.name}{line.replace('%', '%%')} {place}\n" for line, place in lines)
        return heads[values]


def _told(labels: tuple[str, ...], values: tuple[str, ...]) -> str:
    told = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, values, strict=True))
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

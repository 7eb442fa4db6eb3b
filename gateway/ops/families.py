"""Metrics as rows, and their text. prometheus_client takes 5 us a sample to write what takes 0.3 us here.

Scrapes are answered by the loop that carries the traffic: what one costs is what everybody waits.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from gateway.model.histogram import Histogram

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
        told = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, values, strict=True))
        head = heads[values] = f"{name}{{{told}}} " if told else f"{name} "
        return head

    def _histograms(self, family: Family, lines: list[str]) -> None:
        buckets = self._heads.setdefault(f"{family.name}_bucket", {})
        sums = self._heads.setdefault(f"{family.name}_sum", {})
        counts = self._heads.setdefault(f"{family.name}_count", {})
        bucket_labels = (*family.labels, "le")
        for values, one in family.histograms:
            below = 0
            for le, below in _buckets(one, family.scale):
                key = (*values, le)
                head = buckets.get(key) or self._head(buckets, f"{family.name}_bucket", bucket_labels, key)
                lines.append(f"{head}{below}\n")
            head = sums.get(values) or self._head(sums, f"{family.name}_sum", family.labels, values)
            lines.append(f"{head}{one.total / family.scale}\n")
            head = counts.get(values) or self._head(counts, f"{family.name}_count", family.labels, values)
            lines.append(f"{head}{below}\n")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

"""Our text says what prometheus_client's own would: a parser that is not ours reads both."""

import timeit
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from gateway.model.histogram import Histogram
from gateway.model.lifecycle import SegmentState
from gateway.ops import families
from gateway.ops.families import Exposition, Family, counter, ended_rows, gauge, histogram, metric

ODD = 'a"b\\c\nd{}=,%s%%'


def observed(bounds: tuple[int, ...], *values: float) -> Histogram:
    one = Histogram(bounds)
    for value in values:
        one.observe(value)
    return one


def every() -> list[Family]:
    return [
        gauge("plain", "Without labels.", (), [((), 3)]),
        gauge("truth", "True is 1.", ("carrier",), [(("one",), True), (("two",), False)]),
        counter(
            "things", "Counted.", ("customer", "state"), [((ODD, "delivered"), 12_345_678_901), (("b", "x"), 0.25)]
        ),
        counter("nothing", "Without rows.", ("customer",), []),
        histogram("wait_seconds", "Times.", ("carrier",), [(("one",), observed((5, 2_000), 1, 5, 6, 2_000, 9_999))]),
        histogram("odd_seconds", "Times.", ("carrier",), [((ODD,), observed((5, 2_000), 7))]),
        histogram("size", "No times.", (), [((), observed((1, 10), 3, 3, 30))], scale=1),
    ]


def read(text: str) -> dict[str, Any]:
    return {
        one.name: (
            one.type,
            one.documentation,
            {(s.name, tuple(sorted(s.labels.items()))): s.value for s in one.samples},
        )
        for one in text_string_to_metric_families(text)
    }


def test_both_texts_say_the_same() -> None:
    class Ours(Collector):
        def collect(self) -> Any:
            return map(metric, every())

    registry = CollectorRegistry()
    registry.register(Ours())
    theirs = read(generate_latest(registry).decode())
    assert read(Exposition().text(every()).decode()) == theirs
    assert len(theirs) == 7


def test_buckets_count_what_is_at_most_their_bound() -> None:
    _, _, samples = read(Exposition().text(every()).decode())["smpp_gateway_wait_seconds"]
    buckets = {dict(labels)["le"]: n for (name, labels), n in samples.items() if name.endswith("_bucket")}
    assert buckets == {"0.005": 2, "2.0": 4, "+Inf": 5}
    assert samples["smpp_gateway_wait_seconds_sum", (("carrier", "one"),)] == pytest.approx(12.011)


def test_what_is_remembered_is_the_same_and_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    exposition = Exposition()
    assert exposition.text(every()) == exposition.text(every()) == Exposition().text(every())
    monkeypatch.setattr(families, "MOST_HEADS", 100)
    for number in range(1_000):
        exposition.text([gauge("g", "G.", ("customer",), [((str(number),), 1)])])
    assert sum(len(heads) for heads in exposition._heads.values()) <= 102


def test_only_final_states_that_there_were_have_rows() -> None:
    counts = [0] * len(SegmentState)
    counts[SegmentState.DELIVERED], counts[SegmentState.EXPIRED], counts[SegmentState.SENT] = 3, 1, 9
    assert dict(ended_rows([("one", counts), ("two", [0] * len(SegmentState))])) == {
        ("one", "delivered"): 3,
        ("one", "expired"): 1,
    }


def test_it_is_quicker_than_the_library() -> None:
    rows = [((f"customer-{number}",), number) for number in range(2_000)]
    exposition, family = Exposition(), counter("things", "Counted.", ("customer",), rows)
    exposition.text([family])
    ours = min(timeit.repeat(lambda: exposition.text([family]), number=1, repeat=3))
    assert 2 * ours < min(timeit.repeat(lambda: metric(family), number=1, repeat=3))

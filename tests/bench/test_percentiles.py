"""The nearest rank, by hand."""

import random

from bench.percentiles import milliseconds


def test_of_a_hundred() -> None:
    ns = [one * 1_000_000 for one in range(1, 101)]
    random.Random(1).shuffle(ns)
    assert milliseconds("resp", ns) == {"resp_ms_p50": 50.0, "resp_ms_p99": 99.0}


def test_of_few() -> None:
    assert milliseconds("resp", [5_000_000]) == {"resp_ms_p50": 5.0, "resp_ms_p99": 5.0}
    assert milliseconds("resp", [1_000_000, 9_000_000]) == {"resp_ms_p50": 1.0, "resp_ms_p99": 9.0}


def test_what_never_came_is_left_out() -> None:
    assert milliseconds("receipt", [0, 0, 3_000_000]) == {"receipt_ms_p50": 3.0, "receipt_ms_p99": 3.0}
    assert milliseconds("receipt", [0, 0]) == {"receipt_ms_p50": None, "receipt_ms_p99": None}

"""Percentiles of latencies."""

from collections.abc import Iterable

NS_A_MS = 1_000_000


def milliseconds(name: str, nanoseconds: Iterable[int]) -> dict[str, float | None]:
    """`name_ms_p50` and `name_ms_p99` of those that are not 0; None when there are none. The nearest rank."""
    ordered = sorted(one for one in nanoseconds if one)
    return {
        f"{name}_ms_p{percent}": round(ordered[-(-len(ordered) * percent // 100) - 1] / NS_A_MS, 3) if ordered else None
        for percent in (50, 99)
    }

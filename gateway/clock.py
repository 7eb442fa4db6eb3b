"""The only place that reads a clock. Everything else is handed the time.

Rates, windows and timers use `monotonic`; dates that people and records see use `wall_ms`.
"""

import time


def monotonic() -> float:
    """Seconds that never step back."""
    return time.monotonic()  # noqa: TID251


def wall_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000

"""How often something took how long, or was how big: plain integers in fixed buckets, added to where it happens."""

from bisect import bisect_left

# Upper bounds, each included in its bucket. Times in milliseconds.
RESPONSE_MS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000)
HANDOVER_MS = (25, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000)
RECEIPT_MS = (500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000)
# Of each customer, of whom there are many: fewer buckets.
ANSWER_MS = (10, 50, 100, 500, 1_000, 5_000)
OUTCOME_MS = (2_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000)
LOOKUP_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000)
COMMIT_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
LAG_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
BATCH_CHANGES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000)


class Histogram:
    """`counts` has one more than `bounds`: what is above the last. `total` is the sum of all values."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total: float = 0

    def observe(self, value: float) -> None:
        """One more. Below 0 (a wall clock was set back) counts as 0."""
        if value < 0:  # max() takes thrice as long, and every segment comes here
            value = 0
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

"""How often an address may ask: token buckets in memory, one for each address and kind of request.

A whole village may sit behind one address of its carrier, so that orders and pages have room for hundreds at
once; guessing a passphrase or a code has little. Programs of other nodes have allowances of their own, so
that a sync does not use up what the pages of a village need, nor the other way round.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_KEPT = 20_000
"""Buckets in memory: the one asked longest ago makes room."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many more a minute."""

    burst: int
    per_minute: int


PAGES = Rate(burst=2_000, per_minute=3_000)
CHANGES = Rate(burst=600, per_minute=600)
GUESSES = Rate(burst=10, per_minute=5)
FILES = Rate(burst=30, per_minute=30)
LOGS = Rate(burst=10_000, per_minute=6_000)
"""Reading logs: one of a million entries is 8,000 tiles and bundles, and may be fetched at once."""
APPENDS = Rate(burst=2_000, per_minute=60_000)
"""A signature allows each: this only bounds how many false ones are looked at."""
KEEPING = Rate(burst=1_200, per_minute=1_200)
"""Pushes and cosignatures: a node of 500 rooms has two for each of them a minute, a log of a million entries
is 120 pushes."""


class Rates:
    """Which requests may go on. Not shared between threads: it belongs to the event loop."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, Rate], tuple[float, int]] = OrderedDict()

    def allows(self, key: str, rate: Rate, now_ms: int) -> bool:
        """Takes one from the bucket of this key; False where it is empty.

        >>> rates = Rates()
        >>> [rates.allows("a", Rate(burst=2, per_minute=60), 0) for _ in range(3)]
        [True, True, False]
        >>> rates.allows("a", Rate(burst=2, per_minute=60), 1_000)
        True
        """
        left, since_ms = self._buckets.pop((key, rate), (float(rate.burst), now_ms))
        left = min(rate.burst, left + max(0, now_ms - since_ms) * rate.per_minute / 60_000)
        allowed = left >= 1
        self._buckets[key, rate] = (left - 1 if allowed else left, now_ms)
        while len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        return allowed

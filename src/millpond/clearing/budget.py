"""How long a search may go on, and whom it tells how far it is. The clock is the caller's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is. Scores and bounds in minor units; `gap` relative to the bound.

    `proven` says that no valid clearing scores higher, which a search may know where the bound, which knows
    no prices, does not say so.
    """

    seconds: float
    phase: str
    score: int | None
    bound: int | None
    gap: float | None
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """Time until `end` on `clock`, unless `stop` says so earlier."""

    clock: Callable[[], float]
    stop: Callable[[], bool]
    end: float

    @property
    def left(self) -> float:
        """Seconds left; 0 when it is over."""
        return 0.0 if self.stop() else max(0.0, self.end - self.clock())

    def part(self, share: float) -> Budget:
        """A budget of this share of what is left."""
        return Budget(self.clock, self.stop, min(self.end, self.clock() + share * self.left))

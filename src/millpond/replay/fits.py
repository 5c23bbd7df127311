"""Freight tariffs fitted to freight really paid.

Two shapes, both linear in weight, because a round file knows a fixed amount for a consignment and an amount
per load:

- `fit_parcels`: freight = a + b·km + (c + d·km)·kg, by least squares, no coefficient below 0.
- `fit_shipments`: freight = fixed + per_kg·kg, by least absolute error of the logarithm, for records that
  span many orders of magnitude and hold gross errors.

`elasticity` tells whether prices fall with volume at all.

Both fits say how well they fit: `r2` is the share of the variance explained, `median_error` the median of
|fitted / paid - 1|.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np


@dataclass(frozen=True, slots=True)
class Parcels:
    """Freight of a parcel in minor units by km and kg, fitted to `count` of them."""

    base: float
    per_km: float
    per_kg: float
    per_kg_km: float
    count: int
    r2: float
    median_error: float

    def fixed(self, km: float) -> int:
        """What a consignment costs whatever its weight."""
        return round(self.base + self.per_km * km)

    def per_load(self, km: float, kg: float) -> int:
        """What `kg` more cost."""
        return round((self.per_kg + self.per_kg_km * km) * kg)


@dataclass(frozen=True, slots=True)
class Shipments:
    """Freight of a shipment in minor units by kg, fitted to `count` of them."""

    fixed: float
    per_kg: float
    count: int
    median_error: float


def fit_parcels(km: Sequence[float], kg: Sequence[float], paid: Sequence[float]) -> Parcels:
    """Fit parcels (km, kg, paid); at least one."""
    far, heavy, cost = (np.asarray(column, dtype=float) for column in (km, kg, paid))
    columns = np.stack([np.ones_like(far), far, heavy, heavy * far], axis=1)
    used = list(range(columns.shape[1]))
    while True:
        found = np.zeros(columns.shape[1])
        found[used] = np.linalg.lstsq(columns[:, used], cost, rcond=None)[0]
        if (found >= 0).all():
            break
        used.remove(int(found.argmin()))
    fitted = columns @ found
    spread = float(((cost - cost.mean()) ** 2).sum())
    some = cost > 0
    base, per_km, per_kg, per_kg_km = (float(value) for value in found)
    return Parcels(
        base=base,
        per_km=per_km,
        per_kg=per_kg,
        per_kg_km=per_kg_km,
        count=len(cost),
        r2=1 - float(((cost - fitted) ** 2).sum()) / spread if spread else 1.0,
        median_error=float(np.median(np.abs(fitted[some] / cost[some] - 1))) if some.any() else 0.0,
    )


RATIOS_KG = [10 ** (step / 16) for step in range(-16, 81)]
"""Candidates for fixed / per_kg: from a tenth of a kilogram to a hundred tonnes, sixteen to a power of ten.
"""


def fit_shipments(kg: Sequence[float], paid: Sequence[float]) -> Shipments:
    """Fit shipments (kg > 0, paid > 0); at least one.

    For a given ratio of the two coefficients the best scale is a median, so only the ratio is searched.
    """
    logs = [math.log(cost) for cost in paid]
    best: tuple[float, float, float] | None = None
    for ratio in RATIOS_KG:
        shifts = [log - math.log(ratio + weight) for log, weight in zip(logs, kg, strict=True)]
        scale = median(shifts)
        error = sum(abs(shift - scale) for shift in shifts)
        if best is None or error < best[0]:
            best = (error, ratio, math.exp(scale))
    assert best is not None
    _, ratio, per_kg = best
    errors = [abs(per_kg * (ratio + weight) / cost - 1) for weight, cost in zip(kg, paid, strict=True)]
    return Shipments(fixed=per_kg * ratio, per_kg=per_kg, count=len(errors), median_error=median(errors))


def elasticity(groups: Iterable[Sequence[tuple[float, float]]]) -> float:
    """How unit prices go with quantities within groups of (quantity > 0, price > 0): the slope of their
    logarithms.

    -0.1 means that ten percent more quantity goes with about one percent less price.
    """
    together = spread = 0.0
    for group in groups:
        quantities = [math.log(quantity) for quantity, _ in group]
        prices = [math.log(price) for _, price in group]
        usual_quantity, usual_price = fmean(quantities), fmean(prices)
        for quantity, price in zip(quantities, prices, strict=True):
            together += (quantity - usual_quantity) * (price - usual_price)
            spread += (quantity - usual_quantity) ** 2
    return together / spread if spread else 0.0

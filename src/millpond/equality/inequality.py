"""How unequal a set of figures is: the measures an equality report is made of.

Every function takes `values` with one positive `weight` each (people, or units wanted); without weights each
value counts once. All are pure and use floats: they describe a clearing and decide nothing.

Invariants (kept by tests):
- multiplying all values, or all weights, by one positive number changes nothing;
- equal values give 0 (`percentile_ratio`: 1); splitting a value's weight over two equal values changes
  nothing;
- `theil_decomposition`: within + between = `theil`.

What it does not do: say whether inequality is good, and for whom; draw samples; estimate errors.

>>> round(gini([1, 3]), 4), round(gini([2, 2]), 4)
(0.25, 0.0)
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Values = Sequence[float]
Weights = Sequence[float] | None


@dataclass(frozen=True, slots=True)
class Theil:
    """A Theil index split by groups: `total` = `within` + `between`."""

    total: float
    within: float
    between: float


def mean(values: Values, weights: Weights = None) -> float:
    """Weighted arithmetic mean."""
    pairs = _pairs(values, weights)
    return math.fsum(x * w for x, w in pairs) / math.fsum(w for _, w in pairs)


def percentile(values: Values, percent: float, weights: Weights = None) -> float:
    """The least value that at least `percent` (0 … 100) of the weight does not exceed.

    The inverse of the empirical distribution: definition 1 of Hyndman and Fan, "Sample Quantiles in
    Statistical Packages", The American Statistician 50 (1996).
    """
    pairs = sorted(_pairs(values, weights))
    # A share of 0.9 is not a binary fraction: without the slack 90 of 100 equal weights would fall short of
    # 90 %.
    wanted = math.fsum(w for _, w in pairs) * percent / 100 * (1 - 1e-12)
    reached = 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= wanted:
            return value
    return pairs[-1][0]


def percentile_ratio(values: Values, weights: Weights = None, *, high: float = 90, low: float = 10) -> float:
    """P90/P10: the 90th percentile over the 10th; infinite where only the 10th is 0."""
    top, bottom = percentile(values, high, weights), percentile(values, low, weights)
    if bottom > 0:
        return top / bottom
    return math.inf if top > 0 else 1.0


def gini(values: Values, weights: Weights = None) -> float:
    """Gini index, 0 … 1: half the mean difference of two values drawn at random, over the mean.

    G = Σ_i Σ_j w_i w_j |x_i − x_j| / (2 μ W²); A. Sen, "On Economic Inequality" (1973), 2.7. Computed in one
    pass over the sorted values. 0 if all values are 0.
    """
    pairs = sorted(_pairs(values, weights))
    weight_sum = math.fsum(w for _, w in pairs)
    value_sum = math.fsum(x * w for x, w in pairs)
    if value_sum == 0:
        return 0.0
    below, terms = 0.0, []
    for value, weight in pairs:
        # The weight below counts this value up, the weight above counts it down; what ties with itself
        # cancels.
        terms.append(value * weight * (2 * below + weight - weight_sum))
        below += weight
    return max(0.0, math.fsum(terms) / (weight_sum * value_sum))


def theil(values: Values, weights: Weights = None) -> float:
    """Theil's T: Σ (w/W) (x/μ) ln(x/μ), 0 … ln(W / least weight); a value of 0 adds 0.

    H. Theil, "Economics and Information Theory" (1967), chapter 4. 0 if all values are 0.
    """
    pairs = _pairs(values, weights)
    average = mean(values, weights)
    if average == 0:
        return 0.0
    weight_sum = math.fsum(w for _, w in pairs)
    terms = [w * (x / average) * math.log(x / average) for x, w in pairs if x > 0]
    return max(0.0, math.fsum(terms) / weight_sum)


def theil_decomposition(values: Values, groups: Sequence[Hashable], weights: Weights = None) -> Theil:
    """Theil's T split into the part within `groups` (one name for each value) and the part between them.

    within = Σ_g s_g T_g, between = Σ_g s_g ln(μ_g/μ), with s_g the group's share of the sum of values;
    F. Bourguignon, "Decomposable Income Inequality Measures", Econometrica 47 (1979).
    """
    if len(groups) != len(values):
        raise ValueError(f"{len(values)} values, but {len(groups)} groups")
    pairs = _pairs(values, weights)
    members: dict[Hashable, list[tuple[float, float]]] = {}
    for pair, group in zip(pairs, groups, strict=True):
        members.setdefault(group, []).append(pair)
    average, value_sum = mean(values, weights), math.fsum(x * w for x, w in pairs)
    within, between = [], []
    for member_pairs in members.values():
        xs, ws = [x for x, _ in member_pairs], [w for _, w in member_pairs]
        share = math.fsum(x * w for x, w in member_pairs) / value_sum if value_sum else 0.0
        if share > 0:
            within.append(share * theil(xs, ws))
            between.append(share * math.log(mean(xs, ws) / average))
    return Theil(total=theil(values, weights), within=math.fsum(within), between=max(0.0, math.fsum(between)))


def atkinson(values: Values, epsilon: float, weights: Weights = None) -> float:
    """Atkinson index, 0 … 1, for aversion to inequality `epsilon` > 0.

    1 − (Σ (w/W) x^(1−ε))^(1/(1−ε)) / μ, and 1 − exp(Σ (w/W) ln x) / μ for ε = 1; A. B. Atkinson, "On the
    Measurement of Inequality", Journal of Economic Theory 2 (1970). A 0 among the values makes it 1 where ε ≥
    1.
    """
    if not epsilon > 0:
        raise ValueError(f"epsilon is {epsilon}; it is above 0")
    pairs = _pairs(values, weights)
    average = mean(values, weights)
    if average == 0:
        return 0.0
    weight_sum = math.fsum(w for _, w in pairs)
    if epsilon >= 1 and any(x == 0 for x, _ in pairs):
        return 1.0
    # Relative to the mean, so that no power overflows.
    relative = [(x / average, w / weight_sum) for x, w in pairs]
    if epsilon == 1:
        equal = math.exp(math.fsum(w * math.log(x) for x, w in relative))
    else:
        equal = math.fsum(w * x ** (1 - epsilon) for x, w in relative) ** (1 / (1 - epsilon))
    return min(1.0, max(0.0, 1 - equal))


def herfindahl(amounts: Values) -> float:
    """Herfindahl–Hirschman index of concentration: the sum of squared shares, 1/n … 1; of nothing, 0.

    O. C. Herfindahl (1950); times 10,000 it is the index of the US merger guidelines.
    """
    total = math.fsum(amounts)
    return math.fsum((amount / total) ** 2 for amount in amounts) if total else 0.0


def _pairs(values: Values, weights: Weights) -> list[tuple[float, float]]:
    if not values:
        raise ValueError("no values; a measure needs at least one")
    if weights is None:
        weights = [1.0] * len(values)
    if len(weights) != len(values):
        raise ValueError(f"{len(values)} values, but {len(weights)} weights")
    for number, (value, weight) in enumerate(zip(values, weights, strict=True)):
        if not (value >= 0 and math.isfinite(value)):
            raise ValueError(f"values[{number}] is {value}; it is a finite number from 0")
        if not (weight > 0 and math.isfinite(weight)):
            raise ValueError(f"weights[{number}] is {weight}; it is a finite number above 0")
    return [(float(x), float(w)) for x, w in zip(values, weights, strict=True)]

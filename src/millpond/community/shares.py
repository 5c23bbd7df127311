"""The one rule by which things are shared out on the private side: in proportion, by largest remainder.

Every share is first rounded down; what is left over goes, one by one, to those who lost most by rounding,
of equals to the earlier one. Invariants: shares sum to the total, and each is its exact value rounded down
or up.

It is the rule of the clearing (founding design, "Costs and prices"), with "the earlier one" for "the smaller
id" because here everybody stands in a queue.

>>> spread(10, [1, 1, 1])
[4, 3, 3]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

__all__ = ["half_up", "round_to", "spread"]


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` (0 or more) shared in proportion to the weights (none below 0), ties to the earlier.

    Raises ValueError if there is something to share and nobody to take it.
    """
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    if whole == 0:
        raise ValueError(f"{total} cannot be shared: all weights are 0")
    return _largest_remainder(total, [divmod(total * weight, whole) for weight in weights])


def round_to(total: int, exact: Sequence[Fraction]) -> list[int]:
    """The exact amounts, each rounded down or up, so that they sum to `total`; ties to the earlier.

    Raises ValueError if no such rounding sums to the total.
    """
    parts = [(value.numerator // value.denominator, value % 1) for value in exact]
    least = sum(floor for floor, _ in parts)
    most = least + sum(rest > 0 for _, rest in parts)
    if not least <= total <= most:
        raise ValueError(f"{total} is not between {least} and {most}, what the amounts can be rounded to")
    return _largest_remainder(total, parts)


def half_up(value: Fraction) -> int:
    """The nearest integer, halves up: of two that are as near, the one that is more.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2))
    (3, -2)
    """
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _largest_remainder(total: int, parts: Sequence[tuple[int, int | Fraction]]) -> list[int]:
    shares = [floor for floor, _ in parts]
    order = sorted(range(len(parts)), key=lambda index: -parts[index][1])  # stable: the earlier stays first
    for index in order[: total - sum(shares)]:
        shares[index] += 1
    return shares

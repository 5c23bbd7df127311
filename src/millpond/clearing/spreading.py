"""Exact shares rounded to integers: the largest remainder rule.

Source: the founding design, "Costs and prices": *spread* means in proportion, rounded to integers by largest
remainder, ties to the smaller id (by UTF-8 bytes); a total of 0 is spread as zeros.

- Every share is rounded to one of its two neighbouring integers; one that is an integer stays as it is.
- The rounded shares sum to the total.
- Order of UTF-8 bytes is the order of code points, which is how Python compares text.
"""

from collections.abc import Mapping, Sequence
from functools import cmp_to_key

PRECISION_BITS = 64
"""Bits by which remainders are compared first; only where those are equal, fractions are multiplied out."""


def spread(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share `total` in proportion to the integer `weights`, by largest remainder; ids in order.

    Raises ValueError if there is something to spread and the weights do not sum to more than 0.
    """
    if len(weights) == 1:
        return dict.fromkeys(weights, total)
    ids = sorted(weights)
    if total == 0:
        return dict.fromkeys(ids, 0)
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError(f"{total} cannot be spread over weights that sum to {whole}")
    return dict(zip(ids, rounded(total, [(total * weights[i], whole) for i in ids]), strict=True))


def rounded(total: int, shares: Sequence[tuple[int, int]]) -> list[int]:
    """Round the exact `shares` (numerator, positive denominator) of `total` to integers, ties to the earlier
    one.

    Denominators may differ and need not be reduced. Raises ValueError if the shares do not sum to the total.
    """
    floors = [numerator // denominator for numerator, denominator in shares]
    rests = [
        (((numerator % denominator) << PRECISION_BITS) // denominator, numerator % denominator, denominator)
        for numerator, denominator in shares
    ]
    left = total - sum(floors)
    lost = (left << PRECISION_BITS) - sum(coarse for coarse, _, _ in rests)
    if not 0 <= lost <= len(shares):
        raise ValueError(f"the shares do not sum to {total}")

    def compare(one: int, other: int) -> int:
        coarse, rest, denominator = rests[one]
        other_coarse, other_rest, other_denominator = rests[other]
        if coarse != other_coarse:
            return other_coarse - coarse
        return other_rest * denominator - rest * other_denominator

    for index in sorted(range(len(shares)), key=cmp_to_key(compare))[:left]:
        floors[index] += 1
    return floors

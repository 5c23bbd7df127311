"""Places into regions of near neighbours, by a fixed rule that looks at coordinates alone.

The rule: n places with coordinates are halved until there are as many groups as the power of two nearest to
√n (so a region has about √n places). A group is cut across its longer side, measured on the ground (a degree
of longitude counts the cosine of the group's middle latitude), into halves of equal number, ties in order of
the other coordinate, then id. This is the balanced k-d tree of J. L. Bentley, "Multidimensional Binary Search
Trees", CACM 18 (1975).

Invariants:
- Every place is in one region; regions of places with coordinates differ by at most one place in each
  halving.
- The result does not depend on the order of the places.

What it does not do: know borders, roads or mountains, or that 180° E is 180° W.
"""

import math
from collections.abc import Sequence

from millpond.model import Place


def regions(places: Sequence[Place]) -> tuple[tuple[str, ...], ...]:
    """Ids of the places of each region; one without coordinates is a region of its own, after the others."""
    located = [place for place in places if _located(place)]
    others = sorted(place.id for place in places if not _located(place))
    # round(log2 √n), halves up, without a float: two places make two regions, eight make four.
    halvings = len(located).bit_length() // 2
    groups = [located] if located else []
    for _ in range(halvings):
        groups = [half for group in groups for half in _halves(group) if half]
    named = sorted(tuple(sorted(place.id for place in group)) for group in groups)
    return (*named, *((id,) for id in others))


def _located(place: Place) -> bool:
    return place.latitude_microdeg is not None and place.longitude_microdeg is not None


def _halves(group: Sequence[Place]) -> tuple[list[Place], list[Place]]:
    points = {place.id: (place.latitude_microdeg or 0, place.longitude_microdeg or 0) for place in group}
    south, north = min(y for y, _ in points.values()), max(y for y, _ in points.values())
    west, east = min(x for _, x in points.values()), max(x for _, x in points.values())
    # cos of the middle latitude in thousandths: an integer, so that all machines cut alike.
    shrink = round(1000 * math.cos(math.radians((south + north) / 2e6)))
    across = 1 if (east - west) * shrink > (north - south) * 1000 else 0
    ordered = sorted(
        group, key=lambda place: (points[place.id][across], points[place.id][1 - across], place.id)
    )
    middle = len(ordered) // 2
    return ordered[:middle], ordered[middle:]

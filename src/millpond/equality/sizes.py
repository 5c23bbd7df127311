"""Towns by size: four classes by population and one for places that state none.

5,000 and 50,000 are where towns and where cities begin in the Degree of Urbanisation that the UN Statistical
Commission endorsed in 2020 (there with a density beside it, which a round does not know); 500,000 is where
China's State Council ends small cities (2014, No. 51). The cut-offs are fixed, so that two reports can be
laid side by side.

What it does not do: guess a population. A place that states none is of size `UNKNOWN`.
"""

from enum import IntEnum

from millpond.model import Place


class Size(IntEnum):
    """A town size; they sort from small to big, the unknown last."""

    VILLAGE = 0
    TOWN = 1
    SMALL_CITY = 2
    CITY = 3
    UNKNOWN = 4


FROM_POPULATION = {Size.VILLAGE: 0, Size.TOWN: 5_000, Size.SMALL_CITY: 50_000, Size.CITY: 500_000}
"""The least population of each size."""


def size_of(place: Place) -> Size:
    """The size class of a place."""
    if place.population is None:
        return Size.UNKNOWN
    return max(size for size, least in FROM_POPULATION.items() if place.population >= least)

"""Regions: neighbours come together, whatever the order, and nobody is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.equality.regions import regions
from millpond.model import Place


def at(id, latitude, longitude):
    return Place(id=id, latitude_microdeg=round(latitude * 1e6), longitude_microdeg=round(longitude * 1e6))


def test_four_places_make_two_neighbourhoods():
    places = [at("west", 30, 100), at("far-west", 30.1, 99), at("east", 30, 110), at("far-east", 29.9, 111)]
    assert regions(places) == (("east", "far-east"), ("far-west", "west"))


def test_a_degree_of_longitude_is_short_in_the_north():
    # At 60° N four degrees of longitude are two of latitude on the ground: the cut is between south and
    # north.
    places = [at("a", 58.5, 10), at("b", 58.5, 14), at("c", 61.5, 10), at("d", 61.5, 14)]
    assert regions(places) == (("a", "b"), ("c", "d"))
    # At the equator the same shape is wider than it is high.
    places = [at("a", -1.5, 10), at("b", -1.5, 14), at("c", 1.5, 10), at("d", 1.5, 14)]
    assert regions(places) == (("a", "c"), ("b", "d"))


def test_without_coordinates_a_place_stands_alone():
    places = [
        at("a", 1, 1),
        Place(id="z"),
        at("b", 1, 2),
        at("c", 1, 9),
        Place(id="half", latitude_microdeg=1),
    ]
    assert regions(places) == (("a",), ("b", "c"), ("half",), ("z",))
    assert regions([]) == ()


@pytest.mark.parametrize(
    ("places", "groups"), [(1, 1), (2, 2), (4, 2), (7, 2), (8, 4), (31, 4), (32, 8), (152, 16)]
)
def test_as_many_as_the_power_of_two_nearest_to_the_root(places, groups):
    assert len(regions([at(f"p{number}", 0, number / 2) for number in range(places)])) == groups


coordinates = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


@given(st.lists(coordinates | st.none(), max_size=60), st.randoms(use_true_random=False))
def test_a_partition_that_does_not_depend_on_order(points, random):
    places = [
        Place(id=f"p{number}")
        if point is None
        else Place(id=f"p{number}", latitude_microdeg=point[0], longitude_microdeg=point[1])
        for number, point in enumerate(points)
    ]
    found = regions(places)
    assert sorted(id for group in found for id in group) == sorted(place.id for place in places)
    located = [group for group in found if points[int(group[0][1:])] is not None]
    sizes = [len(group) for group in located]
    assert max(sizes, default=0) <= min(sizes, default=0) + 1
    assert not located or len(located).bit_count() == 1
    random.shuffle(places)
    assert regions(places) == found

"""Distances on the globe and the freight zones of a scenario."""

import pytest

from millpond.errors import InputError
from millpond.replay.distance import Zone, kilometres, read_zones, zone_of
from millpond.replay.orders import Town
from millpond.replay.scenario import open_scenario

SHANGHAI = Town("Shanghai", 31_230_000, 121_474_000)
URUMQI = Town("Ürümqi", 43_825_000, 87_617_000)
ZONES = (Zone(100, 60, 1), Zone(300, 100, 2))


def test_distance_is_the_great_circle() -> None:
    assert kilometres(SHANGHAI, URUMQI) == pytest.approx(3270, rel=0.01)
    assert kilometres(URUMQI, SHANGHAI) == pytest.approx(kilometres(SHANGHAI, URUMQI))
    assert kilometres(SHANGHAI, SHANGHAI) == 0
    assert kilometres(Town("", 0, 0), Town("", 0, 180_000_000)) == pytest.approx(20_015, rel=0.001)


@pytest.mark.parametrize(("km", "zone"), [(0, 0), (100, 0), (100.5, 1), (300, 1)])
def test_the_first_zone_that_reaches_holds(km: float, zone: int) -> None:
    assert zone_of(ZONES, km) is ZONES[zone]


def test_beyond_the_last_zone_nobody_delivers() -> None:
    assert zone_of(ZONES, 300.5) is None


def test_zones_must_reach_farther_and_farther() -> None:
    text = "[[freight]]\nup_to_km = 9\nfixed = 1\nper_load = 1\n" * 2
    with pytest.raises(InputError, match=r"^here: freight\[1\]\.up_to_km: must be farther"):
        read_zones(open_scenario(text, "here"))

"""Distances on the globe, and freight that goes by distance bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.replay.orders import Town
from millpond.replay.scenario import MOST_MINOR, Table

EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Zone:
    """Freight of a consignment to places up to `up_to_km` away, in minor units."""

    up_to_km: int
    fixed: int
    per_load: int


def read_zones(scenario: Table) -> tuple[Zone, ...]:
    """The `[[freight]]` tables of a scenario."""
    zones: list[Zone] = []
    for i, table in enumerate(scenario.tables("freight")):
        zone = Zone(
            up_to_km=table.integer("up_to_km", 1, 50_000),
            fixed=table.integer("fixed", 0, MOST_MINOR),
            per_load=table.integer("per_load", 0, MOST_MINOR),
        )
        table.close()
        if zones and zone.up_to_km <= zones[-1].up_to_km:
            raise scenario.wrong(f"freight[{i}].up_to_km", "must be farther than the one before")
        zones.append(zone)
    return tuple(zones)


def zone_of(zones: Sequence[Zone], km: float) -> Zone | None:
    """The first zone that reaches so far, or None."""
    return next((zone for zone in zones if km <= zone.up_to_km), None)


def kilometres(a: Town, b: Town) -> float:
    """Great-circle distance (haversine)."""
    north_a, north_b = math.radians(a.latitude / 1e6), math.radians(b.latitude / 1e6)
    east = math.radians((b.longitude - a.longitude) / 1e6)
    chord = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin(east / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))

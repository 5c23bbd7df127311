"""Freight fits: known tariffs are found again, gross errors don't carry them away, nothing is negative."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.replay.fits import elasticity, fit_parcels, fit_shipments

KM = [50.0, 400.0, 900.0, 1500.0, 2500.0, 120.0, 700.0]
KG = [0.3, 2.0, 0.5, 8.0, 1.2, 20.0, 0.1]


def test_a_parcel_tariff_is_found_again() -> None:
    paid = [990 + 0.8 * km + (195 + 0.1 * km) * kg for km, kg in zip(KM, KG, strict=True)]
    fit = fit_parcels(KM, KG, paid)
    assert (fit.base, fit.per_km, fit.per_kg, fit.per_kg_km) == pytest.approx((990, 0.8, 195, 0.1))
    assert fit.r2 == pytest.approx(1)
    assert fit.median_error == pytest.approx(0, abs=1e-9)
    assert fit.fixed(1000) == 1790
    assert fit.per_load(1000, 0.2) == 59


@given(
    st.lists(
        st.tuples(st.floats(0, 4000), st.floats(0.05, 30), st.integers(0, 20_000)), min_size=1, max_size=30
    )
)
def test_no_parcel_ever_costs_less_than_nothing(parcels: list[tuple[float, float, float]]) -> None:
    fit = fit_parcels(*map(list, zip(*parcels, strict=True)))
    assert min(fit.base, fit.per_km, fit.per_kg, fit.per_kg_km) >= 0
    assert fit.count == len(parcels)


def test_a_shipment_tariff_is_found_again_through_gross_errors() -> None:
    noise = random.Random(5)
    kg = [10 ** noise.uniform(0, 4) for _ in range(400)]
    paid = [(75_700 + 757 * weight) * math.exp(noise.gauss(0, 0.3)) for weight in kg]
    for i in range(0, 400, 10):
        kg[i] *= 1000  # a slipped decimal point
    fit = fit_shipments(kg, paid)
    assert fit.fixed == pytest.approx(75_700, rel=0.25)
    assert fit.per_kg == pytest.approx(757, rel=0.15)
    assert 0.1 < fit.median_error < 0.3


def test_one_shipment_is_fitted_exactly() -> None:
    fit = fit_shipments([10.0], [500.0])
    assert fit.fixed + 10 * fit.per_kg == pytest.approx(500)


def test_elasticity_is_within_groups() -> None:
    cheap = [(10.0, 100.0), (100.0, 10**1.9), (1000.0, 10**1.8)]
    dear = [(quantity, 50 * price) for quantity, price in cheap]
    assert elasticity([cheap, dear]) == pytest.approx(-0.1)
    assert elasticity([[(5.0, 1.0)], [(50.0, 9.0)]]) == 0

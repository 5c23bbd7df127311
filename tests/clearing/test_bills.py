"""Who pays whom."""

from fractions import Fraction

import pytest

from millpond.clearing.bills import bill_amounts, payments_of, settlements_of


@pytest.mark.parametrize(
    ("surplus", "rows"),
    [
        ({}, []),
        ({"a": 0, "b": 0}, []),
        ({"b": 5, "a": -5}, [("b", "a", 5)]),
        ({"a": 5, "b": -2, "c": -3}, [("a", "b", 2), ("a", "c", 3)]),
        ({"c": 2, "b": 3, "a": -5}, [("b", "a", 3), ("c", "a", 2)]),
        (
            {"a": 4, "b": -3, "c": 5, "d": -6, "e": 0},
            [("a", "b", 3), ("a", "d", 1), ("c", "d", 5)],
        ),
        ({"a": 3, "b": 5, "c": -4, "d": -4}, [("a", "c", 3), ("b", "c", 1), ("b", "d", 4)]),
        ({"厂二": -1, "厂一": 1}, [("厂一", "厂二", 1)]),
    ],
)
def test_settlements_in_id_order(surplus: dict[str, int], rows: list[tuple[str, str, int]]) -> None:
    assert [(row.from_maker, row.to_maker, row.amount) for row in settlements_of(surplus)] == rows


def test_bills_add_up_parts_with_different_denominators() -> None:
    pays = {"p": [(1, 2), (1, 3)], "q": [(1, 6), (8, 2)], "r": [(3, 1)]}
    assert bill_amounts(pays, 8) == {"p": 1, "q": 4, "r": 3}


def test_payments_by_price_and_units_without_rows_of_nothing() -> None:
    price = {"x": Fraction(7, 2), "y": Fraction(0)}
    received = {"m2": {"x": 1}, "m1": {"x": 2, "y": 1}, "m3": {"y": 9}}
    assert [(row.maker, row.amount) for row in payments_of(11, received, price)] == [("m1", 7), ("m2", 4)]
    assert payments_of(0, {"m1": {"y": 1}}, price) == ()
    assert payments_of(0, {"m1": {"y": 1}, "m2": {"y": 1}}, price) == ()

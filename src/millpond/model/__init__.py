"""What is traded: items, places, demand, offers, rounds and clearings, and their files.

Part of the core: values in, values out; no I/O, no clock, no randomness. Formats: DESIGN, `millpond-round/1`
and `millpond-clearing/1`; their JSON Schemas are in `schemas/`.

>>> Round(id="r", currency="CNY", items=(), places=(), demand=(), offers=()).freight_pooled
100
"""

from millpond.model.clearing import (
    MAX_LEAVES,
    Award,
    Bill,
    Branch,
    Certificate,
    Clearing,
    Leaf,
    Level,
    Payment,
    Price,
    Run,
    Settlement,
    preorder,
)
from millpond.model.reading import CLEARING_FORMAT, ROUND_FORMAT, read_clearing, read_round
from millpond.model.round import (
    Acceptance,
    Freight,
    Item,
    Line,
    Offer,
    OfferItem,
    Place,
    Round,
    Tier,
    unit_value,
)
from millpond.model.rules import fraction_text, read_fraction
from millpond.model.writing import encode_clearing, encode_round

__all__ = [
    "CLEARING_FORMAT",
    "MAX_LEAVES",
    "ROUND_FORMAT",
    "Acceptance",
    "Award",
    "Bill",
    "Branch",
    "Certificate",
    "Clearing",
    "Freight",
    "Item",
    "Leaf",
    "Level",
    "Line",
    "Offer",
    "OfferItem",
    "Payment",
    "Place",
    "Price",
    "Round",
    "Run",
    "Settlement",
    "Tier",
    "encode_clearing",
    "encode_round",
    "fraction_text",
    "preorder",
    "read_clearing",
    "read_fraction",
    "read_round",
    "unit_value",
]

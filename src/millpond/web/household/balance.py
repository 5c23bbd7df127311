"""What a household has paid for an order, and what is open: the one place where its pages ask the books."""

from __future__ import annotations

from dataclasses import dataclass

from millpond.desk import ledger
from millpond.store import Rows


@dataclass(frozen=True, slots=True)
class Balance:
    """Minor units: `claims` were taken off for claims, `paid` came and was not given back.

    `open` is still to be paid; below 0 the household gets it back.
    """

    claims: int
    paid: int
    open: int


def balance_of(rows: Rows, order: int, total: int) -> Balance:
    """How an order stands that comes to `total` without claims, whether or not it is in the books yet."""
    kept = ledger.of_order(rows, order)
    paid = kept.paid - kept.refunded
    if not (kept.total or kept.claims):
        return Balance(claims=0, paid=paid, open=total - paid)
    return Balance(claims=kept.claims, paid=paid, open=kept.open)

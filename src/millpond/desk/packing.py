"""Who gets which goods: the one list from which packing, pick-up, labels and check-off are made.

It reads, and changes nothing. Attention is for people: a want that got less than asked for, a substitute, a
piece with options, a note of the household, an open claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from millpond.community import sharing
from millpond.desk import goods
from millpond.store import Rows


class Attention(StrEnum):
    """Why somebody should look twice at an order."""

    LESS = "less"
    NOTHING = "nothing"
    SUBSTITUTE = "substitute"
    OPTIONS = "options"
    NOTE = "note"
    CLAIM = "claim"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Units of one item for one order; `options` are label and answer of a piece.

    Of goods that are paid by weight, `nominal_grams` is what all units should weigh together, `grams` what
    they do, once they are weighed; it is `outside` if that differs by more than the tolerance.
    """

    want: int
    item: int
    label: str
    unit: str
    units: int
    wanted: int
    nominal_grams: int | None
    grams: int | None
    outside: bool
    due_minor: int
    piece: int | None
    options: tuple[tuple[str, str], ...]

    @property
    def by_weight(self) -> bool:
        """Whether it is paid by what it weighs."""
        return self.nominal_grams is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Everything that one order is to be handed."""

    order: int
    number: int
    code: str
    household: int
    name: str
    phone: str
    address: str
    point: str
    note: str
    leader_note: str
    lines: tuple[Line, ...]
    attention: tuple[Attention, ...]

    @property
    def units(self) -> int:
        """Units of all lines."""
        return sum(line.units for line in self.lines)


def parcels(
    rows: Rows, round: int, labels: Mapping[int, Mapping[str, str]] | None = None
) -> tuple[Parcel, ...]:
    """Every order of a decided round, by pick-up point and number, those that get nothing included.

    `labels` name the options of items: by item, key to label; without them options go by their keys.
    """
    items = {one.item: one for one in goods.came(rows, round)}
    of_order: dict[int, list[goods.Due]] = {}
    for due in goods.due(rows, round):
        of_order.setdefault(due.order, []).append(due)
    claimed = {row["order_id"] for row in rows.all("handing.claimed", round=round)}
    found = []
    for row in rows.all("handing.list", round=round):
        dues = of_order.get(row["id"], [])
        lines = tuple(_line(due, items, labels or {}) for due in dues if due.units and due.item is not None)
        found.append(
            Parcel(
                order=row["id"],
                number=row["number"],
                code=row["pickup_code"],
                household=row["household"],
                name=row["name"],
                phone=row["phone"],
                address=row["address"],
                point=row["point"],
                note=row["note"],
                leader_note=row["leader_note"],
                lines=lines,
                attention=_attention(row["note"] or row["leader_note"], dues, lines, row["id"] in claimed),
            )
        )
    return tuple(found)


def _line(due: goods.Due, items: Mapping[int, goods.Came], labels: Mapping[int, Mapping[str, str]]) -> Line:
    assert due.item is not None
    item, named = items[due.item], labels.get(due.wanted_item, {})
    nominal = None if item.nominal_grams is None else item.nominal_grams * due.units
    return Line(
        want=due.want,
        item=due.item,
        label=item.label,
        unit=item.unit,
        units=due.units,
        wanted=due.wanted,
        nominal_grams=nominal,
        grams=due.grams,
        outside=nominal is not None
        and due.grams is not None
        and sharing.is_outside(nominal, due.grams, item.weight_tolerance_percent),
        due_minor=due.due_minor,
        piece=due.piece,
        options=tuple((named.get(key, key), answer) for key, answer in due.options.items() if answer),
    )


def _attention(
    note: str, dues: list[goods.Due], lines: tuple[Line, ...], claimed: bool
) -> tuple[Attention, ...]:
    got = sum(due.units for due in dues)
    found = {
        Attention.NOTHING: not got,
        Attention.LESS: bool(got) and any(due.units < due.wanted for due in dues),
        Attention.SUBSTITUTE: any(due.item not in (None, due.wanted_item) for due in dues),
        Attention.OPTIONS: any(line.options for line in lines),
        Attention.WEIGHT: any(line.by_weight and line.grams is None for line in lines),
        Attention.NOTE: bool(note),
        Attention.CLAIM: claimed,
    }
    return tuple(kind for kind, there in found.items() if there)

"""From what was found and how many to a want, with every reason to look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from millpond.community.group import MAX_WANT_UNITS, Item
from millpond.community.pasted import units
from millpond.community.pasted.catalogue import Catalogue, Found
from millpond.community.pasted.characters import fold
from millpond.community.pasted.quantities import Quantity
from millpond.community.pasted.values import Doubt, DoubtCode, Entry, PastedWant

__all__ = ["ABSURD_UNITS", "made", "of_unit_alone", "with_unusual_units_marked"]

ABSURD_UNITS = 1_000
"""From here on a quantity of one household is looked at: more likely a room, a year or a slip."""

Made = tuple[PastedWant | None, list[Doubt]]


def made(catalogue: Catalogue, found: Found | None, text: str, quantity: Quantity | None) -> Made:
    """The want and its doubts; no want where the quantity can't be one. Without a quantity: 1, marked."""
    doubts = []
    if quantity is None:
        quantity = Quantity(1)
        doubts.append(Doubt(DoubtCode.NO_QUANTITY, text))
    if quantity.doubt is not None:
        doubts.append(Doubt(quantity.doubt, f"{text} {quantity.count}{quantity.unit}".strip()))
    item: str | None = None
    could_be: tuple[str, ...] = ()
    if found is None or not found.ids:
        doubts.append(Doubt(DoubtCode.UNKNOWN_ITEM, text))
    else:
        item, could_be, more = _meant(catalogue, found, text)
        doubts += more
    count = quantity.count
    known = [catalogue.items[id] for id in ([item] if item else could_be)]
    if quantity.unit and known:
        count, unit_doubts = _counted(known, quantity)
        doubts += unit_doubts
    if not 0 < count < ABSURD_UNITS:
        doubts.append(Doubt(DoubtCode.QUANTITY_ABSURD, f"{quantity.count}{quantity.unit}"))
    if not 0 < count <= MAX_WANT_UNITS:
        return None, doubts
    want = PastedWant(item=item, text=text, quantity=count, unit=quantity.unit, could_be=could_be)
    return want, doubts


def of_unit_alone(catalogue: Catalogue, quantity: Quantity) -> Made:
    """A quantity with no item beside it, where several are offered: only the unit may tell which."""
    ids = frozenset(
        id
        for id, item in catalogue.items.items()
        if units.normal(fold(item.unit)) == units.normal(quantity.unit)
    )
    ids = ids or frozenset(catalogue.items)
    want, doubts = made(catalogue, Found(ids, named=True), "", quantity)
    if want is None or not any(doubt.code in _WHICH for doubt in doubts):
        doubts.append(Doubt(DoubtCode.WHICH_ITEM, f"{quantity.count}{quantity.unit}"))
    return want, doubts


_WHICH = {DoubtCode.WHICH_ITEM, DoubtCode.WHICH_VARIANT, DoubtCode.UNKNOWN_ITEM}


def _meant(catalogue: Catalogue, found: Found, text: str) -> tuple[str | None, tuple[str, ...], list[Doubt]]:
    """The item, or those it could be, in the order they are offered."""
    doubts = []
    if found.partial:
        doubts.append(Doubt(DoubtCode.PARTIAL_ITEM, text))
    if found.by_position:
        doubts.append(Doubt(DoubtCode.BY_POSITION, text))
    could_be = tuple(id for id in catalogue.items if id in found.ids)
    if catalogue.is_certain(found):
        return could_be[0], (), doubts
    which = DoubtCode.WHICH_VARIANT if catalogue.of_one_name(could_be) else DoubtCode.WHICH_ITEM
    doubts.append(Doubt(which, text))
    if len(could_be) == 1:
        return could_be[0], (), doubts
    return None, could_be, doubts


def _counted(known: Sequence[Item], quantity: Quantity) -> tuple[int, list[Doubt]]:
    """How many units of the item the written unit makes."""
    own = {fold(item.unit) for item in known}
    doubt = Doubt(DoubtCode.UNIT, f"{quantity.count}{quantity.unit}")
    if len(own) > 1:
        return quantity.count, [] if all(units.fits(unit, quantity.unit) for unit in own) else [doubt]
    (unit,) = own
    times, certain = units.count_of(unit, quantity.unit)
    if times > 1:
        return quantity.count * times, [] if certain else [doubt]
    if units.fits(unit, quantity.unit) or (units.is_unset(unit) and not units.is_measure(quantity.unit)):
        return quantity.count, []
    return quantity.count, [doubt]


def with_unusual_units_marked(catalogue: Catalogue, entries: Iterable[Entry]) -> list[Entry]:
    """Where the order says no unit, people choose the word; who uses another one than most is marked."""
    entries = list(entries)
    unset = {id for id, item in catalogue.items.items() if units.is_unset(fold(item.unit))}
    written: dict[str, Counter[str]] = {id: Counter() for id in unset}
    for entry in entries:
        for want in entry.wants:
            if want.item in unset and not units.fits("", want.unit):
                written[want.item][units.normal(want.unit)] += 1
    usual = {id: counter.most_common(1)[0][0] for id, counter in written.items() if counter}
    for place, entry in enumerate(entries):
        odd = [
            Doubt(DoubtCode.UNIT, f"{want.quantity}{want.unit}")
            for want in entry.wants
            if want.item in usual
            and not units.fits("", want.unit)
            and not units.is_measure(want.unit)
            and units.normal(want.unit) != usual[want.item]
        ]
        if odd:
            entries[place] = replace(entry, doubts=(*entry.doubts, *odd))
    return entries

"""From what the desk knows to what stands on paper: lists, labels, the order to the maker, the poster.

Nothing is printed here: `millpond.paper` does it. Words are in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from millpond import paper
from millpond.community.pool import tier_at
from millpond.desk import deciding, goods, handing, money, packing
from millpond.desk.packing import Attention, Parcel
from millpond.desk.rounds import RoundRecord
from millpond.web.formats import local
from millpond.web.formats import money as money_text
from millpond.web.units import counted
from millpond.web.visit import Visit
from millpond.web.words import marked

ATTENTION = {
    Attention.LESS: marked("less than asked for"),
    Attention.NOTHING: marked("gets nothing"),
    Attention.SUBSTITUTE: marked("substitute"),
    Attention.OPTIONS: marked("made to measure"),
    Attention.NOTE: marked("see the note"),
    Attention.CLAIM: marked("open claim"),
    Attention.WEIGHT: marked("still to be weighed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a want got and what a unit cost, by item; from a decided round."""

    units: Mapping[int, int]
    prices: Mapping[int, Fraction]


def given(visit: Visit, round: int) -> Given:
    """Units of each item that the maker makes, and the price of a unit."""
    units: dict[int, int] = dict(deciding.leftovers(visit.read, round))
    prices: dict[int, Fraction] = {}
    for one in deciding.given(visit.read, round):
        if one.item is not None and one.quantity:
            units[one.item] = units.get(one.item, 0) + one.quantity
            if one.price is not None:
                prices[one.item] = one.price
    return Given(units=units, prices=prices)


def heading(visit: Visit, round: RoundRecord) -> paper.Heading:
    """What every sheet says of itself."""
    return paper.Heading(
        title=round.title,
        community=visit.profile.name,
        currency=round.currency,
        made_at=local(visit.now_ms, visit.profile.time_zone),
    )


def option_labels(round: RoundRecord) -> dict[int, dict[str, str]]:
    """The labels of options: by item, key to label."""
    return {int(item.id): {option.key: option.label for option in item.options} for item in round.group.items}


def parcels(visit: Visit, round: RoundRecord) -> tuple[Parcel, ...]:
    """Every order's goods, with options named."""
    return packing.parcels(visit.read, round.id, option_labels(round))


def orders(visit: Visit, round: RoundRecord) -> tuple[paper.Order, ...]:
    """Every order that gets something, as it stands on lists."""
    state, due = handing.state(visit.read, round.id), money.due_of_orders(visit.read, round.id)
    found = []
    for parcel in parcels(visit, round):
        if not parcel.lines:
            continue
        what = [visit.words(ATTENTION[kind]) for kind in parcel.attention]
        notes = [text for text in (parcel.note, parcel.leader_note) if text]
        balance = due.get(parcel.order)
        found.append(
            paper.Order(
                number=parcel.number,
                code=parcel.code,
                name=parcel.name,
                phone=parcel.phone,
                pickup_point=parcel.point,
                attention=" · ".join(what + notes),
                amount=balance.total if balance else 0,
                due=balance.open if balance else 0,
                handed_out=state.is_complete(str(parcel.order)),
                lines=tuple(line_of(line) for line in parcel.lines),
            )
        )
    return tuple(found)


def line_of(line: packing.Line) -> paper.Line:
    """One line of a parcel; a piece says its number and what was answered."""
    said = [f"{label}: {answer}" for label, answer in line.options]
    if line.piece is not None:
        said.insert(0, f"№ {line.piece}")
    return paper.Line(
        item=line.label,
        quantity=line.units,
        unit=line.unit,
        note=" · ".join(said),
        grams=line.grams,
        amount=line.due_minor,
    )


def labels(visit: Visit, round: RoundRecord, skip: int) -> paper.LabelSheet:
    """A sticker for each order; its code opens the check-off page at that order."""
    check_off = visit.link(f"desk/{round.id}/check-off")
    return paper.LabelSheet(
        heading=heading(visit, round),
        skip=skip,
        labels=tuple(
            paper.Label(
                number=order.number,
                code=order.code,
                name=order.name,
                lines=order.lines,
                pickup_point=order.pickup_point,
                scan=f"{check_off}?code={order.code}",
            )
            for order in orders(visit, round)
        ),
    )


def makers_order(visit: Visit, round: RoundRecord) -> paper.MakersOrder:
    """The one order to the maker: items, pieces by number, charges; nothing of any household."""
    got, items = given(visit, round.id), {int(item.id): item for item in round.group.items}
    came = {one.item: one for one in goods.came(visit.read, round.id)}
    offer, total = round.group.offer, sum(got.units.values())
    reached = tier_at(offer, total)
    tier = None if reached is None else offer.tiers[reached]
    load = sum(units * items[id].load for id, units in got.units.items())
    charges = [
        (visit.words("Setup"), offer.setup if total else 0),
        (visit.words("Freight"), offer.freight_fixed + offer.freight_per_load * load if total else 0),
    ]
    pieces = [
        paper.Piece(number=line.piece, item=line.label, answers=line.options)
        for parcel in parcels(visit, round)
        for line in parcel.lines
        if line.piece is not None
    ]
    return paper.MakersOrder(
        heading=heading(visit, round),
        maker=offer.maker,
        maker_contact=round.maker_contact,
        contact=visit.profile.phone,
        deliver_to=visit.words(", ").join(
            text for text in (visit.profile.name, visit.profile.place_name) if text
        ),
        reference=round.code,
        ready_on=offer.ready_on,
        lines=tuple(
            paper.Line(
                item=items[id].label,
                quantity=units,
                unit=came[id].unit,
                price=None if tier is None else tier.price + items[id].surcharge,
                amount=None if tier is None else (tier.price + items[id].surcharge) * units,
                case_size=items[id].case_size,
            )
            for id, units in sorted(got.units.items(), key=lambda entry: list(items).index(entry[0]))
        ),
        charges=tuple(paper.Charge(words=words, amount=amount) for words, amount in charges if amount),
        pieces=tuple(sorted(pieces, key=lambda piece: piece.number)),
    )


def makers_text(order: paper.MakersOrder, visit: Visit) -> str:
    """The order to the maker as text for a chat."""
    lines = [f"{order.heading.title} · {order.heading.community}"]
    for line in order.lines:
        cases = f" ({line.quantity // line.case_size} × {line.case_size})" if line.case_size > 1 else ""
        count = counted(line.quantity, line.unit, visit.words) + cases
        lines.append(visit.words("{name}: {what}", name=line.item, what=count))
    for piece in order.pieces:
        answers = visit.words(", ").join(f"{label} {answer}" for label, answer in piece.answers)
        lines.append(visit.words("{name}: {what}", name=f"№ {piece.number} {piece.item}", what=answers))
    total = sum(line.amount or 0 for line in order.lines) + sum(charge.amount for charge in order.charges)
    lines.append(visit.words("In all: {amount}", amount=money_text(total, order.heading.currency)))
    if order.deliver_to:
        lines.append(visit.words("Deliver to: {place}", place=order.deliver_to))
    if order.contact:
        lines.append(visit.words("Phone: {phone}", phone=order.contact))
    return "\n".join(lines)

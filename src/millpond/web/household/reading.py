"""What pages of households read from the room, put into the values that templates show."""

from __future__ import annotations

from markupsafe import Markup

from millpond.desk import claims as desk_claims
from millpond.desk import deciding, handing, orders, own, room, rounds
from millpond.desk.orders import Order
from millpond.desk.room import PickupPoint
from millpond.desk.rounds import RoundRecord
from millpond.paper.qr import qr_svg
from millpond.web.household import own_order, progress
from millpond.web.household.balance import balance_of
from millpond.web.household.claims import shown as shown_claims
from millpond.web.household.offering import Offering, fee_text
from millpond.web.household.own_order import OwnOrder, Proof
from millpond.web.household.who import privacy
from millpond.web.units import counted
from millpond.web.visit import Visit

DECIDED = ("decided", "ordered", "arrived", "done")
HANDED = ("ordered", "arrived", "done")
"""Stages in which something may have been handed out."""


def stage_of(visit: Visit, round: RoundRecord) -> str:
    """The stage as it is for households: over its time is closed, even before the clockwork has come by."""
    stage = str(round.stage)
    return "closed" if stage == "open" and not round.takes_orders(visit.now_ms) else stage


def stage_text(visit: Visit, stage: str) -> str:
    """The stage in one or two words."""
    words = visit.words
    texts = {
        "open": words("Open"),
        "closed": words("Closed"),
        "decided": words("Decided"),
        "ordered": words("At the maker"),
        "arrived": words("Arrived"),
        "done": words("Done"),
        "cancelled": words("Cancelled"),
    }
    return texts[stage]


def closes(visit: Visit, round: RoundRecord) -> str:
    """Until when it takes orders, or since when not any more; "" where nothing is set."""
    if stage_of(visit, round) == "open":
        when = visit.moment(round.closes_at_ms)
        return visit.words("until {when}", when=when) if when else ""
    when = visit.moment(round.closed_ms or round.closes_at_ms)
    return visit.words("closed {when}", when=when) if when else ""


def points(visit: Visit, round: RoundRecord) -> list[PickupPoint]:
    """Where the goods can be picked up."""
    found = (room.pickup_point(visit.read, id) for id in round.pickup_points)
    return [point for point in found if point is not None]


def offering(visit: Visit, round: RoundRecord, keeps: frozenset[str] = frozenset()) -> Offering:
    """What is offered; `keeps` are withdrawn items that an order has and may keep."""
    return Offering(
        round.group,
        rounds.units_of_items(visit.read, round.id),
        visit.words,
        limits={item.id: orders.usual_limit(round, item) for item in round.group.items},
        withdrawn=round.withdrawn - keeps,
        points=points(visit, round),
        pictures=own.item_pictures(visit.read, round.id),
        cap_units=round.cap_units,
        privacy=privacy(visit),
    )


def summary(order: Order, round: RoundRecord, visit: Visit) -> str:
    """What an order is of, in a line."""
    parts = []
    for want in order.wants:
        item = round.group.item(str(want.item))
        parts.append(f"{item.label} {counted(want.quantity, item.unit, visit.words)}")
    return visit.words(", ").join(parts)


def own_view(visit: Visit, round: RoundRecord, order: Order, link: str) -> OwnOrder:
    """One order as its household sees it."""
    words, stage = visit.words, stage_of(visit, round)
    is_decided = stage in DECIDED
    wants, bill = own.wants(visit.read, order.id), own.bill(visit.read, order.id) if is_decided else None
    is_cancelled = order.cancelled_ms is not None
    got = sum(want.outcome.quantity for want in wants if want.outcome)
    facts = progress.Facts(
        stage=stage,
        is_cancelled=is_cancelled,
        gets_something=not is_decided or got > 0,
        gets_all=all(
            w.outcome and w.outcome.item == w.item and w.outcome.quantity >= w.quantity for w in wants
        ),
        is_handed_out=stage in HANDED and handing.state(visit.read, round.id).is_complete(str(order.id)),
        closes=visit.moment(round.closes_at_ms),
        ready=visit.day(round.group.offer.ready_on),
        maker=round.group.offer.maker,
    )
    sums, total, total_label = own_order.sums(wants, round.group, bill, words)
    balance = balance_of(visit.read, order.id, total)
    point = room.pickup_point(visit.read, order.pickup_point) if order.pickup_point else None
    profile, claims = visit.profile, desk_claims.of_order(visit.read, order.id)
    return OwnOrder(
        link=link,
        title=round.title,
        currency=round.currency,
        number=order.number,
        name=order.name,
        note=order.note,
        is_cancelled=is_cancelled or stage == "cancelled",
        steps=progress.steps(facts, words),
        meaning=progress.meaning(facts, words),
        shows_steps=facts.gets_something,
        shows_code=not is_cancelled and stage != "cancelled" and facts.gets_something,
        code=order.code,
        code_qr=Markup(qr_svg(order.code, title=words("Pick-up code {code}", code=order.code), quick=True)),
        where=words(", ").join(text for text in (point.name, point.address) if text) if point else "",
        when="\n".join(text for text in (round.pickup_note, point.hours if point else "") if text),
        lines=own_order.lines(wants, round.group, words),
        sums=sums,
        total=total,
        total_label=total_label,
        fee_text="" if is_decided else fee_text(round.group.fee, round.currency, words),
        may_change=stage == "open" and not is_cancelled,
        is_decided=is_decided,
        balance=balance if balance.paid or (is_decided and total) else None,
        shows_payment=is_decided
        and total > 0
        and bool(profile.payment_note or profile.payment_picture)
        and balance.open > 0,
        reference=f"{order.number} {order.name}",
        proof=_proof(visit, round, wants, bill) if is_decided and not is_cancelled else None,
        claims=shown_claims(
            claims,
            {want.id: round.group.item(want.item).label for want in wants},
            {one: found for c in claims if (one := c.picture) and (found := own.picture(visit.read, one))},
            words,
        ),
        may_claim=not is_cancelled and facts.gets_something and desk_claims.may_claim(visit.read, order.id),
    )


def _proof(
    visit: Visit, round: RoundRecord, wants: tuple[own.Wanted, ...], bill: tuple[int, int] | None
) -> Proof | None:
    kept = deciding.kept(visit.read, round.id)
    if kept is None:
        return None
    return Proof(
        visit.words(
            "Every price follows from what was wanted and what was offered. A second program, which shares "
            "nothing with the one that decided, has worked it out again and found the same."
        ),
        kept.verified,
        own_order.saved_text(wants, round.group, bill[1] if bill else 0, visit.words),
    )

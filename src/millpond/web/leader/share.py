"""Sharing: links of a group order and of households, as text for a chat, as QR code, as poster."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import Response

from millpond import paper
from millpond.desk import rounds
from millpond.desk.orders import Order
from millpond.desk.people import Role
from millpond.desk.rounds import RoundRecord
from millpond.paper.qr import qr_png, qr_svg
from millpond.web.formats import local, money
from millpond.web.household import reading
from millpond.web.household.offering import fee_text
from millpond.web.leader import sheets
from millpond.web.leader.pick_up import download
from millpond.web.routes import Route, get
from millpond.web.visit import Visit

MOST_ITEMS = 12
"""Items that are named in a chat; more stand behind the link."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A link, its code, and the text that goes with it."""

    link: str
    code: Markup
    text: str


def of_round(visit: Visit, round: RoundRecord) -> Shared:
    """The group order, for everybody."""
    link = visit.link(f"g/{round.code}")
    code = Markup(qr_svg(link, title=visit.words("The code of {what}", what=round.title)))
    return Shared(link, code, round_text(visit, round, link))


def of_order(visit: Visit, round: RoundRecord, order: Order) -> Shared:
    """A household's own page of a group order, for nobody else."""
    link = visit.link(f"h/{order.link}/{round.code}")
    text = visit.words(
        "{name}, this is your order {n} in “{what}”: {summary}. Your own page, with the pick-up code: {link}",
        name=order.name,
        n=order.number,
        what=round.title,
        summary=reading.summary(order, round, visit),
        link=link,
    )
    return Shared(link, Markup(qr_svg(link, title=visit.words("The code of this link"))), text)


def of_household(visit: Visit, name: str, token: str) -> Shared:
    """A household's own page with all its orders, for nobody else."""
    link = visit.link(f"h/{token}")
    words = visit.words(
        "{name}, this is your own page at {room}: {link}", name=name, room=visit.profile.name, link=link
    )
    return Shared(link, Markup(qr_svg(link, title=visit.words("The code of this link"))), words)


def round_text(visit: Visit, round: RoundRecord, link: str) -> str:
    """What goes to a chat group: what, for how much from how many, until when, where, the link."""
    words, lines = visit.words, [round.title]
    if round.about:
        lines.append(round.about)
    if round.offered and round.group.offer.tiers:
        lines += _prices(visit, round)
    fee = fee_text(round.group.fee, round.currency, words)
    if fee:
        lines.append(fee)
    if round.closes_at_ms:
        lines.append(words("Closes {when}", when=visit.moment(round.closes_at_ms)))
    points = [point.name for point in reading.points(visit, round)]
    if points:
        lines.append(words("Pick-up: {where}", where=words(", ").join(points)))
    if round.pickup_note:
        lines.append(round.pickup_note)
    lines.append(words("Order here: {link}", link=link))
    return "\n".join(lines)


def _prices(visit: Visit, round: RoundRecord) -> list[str]:
    """A line for each item: its price at every step of the pool, and the shop's."""
    offering, words = reading.offering(visit, round), visit.words
    marks, lines = offering.picture.marks, []
    for item, (label, prices) in zip(offering.shown, offering.prices, strict=True):
        steps = [
            words("{price} from {n}", price=money(price, round.currency), n=mark.from_quantity)
            for mark, price in zip(marks, prices, strict=True)
        ]
        if len(steps) == 1:
            steps = [money(prices[0], round.currency)]
        if item.reference is not None:
            steps.append(words("in the shop {price}", price=money(item.reference, round.currency)))
        lines.append(words("{item}: {prices}", item=label, prices=words(", ").join(steps)))
    return lines if len(lines) <= MOST_ITEMS else [*lines[:MOST_ITEMS], "…"]


async def poster(visit: Visit) -> Response:
    """The poster as PDF, or as a picture to look at first."""
    round = rounds.load(visit.read, visit.number("round"))
    data, language = _poster(visit, round), visit.language
    if visit.word("ending") == "png":
        made = await asyncio.to_thread(paper.poster_png, data, language)
        return Response(made, media_type="image/png")
    return await download(round, visit.words("Poster"), "pdf", lambda: paper.poster_pdf(data, language))


async def code(visit: Visit) -> Response:
    """The code of the group order as a picture, to be sent to a chat."""
    round = rounds.load(visit.read, visit.number("round"))
    return Response(qr_png(visit.link(f"g/{round.code}"), level="q"), media_type="image/png")


def _poster(visit: Visit, round: RoundRecord) -> paper.Poster:
    offering = reading.offering(visit, round)
    picture = visit.read.value("room.picture_print", id=round.picture) if round.picture else None
    prices = [prices for _, prices in offering.prices] if round.group.offer.tiers else []
    ladder = min(prices, default=[])
    marks = offering.picture.marks if ladder else ()
    zone = visit.profile.time_zone
    return paper.Poster(
        heading=sheets.heading(visit, round),
        link=visit.link(f"g/{round.code}"),
        steps=tuple(
            paper.PriceStep(from_quantity=mark.from_quantity, price=price)
            for mark, price in zip(marks, ladder, strict=True)
        ),
        items=tuple(
            paper.PosterItem(
                name=item.label, surcharge=own[0] - ladder[0] if ladder else 0, reference=item.reference
            )
            for item, own in zip(offering.shown, prices or [[0]] * len(offering.shown), strict=True)
        ),
        unit=offering.unit,
        about=round.about,
        fee=fee_text(round.group.fee, round.currency, visit.words),
        closes_at=local(round.closes_at_ms, zone) if round.closes_at_ms else None,
        pickup_points=tuple(point.name for point in reading.points(visit, round)),
        pickup_note=round.pickup_note,
        picture=picture,
    )


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/poster.{ending:str}", poster, Role.COLLECTS),
    get("/desk/{round:int}/code.png", code, Role.COLLECTS),
)

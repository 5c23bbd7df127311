"""Cards: the line by which others find this node's keeper, and each room's log. See `node.own_cards`."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from millpond.network import cards
from millpond.network.cards import Card
from millpond.node import own_cards, publishing
from millpond.web.plain import says
from millpond.web.visit import Visit

NO_CARD = "This room has no log to show: its owner has said nothing in it yet, or keeps it from being shown."


async def keeper_card(visit: Visit) -> Response:
    """The card of who keeps this node."""
    return _line(await asyncio.to_thread(own_cards.of_keeper, visit.node, visit.base))


async def room_card(visit: Visit) -> Response:
    """The card of a room."""
    card = own_cards.of_room(visit.room, [visit.base]) if publishing.is_published(visit.read) else None
    return says(404, NO_CARD) if card is None else _line(card)


def _line(card: Card) -> Response:
    return says(200, cards.write(card), {"cache-control": "no-cache"})

"""Cards: the line by which others find this node's keeper, and each room's log. See `network.cards`."""

from __future__ import annotations

from starlette.responses import Response

from millpond.network import cards
from millpond.node import own_log, publishing
from millpond.web.logs.keeping import keeper
from millpond.web.plain import says
from millpond.web.visit import Visit

NO_CARD = "This room has no log to show: its owner has said nothing in it yet, or keeps it from being shown."


async def keeper_card(visit: Visit) -> Response:
    """The card of who keeps this node."""
    who = await keeper(visit.node)
    name = visit.base.partition("://")[2]
    return _line(cards.write(cards.fitting(who.did, [visit.base], name, is_keeper=True)))


async def room_card(visit: Visit) -> Response:
    """The card of a room."""
    key = own_log.current(visit.read)
    if key is None or not publishing.is_published(visit.read):
        return says(404, NO_CARD)
    return _line(cards.write(cards.fitting(key.did, [visit.base], visit.profile.name)))


def _line(card: str) -> Response:
    return says(200, card, {"cache-control": "no-cache"})

"""The story on a node: one town's leader, with a group order to hand out and another one that is open.

Everything is really done: households order, the group order is closed, cleared, verified, ordered and
arrives, as a leader would do it on the pages.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from millpond.api import clear
from millpond.community.group import Fee, Item, Offer
from millpond.community.transitions import Stage
from millpond.desk import deciding, goods, money, orders, rounds
from millpond.desk.orders import NewOrder, NewWant, Source
from millpond.desk.room import Profile
from millpond.desk.rounds import Terms
from millpond.model import Round
from millpond.node.node import Node
from millpond.node.passphrases import hash_passphrase
from millpond.store import Rows
from millpond.story.neighbours import Neighbour, neighbours
from millpond.story.words import say

TOWN = "fuzhou"
PAST, PRESENT = "rongxin-workshop", "haixing-padded"
"""Offers of the story: of the group order that is to be handed out, and of the one that is open."""
PAST_HOUSEHOLDS, PRESENT_HOUSEHOLDS = 40, 60
OPEN_FOR_MS = 3 * 86_400_000
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """Where to look: paths of pages, and the leader's passphrase."""

    passphrase: str
    desk: str
    group: str
    household: str


def make_story_node(folder: Path, story: Round, language: str) -> tuple[Node, Told]:
    """A node in this folder, which must be empty or new, and where to look. The caller closes the node."""
    node = Node(folder)
    passphrase = secrets.token_urlsafe(9)
    place = next(place for place in story.places if place.id == TOWN)
    profile = Profile(
        name=say("node_name", language),
        is_community=True,
        is_maker=False,
        currency=story.currency,
        language=language,
        time_zone="Asia/Shanghai",
        place_name=place.name.get(language, ""),
        latitude_microdeg=place.latitude_microdeg,
        longitude_microdeg=place.longitude_microdeg,
        payment_note=say("node_payment", language),
    )
    owner = node.set_up_room(
        TOWN,
        profile,
        code=node.make_setup_code(),
        owner=say("node_leader", language),
        passphrase_hash=hash_passphrase(passphrase),
    )
    room, people = node.room(TOWN), neighbours(story, TOWN, language)
    assert room is not None
    now_ms = node.clock()

    def begin(offer: str, who: tuple[Neighbour, ...]) -> tuple[int, str]:
        return room.db.write(lambda rows: _collect(rows, story, offer, who, owner.id, language, now_ms))

    past, _ = begin(PAST, people[:PAST_HOUSEHOLDS])
    room.db.write(lambda rows: rounds.move(rows, past, Stage.CLOSED, person=owner.id, now_ms=now_ms))
    answer = deciding.work_out(
        deciding.gather(room.db.read, past), lambda round: clear(round, seconds=SECONDS)
    )

    def arrive(rows: Rows) -> None:
        deciding.keep(rows, answer, person=owner.id, now_ms=now_ms)
        rounds.move(rows, past, Stage.ORDERED, person=owner.id, now_ms=now_ms)
        for one in goods.came(rows, past):
            if one.ordered:
                goods.receive(
                    rows, past, one.item, received=one.ordered, billed=one.ordered,
                    person=owner.id, now_ms=now_ms,
                )  # fmt: skip
        rounds.move(rows, past, Stage.ARRIVED, person=owner.id, now_ms=now_ms)
        money.settle(rows, past, person=owner.id, now_ms=now_ms)

    room.db.write(arrive)
    present, link = begin(PRESENT, people[:PRESENT_HOUSEHOLDS])
    code = rounds.load(room.db.read, present).code
    return node, Told(
        passphrase=passphrase,
        desk=f"/{TOWN}/desk",
        group=f"/{TOWN}/g/{code}",
        household=f"/{TOWN}/h/{link}/{code}",
    )


def _collect(
    rows: Rows,
    story: Round,
    offer: str,
    who: tuple[Neighbour, ...],
    owner: int,
    language: str,
    now_ms: int,
) -> tuple[int, str]:
    """An open group order with everybody's orders; its id, and the link of the first household."""
    id = rounds.create(rows, _terms(story, offer, language, now_ms), person=owner, now_ms=now_ms)
    rounds.move(rows, id, Stage.OPEN, person=owner, now_ms=now_ms)
    record = rounds.load(rows, id)
    kept = dict(
        zip((item.id for item in story.items), (int(item.id) for item in record.group.items), strict=True)
    )
    link = ""
    for n, neighbour in enumerate(who):
        wants = tuple(
            NewWant(item=kept[item], quantity=quantity, limit=limit)
            for item, quantity, limit in neighbour.wants
        )
        new = NewOrder(
            round=id, token=f"story {id} {n}", name=neighbour.name, wants=wants, source=Source.PASTED
        )  # fmt: skip
        placed = orders.place(rows, new, person=owner, now_ms=now_ms)
        link = link or placed.link
    return id, link


def _terms(story: Round, offer_id: str, language: str, now_ms: int) -> Terms:
    offer = next(offer for offer in story.offers if offer.id == offer_id)
    freight = next(one for one in offer.freight if one.place == TOWN)
    items = tuple(
        Item(
            id=f"new-{n}",
            family=item.family,
            name=say("node_item", language),
            variant=item.id.rpartition("-")[2],
            unit=say("node_piece", language),
            load=item.load,
            reference=item.reference,
        )
        for n, item in enumerate(story.items)
    )
    return Terms(
        title=say("node_title" if offer_id == PRESENT else "node_title_past", language, maker=offer.maker),
        about=say("node_about", language),
        items=items,
        offer=Offer(
            maker=offer.maker,
            tiers=offer.tiers,
            capacity=offer.capacity,
            setup=offer.setup,
            freight_fixed=freight.fixed,
            freight_per_load=freight.per_load,
        ),
        fee=replace(Fee(), per_unit=50),
        closes_at_ms=now_ms + OPEN_FOR_MS,
        pickup_points=(1,),
    )

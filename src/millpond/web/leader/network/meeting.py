"""A card comes in, pasted or as a file: it is read, shown with the words to compare, and then taken in.

Reading a card changes nothing and calls nobody. Only the second form, with the name that the owner gives,
puts somebody into the list.
"""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log.kinds import MAX_NAME
from millpond.network import cards, phrases
from millpond.network.cards import MAX_TEXT_BYTES, Card
from millpond.node import keepers, own_log, peers
from millpond.node.peers import Met
from millpond.web.forms import Form
from millpond.web.leader.network import carriers, people, shown
from millpond.web.leader.network.told import refuse
from millpond.web.routes import Route, post
from millpond.web.visit import Visit


async def look(visit: Visit) -> Response:
    """Shows whose card it is, and the words to compare."""
    form = await visit.form()
    met = Met(form.choice("met", [one.value for one in (Met.PASTE, Met.LAN, Met.BOOK)], Met.PASTE.value))
    text: str | bytes = form.typed["card"]
    upload = visit.files.get("file")
    if upload is not None:
        text, met = await upload.read(MAX_TEXT_BYTES + 1), Met.FILE
    try:
        card = cards.read(text)
        if any(key.did == card.did for key in own_log.keys(visit.read)):
            raise Refused("peer.own")
        if form.typed["from"] == "carriers" and not card.is_keeper:
            raise Refused("peer.no_keeper")
    except InputError as error:
        refuse(form, "card", error)
        return _again(visit, form)
    return await _show(visit, card, met)


def _again(visit: Visit, form: Form) -> Response:
    if form.typed["from"] == "carriers":
        return carriers.show(visit, form)
    return people.show(visit, form)


async def _show(visit: Visit, card: Card, met: Met, form: Form | None = None) -> Response:
    english, chinese = await asyncio.to_thread(phrases.both, card.did)
    names = {one.did: one.name for one in keepers.keepers(visit.read)} | peers.known(visit.read)
    return visit.page(
        "leader/network/card.html",
        422 if form else 200,
        form=form,
        card=card,
        line=cards.write(card),
        met=met.value,
        english=english,
        chinese=chinese,
        known=names.get(card.did, ""),
        short=shown.short(card.did),
    )


def _card(form: Form) -> tuple[Card, Met]:
    """The card that the form carries on; raises `InputError`."""
    met = form.choice("met", [one.value for one in Met], Met.PASTE.value)
    return cards.read(form.typed["card"]), Met(met)


async def follow(visit: Visit) -> Response:
    """Takes somebody into the list, and follows them."""
    form = await visit.form()
    try:
        card, met = _card(form)
    except InputError as error:
        refuse(form, "card", error)
        return people.show(visit, form)
    name = form.text("name", required=True, most=MAX_NAME)
    if not form.wrong:
        try:
            await asyncio.to_thread(partial(peers.meet, visit.node, visit.room, card, name=name, met=met))
        except InputError as error:
            form.refuse("name", error)
    if form.wrong:
        return await _show(visit, card, met, form)
    if form.tick("compared"):
        await asyncio.to_thread(partial(peers.note_compared, visit.room, card.did, now_ms=visit.now_ms))
    return visit.go(visit.at("desk/others/people"), said="followed")


async def add_keeper(visit: Visit) -> Response:
    """The room's log is carried by this keeper from now on, if it agrees."""
    form = await visit.form()
    try:
        card, met = _card(form)
    except InputError as error:
        refuse(form, "card", error)
        return carriers.show(visit, form)
    name = form.text("name", required=True, most=MAX_NAME)
    is_mirror, is_witness = form.tick("is_mirror"), form.tick("is_witness")
    if not is_mirror and not is_witness:
        form.blame("is_mirror", "Please tick at least one task.")
    if not form.wrong:
        try:
            job = partial(
                keepers.add_keeper,
                visit.room,
                card,
                name=name,
                is_mirror=is_mirror,
                is_witness=is_witness,
                now_ms=visit.now_ms,
            )
            await asyncio.to_thread(job)
        except InputError as error:
            form.refuse("name", error)
    if form.wrong:
        return await _show(visit, card, met, form)
    return visit.go(visit.at("desk/others/carriers"), said="saved")


async def remove_keeper(visit: Visit) -> Response:
    """Nothing more is sent there."""
    form = await visit.form()
    await asyncio.to_thread(keepers.remove_keeper, visit.room, form.text("did", most=200))
    return visit.go(visit.at("desk/others/carriers"), said="removed")


PAGES: tuple[Route, ...] = (
    post("/desk/others/card", look, Role.OWNER),
    post("/desk/others/people", follow, Role.OWNER),
    post("/desk/others/carriers", add_keeper, Role.OWNER),
    post("/desk/others/carriers/remove", remove_keeper, Role.OWNER),
)

"""People whom the room follows: all of them, each by itself, and what the owner may do with one.

Following is private: no log says it. Vouching is said publicly, in the room's own log.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.errors import InputError
from millpond.log import kinds
from millpond.network import addresses, cards, phrases
from millpond.network import people as known_people
from millpond.node import own_log, peers
from millpond.node.own_keys import State
from millpond.node.peers import Met
from millpond.store import logs
from millpond.web.forms import Form
from millpond.web.leader.network import acquaintance, shown
from millpond.web.leader.network.acquaintance import Acquaintance
from millpond.web.leader.network.own import PAGE, Pages
from millpond.web.leader.network.saying import say
from millpond.web.leader.network.sentences import Log, Said
from millpond.web.leader.network.shown import Names
from millpond.web.leader.network.told import told
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

MOST_FOUND = 50
"""Cards in the address books of others that are shown."""


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card that somebody else has; `by` is who, `met` how it would come into the list."""

    name: str
    by: str
    card: str
    met: Met


async def page(visit: Visit) -> Response:
    """Everybody, with what they offer; and cards in their address books."""
    return show(visit)


def show(visit: Visit, form: Form | None = None) -> Response:
    """The page; with the form of a card that could not be read."""
    return visit.page(
        "leader/network/people.html",
        422 if form else 200,
        form=form,
        people=acquaintance.everybody(visit),
        in_books=_in_books(visit),
        when=lambda at_ms: shown.moment(visit, at_ms),
        ago=lambda at_ms: shown.ago(visit, at_ms),
    )


def _in_books(visit: Visit) -> list[FoundCard]:
    """Cards of those who are not in the room's list yet, each once."""
    names = Names(visit)
    here = {one.did for one in peers.peers(visit.read)} | {key.did for key in own_log.keys(visit.read)}
    found: dict[str, FoundCard] = {}
    for entry in known_people.book(visit.node.network.read, visit.room.slug):
        card = entry.card
        if card.did not in here and len(found) < MOST_FOUND and not card.is_keeper:
            name = card.name or shown.short(card.did)
            found.setdefault(card.did, FoundCard(name, names.of(entry.by), cards.write(card), Met.BOOK))
    return list(found.values())


# ---- one of them


async def person(visit: Visit) -> Response:
    """Who somebody is, and what they said."""
    return await _person(visit)


async def _person(visit: Visit, form: Form | None = None, part: str = "") -> Response:
    one = acquaintance.by_hash(visit, visit.word("hash"))
    if one is None:
        return _unknown(visit)
    rows = visit.node.network.read
    head, own = logs.head(rows, one.did), own_log.current(visit.read)
    own_head = None if own is None else logs.head(visit.read, own.did)
    vouched = own_head and visit.read.one("others.vouched", log=own_head.id, subject=one.did)
    said, pages = _said(visit, head)
    english, chinese = await asyncio.to_thread(phrases.both, one.did)
    return visit.page(
        "leader/network/person.html",
        422 if form else 200,
        forms={name: form if name == part else None for name in ("change", "vouch", "successor")},
        one=one,
        english=english,
        chinese=chinese,
        sources=() if head is None else addresses.of_log(rows, head.id),
        told=partial(told, visit.words),
        statements=said,
        pages=pages,
        may_say=own is None or own.state is State.OPEN,
        vouched_ms=vouched["time_ms"] if vouched else None,
        when=lambda at_ms: shown.moment(visit, at_ms),
        ago=lambda at_ms: shown.ago(visit, at_ms),
        bytes_text=shown.bytes_text,
        short=shown.short,
    )


def _said(visit: Visit, head: logs.Head | None) -> tuple[Sequence[Said], Pages]:
    if head is None:
        return (), Pages(1, 1)
    asked, count = visit.asked("page", "1"), max(1, -(-head.checked // PAGE))
    number = min(max(1, int(asked) if re.fullmatch("[0-9]{1,12}", asked) else 1), count)
    log = Log(visit, visit.node.network.read, head, Names(visit), is_own=False)
    return log.newest((number - 1) * PAGE, PAGE), Pages(number, count)


def _unknown(visit: Visit) -> Response:
    return visit.problem(404, "There is nobody of this log in your list.")


async def change(visit: Visit) -> Response:
    """What they are called here, and whether the words were compared."""
    form = await visit.form()
    one = acquaintance.by_hash(visit, visit.word("hash"))
    if one is None:
        return _unknown(visit)
    name = form.text("name", required=True, most=kinds.MAX_NAME)
    if not form.wrong:
        try:
            await asyncio.to_thread(peers.rename, visit.node, visit.room, one.did, name)
        except InputError as error:
            form.refuse("name", error)
    if form.wrong:
        return await _person(visit, form, "change")
    if form.tick("compared") != one.is_known:
        now_ms = None if one.is_known else visit.now_ms
        await asyncio.to_thread(partial(peers.note_compared, visit.room, one.did, now_ms=now_ms))
    return _back(visit, one, "saved")


async def set_followed(visit: Visit) -> Response:
    """Whether their log is fetched."""
    form = await visit.form()
    one = acquaintance.by_hash(visit, visit.word("hash"))
    if one is None:
        return _unknown(visit)
    if form.typed["way"] == "forget":
        await asyncio.to_thread(peers.forget, visit.node, visit.room, one.did)
        return visit.go(visit.at("desk/others/people"), said="removed")
    do = peers.follow if form.typed["way"] == "follow" else peers.unfollow
    await asyncio.to_thread(do, visit.node, visit.room, one.did)
    return _back(visit, one, "saved")


async def follow_successor(visit: Visit) -> Response:
    """Follows the log that goes on from theirs, under another key."""
    form = await visit.form()
    one = acquaintance.by_hash(visit, visit.word("hash"))
    if one is None:
        return _unknown(visit)
    try:
        new = form.text("successor", required=True, most=200)
        await asyncio.to_thread(partial(peers.follow_successor, visit.node, visit.room, one.did, new))
    except InputError as error:
        form.refuse("successor", error)
        return await _person(visit, form, "successor")
    return visit.go(visit.at("desk/others/people"), said="followed")


async def vouch(visit: Visit) -> Response:
    """Says publicly that the owner knows who they are."""
    form = await visit.form()
    one = acquaintance.by_hash(visit, visit.word("hash"))
    if one is None:
        return _unknown(visit)
    name = form.text("as_name", required=True, most=kinds.MAX_NAME)
    note = form.text("note", most=kinds.MAX_NOTE, lines=True)
    if not form.tick("sure"):
        form.blame("sure", "Please tick the box first.")
    if not form.wrong:
        try:
            await say(visit, kinds.Vouch(subject=one.did, name=name, note=note))
        except InputError as error:
            form.refuse("as_name", error)
    if form.wrong:
        return await _person(visit, form, "vouch")
    return _back(visit, one, "said")


def _back(visit: Visit, one: Acquaintance, said: str) -> Response:
    return visit.go(visit.at(f"desk/others/people/{one.hash}"), said=said)


PAGES: tuple[Route, ...] = (
    get("/desk/others/people", page, Role.OWNER),
    get("/desk/others/people/{hash}", person, Role.OWNER),
    post("/desk/others/people/{hash}", change, Role.OWNER),
    post("/desk/others/people/{hash}/followed", set_followed, Role.OWNER),
    post("/desk/others/people/{hash}/successor", follow_successor, Role.OWNER),
    post("/desk/others/people/{hash}/vouch", vouch, Role.OWNER),
)

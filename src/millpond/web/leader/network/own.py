"""The room's own log: what was said publicly, the card by which others find it, and saying something more.

`shown` is the page for other modules, too (`saying`, `state`): with what was typed and what is wrong in that
form alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup
from starlette.responses import Response

from millpond.desk.people import Role
from millpond.desk.refusals import WORDS
from millpond.log import kinds
from millpond.network import cards, phrases
from millpond.node import keepers, own_cards, own_log, publishing
from millpond.node.own_log import OwnKey, State
from millpond.paper.qr import qr_svg
from millpond.store import logs
from millpond.store.logs import Head
from millpond.web.forms import Form
from millpond.web.leader.network import shown
from millpond.web.leader.network.sentences import Log, Said
from millpond.web.leader.network.shown import Names
from millpond.web.routes import Route, get
from millpond.web.visit import Visit

PAGE = 20
"""Statements on a page."""


class Part(StrEnum):
    """The forms of the page."""

    PROFILE = "profile"
    LISTING = "listing"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Pages:
    """Which page of how many."""

    number: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCard:
    """The room's card: the line, its code, and the words to compare in both languages."""

    line: str
    code: Markup
    english: str
    chinese: str
    has_address: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLog:
    """The log of one key of the room; `why` says why it rests or ended."""

    key: OwnKey
    head: Head
    why: str
    last_ms: int
    said: Sequence[Said]
    pages: Pages


async def page(visit: Visit) -> Response:
    """What the room has said, the newest first."""
    return await show(visit)


async def show(visit: Visit, form: Form | None = None, part: Part | None = None) -> Response:
    """The page; with a form that is wrong, where its part is."""
    current, asked = own_log.current(visit.read), visit.asked("log")
    written = [key for key in own_log.keys(visit.read) if _has_said(visit, key)]
    key = next((key for key in written if key.hash == asked), written[0] if written else None)
    return visit.page(
        "leader/network/own.html",
        422 if form else 200,
        forms={one.value: form if one is part else None for one in Part},
        own=None if key is None else _own(visit, key),
        current=current,
        others=[other for other in written if other != key],
        state=None if current is None else current.state.value,
        may_say=current is None or current.state is State.OPEN,
        card=await _card(visit, key) if key is not None and key == current else None,
        profile=_profile(visit, current),
        addresses=addresses(visit),
        is_published=publishing.is_published(visit.read),
        other_language="en" if visit.language == "zh" else "zh",
        when=lambda at_ms: shown.moment(visit, at_ms),
        ago=lambda at_ms: shown.ago(visit, at_ms),
        bytes_text=shown.bytes_text,
    )


def _has_said(visit: Visit, key: OwnKey) -> bool:
    head = logs.head(visit.read, key.did)
    return head is not None and head.size > 0


def _own(visit: Visit, key: OwnKey) -> OwnLog:
    head = logs.head(visit.read, key.did)
    assert head is not None
    log = Log(visit, visit.read, head, Names(visit), is_own=True)
    asked, count = visit.asked("page", "1"), max(1, -(-head.size // PAGE))
    number = min(max(1, int(asked) if re.fullmatch("[0-9]{1,12}", asked) else 1), count)
    last = log.newest(0, 1)[0]
    return OwnLog(
        key=key,
        head=head,
        why=visit.words(WORDS[f"log.{key.why}"]) if key.why else "",
        last_ms=last.time_ms,
        said=log.newest((number - 1) * PAGE, PAGE),
        pages=Pages(number, count),
    )


def addresses(visit: Visit) -> tuple[str, ...]:
    """Where others can read the log: this node, if they can reach it, and its mirrors."""
    mirrors = [one.address for one in keepers.keepers(visit.read) if one.is_mirror]
    found = [visit.base] * own_cards.is_reachable(visit.base) + mirrors
    return tuple(dict.fromkeys(found))[: kinds.MAX_ADDRESSES]


def _profile(visit: Visit, key: OwnKey | None) -> Mapping[str, str]:
    """What the form begins with: what was said last, else what the room says of itself to households."""
    said = None if key is None else visit.read.one("network_people.profile", origin=key.did)
    if said is not None:
        return {name: said[name] for name in ("name", "place", "about")}
    here = visit.profile
    return {"name": here.name, "place": here.place_name, "about": here.about}


async def _card(visit: Visit, key: OwnKey) -> OwnCard:
    card = own_cards.of_room(visit.room, [visit.base])
    assert card is not None  # there is a key
    line = cards.write(card)
    english, chinese = await asyncio.to_thread(phrases.both, key.did)
    code = Markup(qr_svg(line, title=visit.words("The code of your card"), level="l"))
    return OwnCard(line=line, code=code, english=english, chinese=chinese, has_address=bool(card.addresses))


async def card_file(visit: Visit) -> Response:
    """The card as a file, to be sent or carried on a stick."""
    current = own_log.current(visit.read)
    card = own_cards.of_room(visit.room, [visit.base])
    if current is None or card is None or not _has_said(visit, current):
        return visit.problem(404, "There is no such page.")
    both = await asyncio.to_thread(phrases.both, current.did)
    text = cards.file_text(card, both)
    name = f"{visit.room.slug}{cards.FILE_ENDING}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


PAGES: tuple[Route, ...] = (
    get("/desk/others", page, Role.OWNER),
    get("/desk/others/card.txt", card_file, Role.OWNER),
)

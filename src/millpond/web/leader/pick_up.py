"""Packing and handing out: the lists on paper and as Excel, and the way to check-off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from millpond import paper
from millpond.desk import handing, rounds
from millpond.desk.people import Role
from millpond.desk.rounds import RoundRecord
from millpond.web.leader import sheets
from millpond.web.leader.check_off import troubles
from millpond.web.routes import Route, get
from millpond.web.visit import Visit

PDF = "application/pdf"
ENDINGS = ("pdf", "xlsx")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def page(visit: Visit) -> Response:
    """What is still to be handed out, and everything to print for it."""
    round = rounds.load(visit.read, visit.number("round"))
    state = handing.state(visit.read, round.id)
    parcels = [parcel for parcel in sheets.parcels(visit, round) if parcel.lines]
    done = sum(state.is_complete(str(parcel.order)) for parcel in parcels)
    return visit.page(
        "leader/pick-up.html",
        round=round,
        parcels=parcels,
        done=done,
        state=state,
        troubles=troubles(visit, round.id, parcels, state),
        attention=sheets.ATTENTION,
    )


async def pick_up_list(visit: Visit) -> Response:
    """The pick-up list; phones and prices only where asked for."""
    if visit.word("ending") not in ENDINGS:
        return visit.problem(404, "There is no such page.")
    round = rounds.load(visit.read, visit.number("round"))
    data = paper.PickUpList(
        heading=sheets.heading(visit, round),
        orders=sheets.orders(visit, round),
        sorted_by=_sorted(visit, paper.SortedBy.NAME),
        show_phones=visit.asked("phones") == "1",
        show_prices=visit.asked("prices") == "1",
    )
    name = visit.words("Pick-up list")
    if visit.word("ending") == "xlsx":
        return await download(round, name, "xlsx", lambda: paper.pick_up_list_xlsx(data, visit.language))
    return await download(round, name, "pdf", lambda: paper.pick_up_list_pdf(data, visit.language))


async def packing_list(visit: Visit) -> Response:
    """The packing list by household, item or pick-up point."""
    round = rounds.load(visit.read, visit.number("round"))
    asked = visit.word("by")
    if asked not in list(paper.PackingBy) or visit.word("ending") not in ENDINGS:
        return visit.problem(404, "There is no such page.")
    data = paper.PackingList(
        heading=sheets.heading(visit, round),
        orders=sheets.orders(visit, round),
        by=paper.PackingBy(asked),
        sorted_by=_sorted(visit, paper.SortedBy.NUMBER),
    )
    name = visit.words("Packing list")
    if visit.word("ending") == "xlsx":
        return await download(round, name, "xlsx", lambda: paper.packing_list_xlsx(data, visit.language))
    return await download(round, name, "pdf", lambda: paper.packing_list_pdf(data, visit.language))


async def labels(visit: Visit) -> Response:
    """Stickers for the bags; the first `skip` of the sheet are used already."""
    round = rounds.load(visit.read, visit.number("round"))
    skip = visit.asked("skip", "0")
    data = sheets.labels(visit, round, int(skip) % 24 if re.fullmatch("[0-9]{1,4}", skip) else 0)
    return await download(round, visit.words("Labels"), "pdf", lambda: paper.labels_pdf(data, visit.language))


async def download(round: RoundRecord, name: str, ending: str, make: Callable[[], bytes]) -> Response:
    """A file to keep, made beside the event loop; its name says of which group order it is."""
    data = await asyncio.to_thread(make)
    filename = quote(f"{name} {round.title}.{ending}".replace("/", "-"))
    shown = "inline" if ending == "pdf" else "attachment"
    return Response(
        data,
        media_type=PDF if ending == "pdf" else EXCEL,
        headers={"content-disposition": f"{shown}; filename*=UTF-8''{filename}"},
    )


def _sorted(visit: Visit, default: paper.SortedBy) -> paper.SortedBy:
    asked = visit.asked("sort")
    return paper.SortedBy(asked) if asked in list(paper.SortedBy) else default


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/pick-up", page, Role.HANDS_OUT),
    get("/desk/{round:int}/pick-up-list.{ending:str}", pick_up_list, Role.HANDS_OUT),
    get("/desk/{round:int}/packing/{by:str}.{ending:str}", packing_list, Role.HANDS_OUT),
    get("/desk/{round:int}/labels.pdf", labels, Role.HANDS_OUT),
)

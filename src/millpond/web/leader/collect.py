"""Collecting orders: share the group order, paste a list, import a sheet. Lists are reviewed, then taken in.

A list goes through one page: read, looked at, sent. Taking it in is one transaction, and the list's own token
makes it one list however often the page is sent.
"""

from __future__ import annotations

import asyncio
import secrets

from starlette.responses import Response

from millpond.community.pasted import MAX_CHARACTERS, read_list
from millpond.desk import lists, rounds
from millpond.desk.lists import RowsRefused
from millpond.desk.orders import Source
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.errors import InputError
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.leader import review_fields, review_page, share
from millpond.web.leader.review import Review, of_pasted, unpack
from millpond.web.leader.sheet_lines import of_sheets, read_workbook
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

MAX_MORE = 200
"""Lines that were left out and are looked at again, on one page."""
TAKES = ("draft", "open", "closed")
"""Stages in which the leader may put orders in."""


async def page(visit: Visit) -> Response:
    """The ways of collecting."""
    return _page(visit, rounds.load(visit.read, visit.number("round")))


def _page(visit: Visit, round: RoundRecord, form: Form | None = None) -> Response:
    return visit.page(
        "leader/collect.html",
        422 if form else 200,
        form=form,
        round=round,
        takes=str(round.stage) in TAKES,
        shared=share.of_round(visit, round),
        most=MAX_CHARACTERS,
    )


async def back(visit: Visit) -> Response:
    """A page that was sent has no address of its own: whoever asks for it starts again."""
    return visit.go(visit.at(f"desk/{visit.number('round')}/collect"))


async def paste(visit: Visit) -> Response:
    """Reads a pasted list, and shows it for review. Nothing is kept yet."""
    round, form = rounds.load(visit.read, visit.number("round")), await visit.form()
    text = form.typed.get("list", "").replace("\r\n", "\n").strip("\n")
    if not text.strip():
        form.blame("list", "Please paste the list here.")
        return _page(visit, round, form)
    try:
        pasted = await asyncio.to_thread(read_list, text, round.offered)
        review = of_pasted(pasted, secrets.token_urlsafe(12))
    except InputError:
        form.blame("list", "That is too long for one list: at most {most} characters.", most=MAX_CHARACTERS)
        return _page(visit, round, form)
    if not review.orders and not review.others:
        form.blame("list", "Please paste the list here.")
        return _page(visit, round, form)
    return await asyncio.to_thread(review_page.show, visit, round, review)


async def read_sheet(visit: Visit) -> Response:
    """Reads a spreadsheet, and shows it for review. Nothing is kept yet."""
    round, form = rounds.load(visit.read, visit.number("round")), await visit.form()
    file = visit.files.get("sheet")
    if file is None:
        form.blame("sheet", "Please choose a file.")
        return _page(visit, round, form)
    data, name = await file.read(), (file.filename or "")[:100]
    try:
        sheets = await asyncio.to_thread(read_workbook, data, round.currency, name)
        review = of_sheets(sheets, round.offered, round.currency, secrets.token_urlsafe(12))
    except InputError as error:
        form.blame(
            "sheet",
            "This file could not be read. It should be .xlsx, .xls, .ods or .csv, with the names of the "
            "columns in one row, as 快团团 and 群接龙 write them. ({what})",
            what=str(error),
        )
        return _page(visit, round, form)
    return await asyncio.to_thread(review_page.show, visit, round, review)


async def review(visit: Visit) -> Response:
    """What the review page sends: a line to look at again, items of unknown texts, or all that is ticked."""
    round, form = rounds.load(visit.read, visit.number("round")), await visit.form()
    found = unpack(form.typed.get("list", ""), visit.node.secret, review_page.scope(visit, round))
    part = min(found.parts, max(1, form.integer("part", least=1, most=found.parts, default=1) or 1))
    asked = [*form.lists.get("more", []), form.typed.get("open", "")]
    more = {int(at) for at in asked if at.isascii() and at.isdigit() and len(at) < 8}
    more = set(sorted(more)[:MAX_MORE])
    if "take" not in form:
        return await asyncio.to_thread(
            review_page.show, visit, round, found, part=part, more=more, typed=form.typed
        )
    return await _take(visit, round, found, form, part, more)


async def _take(
    visit: Visit, round: RoundRecord, found: Review, form: Form, part: int, more: set[int]
) -> Response:
    lines = review_page.lines_of(found, part, more, round.offered)
    context = review_page.context_of(visit, round, lines)
    point = form.typed.get("point", "")
    usual = int(point) if point in {str(one.id) for one in context.points} else None
    reviewed = review_fields.read(form, lines, context, usual)
    token = f"{found.token}-{part}"
    if not reviewed and not form.wrong and part == found.parts:
        form.blame("take", "Nothing is ticked.")
    if form.wrong:
        return await _again(visit, round, found, form, part, more)
    assert visit.person_id is not None
    person, source = visit.person_id, Source.PASTED if found.origin == "pasted" else Source.IMPORTED
    try:
        await visit.write(
            lambda rows: lists.take_in(
                rows, round.id, reviewed, source=source, token=token, person=person, now_ms=visit.now_ms
            )
        )
    except RowsRefused as refused:
        for at, error in refused.rows:
            _blame(form, at, error)
        return await _again(visit, round, found, form, part, more)
    if part < found.parts:
        said = visit.words("Part {n} of {all} is taken in.", n=part, all=found.parts)
        return await asyncio.to_thread(
            review_page.show, visit, round, found, part=part + 1, typed=_maps(form), said=said
        )
    return visit.go(visit.at(f"desk/{round.id}/orders"), said="taken-in")


async def _again(
    visit: Visit, round: RoundRecord, found: Review, form: Form, part: int, more: set[int]
) -> Response:
    """The page once more, with what is wrong; beside the event loop, like every long page."""
    return await asyncio.to_thread(
        review_page.show, visit, round, found, part=part, more=more, form=form, typed=form.typed
    )


def _blame(form: Form, at: int, error: InputError) -> None:
    if isinstance(error, Refused):
        form.blame(f"take-{at}", error.message, **error.values)
    else:
        form.blame(f"take-{at}", "{what}", what=str(error))


def _maps(form: Form) -> dict[str, str]:
    """What unknown texts stand for, and where goods are picked up: it holds for the next part, too."""
    return {name: value for name, value in form.typed.items() if name.startswith("map-") or name == "point"}


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/collect", page, Role.COLLECTS),
    get("/desk/{round:int}/collect/paste", back, Role.COLLECTS),
    get("/desk/{round:int}/collect/import", back, Role.COLLECTS),
    get("/desk/{round:int}/collect/review", back, Role.COLLECTS),
    post("/desk/{round:int}/collect/paste", paste, Role.COLLECTS),
    post("/desk/{round:int}/collect/import", read_sheet, Role.COLLECTS, rate=rates.FILES),
    post("/desk/{round:int}/collect/review", review, Role.COLLECTS),
)

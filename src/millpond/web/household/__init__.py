"""Pages of households: what is offered, their order and its progress. By secret link, no account."""

from __future__ import annotations

from millpond.web.guard import rates
from millpond.web.household import group, home, own_pages
from millpond.web.routes import Access, Route, get, post

PAGES: tuple[Route, ...] = (
    get("/", group.room, Access.PUBLIC),
    get("/g/{code}", group.show, Access.PUBLIC),
    post("/g/{code}", group.place, Access.PUBLIC),
    get("/h/{token}", home.show, Access.PUBLIC),
    get("/h/{token}/data.json", home.data, Access.PUBLIC, rate=rates.FILES),
    post("/h/{token}/standing", home.set_standing, Access.PUBLIC),
    post("/h/{token}/standing/end", home.end_standing, Access.PUBLIC),
    post("/h/{token}/erase", home.erase, Access.PUBLIC),
    get("/h/{token}/{code}", own_pages.show, Access.PUBLIC),
    get("/h/{token}/{code}/change", own_pages.change_form, Access.PUBLIC),
    post("/h/{token}/{code}/change", own_pages.change, Access.PUBLIC),
    post("/h/{token}/{code}/cancel", own_pages.cancel, Access.PUBLIC),
    post("/h/{token}/{code}/claim", own_pages.claim, Access.PUBLIC, rate=rates.FILES),
    post("/h/{token}/{code}/withdraw", own_pages.withdraw, Access.PUBLIC),
    get("/h/{token}/{code}/round.json", own_pages.round_file, Access.PUBLIC, rate=rates.FILES),
    get("/h/{token}/{code}/clearing.json", own_pages.clearing_file, Access.PUBLIC, rate=rates.FILES),
)

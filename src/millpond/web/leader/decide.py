"""Deciding: the clearing is made beside the event loop, proven, kept; then the order goes to the maker."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from starlette.responses import Response

from millpond import paper
from millpond.api import clear
from millpond.community import pool
from millpond.community.deciding import Reason
from millpond.desk import deciding, orders, rounds, steps
from millpond.desk.deciding import Given, Kept
from millpond.desk.people import Role
from millpond.desk.rounds import RoundRecord
from millpond.model import Clearing, Round
from millpond.model.rules import MAX_QUANTITY
from millpond.web.forms import Form
from millpond.web.leader import sheets
from millpond.web.leader.pick_up import download
from millpond.web.routes import Access, Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import marked

SECONDS = 20
"""For one clearing; a group order of one maker is proven in far less."""
REASONS = {
    Reason.NOT_ENOUGH: marked("there are too few for the maker to start"),
    Reason.LIMIT: marked("the price is above their limit"),
    Reason.CAPACITY: marked("the maker cannot make more"),
    Reason.CASES: marked("for whole cases"),
    Reason.SHOP: marked("it would cost more than in the shop"),
    Reason.OTHERS: marked("with it the price would pass somebody else’s limit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What an item costs by the decision, a unit, delivered."""

    label: str
    units: int
    price: Fraction
    reference: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """An order that got less or other than it asked for, and why."""

    order: int
    name: str
    said: str


async def page(visit: Visit) -> Response:
    """What is to be decided; or what was, with the proof and the order to the maker."""
    return _page(visit, None)


def _page(visit: Visit, form: Form | None) -> Response:
    round = rounds.load(visit.read, visit.number("round"))
    kept = deciding.kept(visit.read, round.id)
    values = _question(visit, round) if kept is None else _answer(visit, round, kept)
    return visit.page(
        "leader/decide.html",
        422 if form else 200,
        form=form,
        round=round,
        stage=str(round.stage),
        kept=kept,
        **values,
    )


async def decide(visit: Visit) -> Response:
    """Clears, verifies, and keeps it; raises `Refused` if orders changed meanwhile."""
    id, form = visit.number("round"), await visit.form()
    question = deciding.gather(visit.read, id)
    leftover = {
        item.id: form.integer(f"leftover-{item.id}", least=0, most=MAX_QUANTITY, default=0) or 0
        for item in question.order.items
        if item.case_size > 1
    }
    if form.wrong:
        return _page(visit, form)
    answer = await asyncio.to_thread(lambda: deciding.work_out(question, _clear, leftover))

    await visit.write(lambda rows: steps.decide(rows, answer, person=visit.person_id, now_ms=visit.now_ms))
    return visit.go(visit.at(f"desk/{id}/decide"))


def _clear(round: Round) -> Clearing:
    return clear(round, seconds=SECONDS)


async def take_back(visit: Visit) -> Response:
    """The group order is closed and undecided again; what was booked is reversed."""
    id = visit.number("round")
    await visit.write(lambda rows: steps.take_back(rows, id, person=visit.person_id, now_ms=visit.now_ms))
    return visit.go(visit.at(f"desk/{id}/decide"), said="undone")


async def round_file(visit: Visit) -> Response:
    """The round file; it names no household."""
    return _file(visit, "round_file", "round.json")


async def clearing_file(visit: Visit) -> Response:
    """The clearing file."""
    return _file(visit, "clearing_file", "clearing.json")


async def order_pdf(visit: Visit) -> Response:
    """The order to the maker on paper."""
    round = rounds.load(visit.read, visit.number("round"))
    data = sheets.makers_order(visit, round)
    name = visit.words("Order")
    return await download(round, name, "pdf", lambda: paper.makers_order_pdf(data, visit.language))


async def order_xlsx(visit: Visit) -> Response:
    """The order to the maker as Excel."""
    round = rounds.load(visit.read, visit.number("round"))
    data = sheets.makers_order(visit, round)
    name = visit.words("Order")
    return await download(round, name, "xlsx", lambda: paper.makers_order_xlsx(data, visit.language))


def _question(visit: Visit, round: RoundRecord) -> dict[str, Any]:
    units = rounds.units_of_items(visit.read, round.id)
    outlook = pool.outlook(round.group, units)
    return {
        "question": {
            "orders": round.orders,
            "units": round.units,
            "missing": 0 if outlook.runs else outlook.missing,
            "cases": [item for item in round.group.items if item.case_size > 1 and units.get(item.id)],
        }
    }


def _answer(visit: Visit, round: RoundRecord, kept: Kept) -> dict[str, Any]:
    given, bills = deciding.given(visit.read, round.id), deciding.bills(visit.read, round.id)
    items = {int(item.id): item for item in round.group.items}
    got = sheets.given(visit, round.id)
    prices = [
        Price(label=items[id].label, units=got.units[id], price=price, reference=items[id].reference)
        for id, price in sorted(got.prices.items(), key=lambda entry: list(items).index(entry[0]))
    ]
    saved = sum((one.reference - one.price) * one.units for one in prices if one.reference is not None)
    order = sheets.makers_order(visit, round)
    return {
        "prices": prices,
        "unserved": _unserved(visit, round, given),
        "to_maker": sum(line.amount or 0 for line in order.lines) + sum(one.amount for one in order.charges),
        "fees": sum(bill.fee for bill in bills.values()),
        "saved": saved if saved > 0 else 0,
        "proof": _proof(visit, kept),
        "maker_text": sheets.makers_text(order, visit),
    }


def _unserved(visit: Visit, round: RoundRecord, given: tuple[Given, ...]) -> list[Unserved]:
    items = {int(item.id): item for item in round.group.items}
    found = []
    for one in given:
        other = one.item is not None and one.item != one.wanted_item
        if one.quantity == one.wanted and not other:
            continue
        order = orders.load(visit.read, one.order)
        why = visit.words(REASONS[Reason(one.reason)]) if one.reason else ""
        if one.item is None or not one.quantity:
            said = visit.words("{item}: nothing of {n}", item=items[one.wanted_item].label, n=one.wanted)
        elif other:
            said = visit.words(
                "{other} instead of {item}", other=items[one.item].label, item=items[one.wanted_item].label
            )
        else:
            said = visit.words("{item}: {m} of {n}", item=items[one.item].label, m=one.quantity, n=one.wanted)
        found.append(
            Unserved(
                order=one.order,
                name=f"{order.number} {order.name}",
                said=visit.words("{what}; {why}", what=said, why=why) if why else said,
            )
        )
    return found


def _proof(visit: Visit, kept: Kept) -> str:
    """What the certificate says, in a sentence."""
    clearing = json.loads(kept.clearing_file)
    if clearing["bound"] <= clearing["score"]:
        return visit.words("Valid, and proven: nobody can find a better one.")
    return visit.words(
        "Valid. Proven: no other is more than {percent} % better.",
        percent=str(Decimal(clearing["gap"]) * 100).rstrip("0").rstrip("."),
    )


def _file(visit: Visit, which: str, name: str) -> Response:
    kept = deciding.kept(visit.read, visit.number("round"))
    if kept is None:
        return visit.problem(404, "There is no such page.")
    return Response(
        getattr(kept, which),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/decide", page, Role.OWNER),
    post("/desk/{round:int}/decide", decide, Role.OWNER),
    post("/desk/{round:int}/take-back", take_back, Role.OWNER),
    get("/desk/{round:int}/round.json", round_file, Access.SIGNED_IN),
    get("/desk/{round:int}/clearing.json", clearing_file, Access.SIGNED_IN),
    get("/desk/{round:int}/order.pdf", order_pdf, Role.OWNER),
    get("/desk/{round:int}/order.xlsx", order_xlsx, Role.OWNER),
)

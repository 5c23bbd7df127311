"""The maker's account in a group order, the leader's fees, and what is left over and sold at the counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from millpond.community.books import Account, Kind
from millpond.community.shares import half_up
from millpond.desk import counter, goods, ledger, maker, money, rounds
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.model.rules import MAX_QUANTITY
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.leader import booked
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

SHOWN = frozenset(
    {Kind.MAKER_BILL, Kind.MAKER_PAYMENT, Kind.MAKER_CLAIM, Kind.COUNTER_SALE, Kind.STOCK, Kind.WRITE_OFF}
)
"""Entries that this page shows; a debt written off is shown with its household."""


async def page(visit: Visit) -> Response:
    """Ordered, received, billed, paid; and the counter."""
    return _page(visit, None, "")


def _page(visit: Visit, form: Form | None, which: str) -> Response:
    """The page; `form` came back with something wrong in the form that is called `which`."""
    round = rounds.load(visit.read, visit.number("round"))
    now = ledger.balances(visit.read, round.id)
    over = [one for one in counter.over(visit.read, round.id) if one.units or one.not_picked_up]
    sold = {sale.entry: sale for sale in counter.sales(visit.read, round.id)}
    lines = [line for line in ledger.lines(visit.read, round=round.id, most=-1) if _is_shown(line)]
    return visit.page(
        "leader/maker-money.html",
        422 if form else 200,
        form=form,
        which=which,
        round=round,
        came=[one for one in goods.came(visit.read, round.id) if one.ordered or one.received],
        standing=maker.standing(visit.read, round.id),
        fees=-now[Account.FEES],
        passed=-(now[Account.GOODS] + now[Account.MAKER_GOODS] + now[Account.FREIGHT]),
        claims=now[Account.CLAIMS],
        counter_income=-now[Account.COUNTER],
        stock=now[Account.STOCK],
        over=over,
        worth={one.item: half_up(one.price * one.left) if one.price else 0 for one in over},
        may_sell=str(round.stage) in counter.STAGES,
        lines=[
            (line, booked.line_text(visit, line), sold.get(line.id), money.may_undo(line)) for line in lines
        ],
        means=booked.means_texts(visit),
        tokens={
            name: booked.once() for name in ("bill", "pay", "good", *(f"sell-{one.item}" for one in over))
        },
    )


def _is_shown(line: ledger.Line) -> bool:
    kind = line.undoes or line.kind
    return kind in SHOWN and not any(part.household for part in line.parts)


async def bill(visit: Visit) -> Response:
    """What the maker asks for."""
    round, form = visit.number("round"), await visit.form()
    asked = form.required_money("goods", most=booked.MOST_MINOR)
    freight = form.money("freight", most=booked.MOST_MINOR, default=0) or 0
    if not form.wrong and not asked + freight:
        form.blame("goods", "More than nothing, please.")
    common = _common(visit, form)
    return await _do(
        visit, form, "bill",
        lambda rows: maker.bill(rows, round, goods_minor=asked, freight_minor=freight, **common), "goods",
    )  # fmt: skip


async def pay(visit: Visit) -> Response:
    """The maker was paid."""
    round, form = visit.number("round"), await visit.form()
    amount, means, common = booked.read_amount(form), booked.read_means(form), _common(visit, form)
    return await _do(
        visit, form, "pay",
        lambda rows: maker.pay(rows, round, means=means, amount_minor=amount, **common),
    )  # fmt: skip


async def made_good(visit: Visit) -> Response:
    """The maker takes something off for claims."""
    round, form = visit.number("round"), await visit.form()
    amount, common = booked.read_amount(form), _common(visit, form)
    return await _do(
        visit, form, "good", lambda rows: maker.made_good(rows, round, amount_minor=amount, **common)
    )


async def sell(visit: Visit) -> Response:
    """Sold over the counter, or gone to waste."""
    round, form = visit.number("round"), await visit.form()
    item = booked.read_id(form, "item")
    quantity = form.required_integer("quantity", least=1, most=MAX_QUANTITY)
    common = {"token": form.text("once", required=True, most=64)} | _who(visit)
    if form.tick("waste"):
        return await _do(
            visit, form, f"sell-{item}",
            lambda rows: counter.waste(rows, round, item, quantity=quantity, **common), "quantity",
        )  # fmt: skip
    amount, means = booked.read_amount(form), booked.read_means(form)

    def job(rows: Rows) -> None:
        counter.sell(rows, round, item, quantity=quantity, means=means, amount_minor=amount, **common)

    return await _do(visit, form, f"sell-{item}", job, "quantity")


async def unclaimed(visit: Visit) -> Response:
    """So many units nobody picked up: they may be sold."""
    round, form = visit.number("round"), await visit.form()
    item = booked.read_id(form, "item")
    quantity = form.required_integer("unclaimed", least=0, most=MAX_QUANTITY)
    return await _do(
        visit, form, f"unclaimed-{item}",
        lambda rows: counter.set_unclaimed(rows, round, item, quantity, **_who(visit)), "unclaimed",
    )  # fmt: skip


async def _do(
    visit: Visit, form: Form, which: str, job: Callable[[Rows], object], at: str = "amount"
) -> Response:
    """Does it and shows the page again; with what is wrong, if something is."""
    if not form.wrong:
        try:
            await visit.write(job)
        except Refused as error:
            booked.say_refused(form, at, error)
    if form.wrong:
        return _page(visit, form, which)
    return visit.go(visit.at(f"desk/{visit.number('round')}/money/maker") + f"#{which}", said="noted")


def _who(visit: Visit) -> dict[str, Any]:
    return {"person": visit.person_id, "now_ms": visit.now_ms}


def _common(visit: Visit, form: Form) -> dict[str, Any]:
    return _who(visit) | {
        "words": booked.read_words(form),
        "token": form.text("once", required=True, most=64),
    }


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/money/maker", page, Role.KEEPS_MONEY),
    post("/desk/{round:int}/money/maker/bill", bill, Role.KEEPS_MONEY),
    post("/desk/{round:int}/money/maker/pay", pay, Role.KEEPS_MONEY),
    post("/desk/{round:int}/money/maker/good", made_good, Role.KEEPS_MONEY),
    post("/desk/{round:int}/money/counter", sell, Role.KEEPS_MONEY),
    post("/desk/{round:int}/money/unclaimed", unclaimed, Role.KEEPS_MONEY),
)

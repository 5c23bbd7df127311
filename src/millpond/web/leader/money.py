"""Money of a group order: who has paid, one tap to mark it, one to take it back, and what to remind of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from millpond.community.books import Account
from millpond.desk import ledger, money, rounds
from millpond.desk.ledger import Balance
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.desk.settling import DECIDED
from millpond.store import Rows
from millpond.web.formats import money as money_text
from millpond.web.leader import booked
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

SHOWN = ("all", "open", "paid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What was marked for an order, in words."""

    id: int
    said: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoney:
    """A line of the table: an order, how it stands, what was marked. `token` is of its form."""

    order: int
    household: int
    number: int
    name: str
    is_gone: bool
    balance: Balance
    marks: Sequence[Mark]
    token: str

    @property
    def open(self) -> int:
        """Still to be paid; below 0, to be given back."""
        return self.balance.open

    @property
    def came(self) -> int:
        """What was paid and not given back."""
        return self.balance.paid - self.balance.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Of all orders, in minor units; `open` and `back` apart, since one does not pay for the other."""

    total: int
    came: int
    open: int
    back: int
    open_orders: int
    owing_orders: int


async def page(visit: Visit) -> Response:
    """Who has paid and who has not."""
    round = rounds.load(visit.read, visit.number("round"))
    found = orders_of(visit, round)
    show = visit.asked("show") if visit.asked("show") in SHOWN else "all"
    search = visit.asked("q").strip()
    return visit.page(
        "leader/money.html",
        round=round,
        is_decided=str(round.stage) in DECIDED,
        rows=[row for row in found if _is_shown(row, show) and _is_found(row, search)],
        counts={one: sum(_is_shown(row, one) for row in found) for one in SHOWN},
        sums=sums_of(found),
        show=show,
        search=search,
        means=booked.means_texts(visit),
        reminder=reminder(visit, round, found),
    )


def orders_of(visit: Visit, round: RoundRecord) -> list[OrderMoney]:
    """Every order that owes or has paid something, by its number."""
    balances, marks = money.due_of_orders(visit.read, round.id), ledger.marked(visit.read, round.id)
    found = []
    for row in visit.read.all("money.orders_of_round", round=round.id):
        is_gone = row["cancelled_ms"] is not None or row["merged_into"] is not None
        balance = balances.get(row["id"], Balance())
        if is_gone and not (balance.total or balance.open or marks.get(row["id"])):
            continue
        found.append(
            OrderMoney(
                order=row["id"],
                household=row["household"],
                number=row["number"],
                name=row["name"],
                is_gone=is_gone,
                balance=balance,
                marks=[_mark(visit, one) for one in marks.get(row["id"], [])],
                token=booked.once(),
            )
        )
    return found


def sums_of(found: Sequence[OrderMoney]) -> Sums:
    """What all orders come to."""
    return Sums(
        total=sum(row.balance.total for row in found),
        came=sum(row.came for row in found),
        open=sum(max(0, row.open) for row in found),
        back=sum(max(0, -row.open) for row in found if row.balance.total or row.is_gone),
        open_orders=sum(row.open > 0 for row in found),
        owing_orders=sum(row.balance.total > 0 for row in found),
    )


def reminder(visit: Visit, round: RoundRecord, found: Sequence[OrderMoney]) -> str:
    """A text for the chat: who still has to pay, how much, and how. "" where nobody has to."""
    owing = [row for row in found if row.open > 0]
    if not owing:
        return ""
    lines = [visit.words("{title}: these are still open. Thank you!", title=round.title)]
    lines += [f"{row.number}. {row.name} {money_text(row.open, round.currency)}" for row in owing]
    if visit.profile.payment_note:
        lines += ["", visit.profile.payment_note]
    return "\n".join(lines)


async def pay(visit: Visit) -> Response:
    """One tap: paid, by these means."""
    round, form = visit.number("round"), await visit.form()
    order, amount, means = booked.read_id(form, "order"), booked.read_amount(form), booked.read_means(form)
    once = form.text("once", required=True, most=64)
    if form.wrong:
        return visit.problem(422, "{what}", what=next(iter(form.wrong.values())))

    def job(rows: Rows) -> None:
        row = rows.one("money.order", id=order)
        if row is None or row["round"] != round:
            raise Refused("order.unknown")
        money.pay(
            rows,
            order,
            means=means,
            amount_minor=amount,
            token=once,
            person=visit.person_id,
            now_ms=visit.now_ms,
        )

    await visit.write(job)
    kept = {name: form.text(name, most=60) for name in ("show", "q") if form.text(name, most=60)}
    query = f"?{urlencode(kept)}" if kept else ""
    return visit.go(visit.at(f"desk/{round}/money") + f"{query}#order-{order}", said="noted")


def _mark(visit: Visit, one: ledger.Marked) -> Mark:
    what = booked.kind_text(visit, one.kind)
    if one.means is not None:
        what += f" · {visit.words(booked.PLACES[Account(one.means)])}"
    parts = [what, visit.moment(one.at_ms), one.by, one.words]
    return Mark(id=one.id, said=" · ".join(part for part in parts if part), amount=one.amount)


def _is_shown(row: OrderMoney, show: str) -> bool:
    if show == "open":
        return row.open > 0
    return show == "all" or (row.open <= 0 and bool(row.balance.total or row.came))


def _is_found(row: OrderMoney, search: str) -> bool:
    return search.casefold() in f"{row.number} {row.name}".casefold()


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/money", page, Role.KEEPS_MONEY),
    post("/desk/{round:int}/money", pay, Role.KEEPS_MONEY),
)

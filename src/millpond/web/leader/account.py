"""A household's account: its orders and what each still costs, paying, giving back, the statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from millpond import paper
from millpond.community.books import Account, Kind
from millpond.desk import households, ledger, money, rounds
from millpond.desk.households import Household
from millpond.desk.ledger import Balance, Line
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.store import Rows
from millpond.web.formats import local
from millpond.web.forms import Form
from millpond.web.leader import booked, sheets
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

FORMS = ("pay", "refund", "credit", "write-off", "fee")
"""Of each order, by the name under which their page comes back if something is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccount:
    """An order on the account. `fee` is what the leader takes for it now, `credit` what is free to pay it."""

    id: int
    round: int
    title: str
    stage: str
    number: int
    is_gone: bool
    is_decided: bool
    balance: Balance
    fee: int
    credit: int
    tokens: dict[str, str]

    @property
    def came(self) -> int:
        """What was paid and not given back."""
        return self.balance.paid - self.balance.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the statement as it is shown, the newest first; `after` is what was owed then."""

    line: Line
    said: str
    change: int
    after: int
    may_undo: bool


async def page(visit: Visit) -> Response:
    """What a household owes and has paid, order by order and line by line."""
    return _page(visit, None, "")


def _page(visit: Visit, form: Form | None, which: str) -> Response:
    """The page; `form` came back with something wrong in the form that is called `which`."""
    household = households.load(visit.read, visit.number("household"))
    standing = ledger.of_household_by_order(visit.read, household.id)
    return visit.page(
        "leader/account.html",
        422 if form else 200,
        form=form,
        which=which,
        household=household,
        balance=money.balance_of_household(visit.read, household.id),
        ahead=standing.get(None, Balance()).held,
        orders=_orders(visit, household, standing),
        entries=entries(visit, household.id),
        means=booked.means_texts(visit),
        tokens={"ahead": booked.once(), "give-back": booked.once()},
    )


def _orders(
    visit: Visit, household: Household, standing: dict[int | None, Balance]
) -> Sequence[OrderAccount]:
    found = []
    for row in visit.read.all("money.orders_of_household", household=household.id):
        is_gone = row["cancelled_ms"] is not None or row["merged_into"] is not None
        if is_gone and row["id"] not in standing:
            continue
        balance, bill = standing.get(row["id"], Balance()), visit.read.one("money.bill", order=row["id"])
        credit = money.credit_of(visit.read, household.id, but=row["id"]) if balance.open > 0 else 0
        found.append(
            OrderAccount(
                id=row["id"],
                round=row["round"],
                title=row["title"],
                stage=row["stage"],
                number=row["number"],
                is_gone=is_gone,
                is_decided=bill is not None and row["stage"] != "cancelled",
                balance=balance,
                fee=(bill["fee"] if bill else 0) + balance.fee_changed,
                credit=min(credit, max(0, balance.open)),
                tokens={name: booked.once() for name in FORMS},
            )
        )
    return found


def entries(visit: Visit, household: int) -> list[Entry]:
    """The statement, the newest line first."""
    found, after = [], 0
    for line in reversed(ledger.lines(visit.read, household=household, most=-1)):
        change = line.of(household)
        after += change
        found.append(
            Entry(
                line=line,
                said=booked.line_text(visit, line),
                change=change,
                after=after,
                may_undo=money.may_undo(line),
            )
        )
    return found[::-1]


# ---- what is done with one order


async def pay(visit: Visit) -> Response:
    """Paid for an order, this much."""
    form = await visit.form()
    given: dict[str, Any] = {"amount_minor": booked.read_amount(form), "means": booked.read_means(form)}
    return await _of_order(visit, form, "pay", money.pay, given | {"words": booked.read_words(form)})


async def refund(visit: Visit) -> Response:
    """Given back, this much."""
    form = await visit.form()
    given: dict[str, Any] = {"amount_minor": booked.read_amount(form), "means": booked.read_means(form)}
    return await _of_order(visit, form, "refund", money.refund, given | {"words": booked.read_words(form)})


async def use_credit(visit: Visit) -> Response:
    """What was paid ahead, or too much elsewhere, pays this order."""
    form = await visit.form()
    return await _of_order(
        visit, form, "credit", money.use_credit, {"amount_minor": booked.read_amount(form)}
    )


async def write_off(visit: Visit) -> Response:
    """Nobody will pay this much."""
    form = await visit.form()
    given: dict[str, Any] = {"amount_minor": booked.read_amount(form), "words": booked.read_words(form)}
    return await _of_order(visit, form, "write-off", money.write_off, given)


async def change_fee(visit: Visit) -> Response:
    """The leader takes less for an order."""
    form = await visit.form()
    given: dict[str, Any] = {
        "fee_minor": form.required_money("amount", most=booked.MOST_MINOR),
        "words": booked.read_words(form),
    }
    return await _of_order(visit, form, "fee", money.change_fee, given)


async def _of_order(
    visit: Visit, form: Form, name: str, do: Callable[..., object], given: dict[str, Any]
) -> Response:
    household, order = visit.number("household"), booked.read_id(form, "order")
    row = visit.read.one("money.order", id=order)
    if row is None or row["household"] != household:
        return visit.problem(404, "There is no such order.")
    return await _do(visit, form, f"{name}-{order}", lambda rows, who: do(rows, order, **given, **who))


# ---- what is done with the household


async def pay_ahead(visit: Visit) -> Response:
    """Paid ahead, for no order yet."""
    form, household = await visit.form(), visit.number("household")
    amount, means, words = booked.read_amount(form), booked.read_means(form), booked.read_words(form)
    return await _do(
        visit, form, "ahead",
        lambda rows, who: money.pay_ahead(
            rows, household, amount_minor=amount, means=means, words=words, **who
        ),
    )  # fmt: skip


async def give_back(visit: Visit) -> Response:
    """What was paid ahead is given back."""
    form, household = await visit.form(), visit.number("household")
    amount, means, words = booked.read_amount(form), booked.read_means(form), booked.read_words(form)
    return await _do(
        visit, form, "give-back",
        lambda rows, who: money.refund_credit(
            rows, household, amount_minor=amount, means=means, words=words, **who
        ),
    )  # fmt: skip


async def _do(
    visit: Visit, form: Form, which: str, job: Callable[[Rows, dict[str, Any]], object]
) -> Response:
    """Does it and shows the page again; with what is wrong, if something is."""
    who = {
        "token": form.text("once", required=True, most=64),
        "person": visit.person_id,
        "now_ms": visit.now_ms,
    }
    if not form.wrong:
        try:
            await visit.write(lambda rows: job(rows, who))
        except Refused as error:
            booked.say_refused(form, "amount", error)
    if form.wrong:
        return _page(visit, form, which)
    place = which.rpartition("-")[2]
    at = f"#order-{place}" if place.isdigit() else ""
    return visit.go(visit.at(f"desk/households/{visit.number('household')}/account") + at, said="noted")


# ---- on paper


async def statement(visit: Visit) -> Response:
    """The statement of account, as PDF or Excel."""
    household = households.load(visit.read, visit.number("household"))
    lines = money.of_household(visit.read, household.id)
    name = visit.words("Statement of account")
    account = paper.Account(
        heading=paper.Heading(
            title=name,
            community=visit.profile.name,
            currency=visit.profile.currency,
            made_at=local(visit.now_ms, visit.profile.time_zone),
        ),
        holder=household.name or f"H{household.id}",
        bookings=tuple(
            paper.Booking(
                on=local(line.at_ms, visit.profile.time_zone).date(),
                words=" · ".join(
                    text for text in (booked.kind_text(visit, line.kind, line.undoes), line.title) if text
                ),
                charge=line.charge,
                payment=line.payment,
            )
            for line in lines
        ),
    )
    of = account.holder
    if visit.word("ending") == "xlsx":
        return await booked.send(name, of, "xlsx", lambda: paper.account_xlsx(account, visit.language))
    return await booked.send(name, of, "pdf", lambda: paper.account_pdf(account, visit.language))


async def receipt(visit: Visit) -> Response:
    """What one order got, costs and was paid."""
    order = visit.number("order")
    row = visit.read.one("money.order", id=order)
    if row is None or row["household"] != visit.number("household"):
        return visit.problem(404, "There is no such order.")
    round = rounds.load(visit.read, row["round"])
    found = next((one for one in sheets.orders(visit, round) if one.number == row["number"]), None)
    if found is None:
        return visit.problem(404, "There is no receipt for an order that gets nothing.")
    balance, bill = ledger.of_order(visit.read, order), visit.read.one("money.bill", order=order)
    charges = [
        (visit.words("Leader’s fee"), (bill["fee"] if bill else 0) + balance.fee_changed),
        (visit.words("Taken off for claims"), -balance.claims),
        (visit.words("Written off"), -balance.written_off),
    ]
    data = paper.Receipt(
        heading=sheets.heading(visit, round),
        order=found,
        charges=tuple(paper.Charge(words=words, amount=amount) for words, amount in charges if amount),
        payments=tuple(
            paper.Payment(
                on=local(one.at_ms, visit.profile.time_zone).date(),
                words=_paid_by(visit, one.kind, one.means),
                amount=one.amount,
            )
            for one in reversed(ledger.marked(visit.read, round.id).get(order, []))
            if one.kind is not Kind.WRITE_OFF
        ),
        note=visit.profile.payment_note if balance.open > 0 else "",
    )
    name = visit.words("Receipt")
    return await booked.send(
        name, f"{round.title} {found.number}", "pdf", lambda: paper.receipt_pdf(data, visit.language)
    )


def _paid_by(visit: Visit, kind: Kind, means: Account | None) -> str:
    what = booked.kind_text(visit, kind)
    return what if means is None else f"{what} · {visit.words(booked.PLACES[means])}"


PAGES: tuple[Route, ...] = (
    get("/desk/households/{household:int}/account", page, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/pay", pay, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/refund", refund, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/credit", use_credit, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/write-off", write_off, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/fee", change_fee, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/ahead", pay_ahead, Role.KEEPS_MONEY),
    post("/desk/households/{household:int}/account/give-back", give_back, Role.KEEPS_MONEY),
    get("/desk/households/{household:int}/account.{ending:str}", statement, Role.KEEPS_MONEY),
    get("/desk/households/{household:int}/receipt-{order:int}.pdf", receipt, Role.KEEPS_MONEY),
)

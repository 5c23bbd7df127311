"""The books of the room: a trial balance that visibly balances, accounts, entries, own money, files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.responses import Response

from millpond.community.books import Account, Means, Section, beancount_text
from millpond.desk import ledger, money
from millpond.desk.ledger import Line
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.paper.sheets.writing import books_xlsx
from millpond.store import Rows
from millpond.web.formats import local
from millpond.web.forms import Form
from millpond.web.leader import booked
from millpond.web.leader.books_tables import tables
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import marked

ON_PAGE = 50
SECTIONS = {
    Section.ASSETS: marked("What is there, and what is owed to me"),
    Section.LIABILITIES: marked("What I owe"),
    Section.EQUITY: marked("My own money"),
    Section.INCOME: marked("What came in by it"),
    Section.EXPENSES: marked("What it cost"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account with its balance, in one of two columns."""

    account: Account
    name: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it is shown: `parts` are where it comes from and goes to, in words."""

    line: Line
    said: str
    households: list[tuple[int, str]]
    parts: list[tuple[str, int]]
    may_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Which part of a long list is shown."""

    number: int
    count: int

    @property
    def offset(self) -> int:
        """Entries before it."""
        return (self.number - 1) * ON_PAGE


async def page(visit: Visit) -> Response:
    """Everything at a glance, and the newest entries."""
    return _page(visit, None, "")


def _page(visit: Visit, form: Form | None, which: str) -> Response:
    now, pages = ledger.balances(visit.read), _pages(visit, ledger.count(visit.read))
    found = [_standing(visit, account, amount) for account, amount in now.items() if amount]
    sections = [
        (visit.words(text), [row for row in found if row.account.section is section])
        for section, text in SECTIONS.items()
    ]
    return visit.page(
        "leader/books.html",
        422 if form else 200,
        form=form,
        which=which,
        in_hand=[(visit.words(name), now[account], account) for account, name in booked.PLACES.items()],
        sections=[(text, rows) for text, rows in sections if rows],
        debit=sum(row.debit for row in found),
        credit=sum(row.credit for row in found),
        owing=_owing(visit),
        entries=[_entry(visit, line) for line in _lines(visit, pages)],
        pages=pages,
        means=booked.means_texts(visit),
        places=[(str(means), visit.words(booked.PLACES[means.account])) for means in Means],
        tokens={"own": booked.once(), "move": booked.once()},
    )


async def account(visit: Visit) -> Response:
    """One account: what it stands at, and every entry that touched it."""
    asked = visit.word("account")
    if asked not in list(Account):
        return visit.problem(404, "There is no such page.")
    shown = Account(asked)
    balance, pages = ledger.balances(visit.read)[shown], _pages(visit, ledger.count(visit.read, shown))
    lines = _lines(visit, pages, shown)
    newer = ledger.lines(visit.read, account=shown, most=pages.offset) if pages.offset else ()
    after, rows = balance - sum(line.on(shown) for line in newer), []
    for line in lines:
        rows.append((_entry(visit, line), line.on(shown), after))
        after -= line.on(shown)
    return visit.page(
        "leader/books-account.html",
        name=visit.words(booked.ACCOUNTS[shown]),
        account=shown,
        balance=balance,
        rows=rows,
        pages=pages,
    )


async def own_money(visit: Visit) -> Response:
    """The leader puts money in, or takes some out."""
    form = await visit.form()
    amount, means = booked.read_amount(form), booked.read_means(form)
    sign = {"in": 1, "out": -1}[form.choice("way", ("in", "out"), "in")]
    words, once = booked.read_words(form), form.text("once", required=True, most=64)
    return await _do(
        visit, form, "own",
        lambda rows: money.own_money(
            rows, means=means, amount_minor=sign * amount, words=words, token=once,
            person=visit.person_id, now_ms=visit.now_ms,
        ),
    )  # fmt: skip


async def move(visit: Visit) -> Response:
    """Money goes from one place to another."""
    form = await visit.form()
    amount = booked.read_amount(form)
    source, target = booked.read_means(form, "source"), booked.read_means(form, "target")
    once = form.text("once", required=True, most=64)
    return await _do(
        visit, form, "move",
        lambda rows: money.move(
            rows, source=source, target=target, amount_minor=amount, token=once,
            person=visit.person_id, now_ms=visit.now_ms,
        ),
    )  # fmt: skip


async def _do(visit: Visit, form: Form, which: str, job: Callable[[Rows], object]) -> Response:
    if not form.wrong:
        try:
            await visit.write(job)
        except Refused as error:
            booked.say_refused(form, "amount", error)
    if form.wrong:
        return _page(visit, form, which)
    return visit.go(visit.at("desk/books"), said="noted")


async def excel(visit: Visit) -> Response:
    """The books as Excel; names of households, and words, only where asked for."""
    with_names = visit.asked("names") == "1"

    def make() -> bytes:
        return books_xlsx(*tables(visit, visit.read, with_names), author=visit.profile.name)

    return await booked.send(visit.words("Books"), _until(visit), "xlsx", make)


async def beancount(visit: Visit) -> Response:
    """The books as a Beancount file; names of households, and words, only where asked for."""
    with_names = visit.asked("names") == "1"

    def make() -> bytes:
        names = ledger.names(visit.read) if with_names else None
        zone = ZoneInfo(visit.profile.time_zone)
        text = beancount_text(
            ledger.book(visit.read), currency=visit.profile.currency, zone=zone, names=names
        )
        return text.encode("utf-8")

    return await booked.send(visit.words("Books"), _until(visit), "beancount", make)


def _until(visit: Visit) -> str:
    return f"{visit.profile.name} {local(visit.now_ms, visit.profile.time_zone).date().isoformat()}"


def _pages(visit: Visit, count: int) -> Pages:
    last = max(1, -(-count // ON_PAGE))
    asked = visit.asked("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
    return Pages(number=min(max(1, number), last), count=last)


def _lines(visit: Visit, pages: Pages, account: Account | None = None) -> tuple[Line, ...]:
    return ledger.lines(visit.read, account=account, most=ON_PAGE, offset=pages.offset)


def _standing(visit: Visit, account: Account, amount: int) -> Standing:
    return Standing(
        account=account,
        name=visit.words(booked.ACCOUNTS[account]),
        debit=max(0, amount),
        credit=max(0, -amount),
    )


def _entry(visit: Visit, line: Line) -> Entry:
    return Entry(
        line=line,
        said=booked.kind_text(visit, line.kind, line.undoes),
        households=booked.households_of(line),
        parts=[(visit.words(booked.ACCOUNTS[part.account]), part.amount) for part in line.parts],
        may_undo=money.may_undo(line),
    )


def _owing(visit: Visit) -> list[tuple[int, str, int]]:
    """Households that owe or are owed something, the largest debt first."""
    names = ledger.names(visit.read)
    found = [
        (row["household"], names.get(str(row["household"]), "") or f"H{row['household']}", row["amount"])
        for row in visit.read.all("money.sums_of_households")
        if row["amount"]
    ]
    return sorted(found, key=lambda row: -row[2])


PAGES: tuple[Route, ...] = (
    get("/desk/books", page, Role.KEEPS_MONEY),
    get("/desk/books/account/{account:str}", account, Role.KEEPS_MONEY),
    post("/desk/books/own", own_money, Role.KEEPS_MONEY),
    post("/desk/books/move", move, Role.KEEPS_MONEY),
    get("/desk/books/books.xlsx", excel, Role.KEEPS_MONEY),
    get("/desk/books/books.beancount", beancount, Role.KEEPS_MONEY),
)

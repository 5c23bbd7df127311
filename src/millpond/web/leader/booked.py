"""Words and forms that the pages of money share: means, accounts, what an entry is, amounts, undoing."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from millpond.community.books import Account, Kind, Means
from millpond.desk import money
from millpond.desk.ledger import Line
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.web.forms import Form
from millpond.web.routes import Route, post
from millpond.web.visit import Visit
from millpond.web.words import marked

MOST_MINOR = 10**11
"""Of one entry: a thousand million of the currency; more is a slip of the finger."""
MOST_WORDS = 200

MEANS = {
    Means.CASH: marked("Cash"),
    Means.TRANSFER: marked("Transfer"),
    Means.WALLET: marked("Payment code"),
}
"""On buttons, in the order in which they are used most."""

PLACES = {
    Account.CASH: marked("Cash box"),
    Account.BANK: marked("Bank"),
    Account.WALLET: marked("Payment code account"),
}

ACCOUNTS = PLACES | {
    Account.RECEIVABLE: marked("Owed by households"),
    Account.STOCK: marked("Leftovers in stock"),
    Account.PAYABLE: marked("Owed to makers"),
    Account.DEPOSITS: marked("Deposits of households"),
    Account.OWN: marked("My own money"),
    Account.GOODS: marked("Goods billed to households"),
    Account.FEES: marked("My fees"),
    Account.COUNTER: marked("Sold over the counter"),
    Account.MAKER_GOODS: marked("Goods of makers"),
    Account.FREIGHT: marked("Freight of makers"),
    Account.STOCK_SOLD: marked("Cost of leftovers sold"),
    Account.CLAIMS: marked("Given for claims"),
    Account.WRITE_OFFS: marked("Written off"),
}

KINDS = {
    Kind.BILL: marked("Bill"),
    Kind.FEE: marked("Fee changed"),
    Kind.DEPOSIT: marked("Deposit"),
    Kind.DEPOSIT_USED: marked("Deposit used"),
    Kind.PAYMENT: marked("Payment"),
    Kind.REFUND: marked("Money back"),
    Kind.SHORTAGE: marked("Less came"),
    Kind.WEIGHT: marked("By weight"),
    Kind.CLAIM: marked("Claim agreed"),
    Kind.MAKER_BILL: marked("Bill of the maker"),
    Kind.MAKER_PAYMENT: marked("Paid to the maker"),
    Kind.MAKER_CLAIM: marked("Made good by the maker"),
    Kind.STOCK: marked("Leftovers taken"),
    Kind.COUNTER_SALE: marked("Counter sale"),
    Kind.WRITE_OFF: marked("Written off"),
    Kind.OWN_MONEY: marked("Own money"),
    Kind.MOVED: marked("Moved"),
    Kind.CARRIED: marked("Carried over"),
    Kind.REVERSAL: marked("Taken back"),
}

_BACK = re.compile(r"(round|maker|household)-([0-9]{1,15})|books")


def kind_text(visit: Visit, kind: Kind, undoes: Kind | None = None) -> str:
    """What an entry is, in words."""
    if undoes is not None:
        return visit.words("Taken back: {what}", what=visit.words(KINDS[undoes]))
    return visit.words(KINDS[kind])


def means_texts(visit: Visit) -> list[tuple[str, str]]:
    """Value and word of each way that money changes hands."""
    return [(str(means), visit.words(text)) for means, text in MEANS.items()]


def line_text(visit: Visit, line: Line) -> str:
    """What an entry is, and where its money came in or went out."""
    said = kind_text(visit, line.kind, line.undoes)
    return said if line.means is None else f"{said} · {visit.words(PLACES[line.means])}"


def households_of(line: Line) -> list[tuple[int, str]]:
    """Id, and number with name, of the households that an entry is about."""
    found = {}
    for part in line.parts:
        if part.household is not None:
            number = f"{part.number} " if part.number is not None else ""
            found[part.household] = number + (part.name or f"H{part.household}")
    return list(found.items())


def once() -> str:
    """A word of a form's own, so that it counts once."""
    return secrets.token_hex(12)


def read_amount(form: Form, name: str = "amount") -> int:
    """An amount above nothing."""
    value = form.required_money(name, most=MOST_MINOR)
    if not value:
        form.blame(name, "More than nothing, please.")
    return value


def read_means(form: Form, name: str = "means") -> Means:
    """How money changed hands."""
    return Means(form.choice(name, [str(means) for means in Means], str(Means.CASH)))


def read_words(form: Form) -> str:
    """A note beside the entry."""
    return form.text("words", most=MOST_WORDS)


def read_id(form: Form, name: str) -> int:
    """The number of something, from a hidden field."""
    return form.required_integer(name, least=1, most=2**53)


def say_refused(form: Form, name: str, error: Refused) -> None:
    """Says beside a field why the desk refused."""
    form.blame(name, error.message, **error.values)


FILES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "beancount": "text/plain; charset=utf-8",
}


async def send(name: str, of: str, ending: str, make: Callable[[], bytes]) -> Response:
    """A file to keep, made beside the event loop. What people typed stands in its name as text alone."""
    data = await asyncio.to_thread(make)
    plain = "".join(char if char.isprintable() and char not in '/\\:*?"<>|' else "-" for char in of)[:80]
    shown = "inline" if ending == "pdf" else "attachment"
    filename = quote(f"{name} {plain}.{ending}")
    return Response(
        data,
        media_type=FILES[ending],
        headers={"content-disposition": f"{shown}; filename*=UTF-8''{filename}"},
    )


async def undo(visit: Visit) -> Response:
    """Takes back what somebody marked."""
    form = await visit.form()
    entry, back = read_id(form, "entry"), _BACK.fullmatch(form.text("back", most=40))
    if form.wrong or back is None:
        return visit.problem(422, "Please choose one.")
    await visit.write(lambda rows: money.undo(rows, entry, person=visit.person_id, now_ms=visit.now_ms))
    paths = {
        "round": "desk/{}/money",
        "maker": "desk/{}/money/maker",
        "household": "desk/households/{}/account",
    }
    path = paths[back[1]].format(back[2]) if back[1] else "desk/books"
    return visit.go(visit.at(path), said="undone")


PAGES: tuple[Route, ...] = (post("/desk/books/undo", undo, Role.KEEPS_MONEY),)

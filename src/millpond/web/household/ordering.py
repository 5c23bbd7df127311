"""Reading what a household ordered; and an order as the fields it would have been typed in.

Names of fields, with I an item's id and N a line of it from 1:

    q-I-N  how many            o-I-N-KEY  the answer to an option
    l-I    at most how much    m-I, f-I   so many more, fewer, for whole cases
    s-I    instead             point, name, phone, note, token

Reading never raises: what is wrong stands in `form.wrong` with what to do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from millpond.community.group import MAX_WANT_UNITS, Item, Option, OptionKind
from millpond.web.formats import plain_money
from millpond.web.forms import Form
from millpond.web.household.offering import MOST_LINES, Offering

MAX_ANSWER = 60
MAX_NAME, MAX_PHONE, MAX_NOTE = 40, 30, 200
_NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many of an item, with the answers to its options; `limit` in minor units a unit."""

    item: str
    quantity: int
    limit: int
    more: int = 0
    fewer: int = 0
    substitute: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An order as it was typed."""

    name: str
    phone: str
    note: str
    point: int | None
    lines: tuple[Line, ...]


def read_order(form: Form, offering: Offering) -> Typed | None:
    """The order; None where something is wrong."""
    lines = tuple(line for item in offering.shown for line in _lines(form, offering, item))
    if not lines and not form.wrong:
        form.blame(f"q-{offering.shown[0].id}-1", "How many do you want? Please fill in at least one.")
    name = form.text("name", most=MAX_NAME)
    if not name:
        form.blame("name", "Please say your name.")
    typed = Typed(
        name=name,
        phone=form.text("phone", most=MAX_PHONE),
        note=form.text("note", most=MAX_NOTE),
        point=_point(form, [point.id for point in offering.points]),
        lines=lines,
    )
    if typed.phone and sum(character.isdigit() for character in typed.phone) < 5:
        form.blame("phone", "This is no phone number.")
    return None if form.wrong else typed


def filled_from(lines: Iterable[Line], offering: Offering) -> dict[str, str]:
    """The fields in which these lines would have been typed."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    for line in lines:
        n = counts[line.item] = counts.get(line.item, 0) + 1
        found[f"q-{line.item}-{n}"] = str(line.quantity)
        for key, answer in line.options.items():
            found[f"o-{line.item}-{n}-{key}"] = answer
        if line.limit != offering.limits.get(line.item):
            found[f"l-{line.item}"] = plain_money(line.limit, offering.currency)
        for key, value in (("m", line.more), ("f", line.fewer), ("s", line.substitute)):
            if value:
                found.setdefault(f"{key}-{line.item}", str(value))
    return found


def one_more_line(form: Form, offering: Offering) -> bool:
    """Whether the form was sent only to get one more line of an item; the line is in the form then."""
    ids = {item.id for item in offering.shown if item.options}
    id = form.typed.pop("add", "")
    if id not in ids:
        return False
    taken = [n for n in range(1, MOST_LINES + 1) if f"q-{id}-{n}" in form.typed]
    form.typed.setdefault(f"q-{id}-{min(MOST_LINES, max(taken, default=1) + 1)}", "")
    return True


def _lines(form: Form, offering: Offering, item: Item) -> list[Line]:
    """The lines of one item that want anything; tolerance for whole cases counts once, on the first."""
    usual = offering.limits.get(item.id, 0)
    typed_limit = form.money(f"l-{item.id}", default=usual)
    limit = usual if typed_limit is None else typed_limit
    more, fewer = (form.integer(f"{k}-{item.id}", least=0, most=MAX_WANT_UNITS, default=0) or 0 for k in "mf")
    substitute = _substitute(form, offering, item)
    found: list[Line] = []
    for n in range(1, MOST_LINES + 1 if item.options else 2):
        quantity = form.integer(f"q-{item.id}-{n}", least=0, most=MAX_WANT_UNITS, default=0) or 0
        if not quantity:
            continue
        first = not found
        found.append(
            Line(
                item=item.id,
                quantity=quantity,
                limit=limit,
                more=more if first and item.case_size > 1 else 0,
                fewer=min(fewer, quantity) if first and item.case_size > 1 else 0,
                substitute=substitute,
                options={
                    o.key: a for o in item.options if (a := _answer(form, f"o-{item.id}-{n}-{o.key}", o))
                },
            )
        )
    return found


def _substitute(form: Form, offering: Offering, item: Item) -> str | None:
    others = {other.id for other in offering.instead_of(item)}
    name = f"s-{item.id}"
    return form.choice(name, {*others, ""}) or None if name in form else None


def _answer(form: Form, name: str, option: Option) -> str:
    answer = form.text(name, most=MAX_ANSWER)
    if option.kind is OptionKind.NUMBER:
        answer = unicodedata.normalize("NFKC", answer)
    if not answer:
        if option.required:
            form.blame(name, "Please say: {what}.", what=option.label)
        return ""
    if option.kind is OptionKind.CHOICE and answer not in option.choices:
        form.blame(name, "Please choose one.")
    if option.kind is OptionKind.NUMBER and not _NUMBER.fullmatch(answer):
        form.blame(name, "{what}: a number, please.", what=option.label)
    return answer


def _point(form: Form, points: list[int]) -> int | None:
    """The pick-up point; the only one where there is one, None where there is none."""
    if len(points) < 2:
        return points[0] if points else None
    chosen = form.text("point")
    if chosen not in map(str, points):
        form.blame("point", "Please choose where you pick it up.")
        return None
    return int(chosen)

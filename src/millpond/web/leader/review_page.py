"""The review page of a list: every line with what was understood of it, to be looked at and taken in.

The page needs no script and keeps nothing on the node: it is made of the packed review and the form's fields.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from millpond.community.group import Item
from millpond.desk.orders import Order
from millpond.desk.rounds import RoundRecord
from millpond.web.forms import Form
from millpond.web.household import reading
from millpond.web.leader import doubts, review_fields
from millpond.web.leader.matching import NEW, Match, matches
from millpond.web.leader.review import Asked, Line, Review, opened, pack
from millpond.web.leader.review_fields import NONE, Context
from millpond.web.leader.sheet_lines import SHEET_STEP
from millpond.web.units import counted
from millpond.web.visit import Visit

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A doubt in words: the sentence, what it is about, the other line's number in the list (0: none)."""

    code: str
    sentence: str
    fragment: str
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line as the page shows it."""

    line: Line
    place: int
    what: str
    doubts: tuple[Said, ...]
    items: list[Item]
    who: Choices
    known_as: str
    asked: list[tuple[Asked, Choices]]
    is_wrong: bool
    already_in: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Units of an item: as the list says by all its lines, and in those that are ticked."""

    item: Item
    read: int
    ticked: int


def lines_of(review: Review, part: int, more: Collection[int], items: tuple[Item, ...]) -> tuple[Line, ...]:
    """The lines that can be edited: those of this part, and those that were left out and looked at again."""
    others = tuple(opened(line, items) for line in review.others if line.at in more)
    return tuple(sorted((*review.part(part), *others), key=lambda line: line.at))


def context_of(visit: Visit, round: RoundRecord, lines: tuple[Line, ...]) -> Context:
    """What lines are compared with."""
    points = reading.points(visit, round)
    return Context(
        items=round.offered,
        points=tuple(points) if len(points) > 1 else (),
        matches=matches(visit.read, round.id, lines),
    )


def show(
    visit: Visit,
    round: RoundRecord,
    review: Review,
    *,
    part: int = 1,
    more: Collection[int] = (),
    form: Form | None = None,
    typed: Mapping[str, str] | None = None,
    said: str = "",
) -> Response:
    """The page; `typed` wins over what was read, line by line."""
    lines = lines_of(review, part, more, round.offered)
    context = context_of(visit, round, lines)
    sent = {} if typed is None else dict(typed)
    fresh = [line for line in lines if f"name-{line.at}" not in sent]
    sent = review_fields.filled(fresh, context) | sent
    review_fields.map_texts(sent, review.unknown(), lines, context)
    rows = [_row(visit, round, context, line, sent, form, more) for line in lines]
    return visit.page(
        "leader/review.html",
        422 if form is not None and form.wrong else 200,
        round=round,
        review=review,
        part=part,
        packed=pack(review, visit.node.secret, scope(visit, round)),
        more=sorted(more),
        form=form,
        typed=sent,
        context=context,
        doubtful=[row for row in rows if row.already_in is None and (row.doubts or row.is_wrong)],
        clean=[row for row in rows if row.already_in is None and not (row.doubts or row.is_wrong)],
        already=[row for row in rows if row.already_in is not None],
        others=[_left_out(visit, line) for line in review.others if line.at not in more],
        sums=_sums(context, lines, sent),
        ticked=sum(f"take-{line.at}" in sent for line in lines),
        count=sum(row.already_in is None for row in rows),
        read=len(lines),
        list_doubts=[_said(visit, doubt) for doubt in review.doubts],
        item_choices=_item_choices(context, visit),
        is_open=str(round.stage) in ("draft", "open", "closed"),
        done=said,
    )


def scope(visit: Visit, round: RoundRecord) -> str:
    """Of what a packed list is: another room or group order does not take it."""
    return f"{visit.room.slug} {round.id}"


def _row(
    visit: Visit,
    round: RoundRecord,
    context: Context,
    line: Line,
    typed: Mapping[str, str],
    form: Form | None,
    more: Collection[int],
) -> Row:
    match = context.matches[line.at]
    is_wrong = form is not None and any(_of_line(name, line.at) for name in form.wrong)
    already = match.already_in if line.at not in more and f"take-{line.at}" not in typed else None
    return Row(
        line=line,
        place=line.at % SHEET_STEP,
        what=_what(review_fields.units_of(typed, line, context), context, visit),
        doubts=tuple(_said(visit, doubt) for doubt in context.doubts(line)),
        items=context.shown(line, typed),
        who=_who(visit, round, match),
        known_as=visit.words("known here") if match.usual.startswith("home-") else "",
        asked=[(asked, _asked_choices(asked, context, visit)) for asked in line.asked],
        is_wrong=is_wrong,
        already_in=None if is_wrong else already,
    )


def _of_line(name: str, at: int) -> bool:
    parts = name.split("-")
    return len(parts) > 1 and parts[1] == str(at)


def _what(units: Mapping[str, int], context: Context, visit: Visit) -> str:
    items = [item for item in context.items if units.get(item.id)]
    return visit.words(", ").join(
        f"{item.label} {counted(units[item.id], item.unit, visit.words)}" for item in items
    )


def _said(visit: Visit, doubt: doubts.Doubt) -> Said:
    return Said(
        code=doubt.code,
        sentence=doubts.sentence(doubt, visit.words),
        fragment=doubt.fragment,
        other=doubt.other % SHEET_STEP,
    )


def _left_out(visit: Visit, line: Line) -> tuple[Line, str, int]:
    return line, doubts.reason(line.reason, visit.words), line.at % SHEET_STEP


def _who(visit: Visit, round: RoundRecord, match: Match) -> Choices:
    """The answers to "which household?"; none where there is nothing to choose."""
    if not match.is_asked:
        return []
    words, found = visit.words, Choices()
    if not match.usual:
        found.append(("", words("Please choose")))
    for order in match.orders:
        values = {"n": order.number, "name": order.name, "what": reading.summary(order, round, visit)}
        found.append((f"replace-{order.id}", words("Replace order {n} of {name} ({what})", **values)))
        found.append((f"add-{order.id}", words("Add to order {n} of {name} ({what})", **values)))
    for line in match.above:
        found.append((f"with-{line.at}", words("Together with line {n}", n=line.at % SHEET_STEP)))
    busy = {order.household for order in match.orders}
    for one in match.known:
        who = " ".join(text for text in (one.name, one.phone, one.address) if text)
        text = (
            words("One more order of {who}", who=who)
            if one.id in busy
            else words("{who}, known here", who=who)
        )
        found.append((f"home-{one.id}", text))
    found.append((NEW, words("A new household")))
    return found


def _item_choices(context: Context, visit: Visit) -> Choices:
    return [("", visit.words("Please choose")), *((item.id, item.label) for item in context.items)]


def _asked_choices(asked: Asked, context: Context, visit: Visit) -> Choices:
    """What may be meant: the likely ones first."""
    likely = [item for item in context.items if item.id in asked.could_be]
    rest = [item for item in context.items if item.id not in asked.could_be]
    choices = [(item.id, item.label) for item in (*likely, *rest)]
    return [("", visit.words("Please choose")), *choices, (NONE, visit.words("leave it out"))]


def _sums(context: Context, lines: tuple[Line, ...], typed: Mapping[str, str]) -> list[Sum]:
    every = [(line, review_fields.units_of(typed, line, context)) for line in lines]
    return [
        Sum(
            item=item,
            read=sum(units.get(item.id, 0) for _, units in every),
            ticked=sum(units.get(item.id, 0) for line, units in every if f"take-{line.at}" in typed),
        )
        for item in context.items
    ]

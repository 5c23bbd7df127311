"""The fields of a review page: filled in from what was read, and read back as what is to be taken in.

Names of fields, with L the place of a line, I an item's id, J counted from 0:

    take-L            ticked: take it in        q-L-I       units of an item
    name-L phone-L    who                       o-L-I-KEY   the answer to an option
    address-L note-L                            w-L-J wq-L-J  which item is meant, and how many
    who-L             which household           x-L xq-L    one more item, and how many
    point-L           where it is picked up     map-J       the item that an unknown text stands for

Nothing is taken that is not ticked; what is ticked must say everything, or it stands in `form.wrong`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from millpond.community.group import MAX_NAME_CHARACTERS, MAX_WANT_UNITS, Item, OptionKind
from millpond.desk.lists import Reviewed
from millpond.desk.room import PickupPoint
from millpond.desk.wants import NewWant
from millpond.web.forms import Form
from millpond.web.leader.doubts import Doubt
from millpond.web.leader.matching import NEW, Match
from millpond.web.leader.review import Line

FEW_ITEMS = 6
"""Up to so many, a line has a field for each; above it, for those that were read, and one more to choose."""
NONE = "none"
MAX_NOTE, MAX_ADDRESS, MAX_PHONE, MAX_ANSWER = 200, 120, 40, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the lines of a list are read against."""

    items: tuple[Item, ...]
    points: tuple[PickupPoint, ...]
    matches: Mapping[int, Match]

    def item(self, id: str) -> Item | None:
        """The item of this id that can be ordered."""
        return next((item for item in self.items if item.id == id), None)

    def doubts(self, line: Line) -> tuple[Doubt, ...]:
        """Everything to look at: what reading left open, and what comparing found."""
        more = list(self.matches[line.at].doubts)
        if any(option.required for id in line.units if (item := self.item(id)) for option in item.options):
            more.append(Doubt("options"))
        if line.point and self.point_named(line.point) is None and len(self.points) > 1:
            more.append(Doubt("point-unknown", line.point))
        return tuple(dict.fromkeys((*line.doubts, *more)))

    def point_named(self, name: str) -> int | None:
        """The pick-up point of this name."""
        return next((point.id for point in self.points if point.name.strip() == name.strip()), None)

    def shown(self, line: Line, typed: Mapping[str, str]) -> list[Item]:
        """The items that have a field in this line."""
        if len(self.items) <= FEW_ITEMS:
            return list(self.items)
        return [item for item in self.items if item.id in line.units or f"q-{line.at}-{item.id}" in typed]

    @property
    def has_more(self) -> bool:
        """Whether a line has a field for one more item."""
        return len(self.items) > FEW_ITEMS


def filled(lines: Iterable[Line], context: Context) -> dict[str, str]:
    """The fields as they stand when a list is first shown: what is doubtful is not ticked."""
    typed: dict[str, str] = {}
    for line in lines:
        at, match = line.at, context.matches[line.at]
        typed |= {
            f"name-{at}": line.name,
            f"phone-{at}": line.phone,
            f"address-{at}": line.address,
            f"note-{at}": line.note,
            f"who-{at}": match.usual,
        }
        typed |= {f"q-{at}-{id}": str(units) for id, units in line.units.items()}
        for j, asked in enumerate(line.asked):
            typed[f"w-{at}-{j}"] = asked.could_be[0] if len(asked.could_be) == 1 else ""
            typed[f"wq-{at}-{j}"] = str(asked.quantity or "")
        if line.point and (point := context.point_named(line.point)):
            typed[f"point-{at}"] = str(point)
        if not context.doubts(line) and match.already_in is None and not line.asked and line.units:
            typed[f"take-{at}"] = "1"
    return typed


def map_texts(typed: dict[str, str], texts: Sequence[str], lines: Iterable[Line], context: Context) -> None:
    """Fills in the items that unknown texts stand for, by the leader; ticks lines without another doubt."""
    chosen = {text: typed.get(f"map-{j}", "") for j, text in enumerate(texts)}
    for line in lines:
        names = [(j, f"w-{line.at}-{j}", asked) for j, asked in enumerate(line.asked)]
        fresh = [name for _, name, asked in names if not typed.get(name) and chosen.get(asked.text)]
        for _, name, asked in names:
            typed[name] = typed.get(name) or chosen.get(asked.text, "")
        certain = all(typed[name] and asked.quantity for _, name, asked in names)
        others = [d for d in context.doubts(line) if d.code not in ("unknown-item", "sheet-no-item")]
        options = any(
            option.required
            for _, name, _ in names
            if (item := context.item(typed[name]))
            for option in item.options
        )
        is_said = typed.get(f"who-{line.at}") or not context.matches[line.at].is_asked
        if fresh and certain and is_said and not others and not options:
            typed[f"take-{line.at}"] = "1"


def read(form: Form, lines: Sequence[Line], context: Context, usual_point: int | None) -> list[Reviewed]:
    """What is ticked; anything wrong with it is said at its field."""
    ticked = [line for line in lines if form.tick(f"take-{line.at}")]
    return [_line(form, line, context, usual_point, {one.at for one in ticked}) for line in ticked]


def _line(form: Form, line: Line, context: Context, usual_point: int | None, ticked: set[int]) -> Reviewed:
    at = line.at
    wants = _wants(form, line, context)
    point = form.typed.get(f"point-{at}", "")
    who = form.choice(f"who-{at}", context.matches[at].choices(), "") if f"who-{at}" in form else NEW
    kind, _, id = who.partition("-")
    if kind == "with" and int(id) not in ticked:
        form.blame(f"who-{at}", "The other line is not ticked.")
    return Reviewed(
        row=at,
        wants=wants,
        name=form.text(f"name-{at}", required=True, most=MAX_NAME_CHARACTERS),
        phone=form.text(f"phone-{at}", most=MAX_PHONE),
        address=form.text(f"address-{at}", most=MAX_ADDRESS),
        note=form.text(f"note-{at}", most=MAX_NOTE),
        leader_note=line.leader_note,
        pickup_point=int(point) if point in {str(one.id) for one in context.points} else usual_point,
        is_new=kind == NEW,
        household=int(id) if kind == "home" else None,
        adds_to=int(id) if kind == "add" else None,
        replaces=int(id) if kind == "replace" else None,
        with_row=int(id) if kind == "with" else None,
    )


def _wants(form: Form, line: Line, context: Context) -> tuple[NewWant, ...]:
    """What is wanted: an item once, in the order of the items."""
    at, units = line.at, dict[str, int]()
    for item in context.items:
        _count(form, units, item.id, f"q-{at}-{item.id}")
    for j, _ in enumerate(line.asked):
        which = form.typed.get(f"w-{at}-{j}", "")
        if which == NONE:
            continue
        if context.item(which) is None:
            form.blame(f"w-{at}-{j}", "Which item is it? Or leave it out.")
        elif not _count(form, units, which, f"wq-{at}-{j}"):
            form.blame(f"wq-{at}-{j}", "How many?")
    extra = form.typed.get(f"x-{at}", "")
    if extra and context.item(extra) is not None and not _count(form, units, extra, f"xq-{at}"):
        form.blame(f"xq-{at}", "How many?")
    wanted = [item for item in context.items if units.get(item.id)]
    if not wanted and not any(name.startswith((f"w-{at}-", f"wq-{at}-")) for name in form.wrong):
        first = next(iter(context.shown(line, form.typed)), None)
        form.blame(f"q-{at}-{first.id}" if first else f"xq-{at}", "How many?")
    return tuple(
        NewWant(item=int(item.id), quantity=units[item.id], options=_answers(form, at, item))
        for item in wanted
    )


def _count(form: Form, units: dict[str, int], id: str, name: str) -> int:
    found = form.integer(name, least=0, most=MAX_WANT_UNITS, default=0) or 0
    if found:
        units[id] = units.get(id, 0) + found
    return found


def _answers(form: Form, at: int, item: Item) -> dict[str, str]:
    found = {}
    for option in item.options:
        name = f"o-{at}-{item.id}-{option.key}"
        answer = form.text(name, most=MAX_ANSWER)
        if option.kind is OptionKind.NUMBER:
            answer = unicodedata.normalize("NFKC", answer)
        if option.required and not answer:
            form.blame(name, "Please say: {what}.", what=option.label)
        if option.kind is OptionKind.CHOICE and answer and answer not in option.choices:
            form.blame(name, "Please choose one.")
        found[option.key] = answer
    return found


def units_of(typed: Mapping[str, str], line: Line, context: Context) -> dict[str, int]:
    """Units of each item in a line as it is typed; what is no number counts for nothing."""
    at, units = line.at, dict[str, int]()
    pairs = [(item.id, f"q-{at}-{item.id}") for item in context.items]
    pairs += [(typed.get(f"w-{at}-{j}", ""), f"wq-{at}-{j}") for j in range(len(line.asked))]
    pairs.append((typed.get(f"x-{at}", ""), f"xq-{at}"))
    for id, name in pairs:
        text = unicodedata.normalize("NFKC", typed.get(name, "")).strip()
        if text.isascii() and text.isdigit() and len(text) < 7 and int(text) and context.item(id):
            units[id] = units.get(id, 0) + int(text)
    return units

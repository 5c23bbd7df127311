"""The one form in which a group order is typed: what is offered, the maker's tiers, fee, close.

Reads `Form` into `desk.rounds.Terms`; everything wrong is said at its field. Rows that are wholly empty are
left out, so that the form may always show one more; an item without a name or unit has those of the one
above, as sizes and colours have. Options of an item are typed as lines, as a leader would write them:

    尺码: S, M, L        a choice
    绣字                 a text
    裤长 #               a number
    尺码*: S, M, L       must be answered

>>> read_options("Size*: S, M, L\\nName\\nLength #")[1].label
'Name'
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from millpond.community.group import Fee, Item, Offer, Option, OptionKind
from millpond.desk.rounds import Terms
from millpond.errors import InputError
from millpond.model import Tier
from millpond.model.rules import MAX_LOAD, MAX_QUANTITY
from millpond.web.formats import plain_money
from millpond.web.forms import Form

MAX_ITEMS = 200
MAX_TIERS = 12
MAX_OPTIONS = 12
MAX_OPTION = 300
MAX_NAME = 50
"""Characters of an item's name, which is also its family's id: 200 bytes."""
MAX_CASE = 10_000
MANY = 100_000
"""What a maker makes at most, if the leader does not say."""
USUAL: dict[str, dict[str, tuple[str, ...]]] = {
    "about": {"about": ("",), "picture": ("",), "cap_units": ("",)},
    "offer": {
        "setup": ("", "0", "0.00"),
        "freight_fixed": ("", "0", "0.00"),
        "freight_per_load": ("", "0", "0.00"),
        "capacity": ("", str(MANY)),
        "ready_on": ("",),
    },
    "rules": {"shortage_rule": ("", "proportional"), "repeats_every_days": ("",)},
    "item": {
        "surcharge": ("", "0", "0.00"),
        "load": ("", "1"),
        "case": ("", "1"),
        "grams": ("",),
        "options": ("",),
    },
}
"""Of each part of the form that is folded: its fields, and what stands in them if nobody uses them."""
_ROW = re.compile(r"(item|tier)-([0-9]{1,3})-[a-z_]+")
_OPTION = re.compile(
    r"(?P<label>[^:：*#＊]+?)\s*(?P<must>[*＊])?\s*(?P<number>#)?\s*(?:[:：]\s*(?P<choices>.+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoFar:
    """What the price curve needs; `label` is the first item's, "" if it is the only one."""

    offer: Offer
    fee: Fee
    load: int
    surcharge: int
    label: str


def read_terms(form: Form, time_zone: str) -> Terms | None:
    """What was typed; None where something is wrong (`form.wrong` says what)."""
    items, tiers = _items(form), _tiers(form)
    if not items:
        form.blame("item-0-name", "At least one item, please.")
    if not tiers:
        form.blame("tier-0-from", "At least one price, please.")
    draft = Terms(
        title=form.text("title", required=True, most=80),
        about=form.text("about", most=2_000, lines=True),
        maker_contact=form.text("maker_contact", most=120),
        pickup_note=form.text("pickup_note", most=300, lines=True),
        items=tuple(items),
        offer=replace(
            _offer(form, tiers or [Tier(from_quantity=1, price=0)]),
            maker=form.text("maker", required=True, most=80),
            ready_on=form.day("ready_on"),
        ),
        fee=_fee(form),
        closes_at_ms=form.moment("closes_at", time_zone),
        cap_units=form.integer("cap_units", least=1, most=MAX_QUANTITY),
        pickup_points=form.ids("pickup_point"),
        repeats_every_days=form.integer("repeats_every_days", least=1, most=366),
        shortage_rule=form.choice("shortage_rule", ("proportional", "earliest"), "proportional"),
    )
    if draft.offer.capacity < draft.offer.tiers[0].from_quantity:
        form.blame(
            "capacity",
            "The maker could never start: it makes at most {n}, and starts from {from_}.",
            n=draft.offer.capacity,
            from_=draft.offer.tiers[0].from_quantity,
        )
    return None if form.wrong else draft


def read_so_far(form: Form) -> SoFar | None:
    """What is right of an offer that is still being typed; None while there is no price."""
    typed = dict(form.typed)
    for n in rows_of(form, "tier"):  # a row that is half typed does not count yet
        pair = (f"tier-{n}-from", f"tier-{n}-price")
        if not all(typed.get(name, "").strip() for name in pair):
            typed |= dict.fromkeys(pair, "")
    trial = form.again(typed)
    tiers = _tiers(trial)
    if not tiers or any(name.startswith("tier-") for name in trial.wrong):
        return None
    named = [
        n for n in rows_of(trial, "item") if trial.typed[f"item-{n}-name"] or trial.typed[f"item-{n}-variant"]
    ]
    first = f"item-{named[0] if named else 0}-"
    offer = _offer(trial, tiers)
    return SoFar(
        offer=replace(offer, capacity=max(offer.capacity, tiers[0].from_quantity)),
        fee=_fee(trial),
        load=trial.integer(first + "load", least=0, most=MAX_LOAD, default=1) or 0,
        surcharge=trial.money(first + "surcharge", default=0) or 0,
        label=" ".join(trial.typed[first + name] for name in ("name", "variant")).strip()
        if named[1:]
        else "",
    )


def uses_more(form: Form, part: str) -> bool:
    """Whether a folded part of the form was used, or a field of it is wrong: then it stands open."""
    before = f"{part}-" if part.startswith("item-") else ""
    usual = USUAL["item" if before else part]
    return any(
        form.typed[before + name].strip() not in values or before + name in form.wrong
        for name, values in usual.items()
    )


def rows_of(form: Form, kind: str) -> list[int]:
    """The numbers of the rows of this kind that were sent, in their order."""
    found = {int(match[2]) for name in form.typed if (match := _ROW.fullmatch(name)) and match[1] == kind}
    return sorted(found)


def read_options(text: str) -> tuple[Option, ...]:
    """Options from lines; raises `InputError` for a line that is none."""
    options: list[Option] = []
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        if len(line) > MAX_OPTION:
            raise InputError(line)
        match = _OPTION.fullmatch(line)
        choices = (
            tuple(dict.fromkeys(part for part in re.split(r"\s*[,，、/]\s*", match["choices"] or "") if part))
            if match
            else ()
        )
        if match is None or (match["choices"] and match["number"]):
            raise InputError(line)
        kind = OptionKind.NUMBER if match["number"] else OptionKind.CHOICE if choices else OptionKind.TEXT
        options.append(
            Option(
                key=f"o{len(options)}",
                label=match["label"],
                kind=kind,
                choices=choices,
                required=bool(match["must"]),
            )
        )
    if len(options) > MAX_OPTIONS:
        raise InputError(text)
    return tuple(options)


def option_lines(options: Iterable[Option]) -> str:
    """The inverse of `read_options`."""
    lines = []
    for option in options:
        line = (
            option.label
            + ("*" if option.required else "")
            + (" #" if option.kind is OptionKind.NUMBER else "")
        )
        lines.append(line + (": " + ", ".join(option.choices) if option.choices else ""))
    return "\n".join(lines)


def typed_from(draft: Terms, currency: str, closes_at: str, ids: tuple[str, ...] = ()) -> dict[str, str]:
    """The form's fields as they would have been typed for this draft."""
    offer = draft.offer
    typed = {
        "title": draft.title,
        "about": draft.about,
        "maker": offer.maker,
        "maker_contact": draft.maker_contact,
        "pickup_note": draft.pickup_note,
        "closes_at": closes_at,
        "cap_units": str(draft.cap_units or ""),
        "capacity": str(offer.capacity),
        "setup": plain_money(offer.setup, currency),
        "freight_fixed": plain_money(offer.freight_fixed, currency),
        "freight_per_load": plain_money(offer.freight_per_load, currency),
        "ready_on": offer.ready_on.isoformat() if offer.ready_on else "",
        "fee_per_order": plain_money(draft.fee.per_order, currency),
        "fee_per_unit": plain_money(draft.fee.per_unit, currency),
        "repeats_every_days": str(draft.repeats_every_days or ""),
        "shortage_rule": draft.shortage_rule,
    }
    for n, tier in enumerate(offer.tiers):
        typed |= {
            f"tier-{n}-from": str(tier.from_quantity),
            f"tier-{n}-price": plain_money(tier.price, currency),
        }
    for n, item in enumerate(draft.items):
        typed |= {
            f"item-{n}-id": ids[n] if n < len(ids) else item.id,
            f"item-{n}-name": item.name,
            f"item-{n}-variant": item.variant,
            f"item-{n}-unit": item.unit,
            f"item-{n}-reference": "" if item.reference is None else plain_money(item.reference, currency),
            f"item-{n}-surcharge": plain_money(item.surcharge, currency) if item.surcharge else "",
            f"item-{n}-load": str(item.load),
            f"item-{n}-case": str(item.case_size),
            f"item-{n}-grams": str(item.nominal_grams or ""),
            f"item-{n}-tolerance": str(item.weight_tolerance_percent),
            f"item-{n}-options": option_lines(item.options),
        }
    return typed


def _offer(form: Form, tiers: list[Tier]) -> Offer:
    """What the maker asks, without who it is and when it is ready."""
    return Offer(
        maker="",
        tiers=tuple(tiers),
        capacity=form.integer("capacity", least=1, most=MAX_QUANTITY, default=MANY) or 1,
        setup=form.money("setup", default=0) or 0,
        freight_fixed=form.money("freight_fixed", default=0) or 0,
        freight_per_load=form.money("freight_per_load", default=0) or 0,
    )


def _fee(form: Form) -> Fee:
    return Fee(
        per_order=form.money("fee_per_order", default=0) or 0,
        per_unit=form.money("fee_per_unit", default=0) or 0,
    )


def _items(form: Form) -> list[Item]:
    items: list[Item] = []
    for n in rows_of(form, "item")[:MAX_ITEMS]:
        key = f"item-{n}-"
        filled = ("name", "variant", "reference", "surcharge")
        if not any(form.typed[key + name].strip() for name in filled):
            continue
        item = _item(form, key, n, items[-1] if items else None)
        if any(other.name == item.name and other.variant == item.variant for other in items):
            form.blame(key + "variant", "This item stands here twice.")
        items.append(item)
    loads: dict[str, int] = {}
    for item in items:
        if loads.setdefault(item.family, item.load) != item.load:
            form.blame("item-0-load", "All variants of {name} need the same freight units.", name=item.name)
    return items


def _item(form: Form, key: str, n: int, above: Item | None) -> Item:
    name = form.text(key + "name", required=above is None, most=MAX_NAME) or (above.name if above else "?")
    unit = form.text(key + "unit", most=20) or (above.unit if above else form.words("piece"))
    try:
        options = read_options(form.text(key + "options", most=2_000, lines=True))
    except InputError as error:
        form.blame(key + "options", "This line was not understood: {line}", line=error.problem[:60])
        options = ()
    return Item(
        id=form.typed[key + "id"].strip() or f"new-{n}",
        family=name,
        name=name,
        variant=form.text(key + "variant", most=60),
        unit=unit,
        surcharge=form.money(key + "surcharge", default=0) or 0,
        reference=form.money(key + "reference"),
        load=form.integer(key + "load", least=0, most=MAX_LOAD, default=1) or 0,
        case_size=form.integer(key + "case", least=1, most=MAX_CASE, default=1) or 1,
        nominal_grams=form.integer(key + "grams", least=1, most=10**9),
        weight_tolerance_percent=form.integer(key + "tolerance", least=0, most=100, default=10) or 0,
        options=options,
    )


def _tiers(form: Form) -> list[Tier]:
    tiers: list[Tier] = []
    for n in rows_of(form, "tier")[:MAX_TIERS]:
        start, price = f"tier-{n}-from", f"tier-{n}-price"
        if not form.typed[start].strip() and not form.typed[price].strip():
            continue
        tier = Tier(
            from_quantity=form.required_integer(start, least=1, most=MAX_QUANTITY),
            price=form.required_money(price),
        )
        if tiers and tier.from_quantity <= tiers[-1].from_quantity:
            form.blame(start, "Each price must start at more units than the one before.")
        tiers.append(tier)
    return tiers

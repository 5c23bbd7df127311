"""A group order as it is kept: its rows read into a `RoundRecord`, and its terms written.

It knows no rule about when what may be changed; that is `desk.rounds`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from millpond.community.group import Fee, GroupOrder, Item, Offer, Option, OptionKind
from millpond.community.sharing import ShortageRule
from millpond.community.transitions import Stage
from millpond.desk import room
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.model import Tier, rules
from millpond.store import Rows
from millpond.store.database import Row

MAX_LISTED = 500
MAX_ITEMS = 500
MAX_TEXT = 5_000
NO_FEE = Fee()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the leader types of a group order. Ids of `items` that are no numbers are new items.

    What is kept can be decided: amounts and quantities are those of a round file, tiers rise, an item of a
    name and variant stands once, and all of one family are one load. A draft may lack items and tiers.
    """

    title: str
    items: tuple[Item, ...]
    offer: Offer
    fee: Fee = NO_FEE
    about: str = ""
    maker_contact: str = ""
    pickup_note: str = ""
    closes_at_ms: int | None = None
    cap_units: int | None = None
    pickup_points: tuple[int, ...] = ()
    repeats_every_days: int | None = None
    shortage_rule: str = "proportional"


def check_terms(terms: Terms) -> None:
    """Raises `InputError` for what is not kept."""
    if not terms.title.strip():
        raise InputError("a title is needed", at="title")
    for name in ("title", "about", "maker_contact", "pickup_note"):
        if len(getattr(terms, name)) > MAX_TEXT:
            raise InputError(f"is longer than {MAX_TEXT:,} characters", at=name)
    offer = terms.offer
    for name in ("setup", "freight_fixed", "freight_per_load"):
        rules.amount(name, getattr(offer, name))
    rules.amount("fee_per_order", terms.fee.per_order)
    rules.amount("fee_per_unit", terms.fee.per_unit)
    rules.integer("capacity", offer.capacity, 1, rules.MAX_QUANTITY)
    if terms.cap_units is not None:
        rules.integer("cap_units", terms.cap_units, 1, rules.MAX_QUANTITY)
    if terms.repeats_every_days is not None:
        rules.integer("repeats_every_days", terms.repeats_every_days, 1, 366)
    if any(a.from_quantity >= b.from_quantity for a, b in pairwise(offer.tiers)):
        raise InputError("each starts at more units than the one before", at="tiers")
    ShortageRule(terms.shortage_rule)
    _check_items(terms.items)


def _check_items(items: tuple[Item, ...]) -> None:
    if len(items) > MAX_ITEMS:
        raise InputError(f"at most {MAX_ITEMS:,}", at="items")
    seen: set[tuple[str, str]] = set()
    loads: dict[str, int] = {}
    for index, item in enumerate(items):
        if (item.name, item.variant) in seen:
            raise InputError(f"{item.label!r} stands twice", at=f"items[{index}]")
        seen.add((item.name, item.variant))
        if loads.setdefault(item.family, item.load) != item.load:
            raise InputError(f"all of {item.family!r} have one load", at=f"items[{index}].load")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRecord:
    """A group order as it is kept. `group` has every item, also the `withdrawn` ones; ids are text."""

    id: int
    code: str
    stage: Stage
    terms: Terms
    group: GroupOrder
    withdrawn: frozenset[str]
    picture: str | None
    item_pictures: Mapping[str, str]
    orders: int
    units: int
    copied_from: int | None
    created_ms: int
    opened_ms: int | None
    closed_ms: int | None
    decided_ms: int | None
    ordered_ms: int | None
    arrived_ms: int | None
    done_ms: int | None

    @property
    def title(self) -> str:
        """As it stands on the poster."""
        return self.terms.title

    @property
    def about(self) -> str:
        """What is good about it."""
        return self.terms.about

    @property
    def currency(self) -> str:
        """In which amounts are."""
        return self.group.currency

    @property
    def closes_at_ms(self) -> int | None:
        """When it closes; None if by hand."""
        return self.terms.closes_at_ms

    @property
    def cap_units(self) -> int | None:
        """At how many units it closes."""
        return self.terms.cap_units

    @property
    def pickup_note(self) -> str:
        """When and how to pick up."""
        return self.terms.pickup_note

    @property
    def pickup_points(self) -> tuple[int, ...]:
        """Where it is handed out."""
        return self.terms.pickup_points

    @property
    def maker_contact(self) -> str:
        """How the leader reaches the maker."""
        return self.terms.maker_contact

    @property
    def offered(self) -> tuple[Item, ...]:
        """The items that can be ordered."""
        return tuple(item for item in self.group.items if item.id not in self.withdrawn)

    def takes_orders(self, now_ms: int) -> bool:
        """Whether a household may order now."""
        in_time = self.closes_at_ms is None or now_ms < self.closes_at_ms
        return self.stage is Stage.OPEN and in_time


def load(rows: Rows, id: int) -> RoundRecord:
    """The group order of this id; raises `Refused`."""
    row = rows.one("rounds.get", id=id)
    if row is None:
        raise Refused("round.unknown")
    return _record(rows, row)


def by_code(rows: Rows, code: str) -> RoundRecord | None:
    """The group order of this link, also as it is typed off a poster."""
    id = rows.value("rounds.id_of_code", code=code.strip().lower())
    return None if id is None else load(rows, id)


def listed(rows: Rows, *, most: int = MAX_LISTED) -> tuple[RoundRecord, ...]:
    """The newest so many, the newest first."""
    return tuple(load(rows, row["id"]) for row in rows.all("rounds.ids", most=most))


def units_of_items(rows: Rows, round: int) -> dict[str, int]:
    """Units wanted of each item, by its id as text."""
    return {str(row["item"]): row["units"] for row in rows.all("rounds.units_of_items", round=round)}


def write(rows: Rows, id: int, terms: Terms, *, now_ms: int) -> None:
    """Writes all terms; an item that is missing goes, or is withdrawn if somebody wants it.

    Raises `InputError` for terms that could never be decided.
    """
    check_terms(terms)
    offer = terms.offer
    rows.run(
        "rounds.update",
        id=id,
        title=terms.title,
        about=terms.about,
        closes_at_ms=terms.closes_at_ms,
        cap_units=terms.cap_units,
        pickup_note=terms.pickup_note,
        fee_per_order=terms.fee.per_order,
        fee_per_unit=terms.fee.per_unit,
        maker=offer.maker,
        maker_contact=terms.maker_contact,
        setup=offer.setup,
        capacity=offer.capacity,
        freight_fixed=offer.freight_fixed,
        freight_per_load=offer.freight_per_load,
        ready_on=None if offer.ready_on is None else offer.ready_on.isoformat(),
        shortage_rule=terms.shortage_rule,
        repeats_every_days=terms.repeats_every_days,
    )
    rows.run("rounds.forget_tiers", round=id)
    for tier in offer.tiers:
        rows.run("rounds.add_tier", round=id, from_quantity=tier.from_quantity, price=tier.price)
    rows.run("rounds.forget_points", round=id)
    for point in dict.fromkeys(terms.pickup_points):
        if room.pickup_point(rows, point) is None:
            raise InputError("there is no such pick-up point", at="pickup_points")
        rows.run("rounds.add_point", round=id, pickup_point=point)
    _write_items(rows, id, terms.items, now_ms)


def _write_items(rows: Rows, round: int, items: tuple[Item, ...], now_ms: int) -> None:
    known = {row["id"] for row in rows.all("rounds.items", round=round)}
    kept: set[int] = set()
    for position, item in enumerate(items):
        values = {
            "family": item.family,
            "name": item.name,
            "variant": item.variant,
            "unit": item.unit,
            "surcharge": item.surcharge,
            "load": item.load,
            "reference": item.reference,
            "case_size": item.case_size,
            "nominal_grams": item.nominal_grams,
            "weight_tolerance_percent": item.weight_tolerance_percent,
            "options": json.dumps([_option_json(option) for option in item.options], ensure_ascii=False),
            "position": position,
        }
        if item.id.isascii() and item.id.isdigit() and int(item.id) in known:
            rows.run("rounds.update_item", id=int(item.id), round=round, **values)
            kept.add(int(item.id))
        else:
            rows.add("rounds.add_item", round=round, picture=None, **values)
    for id in known - kept:
        if not rows.run("rounds.forget_item", id=id, round=round):
            rows.run("rounds.withdraw_item", id=id, round=round, now_ms=now_ms)


def _option_json(option: Option) -> dict[str, object]:
    return {
        "key": option.key,
        "label": option.label,
        "kind": str(option.kind),
        "choices": list(option.choices),
        "required": option.required,
    }


def _record(rows: Rows, row: Row) -> RoundRecord:
    id = row["id"]
    kept = rows.all("rounds.items", round=id)
    items = tuple(_item(one) for one in kept)
    offer = Offer(
        maker=row["maker"],
        tiers=tuple(
            Tier(from_quantity=tier["from_quantity"], price=tier["price"])
            for tier in rows.all("rounds.tiers", round=id)
        ),
        capacity=row["capacity"],
        setup=row["setup"],
        freight_fixed=row["freight_fixed"],
        freight_per_load=row["freight_per_load"],
        ready_on=None if row["ready_on"] is None else date.fromisoformat(row["ready_on"]),
    )
    fee = Fee(per_order=row["fee_per_order"], per_unit=row["fee_per_unit"])
    withdrawn = frozenset(str(one["id"]) for one in kept if one["withdrawn_ms"] is not None)
    terms = Terms(
        title=row["title"],
        about=row["about"],
        items=tuple(item for item in items if item.id not in withdrawn),
        offer=offer,
        fee=fee,
        maker_contact=row["maker_contact"],
        pickup_note=row["pickup_note"],
        closes_at_ms=row["closes_at_ms"],
        cap_units=row["cap_units"],
        pickup_points=tuple(one["pickup_point"] for one in rows.all("rounds.points", round=id)),
        repeats_every_days=row["repeats_every_days"],
        shortage_rule=row["shortage_rule"],
    )
    times = {name: row[name] for name in ("created_ms", "opened_ms", "closed_ms", "decided_ms", "ordered_ms",
                                          "arrived_ms", "done_ms")}  # fmt: skip
    return RoundRecord(
        id=id,
        code=row["code"],
        stage=Stage(row["stage"]),
        terms=terms,
        group=GroupOrder(id=f"g{id}", currency=row["currency"], items=items, offer=offer, fee=fee),
        withdrawn=withdrawn,
        picture=row["picture"],
        item_pictures={str(one["id"]): one["picture"] for one in kept if one["picture"]},
        orders=row["orders"],
        units=row["units"],
        copied_from=row["copied_from"],
        **times,
    )


@lru_cache(maxsize=1_000)
def _item(row: Row) -> Item:
    """Read once for each row that has other values: a group order is loaded many times a second."""
    return Item(
        id=str(row["id"]),
        family=row["family"],
        name=row["name"],
        variant=row["variant"],
        unit=row["unit"],
        surcharge=row["surcharge"],
        load=row["load"],
        reference=row["reference"],
        case_size=row["case_size"],
        nominal_grams=row["nominal_grams"],
        weight_tolerance_percent=row["weight_tolerance_percent"],
        options=tuple(
            Option(
                key=one["key"],
                label=one["label"],
                kind=OptionKind(one["kind"]),
                choices=tuple(one["choices"]),
                required=one["required"],
            )
            for one in json.loads(row["options"])
        ),
    )

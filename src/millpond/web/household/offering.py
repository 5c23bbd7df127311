"""What a group order offers, as its page shows it: prices now and at the next tier, the pool, the close.

Values only: an `Offering` is made of a group order, the units wanted so far, and the reader's words;
templates read it. Prices shown are rounded to the minor unit; nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from millpond.community import pool
from millpond.community.group import MAX_WANT_UNITS, Fee, GroupOrder, Item, Offer
from millpond.community.shares import half_up
from millpond.model.money import decimal_places
from millpond.web.formats import money, symbol
from millpond.web.household.water import Mark, Picture, paint
from millpond.web.units import counted

if TYPE_CHECKING:
    from millpond.desk.own import Picture as KeptPicture
    from millpond.desk.room import PickupPoint
    from millpond.web.forms import Form
    from millpond.web.words import Words

MOST_LINES = 12
"""Of one item in one order: sizes and names for a family."""
FEW_LEFT_PERCENT = 20
"""Below this share of the cap it is said how many are left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One item as it is offered; amounts in minor units for one unit, delivered, without the leader's fee.

    `now` is None while the maker would not start; `next` is None on the last tier. `limit` is what stands
    if a household says nothing. `is_alone`: the only one of its heading, which says its name already.
    """

    item: Item
    now: int | None
    next: int | None
    limit: int
    is_alone: bool
    picture: KeptPicture | None = None

    @property
    def label(self) -> str:
        """The variant, or the name where there is none."""
        return self.item.variant or self.item.name

    @property
    def most(self) -> int:
        """Units of one line."""
        return MAX_WANT_UNITS

    @property
    def reckoned(self) -> int:
        """What a total is reckoned with: the price now, else that of the first tier."""
        return next(value for value in (self.now, self.next, self.limit) if value is not None)

    @property
    def saved_now(self) -> int:
        """Against the shop; 0 where nothing is saved or there is no shop's price."""
        return _saved(self.item.reference, self.now)

    @property
    def saved_next(self) -> int:
        """Against the shop, at the next tier."""
        return _saved(self.item.reference, self.next)

    def lines(self, form: Form | None, filled: Mapping[str, str]) -> int:
        """How many lines the form shows of it."""
        if not self.item.options:
            return 1
        return max(1, *(_line_of(name, self.item.id) for name in (form.typed if form else filled)), 0)

    def is_special(self, form: Form | None, filled: Mapping[str, str]) -> bool:
        """Whether something under "more" is filled in or wrong, so that it must be seen."""
        names = [f"{key}-{self.item.id}" for key in "lmfs"]
        typed = form.typed if form else filled
        return any(typed.get(name) for name in names) or bool(form and any(n in form.wrong for n in names))


@dataclass(frozen=True)
class Offering:
    """A group order as its page shows it.

    `units` are wanted so far, `limits` stand if a household says nothing, both by item. Items in `withdrawn`
    are not shown, but what is wanted of them still fills the pool.
    """

    group: GroupOrder
    units: Mapping[str, int]
    words: Words
    limits: Mapping[str, int] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    points: Sequence[PickupPoint] = ()
    pictures: Mapping[str, KeptPicture] | None = None
    cap_units: int | None = None
    privacy: str = ""

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.group.currency

    @property
    def symbol(self) -> str:
        """Before an amount."""
        return symbol(self.group.currency)

    @property
    def places(self) -> int:
        """Decimal places of an amount."""
        return decimal_places(self.group.currency)

    @property
    def fee(self) -> Fee:
        """The leader's."""
        return self.group.fee

    @property
    def most_lines(self) -> int:
        """Lines of one item."""
        return MOST_LINES

    @cached_property
    def outlook(self) -> pool.Outlook:
        """How the pool stands."""
        known = {item.id for item in self.group.items}
        return pool.outlook(self.group, {id: n for id, n in self.units.items() if id in known})

    @property
    def next_from(self) -> int:
        """Where the next tier starts; 0 on the last one."""
        ahead = self.outlook.next
        return ahead.from_quantity if ahead else 0

    @property
    def left(self) -> int:
        """Units that can still be ordered."""
        by_cap = self.outlook.left if self.cap_units is None else self.cap_units - self.outlook.units
        return max(0, min(by_cap, self.outlook.left))

    @cached_property
    def shown(self) -> tuple[Item, ...]:
        """The items that can be ordered; all of them where none can any more."""
        offered = tuple(item for item in self.group.items if item.id not in self.withdrawn)
        return offered or self.group.items

    @cached_property
    def items(self) -> tuple[Offered, ...]:
        """Every item, in the leader's order."""
        headings = [item.name for item in self.shown]
        ahead = self.outlook.next
        return tuple(
            Offered(
                item=item,
                now=_minor(self.outlook.prices.get(item.id)),
                next=_minor(ahead.prices.get(item.id)) if ahead else None,
                limit=self.limits.get(item.id, 0),
                is_alone=headings.count(item.name) == 1 and not item.variant,
                picture=(self.pictures or {}).get(item.id),
            )
            for item in self.shown
        )

    @property
    def families(self) -> list[tuple[str, list[Offered]]]:
        """Items under their common name."""
        found: dict[str, list[Offered]] = {}
        for offered in self.items:
            found.setdefault(offered.item.name, []).append(offered)
        return list(found.items())

    def instead_of(self, item: Item) -> list[Item]:
        """What may be taken in place of it."""
        return [other for other in self.shown if other.id != item.id]

    @cached_property
    def picture(self) -> Picture:
        """The basin."""
        tiers = [(tier.from_quantity, tier.price) for tier in self.group.offer.tiers]
        reachable = [tier for tier in tiers if tier[0] <= self.group.offer.capacity]
        return paint(self.outlook.units, reachable or tiers[:1])

    @cached_property
    def prices(self) -> list[tuple[str, list[int]]]:
        """Every item with its price at the start of each tier of the picture."""
        return [
            (item.label, [self._price_at(item, m.from_quantity) for m in self.picture.marks])
            for item in self.shown
        ]

    def _price_at(self, item: Item, quantity: int) -> int:
        for step in self.outlook.steps:
            if step.from_quantity == quantity:
                return half_up(step.prices[item.id])
        return _alone(self.group.offer, item, quantity)

    def mark_price(self, mark: Mark) -> str:
        """What stands at a mark: the price there, or the lowest of several with "and up"."""
        at = self.picture.marks.index(mark)
        here = [row[at] for _, row in self.prices]
        text = money(min(here), self.currency)
        return text if min(here) == max(here) else self.words("{price} and up", price=text)

    @cached_property
    def unit(self) -> str:
        """The unit of all items, "" if they have several."""
        units = {item.unit for item in self.shown}
        return units.pop() if len(units) == 1 else ""

    @cached_property
    def sentence(self) -> str:
        """What the picture means."""
        words, look, ahead = self.words, self.outlook, self.outlook.next
        first = self.shown[0]
        several = len(self.shown) > 1
        so_far = counted(look.units, self.unit, words)
        if ahead is None:
            if look.over:
                return words(
                    "{so_far} are wanted, more than can be made. Who gets how much is decided at the close.",
                    so_far=so_far,
                )
            return words("{so_far} so far: the best price is reached, for everybody.", so_far=so_far)
        missing, then = (
            counted(ahead.missing, self.unit, words),
            money(half_up(ahead.prices[first.id]), self.currency),
        )
        if not look.runs:
            if several:
                return words(
                    "{missing} more, then it will be made: {item} for {then}.",
                    missing=missing,
                    item=first.label,
                    then=then,
                )
            return words("{missing} more, then it will be made, at {then} each.", missing=missing, then=then)
        now = money(half_up(look.prices[first.id]), self.currency)
        if several:
            return words(
                "{missing} more, then everybody pays less: {then} instead of {now} for {item}.",
                missing=missing,
                item=first.label,
                then=then,
                now=now,
            )
        return words(
            "{missing} more, then everybody pays {then} instead of {now}.",
            missing=missing,
            then=then,
            now=now,
        )

    @property
    def left_note(self) -> str:
        """That few are left, if so."""
        whole = self.group.offer.capacity if self.cap_units is None else self.cap_units
        if self.left * 100 > whole * FEW_LEFT_PERCENT:
            return ""
        if not self.left:
            return self.words("Everything is taken.")
        return self.words("Only {left} left.", left=counted(self.left, self.unit, self.words))

    @property
    def fee_text(self) -> str:
        """The leader's fee, beside the price; "" for none."""
        return fee_text(self.fee, self.currency, self.words)


def fee_text(fee: Fee, currency: str, words: Words) -> str:
    """The leader's fee in a sentence; "" for none."""
    order, unit = money(fee.per_order, currency), money(fee.per_unit, currency)
    if fee.per_order and fee.per_unit:
        return words(
            "The leader’s fee beside it: {order} an order and {unit} for each.", order=order, unit=unit
        )
    if fee.per_order:
        return words("The leader’s fee beside it: {order} an order.", order=order)
    if fee.per_unit:
        return words("The leader’s fee beside it: {unit} for each.", unit=unit)
    return ""


@lru_cache(maxsize=1_000)
def _alone(offer: Offer, item: Item, quantity: int) -> int:
    point = pool.curve(offer, item.load, [quantity], surcharge=item.surcharge)[0]
    return half_up(point.price) if point.price is not None else offer.tiers[0].price + item.surcharge


def _minor(price: Fraction | None) -> int | None:
    return None if price is None else half_up(price)


def _saved(reference: int | None, price: int | None) -> int:
    return max(0, reference - price) if reference is not None and price is not None else 0


def _line_of(name: str, item: str) -> int:
    """The line that a field belongs to, 0 for a field of something else."""
    kind, _, rest = name.partition("-")
    of, _, line = rest.partition("-")
    if kind not in ("q", "o") or of != item:
        return 0
    digits = line.partition("-")[0]
    return min(MOST_LINES, int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0

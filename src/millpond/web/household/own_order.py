"""One order as its household sees it: lines, sums, why less than wanted, whether the price was right.

Values only: `make` puts together what the desk knows. Before the decision the sum is the most it may come to;
after it, it is what was decided, and what came of shortage and weight when the goods are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from millpond.community.group import GroupOrder, Item
from millpond.desk.own import Outcome, Wanted
from millpond.web.formats import money, number
from millpond.web.household.balance import Balance
from millpond.web.household.claims import ClaimView
from millpond.web.household.offering import fee_text
from millpond.web.household.progress import Step
from millpond.web.units import counted
from millpond.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLine:
    """A want as it is shown."""

    want: int
    label: str
    quantity_text: str
    answers: Sequence[tuple[str, str]]
    price_text: str
    got_text: str = ""
    is_less: bool = False
    reason: str = ""
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the verifier said of the decision, in a sentence and in full, and what was saved."""

    sentence: str
    verified: str
    saved_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOrder:
    """What the page shows."""

    link: str
    title: str
    currency: str
    number: int
    name: str
    note: str
    is_cancelled: bool
    steps: Sequence[Step]
    meaning: str
    shows_steps: bool
    shows_code: bool
    code: str
    code_qr: Markup
    where: str
    when: str
    lines: Sequence[OwnLine]
    sums: Sequence[tuple[str, int]]
    total: int
    total_label: str
    fee_text: str
    may_change: bool
    is_decided: bool
    balance: Balance | None
    shows_payment: bool
    reference: str
    proof: Proof | None
    claims: Sequence[ClaimView]
    may_claim: bool


def lines(wants: Sequence[Wanted], group: GroupOrder, words: Words) -> list[OwnLine]:
    """The wants as they are shown."""
    return [_line(want, group, words) for want in wants]


def _line(want: Wanted, group: GroupOrder, words: Words) -> OwnLine:
    item, done = group.item(want.item), want.outcome
    answers = [
        (option.label, want.options[option.key]) for option in item.options if want.options.get(option.key)
    ]
    wanted = counted(want.quantity, item.unit, words)
    if done is None:
        return OwnLine(
            want=want.id,
            label=item.label,
            quantity_text=wanted,
            answers=answers,
            price_text=_terms(want, item, group, words),
        )
    got = done.quantity if done.received is None else done.received
    changed = done.item is not None and done.item != want.item
    return OwnLine(
        want=want.id,
        label=item.label,
        quantity_text=wanted,
        answers=answers,
        got_text=_got(got, group.item(done.item) if done.item else item, changed, want, words),
        is_less=got < want.quantity or changed,
        reason=reason_text(done, group, words),
        price_text=_price(done, group, words),
        amount=done.amount + done.adjustment if done.quantity else None,
    )


def _terms(want: Wanted, item: Item, group: GroupOrder, words: Words) -> str:
    """The household's own terms, before anything is decided."""
    parts = [words("at most {limit} each", limit=money(want.limit, group.currency))]
    if want.more:
        parts.append(words("up to {n} more for a whole case", n=number(want.more)))
    if want.fewer:
        parts.append(words("up to {n} fewer for a whole case", n=number(want.fewer)))
    if want.substitute:
        parts.append(words("or else {item}", item=group.item(want.substitute).label))
    return words(", ").join(parts)


def _got(got: int, item: Item, changed: bool, want: Wanted, words: Words) -> str:
    if not got:
        return words("You get none.")
    if changed:
        return words("You get {n} of {item} instead.", n=counted(got, item.unit, words), item=item.label)
    if got != want.quantity:
        return words("You get {n}.", n=counted(got, item.unit, words))
    return ""


def _price(done: Outcome, group: GroupOrder, words: Words) -> str:
    if done.price is None or not done.quantity:
        return ""
    price = money(done.price, group.currency)
    return words("{price} each", price=price)


def reason_text(done: Outcome, group: GroupOrder, words: Words) -> str:
    """Why less than wanted, or something else, in plain words; "" where there is nothing to say."""
    if done.received is not None and done.received < done.quantity:
        return words("Less came than was ordered, and what came was shared out.")
    price = money(done.price, group.currency) if done.price is not None else ""
    texts = {
        "not_enough": words("Not enough was wanted by all together, so nothing is made this time."),
        "capacity": words("The maker cannot make more."),
        "cases": words("It comes in whole cases, and it did not go up otherwise."),
        "shop": words("Making and bringing it costs more than in the shop."),
        "others": words("With it, it would have become too dear for others."),
        "limit": words("It would have cost {price}, more than your limit.", price=price)
        if price
        else words("It would have cost more than your limit."),
    }
    return texts.get(done.reason, "")


def sums(
    wants: Sequence[Wanted], group: GroupOrder, bill: tuple[int, int] | None, words: Words
) -> tuple[list[tuple[str, int]], int, str]:
    """The parts of the sum, the sum, and what it is called. `bill` is goods and fee as decided, or None."""
    if bill is None:
        units = sum(want.quantity + want.more for want in wants)
        goods = sum((want.quantity + want.more) * want.limit for want in wants)
        fee = group.fee.per_order + group.fee.per_unit * units if units else 0
        parts = [(words("Goods at most"), goods)] + ([(words("Leader’s fee"), fee)] if fee else [])
        return parts if fee else [], goods + fee, words("You pay at most")
    goods, fee = bill
    changed = sum(want.outcome.adjustment for want in wants if want.outcome)
    parts = [(words("Price of the goods"), goods)]
    if changed:
        parts.append((words("By what came, and its weight"), changed))
    if fee:
        parts.append((words("Leader’s fee"), fee))
    return parts if len(parts) > 1 else [], goods + changed + fee, words("You pay")


def saved_text(wants: Sequence[Wanted], group: GroupOrder, fee: int, words: Words) -> str:
    """What was saved against the shop, the fee taken off; "" where the shop's price is not known for all."""
    shop = paid = 0
    for want in wants:
        done = want.outcome
        if done is None or done.item is None or not done.quantity:
            continue
        reference = group.item(done.item).reference
        if reference is None:
            return ""
        shop += reference * done.quantity
        paid += done.amount
    saved = shop - paid - fee
    if not shop or saved <= 0:
        return ""
    return words(
        "In the shop it would have been {shop}: you save {saved}, the leader’s fee counted in.",
        shop=money(shop, group.currency),
        saved=money(saved, group.currency),
    )


def fee_said(group: GroupOrder, words: Words) -> str:
    """The leader's fee in a sentence."""
    return fee_text(group.fee, group.currency, words)

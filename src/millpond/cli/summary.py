"""A clearing in words, for the people of a round: who was not served and why, prices, runs, how good it is.

For reading only; the page that `millpond report` writes says more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from millpond.equality.outcomes import Reason, outcomes
from millpond.model import Clearing, Price, Round
from millpond.model.money import money_text

NAMED = 8
"""Lines, places or items that a sentence names before it says "and N more"."""

_WHY = {
    Reason.PRICE: "the price or the cost is above what they would pay",
    Reason.UNDELIVERED: "nobody delivers there, in time, what they accept",
    Reason.CAPACITY: "the runs that could serve them are full",
    Reason.NO_RUN: "too few wanted it for a run",
    Reason.OTHER: "serving them would have cost others more",
}


def summary(round: Round, clearing: Clearing) -> str:
    """Some lines of text that end without a newline."""
    quality = quality_text(clearing, round.currency, must_serve=round.must_serve)
    rows = [*_not_served(round, clearing), *_prices(round, clearing), *_runs(round, clearing), quality]
    return "\n".join(rows)


def quality_text(clearing: Clearing, currency: str, *, must_serve: bool) -> str:
    """What the certificate proves, in plain words; percentages are rounded up."""
    score, bound = clearing.score, clearing.bound
    if must_serve:
        said = f"Costs {money_text(-score, currency)} {currency} in all."
        better, limit = "cheaper", f"no clearing can cost less than {money_text(-bound, currency)}"
    else:
        said = f"Worth {money_text(score, currency)} {currency} more to the people than it costs."
        better, limit = "better", f"no clearing can be worth more than {money_text(bound, currency)}"
    if bound <= score:
        return f"{said} Proven: no other clearing is {better}."
    if score == 0 or (score < 0) != must_serve:
        return f"{said} Proven: {limit}."
    thousandths = -((score - bound) * 100_000 // abs(score))
    percent = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
    return f"{said} Proven: {limit}, so none is more than {percent} % {better}."


def named(ids: Iterable[str], total: int) -> str:
    """The first few of them, and how many more there are."""
    first = [one for one, _ in zip(ids, range(NAMED), strict=False)]
    rest = total - len(first)
    return ", ".join(first) + (f" and {rest:,} more" if rest else "")


def _not_served(round: Round, clearing: Clearing) -> Iterator[str]:
    wanted = sum(line.quantity for line in round.demand)
    served = sum(award.quantity for award in clearing.awards)
    lines = len({award.demand for award in clearing.awards})
    yield f"Served: {served:,} of {wanted:,} units, {lines:,} of {len(round.demand):,} demand lines."
    why: dict[Reason, list[str]] = defaultdict(list)
    units: Counter[Reason] = Counter()
    for outcome in outcomes(round, clearing):
        for reason, count in outcome.units.items():
            if reason is not Reason.SERVED and count:
                why[reason].append(outcome.line.id)
                units[reason] += count
    for reason, ids in sorted(why.items(), key=lambda entry: -units[entry[0]]):
        yield f"  not served, {_WHY[reason]}: {units[reason]:,} units of {named(ids, len(ids))}"


def _name(texts: Mapping[str, str], id: str) -> str:
    return texts.get("en") or next(iter(texts.values()), id)


def _prices(round: Round, clearing: Clearing) -> Iterator[str]:
    by_item: dict[str, list[Price]] = defaultdict(list)
    for price in clearing.prices:
        by_item[price.item].append(price)
    items = [item for item in round.items if item.id in by_item]
    if items:
        yield f"Prices, in {round.currency} a unit, delivered:"
    for item in items[:NAMED]:
        texts = Counter(money_text(price.price, round.currency) for price in by_item[item.id])
        common, places = texts.most_common(1)[0]
        line = f"  {_name(item.name, item.id)}: {common}"
        if len(texts) == 1:
            yield line + (f" at each of {places:,} places" if places > 1 else " at one place")
        else:
            prices = [price.price for price in by_item[item.id]]
            low, high = money_text(min(prices), round.currency), money_text(max(prices), round.currency)
            yield line + f" at {places:,} of {texts.total():,} places; lowest {low}, highest {high}"
    if len(items) > NAMED:
        yield f"  and {len(items) - NAMED:,} more items"
    if short := [level.family for level in clearing.levels if level.short]:
        yield f"  cheap capacity was too short for everybody's alone price: {named(short, len(short))}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _runs(round: Round, clearing: Clearing) -> Iterator[str]:
    maker = {offer.id: offer.maker for offer in round.offers}
    makers = len({maker[run.offer] for run in clearing.runs})
    cost = sum(run.production + run.freight for run in clearing.runs)
    total = money_text(cost, round.currency)
    runs = f"{_count(len(clearing.runs), 'run')} of {len(round.offers):,} offered"
    yield f"Made in {runs}, by {_count(makers, 'maker')}, for {total} {round.currency} in all, with freight."

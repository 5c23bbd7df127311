"""What must hold of the prices of any awards."""

from dataclasses import replace
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from millpond.clearing.prices import Consequences, Pricer, alone_total, follow, problems
from millpond.model import Award, Round


def drawn(make: Any, data: st.DataObject, **terms: Any) -> tuple[Round, tuple[Award, ...], Consequences]:
    round, awards = data.draw(make.cases(**terms))
    assume(awards)
    return round, awards, follow(round, awards)


def cost_of(follows: Consequences) -> int:
    return sum(run.production + run.freight for run in follows.runs)


def paid_by_family(
    round: Round, awards: tuple[Award, ...], follows: Consequences
) -> dict[tuple[str, str], Fraction]:
    """Σ price × units by place and family."""
    price = {(row.place, row.item): row.price for row in follows.prices}
    family = {item.id: item.family for item in round.items}
    place = {line.id: line.place for line in round.demand}
    paid: dict[tuple[str, str], Fraction] = {}
    for award in awards:
        key = (place[award.demand], family[award.item])
        paid[key] = paid.get(key, Fraction(0)) + price[key[0], award.item] * award.quantity
    return paid


def alone_by_family(round: Round, awards: tuple[Award, ...]) -> dict[tuple[str, str], int | None]:
    lines = {line.id: line for line in round.demand}
    family = {item.id: item.family for item in round.items}
    units: dict[tuple[str, str], dict[str, int]] = {}
    dates: dict[tuple[str, str], list[Any]] = {}
    for award in awards:
        line = lines[award.demand]
        key = (line.place, family[award.item])
        of_item = units.setdefault(key, {})
        of_item[award.item] = of_item.get(award.item, 0) + award.quantity
        dates.setdefault(key, []).extend([line.needed_by] if line.needed_by else [])
    return {
        key: alone_total(round, key[0], wanted, min(dates[key], default=None))
        for key, wanted in units.items()
    }


@given(st.data())
def test_money_goes_in_and_out_even(make: Any, data: st.DataObject) -> None:
    round, awards, follows = drawn(make, data)
    assert sum(bill.amount for bill in follows.bills) == cost_of(follows)
    price = {(row.place, row.item): row.price for row in follows.prices}
    place = {line.id: line.place for line in round.demand}
    assert sum(price[place[a.demand], a.item] * a.quantity for a in awards) == cost_of(follows)
    maker = {offer.id: offer.maker for offer in round.offers}
    balance = dict.fromkeys(maker.values(), 0)
    for bill in follows.bills:
        assert sum(payment.amount for payment in bill.payments) == bill.amount
        makers = {maker[a.offer] for a in awards if place[a.demand] == bill.place}
        assert {payment.maker for payment in bill.payments} <= makers
        for payment in bill.payments:
            balance[payment.maker] += payment.amount
    for row in follows.settlements:
        balance[row.from_maker] -= row.amount
        balance[row.to_maker] += row.amount
    for run in follows.runs:
        balance[maker[run.offer]] -= run.production + run.freight
    assert not any(balance.values())


@given(st.data())
def test_no_bill_passes_what_was_agreed_even_when_rounded(make: Any, data: st.DataObject) -> None:
    round, awards, follows = drawn(make, data, solidarity=(0, 0, 7, 33, 100))
    assume(not any(level.short for level in follows.levels))
    alone = alone_by_family(round, awards)
    for bill in follows.bills:
        agreed = [total for (place, _), total in alone.items() if place == bill.place]
        if None not in agreed:
            most = Fraction(sum(agreed) * (100 + round.solidarity), 100)
            assert bill.amount <= ceil(most)


@given(st.data())
def test_no_bill_passes_its_limits_even_when_rounded(make: Any, data: st.DataObject) -> None:
    round, awards = data.draw(make.cases(keep_limits=True))
    assume(awards)
    limit = {(line.id, entry.item): entry.limit for line in round.demand for entry in line.accepts}
    place = {line.id: line.place for line in round.demand}
    for bill in follow(round, awards).bills:
        assert bill.amount <= sum(
            limit[a.demand, a.item] * a.quantity for a in awards if place[a.demand] == bill.place
        )


@given(st.data())
def test_nobody_pays_more_than_alone_unless_capacity_was_short(make: Any, data: st.DataObject) -> None:
    round, awards, follows = drawn(make, data, solidarity=(0,))
    short = {level.family for level in follows.levels if level.short}
    alone = alone_by_family(round, awards)
    ratios: dict[str, set[Fraction]] = {}
    for (place, family), paid in paid_by_family(round, awards, follows).items():
        total = alone[place, family]
        if family not in short:
            assert total is None or paid <= total
        elif total:
            ratios.setdefault(family, set()).add(paid / total)
    assert all(len(found) == 1 and min(found) > 1 for found in ratios.values())


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_one_price_everywhere_where_nobody_is_capped(make: Any, data: st.DataObject) -> None:
    terms = {"solidarity": (0, 1_000), "freight_pooled": (100,)}
    round, awards, follows = drawn(make, data, sizes=make.sizes(families=1, offers=2), **terms)
    family = {item.id: item.family for item in round.items}
    alone = alone_by_family(round, awards)
    capped = {
        key[1]
        for key, paid in paid_by_family(round, awards, follows).items()
        if (total := alone[key]) is not None and paid >= Fraction(total * (100 + round.solidarity), 100)
    }
    prices: dict[str, list[Fraction]] = {}
    for row in follows.prices:
        if family[row.item] not in capped:
            prices.setdefault(row.item, []).append(row.price)
    assume(any(len(of_item) > 1 for of_item in prices.values()))
    assert all(len(set(of_item)) == 1 for of_item in prices.values())


@given(st.data(), st.integers(0, 2**32))
def test_order_of_rows_does_not_matter(make: Any, data: st.DataObject, seed: int) -> None:
    round, awards, follows = drawn(make, data)
    rng = Random(seed)

    def mixed(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(rng.sample(rows, len(rows)))

    other = replace(
        round,
        items=mixed(round.items),
        places=mixed(round.places),
        demand=tuple(replace(line, accepts=mixed(line.accepts)) for line in mixed(round.demand)),
        offers=tuple(
            replace(offer, items=mixed(offer.items), freight=mixed(offer.freight))
            for offer in mixed(round.offers)
        ),
    )
    assert follow(other, mixed(awards)) == follows
    assert problems(other, mixed(awards)) == problems(round, awards)


@given(st.data())
def test_a_pricer_forgets_nothing_and_mixes_nothing_up(make: Any, data: st.DataObject) -> None:
    round, awards, follows = drawn(make, data)
    pricer = Pricer(round)
    half = [award for award in awards if award.demand != awards[0].demand]
    pricer.problems(half)
    assert pricer.follow(awards) == follows
    assert pricer.problems(awards) == problems(round, awards)

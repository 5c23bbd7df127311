"""A round cut down to some of its places: what one town or one region could do by itself.

Invariants:
- The smaller round has the same terms, lines, limits and offers; only what cannot matter in it is left out:
  other places and their lines, freight to them, items nobody there accepts, and offers that even all its
  demand could not start.
- Any awards of the smaller round are awards of the whole.

What it does not do: clear. Capacity stays whole in each of several smaller rounds, so that they compare with
each other (each could be had alone), but could not all be had at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from millpond.model import Line, Offer, Round


class Splitter:
    """Cuts one round into smaller ones, with what all of them ask of it looked up once."""

    def __init__(self, round: Round) -> None:
        self.round = round
        self.lines: dict[str, list[Line]] = {}
        for line in round.demand:
            self.lines.setdefault(line.place, []).append(line)
        self.offers: dict[str, list[Offer]] = {}
        for offer in round.offers:
            for row in offer.freight:
                self.offers.setdefault(row.place, []).append(offer)

    def only(self, places: Collection[str]) -> Round:
        """The round of these places (by id) alone; `sha256` is empty, for no file holds it."""
        kept = set(places)
        lines = tuple(line for place in sorted(kept) for line in self.lines.get(place, ()))
        wanted: dict[tuple[str, str], int] = {}
        for line in lines:
            for accepted in line.accepts:
                key = line.place, accepted.item
                wanted[key] = wanted.get(key, 0) + line.quantity
        items = {item for _, item in wanted}
        reachable = {offer.id: offer for place in sorted(kept) for offer in self.offers.get(place, ())}
        offers = (_cut(reachable[id], kept, items, wanted) for id in sorted(reachable))
        return replace(
            self.round,
            places=tuple(place for place in self.round.places if place.id in kept),
            items=tuple(item for item in self.round.items if item.id in items),
            demand=lines,
            offers=tuple(offer for offer in offers if offer is not None),
            sha256="",
        )


def _cut(
    offer: Offer, places: Collection[str], items: Collection[str], wanted: Mapping[tuple[str, str], int]
) -> Offer | None:
    freight = tuple(row for row in offer.freight if row.place in places)
    made = tuple(entry for entry in offer.items if entry.item in items)
    # An upper bound: a line that accepts two of the items counts twice, which only keeps an offer that cannot
    # run.
    most = sum(wanted.get((row.place, entry.item), 0) for row in freight for entry in made)
    if not made or most < offer.tiers[0].from_quantity:
        return None
    return replace(offer, freight=freight, items=made)


def sample(ids: Sequence[str], most: int) -> tuple[str, ...]:
    """At most `most` of `ids`, evenly spaced over their order: all of them if they are not more."""
    if len(ids) <= most:
        return tuple(ids)
    return tuple(ids[index * len(ids) // most] for index in range(most))
